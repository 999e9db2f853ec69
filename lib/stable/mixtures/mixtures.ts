/**
 * Weighted sums of exponentials, T = sum(j, w[j]*exp(f[j])), that overflow or underflow only on the way.
 *
 * Mixtures of densities and log-sum-exps under a mask are such. For T with free indices I,
 *
 *   peak[I] = max(j, w[j] != 0, f[j])
 *   T'[I]   = sum(j, w[j] == 0 ? 0 : w[j]*exp(f[j] - peak[I]))
 *
 * and in terms of them:
 *
 *   log(T)               peak + log(T'); where T' is nearly 1, by the slack, w - 1 of the greatest term and the others
 *   c*exp(g) / T         c*exp(g - peak) / T'
 *   w[x]*exp(f[x])/T - 1 -sum(j != x, w[j]*exp(f[j] - peak)) / T'
 */
import { claim } from "../../diff/names.ts";
import { namesRead } from "../../expr/names-read.ts";
import { apply, at, freeIndices, num, read, rebuild, reduce, type Expr } from "../../expr/node.ts";
import { rewriting } from "../../expr/parts.ts";
import type { Definition } from "../../expr/program.ts";
import { substitute } from "../../expr/substitute.ts";
import { argument } from "../pattern.ts";
import type { Fired } from "../row.ts";
import type { SoftmaxScope } from "../softmax/families.ts";
import { factors, product } from "../terms.ts";
import { ByPeak } from "./by-peak.ts";
import { mixtureOf, othersOf, termOf, type Mixture } from "./mixture.ts";

export class Mixtures {
  readonly #taken: Set<string>;
  readonly #scope: SoftmaxScope;
  readonly #fired: Fired;

  constructor(taken: Set<string>, scope: SoftmaxScope, fired: Fired) {
    this.#taken = taken;
    this.#scope = scope;
    this.#fired = fired;
  }

  /** Definitions in which mixtures are taken by their peak; `results` stay as they are. */
  rewrite(definitions: readonly Definition[], results: ReadonlySet<string>): readonly Definition[] {
    let all = this.#named(definitions);
    for (const d of all.toReversed()) {
      const mixture = results.has(d.name) ? undefined : mixtureOf(d.body);
      const mixed = mixture && all.find((other) => other.name === d.name);
      if (mixture && mixed) all = this.#byPeak(all, mixed, mixture) ?? all;
    }
    return all;
  }

  /** Mixtures under logs and lines as definitions of their own. */
  #named(definitions: readonly Definition[]): readonly Definition[] {
    const names = new Map<Expr, Expr>();
    return definitions.flatMap((d) => {
      const made: Definition[] = [];
      const named = (e: Expr): Expr => {
        if (!mixtureOf(e) || !this.#scope.computable(e)) return e;
        let reading = names.get(e);
        if (reading === undefined) {
          const [name, indices] = [claim("total", this.#taken), freeIndices(e)];
          made.push({ name, indices, body: e });
          names.set(e, (reading = read(name, indices.map(at))));
        }
        return reading;
      };
      const go = rewriting((e, go) => {
        const inner = rebuild(e, go);
        if (inner.kind === "apply" && inner.op === "log") return apply("log", named(argument(inner)));
        if (inner.kind !== "apply" || inner.op !== "div") return inner;
        const [above, below] = [inner.args[0]!, inner.args[1]!];
        return apply("div", above, product(factors(below).map(named)));
      });
      const body = go(d.body);
      return made.length > 0 || body !== d.body ? [...made, { ...d, body }] : [d];
    });
  }

  /** All that read a mixture by its peak; undefined where one of them wants the mixture itself. */
  #byPeak(
    definitions: readonly Definition[],
    mixed: Definition,
    mixture: Mixture,
  ): readonly Definition[] | undefined {
    const found: Parameters<Fired>[] = [];
    const [peak, mass, slack] = ["peak", "mass", "slack"].map((name) => claim(name, this.#taken)) as [
      string,
      string,
      string,
    ];
    const byIt = new ByPeak({ mixed, mixture, peak, mass, slack }, this.#scope.shapes, (...f) =>
      found.push(f),
    );
    const readers = definitions.filter((d) => d !== mixed).map((d) => ({ ...d, body: byIt.rewrite(d.body) }));
    if (found.length === 0 || readers.some((d) => namesRead(d.body).has(mixed.name))) return undefined;
    for (const f of found) this.#fired(...f);
    const { sum, weight, exp } = mixture;
    const { indices } = mixed;
    const there = apply("ne", weight, num(0));
    const guard = sum.guard ? apply("and", sum.guard, there) : there;
    const term = termOf(mixture, read(peak, indices.map(at)));
    const best = reduce("argmax", sum.over, guard, argument(exp));
    return [
      { name: peak, indices, body: reduce("max", sum.over, guard, argument(exp)) },
      { name: mass, indices, body: reduce("sum", sum.over, sum.guard, apply("precise", term)) },
      {
        name: slack,
        indices,
        body: apply(
          "add",
          apply("sub", substitute(weight, new Map([[sum.over, best]])), num(1)),
          othersOf(mixture, term, best),
        ),
      },
      ...readers,
    ];
  }
}
