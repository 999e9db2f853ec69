/**
 * A program near a point, to first order, with its open choices kept: g₀·d + Σ c·S,
 * where each gate S is the greatest, the least or the Euclidean length of some such forms.
 *
 * relu(z) is the greatest of z and 0, |z| the greatest of z and −z. `p ? a : b`,
 * when it is continuous, is the greatest or the least of a and b, according to
 * the side of the test on which each stands.
 */
import type { Entry } from "./lengths.ts";
import type { Tape } from "./tape.ts";
import { openTests } from "./ties.ts";
import { noSlopes, subtract, type Slopes } from "./slopes.ts";
import { Sweeper, type Swept } from "./sweep.ts";
import type { Trace } from "./trace.ts";

/** Σ slope·d over coordinates + Σ coefficient·S over gates. */
export interface Form {
  readonly coordinates: Slopes;
  readonly gates: readonly GateTerm[];
}

/** coefficient · S, for the gate of this number. */
export interface GateTerm {
  readonly gate: number;
  readonly coefficient: number;
  readonly slack: number;
}

/** What a gate makes of its options; `length`: √Σ option². */
export type Takes = "greatest" | "least" | "length";

export interface Gate {
  /** The nodes that choose: one, or several that choose alike. */
  readonly nodes: readonly number[];
  readonly takes: Takes;
  /** What it chooses from, pairwise different; one alone when the choice makes no difference. Two at least make a length. */
  readonly options: readonly Form[];
}

/** The local model of a program. Forms name gates by position in `gates`; a gate's options name earlier gates only. */
export interface Local {
  readonly n: number;
  readonly root: Form;
  readonly gates: readonly Gate[];
  /** Why the model does not tell the whole truth: jumps, tests that it cannot follow. Nodes of the tape. */
  readonly obstacles: readonly Obstacle[];
}

export interface Obstacle {
  readonly node: number;
  readonly what: "jump" | "test" | "length";
}

const models = new WeakMap<Trace, Local>();

/** The local model of a trace, kept for as long as the trace is. */
export function localModelOf(traced: Trace): Local {
  let local = models.get(traced);
  if (local === undefined) models.set(traced, (local = localModel(traced)));
  return local;
}

/** The local model of a traced program at its point. */
export function localModel({ tape, root, n, unsteady }: Trace): Local {
  const sweeper = new Sweeper(tape, n);
  const obstacles: Obstacle[] = [...unsteady].map((node) => ({ node, what: "jump" }));
  const found = new Map<number, Opened>();
  const visit = (node: number): Swept => {
    const swept = sweeper.sweep(node);
    for (const jump of swept.jumps) obstacles.push({ node: jump, what: "jump" });
    for (const gate of swept.gates.nodes) if (!found.has(gate)) open(gate);
    return swept;
  };
  const open = (node: number): void => {
    found.set(node, { takes: "greatest", options: [] }); // nested gates have smaller numbers: no cycle
    found.set(node, opened(tape, sweeper, node, visit, obstacles));
  };
  const rootSwept = visit(root);
  const order = [...found.keys()].toSorted((a, b) => a - b);
  const numbers = new Map(order.map((node, n) => [node, n]));
  const form = (swept: Swept): Form => ({
    coordinates: swept.coordinates,
    gates: swept.gates.nodes.map((node, n) => ({
      gate: numbers.get(node)!,
      coefficient: swept.gates.slope[n]!,
      slack: swept.gates.slack[n]!,
    })),
  });
  const gates = order.map((node): Gate => {
    const { takes, options } = found.get(node)!;
    const forms = options.map(form);
    return { nodes: [node], takes, options: takes === "length" ? forms : distinct(forms) };
  });
  return { n, root: form(rootSwept), gates, obstacles };
}

interface Opened {
  readonly takes: Takes;
  readonly options: readonly Swept[];
}

const nothing: Swept = { coordinates: noSlopes, gates: noSlopes, jumps: [] };

function opened(
  tape: Tape,
  sweeper: Sweeper,
  node: number,
  visit: (node: number) => Swept,
  obstacles: Obstacle[],
): Opened {
  const vector = sweeper.length(node);
  if (vector !== undefined) return length(node, vector, visit, obstacles);
  const branches = sweeper.branches(node)!;
  switch (tape.op[node]) {
    case "relu":
      return { takes: "greatest", options: [visit(branches[0]!), nothing] };
    case "abs": {
      const inside = visit(branches[0]!);
      return { takes: "greatest", options: [inside, negated(inside)] };
    }
    case "max":
    case "min":
      return { takes: tape.op[node] === "max" ? "greatest" : "least", options: branches.map(visit) };
    default:
      return choice(tape, node, branches, visit, obstacles);
  }
}

/** The length of a vector of forms: of one, its absolute value; of none, 0. */
function length(
  node: number,
  vector: readonly Entry[],
  visit: (node: number) => Swept,
  obstacles: Obstacle[],
): Opened {
  const forms = vector
    .map((entry) => scaled(visit(entry.node), entry))
    .filter(({ coordinates, gates }) => coordinates.nodes.length > 0 || gates.nodes.length > 0);
  if (forms.some(({ gates }) => gates.nodes.length > 0)) obstacles.push({ node, what: "length" });
  if (forms.length > 1) return { takes: "length", options: forms };
  return { takes: "greatest", options: forms.length === 0 ? [nothing] : [forms[0]!, negated(forms[0]!)] };
}

/** `p ? a : b` where rounding decides p. */
function choice(
  tape: Tape,
  node: number,
  branches: readonly number[],
  visit: (node: number) => Swept,
  obstacles: Obstacle[],
): Opened {
  const [a, b] = branches as [number, number];
  const options = branches.map(visit);
  const gap = Math.abs(tape.value[a]! - tape.value[b]!);
  const continuous = gap <= 4 * (tape.error[a]! + tape.error[b]!);
  if (!continuous) obstacles.push({ node, what: "jump" });
  const tests = [...openTests(tape, tape.operand(node, 0))];
  const [test] = tests;
  const [then, otherwise] = options as [Swept, Swept];
  if (!continuous || same(then, otherwise)) return { takes: "greatest", options: [then] };
  // Equality holds on a set without interior: its neighbours all take the other side.
  const guard = tape.operand(node, 0);
  if (tests.length === 1 && guard === test && tape.op[test] === "eq")
    return { takes: "greatest", options: [otherwise] };
  if (tests.length === 1 && guard === test && tape.op[test] === "ne")
    return { takes: "greatest", options: [then] };
  const takes =
    tests.length === 1 && guard === test ? side(tape, test!, difference(then, otherwise), visit) : undefined;
  if (takes === undefined) obstacles.push({ node, what: "test" });
  return { takes: takes ?? "greatest", options };
}

/** Whether `then` is the greater side where the test holds; undefined when the sides do not meet along the test. */
function side(
  tape: Tape,
  test: number,
  jump: Swept,
  visit: (node: number) => Swept,
): Gate["takes"] | undefined {
  const [a, b] = [tape.operand(test, 0), tape.operand(test, 1)];
  const [left, right] = [tape.active[a] ? visit(a) : nothing, tape.active[b] ? visit(b) : nothing];
  const above = difference(left, right); // grows towards a > b
  const ratio = parallel(jump, above);
  if (ratio === undefined || ratio === 0) return undefined;
  const holdsAbove = tape.op[test] === "gt" || tape.op[test] === "ge";
  return ratio > 0 === holdsAbove ? "greatest" : "least";
}

/** The t for which x = t·y, within the slack of both; undefined when there is none. */
function parallel(x: Swept, y: Swept): number | undefined {
  const [xs, ys] = [entries(x), entries(y)];
  let [dot, square] = [0, 0];
  for (const [key, { slope }] of ys) {
    square += slope * slope;
    dot += slope * (xs.get(key)?.slope ?? 0);
  }
  if (square === 0) return undefined;
  const ratio = dot / square;
  for (const key of new Set([...xs.keys(), ...ys.keys()])) {
    const [p, q] = [xs.get(key) ?? zero, ys.get(key) ?? zero];
    if (Math.abs(p.slope - ratio * q.slope) > 4 * (p.slack + Math.abs(ratio) * q.slack)) return undefined;
  }
  return ratio;
}

interface Share {
  readonly slope: number;
  readonly slack: number;
}

const zero: Share = { slope: 0, slack: 0 };

/** All slopes by node; coordinates and gates have different nodes. */
function entries({ coordinates, gates }: Swept): Map<number, Share> {
  const all = new Map<number, Share>();
  for (const { nodes, slope, slack } of [coordinates, gates])
    for (const [n, node] of nodes.entries()) all.set(node, { slope: slope[n]!, slack: slack[n]! });
  return all;
}

/** What is 0 within its slack is left out. */
function scaled(x: Swept, { factor, error }: Entry): Swept {
  const by = ({ nodes, slope, slack }: Slopes): Slopes => {
    const kept = [...nodes.keys()].filter((n) => !(Math.abs(slope[n]!) <= slack[n]!));
    return {
      nodes: kept.map((n) => nodes[n]!),
      slope: kept.map((n) => slope[n]! * factor),
      slack: kept.map((n) => slack[n]! * factor + Math.abs(slope[n]!) * error),
    };
  };
  return { ...x, coordinates: by(x.coordinates), gates: by(x.gates) };
}

const minus = (s: Slopes): Slopes => ({ ...s, slope: s.slope.map((v) => -v) });

function negated(x: Swept): Swept {
  return { ...x, coordinates: minus(x.coordinates), gates: minus(x.gates) };
}

function difference(x: Swept, y: Swept): Swept {
  return {
    coordinates: subtract(x.coordinates, y.coordinates),
    gates: subtract(x.gates, y.gates),
    jumps: [],
  };
}

function same(x: Swept, y: Swept): boolean {
  const { coordinates, gates } = difference(x, y);
  return coordinates.nodes.length === 0 && gates.nodes.length === 0;
}

/** Each form once: forms that are equal within their slack are one. */
function distinct(forms: readonly Form[]): readonly Form[] {
  const kept: Form[] = [];
  for (const form of forms) if (!kept.some((k) => equalForms(k, form))) kept.push(form);
  return kept;
}

function equalForms(x: Form, y: Form): boolean {
  if (subtract(x.coordinates, y.coordinates).nodes.length > 0) return false;
  const coefficient = (form: Form, gate: number): Share => {
    const term = form.gates.find((t) => t.gate === gate);
    return term === undefined ? zero : { slope: term.coefficient, slack: term.slack };
  };
  return [...x.gates, ...y.gates].every(({ gate }) => {
    const [p, q] = [coefficient(x, gate), coefficient(y, gate)];
    return Math.abs(p.slope - q.slope) <= p.slack + q.slack;
  });
}
