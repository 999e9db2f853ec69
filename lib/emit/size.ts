/** Sizes as JavaScript: the letter of an axis, or the arithmetic that gives how far a window can go. */
import { extentKey, type Extent, type Fit, type Multiple } from "../expr/extent.ts";
import { minus, plus, times } from "../loop/integer.ts";
import { constant, named, type Nest, type Scalar } from "../loop/nest.ts";
import { emitScalar } from "./scalar.ts";

/** Writes sizes of one nest. */
export class SizeText {
  readonly #names: ReadonlyMap<string, string>;
  readonly #parameters: ReadonlyMap<string, string>;

  constructor(nest: Nest) {
    this.#names = new Map(nest.sizes.map((s) => [extentKey(s.extent), s.name]));
    this.#parameters = new Map(nest.parameters.map((p) => [p.of, p.name]));
  }

  /** The size under its name, or a number. */
  name(extent: Extent): string {
    return emitScalar(this.#scalar(extent), "js");
  }

  /** What a size that is not an axis of its own is computed as. */
  formula(extent: Extent): string {
    switch (extent.kind) {
      case "scalar": {
        const count = plus(
          named(this.#parameters.get(extent.name) ?? extent.name, "int"),
          constant(extent.plus),
        );
        return `Math.max(0, ${emitScalar(count, "js")})`;
      }
      case "window": {
        const fits = extent.fits.map((fit) => this.#fit(fit));
        const room = `Math.max(0, ${fits.length === 1 ? fits[0]! : `Math.min(${fits.join(", ")})`})`;
        // Without a value of another index nothing is read, so nothing is to be fitted.
        const others = new Set(extent.fits.flatMap((fit) => fit.others.map((o) => this.name(o.extent))));
        const empty = [...others].filter((size) => !/^[1-9]/u.test(size)).map((size) => `${size} === 0`);
        return empty.length === 0 ? room : `${empty.join(" || ")} ? 0 : ${room}`;
      }
      default:
        return this.name(extent);
    }
  }

  #scalar(extent: Extent): Scalar {
    return extent.kind === "fixed"
      ? constant(extent.value)
      : named(this.#names.get(extentKey(extent))!, "int");
  }

  #fit(fit: Fit): string {
    const positive = fit.others.filter((o) => o.step > 0);
    const reach = positive.reduce(
      (sum, o) => minus(sum, times(constant(o.step), minus(this.#scalar(o.extent), constant(1)))),
      this.#scalar(fit.inside),
    );
    const offset = this.#total(fit.offsetSizes ?? []).reduce(minus, minus(reach, constant(fit.offset)));
    const fixedSlack = fit.slackSizes === undefined || fit.slackSizes.length === 0;
    const room = plus(offset, constant(fixedSlack ? Math.max(0, fit.slack) : 0));
    const slack = fixedSlack
      ? ""
      : ` + Math.max(0, ${emitScalar(this.#total(fit.slackSizes ?? []).reduce(plus, constant(fit.slack)), "js")})`;
    if (fit.step === 1) return emitScalar(room, "js") + slack;
    return `Math.floor((${emitScalar(minus(room, constant(1)), "js")}${slack}) / ${fit.step}) + 1`;
  }

  #total(multiples: readonly Multiple[]): readonly Scalar[] {
    return multiples.map(({ times: n, extent }) => times(constant(n), this.#scalar(extent)));
  }
}
