/** All mutants of a program: every known mistake at every place where it can be made. */
import { differentiate } from "../../diff/differentiate.ts";
import type { Derivation } from "../../diff/derivation.ts";
import type { Expr } from "../../expr/node.ts";
import type { Program } from "../../expr/program.ts";
import { derivedGradients, type Gradients } from "../campaign.ts";
import { formRows } from "./form-rows.ts";
import type { FormPlace, FormRow, Mutant, Subject } from "./mutant.ts";
import { numberRows } from "./number-rows.ts";
import { programRows } from "./program-rows.ts";
import { replacedIn, subexpressions } from "./rewrite.ts";

export type { Kind, Mutant } from "./mutant.ts";

/** The names of all mistakes that are known. */
export const names: readonly string[] = [...formRows, ...programRows, ...numberRows].map((row) => row.name);

/** Every mistake at every place. Throws a `UserError` when the program cannot be differentiated by `wrt`. */
export const mutantsOf = (program: Program, wrt: readonly string[]): readonly Mutant[] =>
  tiersOf(program, wrt).flatMap((tier) => tier());

/** The same in order of how much they explain: in the closed form, in the loss, in the numbers. */
export function tiersOf(program: Program, wrt: readonly string[]): readonly (() => readonly Mutant[])[] {
  const subject = { program, derivation: differentiate(program, { wrt }) };
  return [inForm, inProgram, inNumbers].map((tier) => () => tier(subject));
}

/** Mistakes are made in gradients, not in the values that they are made of; but for what both share. */
function inForm({ program, derivation }: Subject): readonly Mutant[] {
  const { definitions } = derivation;
  const asked = new Set(derivation.gradients.values());
  const adjoints = new Set([...asked, ...program.definitions.map((d) => `d${d.name}`)]);
  const isForward = (name: string): boolean =>
    definitions.some((d) => d.name === name && d.body.type === "real") && !adjoints.has(name);
  return definitions.flatMap((definition) => {
    if (definition.name === derivation.value) return [];
    const place: FormPlace = { definition, definitions, isGradient: asked.has(definition.name), isForward };
    const rows = isForward(definition.name) ? formRows.filter((row) => shared.has(row.name)) : formRows;
    return subexpressions(definition.body).flatMap((e) =>
      rows.flatMap((row) => atPlace(row, e, place, derivation)),
    );
  });
}

/** Mistakes in values that gradients share with the loss, such as probabilities. */
const shared: ReadonlySet<string> = new Set([
  "normalized over the wrong axis",
  "normalized over everything",
  "shifted by the wrong maximum",
  "shift not undone",
  "wrong for large values",
]);

function atPlace(
  { name, kind, apply }: FormRow,
  e: Expr,
  place: FormPlace,
  derivation: Derivation,
): readonly Mutant[] {
  const { definition, definitions } = place;
  return apply(e, place).map(({ from = e, to, when }) => {
    const mutated = { ...derivation, definitions: replacedIn(definitions, definition.name, from, to) };
    return {
      name,
      kind,
      when,
      site: { definition, from, to },
      gradients: guarded(derivedGradients(mutated)),
    };
  });
}

function inProgram({ program, derivation }: Subject): readonly Mutant[] {
  const { wrt } = derivation;
  return programRows.flatMap(({ name, kind, apply }) =>
    apply(program).map(({ to, when }): Mutant => {
      let gradients: Gradients | undefined; // differentiated when asked for: most are not
      return {
        name,
        kind,
        when,
        gradients: guarded((point) => (gradients ??= derivedGradients(differentiate(to, { wrt })))(point)),
      };
    }),
  );
}

function inNumbers({ derivation }: Subject): readonly Mutant[] {
  const right = derivedGradients(derivation);
  return derivation.wrt.flatMap((wrt) =>
    numberRows.map(({ name, kind, when, apply }): Mutant => {
      const gradients: Gradients = (point) => {
        const all = right(point);
        const gradient = all.get(wrt)!;
        const data = apply(gradient);
        return data === undefined ? new Map() : new Map([...all, [wrt, { shape: gradient.shape, data }]]);
      };
      return { name, kind, when: when(wrt), gradients };
    }),
  );
}

/** A mistake may lead out of an array, or to a program that is none: then it gives nothing. */
const guarded =
  (gradients: Gradients): Gradients =>
  (point) => {
    try {
      return gradients(point);
    } catch {
      return new Map();
    }
  };
