/**
 * Long loops as functions that do a part of them.
 *
 * V8 compiles a function that is called again and again better than a loop that it finds itself
 * in the middle of: variables that live through such a loop are then numbers on the heap, and a
 * kernel is half as fast again in four processes of ten.
 */
import type { Scalar, Statement } from "../loop/nest.ts";
import { effectsOf } from "../schedule/effects.ts";

type Loop = Extract<Statement, { kind: "for" }>;

/** A loop that is done a part at a time. */
export interface Outlined {
  readonly loop: Loop;
  /** Variables of the kernel that it changes. */
  readonly carried: readonly string[];
  /** What else of the kernel's it reads: arguments and constants. */
  readonly passed: readonly string[];
}

/** How many rounds of a loop are done at a time, if it does not say so itself. */
export const rounds = 64;

/** The outlined form of a statement of a kernel's body, if it is a pass over rows; `own` are names that only the kernel knows. */
export function outlined(s: Statement, own: ReadonlySet<string>): Outlined | undefined {
  if (s.kind !== "for" || s.body.length < 2 || !s.body.some(isLong)) return undefined;
  const effects = effectsOf(s.body);
  const carried = [...effects.assigns].filter((name) => own.has(name));
  const buffers = effects.accesses.map((a) => a.buffer);
  const read = [...effects.reads, ...buffers, ...namesIn(s.to)].filter((name) => own.has(name));
  return { loop: s, carried, passed: [...new Set(read)].filter((name) => !carried.includes(name)) };
}

const isLong = (s: Statement): boolean =>
  s.kind === "for" || s.kind === "contract" || (s.kind === "if" && [...s.yes, ...s.no].some(isLong));

const namesIn = (value: Scalar): readonly string[] => [
  ...effectsOf([{ kind: "let", name: "", type: value.type, value, mutable: false }]).reads,
];
