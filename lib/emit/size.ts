/** Sizes as JavaScript: the letter of an axis, or the arithmetic that gives how far a window can go. */
import { extentKey, type Extent, type Fit } from "../expr/extent.ts";
import { plus } from "../loop/integer.ts";
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

  /** How many values of the index a fit lets through, as `expr/extent.ts` says. */
  #fit(fit: Fit): string {
    const slacks = fit.slackSizes ?? [];
    const room = new Sum(-1 - fit.offset + (slacks.length === 0 ? Math.max(0, fit.slack) : 0));
    room.add(1, this.name(fit.inside));
    for (const { times, extent } of fit.offsetSizes ?? []) room.add(-times, this.name(extent));
    for (const { step, extent } of fit.others)
      if (step > 0) {
        room.add(-step, this.name(extent));
        room.constant += step;
      }
    let overhang = "";
    if (slacks.length > 0) {
      const slack = new Sum(fit.slack);
      for (const { times, extent } of slacks) slack.add(times, this.name(extent));
      overhang = ` + Math.max(0, ${slack.text()})`;
    }
    if (fit.step > 1) return `Math.floor((${room.text()}${overhang}) / ${fit.step}) + 1`;
    room.constant += 1;
    return room.text() + overhang;
  }
}

/** Σ times · size + constant, as text. */
class Sum {
  constant: number;
  readonly #terms = new Map<string, number>();

  constructor(constant: number) {
    this.constant = constant;
  }

  /** Adds a multiple of a size, which is a name or a number. */
  add(times: number, size: string): void {
    if (/^\d+$/u.test(size)) this.constant += times * Number(size);
    else this.#terms.set(size, (this.#terms.get(size) ?? 0) + times);
  }

  text(): string {
    const terms = [...this.#terms]
      .filter(([, times]) => times !== 0)
      .toSorted(([, a], [, b]) => Math.sign(b) - Math.sign(a))
      .map(([size, times]) => ({
        minus: times < 0,
        of: Math.abs(times) === 1 ? size : `${Math.abs(times)} * ${size}`,
      }));
    if (this.constant !== 0 || terms.length === 0)
      terms.push({ minus: this.constant < 0, of: String(Math.abs(this.constant)) });
    return terms
      .map(({ minus, of }, n) => (n === 0 ? (minus ? `-${of}` : of) : ` ${minus ? "-" : "+"} ${of}`))
      .join("");
  }
}
