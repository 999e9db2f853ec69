/** Derivatives of derivatives: the gradient as a program of its own, Hessians, Hessian–vector products. */
import { expectArgument } from "../argument.ts";
import { UserError } from "../errors.ts";
import {
  apply,
  at,
  index,
  num,
  read,
  rebuild,
  reduce,
  type Expr,
  type Index,
  type Node,
} from "../expr/node.ts";
import { anywhere, rewriting, writtenSize } from "../expr/parts.ts";
import { output, type Definition, type Program } from "../expr/program.ts";
import { shownName } from "../expr/substitute.ts";
import { algebra } from "../simplify/simplify.ts";
import { canonical, checkName } from "../text/names.ts";
import type { Derivation } from "./derivation.ts";
import { differentiate } from "./differentiate.ts";
import { factsOf } from "./facts.ts";
import { finish } from "./finish.ts";
import { claim, namesIn } from "./names.ts";
import { inline } from "./stages.ts";

/** The program whose output is the gradient by `name`: a layer of that input's shape. */
export function gradientProgram(derivation: Derivation, name: string): Program {
  expectArgument("gradientProgram", "derivation", derivation);
  expectArgument("gradientProgram", "name", name);
  const { definitions, gradients, inputs, bounds } = derivation;
  const gradient = definitions.find((d) => d.name === gradients.get(name));
  if (!gradient)
    throw new UserError(`the derivation has no gradient by ${name}`, {
      fix: `choose among ${[...gradients.keys()].join(", ")}`,
    });
  const others = definitions.filter((d) => d !== gradient);
  return { inputs, bounds, definitions: [...others.slice(0, definitions.indexOf(gradient)), gradient] };
}

/**
 * ∂output/∂name of a layer or scalar, every entry: a definition with the output's indices
 * first and those of `name` after. Every stage between is multiplied out, unless it is long:
 * then it is a definition with the output's indices too. So this is for reading and for small
 * sizes; use a vector–Jacobian product to compute.
 */
export function jacobian(program: Program, name: string): Derivation {
  expectArgument("jacobian", "program", program);
  expectArgument("jacobian", "name", name);
  const derivation = differentiate(program, { wrt: [name] });
  const { name: outputName, indices: rows } = output(program);
  const gradient = derivation.definitions.find((d) => d.name === derivation.gradients.get(name))!;
  const taken = new Set([...namesIn(program), ...derivation.definitions.map((d) => d.name)]);
  for (const d of derivation.definitions) for (const i of d.indices) taken.add(i.name);
  const outer = rows.map((i) => index(freeName(i.name, taken), i.extent));

  const seeded = seedWith(`d${outputName}`, outer, derivation.definitions);
  const s = algebra(factsOf(program));
  const dependent = new Map<string, Definition>();
  const apart: Definition[] = [];
  const entries = readingEntries(apart, outer);
  for (const d of derivation.definitions) {
    const body = seeded.get(d.name) ?? (d === gradient ? d.body : undefined);
    if (!body) continue;
    const entry = { ...d, body: s.simplify(inline(entries(body), dependent)) };
    if (d !== gradient && writtenSize(entry.body) > mostMultipliedOut)
      apart.push({ ...entry, indices: [...outer, ...d.indices] });
    else dependent.set(d.name, entry);
  }
  const result = claim(`J`, taken);
  const body = dependent.get(gradient.name)!.body;
  const kept = derivation.definitions.filter((d) => !seeded.has(d.name) && d !== gradient);
  const definition: Definition = { name: result, indices: [...outer, ...gradient.indices], body };
  const { inputs, bounds } = program;
  const definitions = closed(program, kept, [...apart, definition], taken);
  return {
    program,
    wrt: [name],
    inputs,
    bounds,
    definitions,
    value: result,
    gradients: new Map(),
    steps: [],
  };
}

/** ∂²loss/∂name∂name of a scalar program, every entry. */
export function hessian(program: Program, name: string): Derivation {
  expectArgument("hessian", "program", program);
  expectArgument("hessian", "name", name);
  requireScalar(program);
  const form = jacobian(gradientProgram(differentiate(program, { wrt: [name] }), name), name);
  const taken = new Set([...namesIn(program), ...form.definitions.map((d) => d.name)]);
  return { ...renamed(form, form.value, claim("H", taken)), program };
}

/**
 * The Hessian–vector product of a scalar program: the gradient of Σ d<name>·v, with an
 * input v of the shape of `name` added. Costs a small multiple of the gradient.
 */
export function hessianVectorProduct(program: Program, name: string, vector = "v"): Derivation {
  expectArgument("hessianVectorProduct", "program", program);
  expectArgument("hessianVectorProduct", "name", name);
  expectArgument("hessianVectorProduct", "name", vector);
  checkName(canonical(vector));
  requireScalar(program);
  const gradient = gradientProgram(differentiate(program, { wrt: [name] }), name);
  const taken = new Set([...namesIn(program), ...namesIn(gradient)]);
  const v = claim(canonical(vector), taken);
  const { name: gradientName, indices } = output(gradient);
  const product = apply("mul", read(gradientName, indices.map(at)), read(v, indices.map(at)));
  const total = indices.reduceRight((e, i) => reduce("sum", i, undefined, e), product);
  const input = {
    name: v,
    type: "real" as const,
    shape: indices.map((i) => i.extent),
    places: indices.map(() => undefined),
  };
  const definitions = [
    ...gradient.definitions,
    { name: claim(`${v}_d${name}`, taken), indices: [], body: total },
  ];
  const derivation = differentiate(
    { ...gradient, inputs: [...gradient.inputs, input], definitions },
    { wrt: [name] },
  );
  return renamed(derivation, derivation.gradients.get(name)!, claim(`H${v}`, taken));
}

/** The derivation with one definition called otherwise; nothing may read that definition. */
function renamed(derivation: Derivation, from: string, to: string): Derivation {
  return {
    ...derivation,
    definitions: derivation.definitions.map((d) => (d.name === from ? { ...d, name: to } : d)),
    value: derivation.value === from ? to : derivation.value,
    gradients: new Map([...derivation.gradients].map(([input, name]) => [input, name === from ? to : name])),
    steps: derivation.steps.map((step) => (step.definition === from ? { ...step, definition: to } : step)),
  };
}

function requireScalar(program: Program): void {
  const { name, indices } = output(program);
  if (indices.length > 0)
    throw new UserError(`${name} is a layer: a Hessian is of a scalar`, {
      fix: "sum its entries, or take a vector–Jacobian product",
    });
}

function freeName(name: string, taken: Set<string>): string {
  const letter = shownName(name, taken);
  taken.add(letter);
  return letter;
}

/** The bodies that read the upstream gradient, with the one-hot of `outer` in its place. */
function seedWith(
  upstream: string,
  outer: readonly Index[],
  definitions: readonly Definition[],
): ReadonlyMap<string, Expr> {
  const dependent = new Map<string, Expr>();
  const isSeeded = (e: Expr): boolean => e.kind === "read" && (e.name === upstream || dependent.has(e.name));
  const put = rewriting((e, go) => {
    if (e.kind !== "read" || e.name !== upstream) return rebuild(e, go);
    const hits = e.at.map((subscript, n) => apply("iverson", apply("eq", subscript, at(outer[n]!))));
    return hits.length === 0 ? num(1) : hits.length === 1 ? hits[0]! : apply("mul", ...hits);
  });
  for (const d of definitions) if (anywhere(d.body, isSeeded)) dependent.set(d.name, put(d.body));
  return dependent;
}

/**
 * Stages that take more nodes than this to write out are not put into those that read them: inside
 * the sums there each copy would be computed anew, and expand when it is simplified.
 */
const mostMultipliedOut = 1000;

/** Reads of the stages set `apart` so far, with the indices of the output in front. */
function readingEntries(apart: readonly Definition[], outer: readonly Index[]): (e: Expr) => Expr {
  const isApart = (e: Expr): e is Node<"read"> => e.kind === "read" && apart.some((d) => d.name === e.name);
  return (body) => {
    const put = rewriting((e, go) => {
      const inner = rebuild(e, go);
      return isApart(inner) ? read(inner.name, [...outer.map(at), ...inner.at], inner.type) : inner;
    });
    return anywhere(body, isApart) ? put(body) : body;
  };
}

/**
 * The definitions that the results need, as one would write them: what is not long put in, simplified,
 * and named again.
 */
function closed(
  program: Program,
  kept: readonly Definition[],
  results: readonly Definition[],
  taken: Set<string>,
): readonly Definition[] {
  const s = algebra(factsOf(program));
  const known = new Map<string, Definition>();
  const long: Definition[] = [];
  for (const d of kept) {
    const whole = { ...d, body: s.simplify(inline(d.body, known)) };
    if (writtenSize(whole.body) > mostMultipliedOut) long.push(whole);
    else known.set(d.name, whole);
  }
  const adjoints = results.map((result) => {
    const body = s.simplify(inline(result.body, known));
    return { ...result, body, shown: result.indices };
  });
  return finish({ program, stages: { kept: long, inlined: [...known.values()] }, adjoints, taken, s });
}
