/**
 * Matrix form: `sum(i, X[i,d] * dscore[i,c]) + 2 * reg * W[d,c]`, a function of d and c, is
 * Xᵀ·dscore + 2·reg·W. Recognised from subscripts alone.
 */
import type { Expr, Index, Node } from "../expr/node.ts";
import type { Definition } from "../expr/program.ts";
import { latexName } from "../text/latex-name.ts";

/** A formula in the notation of matrices. */
export interface MatrixForm {
  readonly text: string;
  readonly latex: string;
}

/** The matrix form of a definition of one or two indices with a contraction in it; undefined when it has none. */
export function matrixForm({ indices, body }: Definition): MatrixForm | undefined {
  if (indices.length < 1 || indices.length > 2) return undefined;
  const found = { contraction: false };
  const form = write(body, indices, found);
  return form && found.contraction ? form : undefined;
}

interface Found {
  contraction: boolean;
}

function write(e: Expr, out: readonly Index[], found: Found): MatrixForm | undefined {
  switch (e.kind) {
    case "read":
      return readForm(e, out);
    case "reduce":
      return contractionForm(e, out, found);
    case "apply":
      return applyForm(e, out, found);
    default:
      return undefined;
  }
}

function applyForm(e: Node<"apply">, out: readonly Index[], found: Found): MatrixForm | undefined {
  const parts = (): readonly MatrixForm[] | undefined => every(e.args.map((a) => write(a, out, found)));
  switch (e.op) {
    case "add":
      return join(parts(), " + ", " + ");
    case "sub":
      return join(parts(), " - ", " - ");
    case "neg": {
      const inner = write(e.args[0]!, out, found);
      return inner && { text: `-${inner.text}`, latex: `-${inner.latex}` };
    }
    case "mul":
      return scaledForm(e, out, found);
    default:
      return undefined;
  }
}

/** Scalars times one array. */
function scaledForm(e: Node<"apply">, out: readonly Index[], found: Found): MatrixForm | undefined {
  const scalars = e.args.filter((a) => a.kind === "num" || (a.kind === "read" && a.at.length === 0));
  const arrays = e.args.filter((a) => !scalars.includes(a));
  if (arrays.length !== 1) return undefined;
  const array = write(arrays[0]!, out, found);
  const forms = scalars.map((a) =>
    a.kind === "num" ? plain(String(a.value)) : plain(a.kind === "read" ? a.name : ""),
  );
  return array && join([...forms, array], "·", " \\, ");
}

function readForm(e: Node<"read">, out: readonly Index[]): MatrixForm | undefined {
  const at = bareIndices(e);
  if (!at || at.length !== out.length) return undefined;
  if (at.every((i, n) => i === out[n])) return plain(e.name);
  return at.length === 2 && at[0] === out[1] && at[1] === out[0] ? transposed(e.name) : undefined;
}

/** Σ_k A·B with k in both: the shapes say which of the two is transposed and which comes first. */
function contractionForm(e: Node<"reduce">, out: readonly Index[], found: Found): MatrixForm | undefined {
  if (
    e.op !== "sum" ||
    e.guard !== undefined ||
    e.body.kind !== "apply" ||
    e.body.op !== "mul" ||
    e.body.args.length !== 2
  )
    return undefined;
  const factors = e.body.args.map((a) => (a.kind === "read" ? a : undefined));
  const [a, b] = factors;
  if (!a || !b) return undefined;
  for (const [left, right] of [
    [a, b],
    [b, a],
  ] as const) {
    const form = productForm(left, right, e.over, out);
    if (form) {
      found.contraction = true;
      return form;
    }
  }
  return undefined;
}

function productForm(
  left: Node<"read">,
  right: Node<"read">,
  over: Index,
  out: readonly Index[],
): MatrixForm | undefined {
  const [l, r] = [bareIndices(left), bareIndices(right)];
  if (!l || !r || l.length > 2 || r.length > 2 || !l.includes(over) || !r.includes(over)) return undefined;
  const [rows, columns] = [l.find((i) => i !== over), r.find((i) => i !== over)];
  const outer = [rows, columns].filter((i) => i !== undefined);
  if (outer.length !== out.length || !outer.every((i, n) => i === out[n])) return undefined;
  // A vector on the right of a matrix is a column; on the left it is a row, written transposed.
  const first =
    l.length === 2 && l[0] === over
      ? transposed(left.name)
      : l.length === 1
        ? transposed(left.name)
        : plain(left.name);
  const second = r.length === 2 && r[1] === over ? transposed(right.name) : plain(right.name);
  return join([first, second], "·", " ");
}

function bareIndices(e: Node<"read">): readonly Index[] | undefined {
  const at = e.at.map((s) => (s.kind === "index" ? s.index : undefined));
  return every(at);
}

const plain = (name: string): MatrixForm => ({
  text: name,
  latex: /^[\d.]+$/u.test(name) ? name : latexName(name),
});
const transposed = (name: string): MatrixForm => ({ text: `${name}ᵀ`, latex: `${latexName(name)}^\\top` });

function join(parts: readonly MatrixForm[] | undefined, text: string, latex: string): MatrixForm | undefined {
  return parts && { text: parts.map((p) => p.text).join(text), latex: parts.map((p) => p.latex).join(latex) };
}

function every<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  const present = items.filter((x) => x !== undefined);
  return present.length === items.length ? present : undefined;
}
