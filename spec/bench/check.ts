/**
 * What a check costs: milliseconds of this process's CPU, so that other work on the machine does not count.
 *
 *   npx tsx spec/bench/check.ts
 */
import { campaign, derivedGradients } from "../../lib/check/campaign.ts";
import { entry } from "../../lib/catalogue.ts";
import { pointAndGradient } from "../../lib/check/request.ts";
import { check, inspect, type CheckOptions } from "../../lib/check/check.ts";
import { Random } from "../../lib/check/random.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const show = (what: string, milliseconds: number, verdict: string): void =>
  console.log(
    `${what.padEnd(64)} ${milliseconds.toFixed(milliseconds < 10 ? 2 : 0).padStart(7)} ms CPU  ${verdict}`,
  );

const hinge = parse(entry("hinge")!.text);
const derived = derivedGradients(differentiate(hinge));
const random = new Random(1);
const normals = (shape: readonly number[]): { shape: readonly number[]; data: number[] } => ({
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
});

/** The hinge loss with 30 weights; `start`: they are 0 and so is the margin, so that all margins are on their kink. */
function thirty(start: boolean): CheckOptions {
  const [N, D, C] = [10, 6, 5];
  const W = start ? { shape: [D, C], data: Array.from({ length: D * C }, () => 0) } : normals([D, C]);
  const y = Array.from({ length: N }, () => random.int(0, C - 1));
  const at = { X: normals([N, D]), W, y, Delta: start ? 0 : 1, reg: 0.1 };
  const shape = [D, C];
  const unclaimed = new Map([["W", { shape, data: Array.from({ length: D * C }, () => 0) }]]);
  const { point } = pointAndGradient(hinge, { at, gradients: unclaimed });
  return { at, gradients: new Map([["W", derived(point).get("W")!]]) };
}

async function thirtyCoordinates(): Promise<void> {
  for (const [what, start] of [
    ["30 coordinates", false],
    ["30 coordinates, all margins at 0", true],
  ] as const) {
    const options = thirty(start);
    const rounds = 20;
    for (let n = 0; n < rounds; n++) inspect(hinge, options); // until the code is compiled
    for (const [how, numeric] of [
      ["the verdict alone", false],
      ["with difference quotients", true],
    ] as const) {
      const before = cpu();
      let verdict = "";
      for (let n = 0; n < rounds; n++) verdict = inspect(hinge, { ...options, numeric }).verdict;
      show(`${what}, ${how}`, (cpu() - before) / rounds, verdict);
    }
    for (let n = 0; n < rounds; n++) await check(hinge, options);
    const before = cpu();
    let verdict = "";
    for (let n = 0; n < rounds; n++) ({ verdict } = await check(hinge, options));
    show(`${what}, with the second witness`, (cpu() - before) / rounds, verdict);
  }
}

/** N·(C − 1) margins on their kink at once, by score; the claimed gradient takes a share of each. */
function manyMargins(share: () => number, what: string): void {
  const [N, C] = [1000, 10];
  const program = parse("loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)))");
  const y = Array.from({ length: N }, () => random.int(0, C - 1));
  const data = Array.from({ length: N * C }, () => 0);
  for (let i = 0; i < N; i++)
    for (let j = 0; j < C; j++) {
      if (j === y[i]) continue;
      const part = share() / N;
      data[i * C + j]! += part;
      data[i * C + y[i]!]! -= part;
    }
  const s = { shape: [N, C], data: Array.from({ length: N * C }, () => 1) };
  const before = cpu();
  const { verdict } = inspect(program, {
    at: { s, y, Delta: 0 },
    gradients: { s: { shape: [N, C], data } },
    numeric: false,
  });
  show(`9000 margins at 0, by 10000 scores, ${what}`, cpu() - before, verdict);
}

function aimedPoints(): void {
  for (const name of ["hinge", "softmax", "max-pool"]) {
    const program = parse(entry(name)!.text);
    const gradients = derivedGradients(differentiate(program));
    campaign(program, gradients, 500, 1);
    const before = cpu();
    const points = 1000;
    const { verdicts } = campaign(program, gradients, points, 1001);
    show(`${name}, an aimed point of a campaign`, (cpu() - before) / points, `bug ${verdicts.bug}`);
  }
}

await thirtyCoordinates();
manyMargins(() => 0, "none active");
manyMargins(() => 1, "all active");
manyMargins(() => random.uniform(), "mixed");
manyMargins(() => 1.001, "too much of each");
aimedPoints();
