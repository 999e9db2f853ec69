/** Our own gradients at generated points: on kinks, beside them, at every scale. */
import { campaign, inspectAt, type Campaign } from "../check/campaign.ts";
import type { Claim } from "../check/check.ts";
import { order, worst, type Verdict } from "../check/judge.ts";
import type { Point } from "../check/point.ts";
import { aimedPoint } from "../check/points.ts";
import { Random } from "../check/random.ts";
import type { Report } from "../check/report.ts";
import { compile, type RawInputs } from "../compile.ts";
import { differentiate } from "../diff/differentiate.ts";
import { output, type Program } from "../expr/program.ts";

export interface Many extends Campaign {
  /** The worst of all points. */
  readonly verdict: Verdict;
  /** A point to look at, which `--seed N --points 1` generates again: one that did not pass, else the first. */
  readonly example: { readonly seed: number; readonly report: Report };
}

/** Checks emitted code at so many points. Throws a `UserError` when no inputs fit the program. */
export function checkMany(program: Program, wrt: readonly string[], points: number, seed: number): Many {
  const gradients = kernelGradients({ program, wrt });
  const checked = campaign(program, gradients, points, seed);
  const verdict = worst(order.filter((v) => checked.verdicts[v] > 0));
  const [first] = checked.failures.toSorted(
    (a, b) => order.indexOf(b.report.verdict) - order.indexOf(a.report.verdict),
  );
  return { ...checked, verdict, example: first ?? { seed, report: atSeed(program, gradients, seed) } };
}

function atSeed(program: Program, gradients: ReturnType<typeof kernelGradients>, seed: number): Report {
  const point = aimedPoint(program, new Random(seed));
  return inspectAt(point, gradients(point));
}

/** The gradients that emitted code computes. */
export function kernelGradients({
  program,
  wrt,
}: Pick<Point, "program" | "wrt">): (point: Point) => ReadonlyMap<string, Claim> {
  const derivation = differentiate(program, { wrt });
  const kernel = compile(derivation, { style: "fused" });
  return ({ binding, upstream }) => {
    const inputs: Record<string, RawInputs[string]> = Object.create(null) as Record<
      string,
      RawInputs[string]
    >;
    for (const [name, array] of binding.arrays)
      inputs[name] = array.shape.length === 0 ? array.data[0]! : array;
    if (upstream !== undefined) inputs[`d${output(program).name}`] = upstream;
    const { gradients } = kernel.run(inputs);
    return new Map(
      Object.entries(gradients).map(([name, g]) => [
        name,
        typeof g === "number" ? { shape: [], data: [g] } : g,
      ]),
    );
  };
}
