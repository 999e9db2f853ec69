/**
 * Offsets as polynomials: Σ coefficient · product of atoms, where an atom is a name or
 * anything else that integer arithmetic does not take apart.
 *
 * `(i * C + j) * D + d` is i·C·D + j·D + d, from which one reads how far a step of j goes.
 */
import { call, minus, plus, times } from "../loop/integer.ts";
import { mentions } from "../loop/mentioned.ts";
import { constant, type Scalar } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";

export { mentions } from "../loop/mentioned.ts";

export interface Term {
  readonly coefficient: number;
  /** In the order of their printed forms. */
  readonly atoms: readonly Scalar[];
}

/** Terms by the printed forms of their atoms; none has a coefficient of 0. */
export type Polynomial = ReadonlyMap<string, Term>;

const keyOf = (atoms: readonly Scalar[]): string => atoms.map(printScalar).join(" * ");

const made = (terms: readonly Term[]): Polynomial => {
  const all = new Map<string, Term>();
  for (const term of terms) add(all, keyOf(term.atoms), term);
  return all;
};

function add(all: Map<string, Term>, key: string, term: Term): void {
  const known = all.get(key);
  const coefficient = term.coefficient + (known?.coefficient ?? 0);
  if (coefficient === 0) all.delete(key);
  else all.set(key, known === undefined ? term : { coefficient, atoms: term.atoms });
}

const known = new WeakMap<Scalar, Polynomial>();

/** The polynomial of an integer scalar. */
export function polynomial(s: Scalar): Polynomial {
  let found = known.get(s);
  if (found === undefined) known.set(s, (found = expanded(s)));
  return found;
}

function expanded(s: Scalar): Polynomial {
  if (s.kind === "const") return made([{ coefficient: s.value, atoms: [] }]);
  if (s.kind === "apply") {
    const forms = () => s.args.map(polynomial);
    if (s.op === "add") return forms().reduce((p, q) => sum(p, q));
    if (s.op === "mul") return forms().reduce(product);
    if (s.op === "neg") return scaled(polynomial(s.args[0]!), -1);
    if (s.op === "sub") return sum(polynomial(s.args[0]!), polynomial(s.args[1]!), -1);
  }
  return made([{ coefficient: 1, atoms: [s] }]);
}

const scaled = (p: Polynomial, by: number): Polynomial => sum(new Map(), p, by);

const byText = (a: Scalar, b: Scalar): number => (printScalar(a) < printScalar(b) ? -1 : 1);

export const product = (p: Polynomial, q: Polynomial): Polynomial =>
  made(
    [...p.values()].flatMap((a) =>
      [...q.values()].map((b) => ({
        coefficient: a.coefficient * b.coefficient,
        atoms: [...a.atoms, ...b.atoms].toSorted(byText),
      })),
    ),
  );

/** p + by · q */
export function sum(p: Polynomial, q: Polynomial, by = 1): Polynomial {
  const all = new Map(p);
  for (const [key, { coefficient, atoms }] of q) add(all, key, { coefficient: by * coefficient, atoms });
  return all;
}

export const isZero = (p: Polynomial): boolean => p.size === 0;

export const isOne = (p: Polynomial | undefined): boolean => {
  const [only] = p?.values() ?? [];
  return p?.size === 1 && only!.atoms.length === 0 && only!.coefficient === 1;
};

export const equal = (p: Polynomial, q: Polynomial): boolean =>
  p.size === q.size && [...p].every(([key, t]) => q.get(key)?.coefficient === t.coefficient);

/** p / q where p is q times one positive term, as with the strides of a row-major array; else undefined. */
export function ratio(p: Polynomial, q: Polynomial): Term | undefined {
  const [first] = p.values();
  const [divisor] = q.values();
  if (first === undefined || divisor === undefined) return undefined;
  const atoms = [...first.atoms];
  for (const atom of divisor.atoms) {
    const at = atoms.findIndex((a) => printScalar(a) === printScalar(atom));
    if (at < 0) return undefined;
    atoms.splice(at, 1);
  }
  const coefficient = first.coefficient / divisor.coefficient;
  if (!(coefficient > 0 && Number.isInteger(coefficient))) return undefined;
  const quotient = { coefficient, atoms };
  return equal(product(made([quotient]), q), p) ? quotient : undefined;
}

/**
 * p = stride · index + rest, with neither part mentioning the index; undefined where
 * it stands in a power or in something that is no polynomial.
 */
export function along(
  p: Polynomial,
  index: string,
): { readonly stride: Polynomial; readonly rest: Polynomial } | undefined {
  if (!mentionsIndex(p, index)) return { stride: nothing, rest: p };
  const stride: Term[] = [];
  const rest = new Map<string, Term>();
  for (const [key, term] of p) {
    const [own, ...more] = term.atoms.filter((a) => mentions(a, index));
    if (own === undefined) rest.set(key, term);
    else if (more.length === 0 && own.kind === "name")
      stride.push({ coefficient: term.coefficient, atoms: term.atoms.filter((a) => a !== own) });
    else return undefined;
  }
  return { stride: made(stride), rest };
}

const nothing: Polynomial = new Map();

function mentionsIndex(p: Polynomial, index: string): boolean {
  for (const { atoms } of p.values()) for (const a of atoms) if (mentions(a, index)) return true;
  return false;
}

/** How far one step of the index moves an offset; undefined where that is not the same everywhere. */
export const strideOf = (offset: Scalar, index: string): Polynomial | undefined =>
  along(polynomial(offset), index)?.stride;

/** The polynomial as a scalar again, largest products first, and in each the sizes last: i * C, not C * i. */
export function scalarOf(p: Polynomial): Scalar {
  const terms = [...p.values()].toSorted((a, b) => b.atoms.length - a.atoms.length);
  // 1 - r, not -r + 1.
  const begin =
    terms[0] !== undefined && terms[0].coefficient < 0 ? terms.find((t) => t.coefficient > 0) : undefined;
  const ordered = begin === undefined ? terms : [begin, ...terms.filter((t) => t !== begin)];
  return ordered.reduce<Scalar>((sum, { coefficient, atoms }, n) => {
    const sizesLast = atoms.toSorted((a, b) => Number(isSize(a)) - Number(isSize(b)));
    const value = sizesLast.reduce(times, constant(Math.abs(coefficient)));
    if (coefficient > 0) return plus(sum, value);
    return n === 0 ? call("neg", value) : minus(sum, value);
  }, constant(0));
}

const isSize = (atom: Scalar): boolean => atom.kind === "name" && /^[A-Z]/u.test(atom.name);
