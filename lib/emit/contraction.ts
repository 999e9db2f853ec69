/**
 * Contractions as JavaScript: a call of one function that takes any sum of products of two arrays,
 * in tiles that stay in registers.
 *
 * A tile holds 8 × 10 elements of one array while the longest loop runs: each round of it reads 8 elements
 * of the other array and adds 80 products to 10 sums. V8 keeps the held elements on the stack,
 * where reading them needs no check of bounds, and knows no faster way (2 × 5 sums in variables reach
 * two thirds of its speed).
 */
import { constant, type Range, type Scalar, type Statement } from "../loop/nest.ts";
import { replaced } from "../loop/rewrite.ts";
import {
  along,
  mentions,
  polynomial,
  product,
  isOne,
  scalarOf,
  strideOf,
  sum,
  type Polynomial,
} from "../schedule/polynomial.ts";
import { emitScalar, type Target } from "./scalar.ts";

type Contract = Extract<Statement, { kind: "contract" }>;
type Load = Extract<Scalar, { kind: "load" }>;

/** The ranges that a tile has: `p` moves the first array only, `q` the second only, `k` is summed over. */
interface Roles {
  readonly a: Load;
  readonly b: Load;
  readonly p: Range | undefined;
  readonly q: Range | undefined;
  readonly k: Range;
  /** Where `k` counts the elements of a list of rows, the list. */
  readonly list: string | undefined;
  /** What is left over: loops around the call. */
  readonly around: readonly Range[];
}

/** The call that computes a contraction and the loops around it; undefined for those that are no product of two arrays of reals. */
export function contractionCall(
  s: Contract,
  target: Target,
): { readonly around: readonly Range[]; readonly call: string } | undefined {
  const roles = rolesOf(unlisted(s));
  if (roles === undefined) return undefined;
  const { a, b, p, q, k, list, around } = roles;
  const text = (scalar: Scalar) => emitScalar(scalar, target);
  const array = (buffer: string, offset: Scalar, indices: readonly (Range | undefined)[]): string => {
    const form = polynomial(offset);
    const from = indices.reduce((rest, range) => (range === undefined ? rest : at(rest, range)), form);
    return [
      buffer,
      ...[from, ...indices.map((range) => stride(form, range))].map((f) => text(scalarOf(f))),
    ].join(", ");
  };
  const extents = [p, q, k].map((range) =>
    text(range === undefined ? constant(1) : scalarOf(sum(polynomial(range.to), polynomial(range.from), -1))),
  );
  const call = `contract(${array(s.buffer, s.offset, [p, q])}, ${array(a.buffer, a.offset, [p, k])}, ${array(b.buffer, b.offset, [k, q])}, ${[...extents, ...(list === undefined ? [] : [list])].join(", ")});`;
  return { around, call };
}

/** The offset with an index at its first value. */
function at(offset: Polynomial, { index, from }: Range): Polynomial {
  const { stride, rest } = along(offset, index)!;
  return sum(rest, product(stride, polynomial(from)));
}

const stride = (offset: Polynomial, range: Range | undefined): Polynomial =>
  range === undefined ? polynomial(constant(0)) : along(offset, range.index)!.stride;

/** A contraction over the rows of a list, as one over the rows, and the list. */
function unlisted(s: Contract): Contract & { readonly list?: string } {
  const lists = new Set<string>();
  for (const { index } of s.sums) {
    const entry = (v: Scalar): Scalar | undefined => {
      if (v.kind !== "load" || v.offset.kind !== "name" || v.offset.name !== index || v.type !== "int")
        return undefined;
      lists.add(v.buffer);
      return v.offset;
    };
    const factors = s.factors.map((f) =>
      f.kind === "load" ? { ...f, offset: replaced(f.offset, entry) } : f,
    );
    if (lists.size === 1)
      return {
        ...s,
        factors,
        list: [...lists][0]!,
        sums: [...s.sums.filter((r) => r.index !== index), ...s.sums.filter((r) => r.index === index)],
      };
  }
  return s;
}

function rolesOf({
  offset,
  frees,
  sums,
  factors,
  list,
}: Contract & { readonly list?: string }): Roles | undefined {
  const [a, b, ...others] = factors;
  if (a?.kind !== "load" || b?.kind !== "load" || others.length > 0) return undefined;
  if (a.type !== "real" || b.type !== "real") return undefined;
  const p = chosen(
    frees.filter(({ index }) => !mentions(b, index)),
    [offset, a.offset],
  );
  const q = chosen(
    frees.filter(({ index }) => !mentions(a, index)),
    [offset, b.offset],
  );
  const k = list === undefined ? chosen(sums, [a.offset, b.offset]) : sums.at(-1);
  if (k === undefined || (p === undefined && q === undefined)) return undefined;
  const around = [...frees, ...sums].filter((range) => range !== p && range !== q && range !== k);
  return { a, b, p, q, k, list, around };
}

/** The range that steps from neighbour to neighbour at all of these offsets, else at one of them, else the longest. */
function chosen(ranges: readonly Range[], offsets: readonly Scalar[]): Range | undefined {
  const steps = ({ index }: Range) => offsets.filter((o) => isOne(strideOf(o, index))).length;
  return (
    ranges.find((r) => steps(r) === offsets.length) ?? ranges.find((r) => steps(r) > 0) ?? longest(ranges)
  );
}

/** The last range over all of a size, else the last that is not known to be short, else the last. */
const longest = (ranges: readonly Range[]): Range | undefined =>
  ranges.findLast(({ to }) => to.kind === "name") ??
  ranges.findLast(({ to }) => to.kind !== "const" || to.value >= 8) ??
  ranges.at(-1);

/** How many terms of a sum, and how many columns, a tile holds; what is left over takes the next smaller one. */
const depths = [8, 4, 2, 1];
const widths = [10, 3, 1];

/** The blocks that are copied: terms, rows and columns; rows of a copy are not in each other's way. */
const block = { terms: 64, rows: 128, columns: 40, apart: 136 };

/** What a whole tile holds. */
export const tiling = { terms: depths[0]!, columns: widths[0]! };

const tileName = (depth: number, width: number): string => `tile${depth}x${width}`;

const count = (n: number): readonly number[] => Array.from({ length: n }, (_, m) => m);
const joined = (n: number, part: (m: number) => string, by: string): string => count(n).map(part).join(by);
const several = (n: number, of: string): string => (n === 1 ? of : `${n} * ${of}`);

function driver(): string {
  const loops = depths.map((depth) => {
    const calls = widths.map((width) => {
      const head = width === 1 ? "for (; q < end; q++)" : `for (; q + ${width} <= end; q += ${width})`;
      const [out, b] = width === 1 ? ["oP", "bK"] : ["oP, oQ", "bK, bQ"];
      return `        ${head} ${tileName(depth, width)}(out, o + q * oQ, ${out}, a, x, aP, aK, b, z + q * bQ, ${b}, P);`;
    });
    const head = depth === 1 ? "for (; k < K; k++)" : `for (; k + ${depth} <= K; k += ${depth})`;
    const find = count(depth).map((n) => `      TERMS[${n}] = ${row(n)};`);
    return [
      `    ${head} {`,
      ...find,
      "      let q = start;",
      ...calls.map((line) => line.slice(2)),
      "    }",
    ].join("\n");
  });
  return `
// The terms of the present tiles. No tile takes the list of rows: V8 would compile it without one, throw that away when
// one comes, and keep what it compiles in the middle of a loop, half as fast.
const TERMS = new Int32Array(${tiling.terms});

/**
 * out[o + p * oP + q * oQ] += the sum over k < K of a[x + p * aP + k * aK] * b[z + k * bK + q * bQ],
 * for all p < P and q < Q. The terms of a sum are added up in order of k: ${depths[0]} terms, the sum of
 * the first half and that of the second, then the next ${depths[0]}.
 * With a list of rows, rows[k] stands for k.
 */
function contract(
  out‹: Float64Array›, o‹: number›, oP‹: number›, oQ‹: number›,
  a‹: Float64Array›, x‹: number›, aP‹: number›, aK‹: number›,
  b‹: Float64Array›, z‹: number›, bK‹: number›, bQ‹: number›,
  P‹: number›, Q‹: number›, K‹: number›, rows‹?: Float64Array›,
)‹: void› {
  // The inner loop runs along the memory where it is long enough for that, else it is the longer one.
  const pAlong = P >= 32 && oP === 1 && aP === 1;
  const qAlong = Q >= 32 && oQ === 1 && bQ === 1;
  if (!pAlong && (qAlong || Q > P)) {
    contract(out, o, oQ, oP, b, z, bQ, bK, a, x, aK, aP, Q, P, K, rows);
    return;
  }
  const worth = Q >= ${widths[0]} && K >= 16;
  if (worth && ((P >= 32 && isInTheWay(oQ, out)) || (P >= 128 && isInTheWay(aP, out)))) {
    contractCopied(out, o, oP, oQ, a, x, aP, aK, b, z, bK, bQ, P, Q, K, rows);
    return;
  }
  // So many columns at a time that their part of out stays in the cache.
  const width = ${widths[0]} * Math.max(1, Math.floor(${Math.floor(4096 / widths[0]!)} / P));
  for (let start = 0; start < Q; start += width) {
    const end = Math.min(start + width, Q);
    let k = 0;
${loops.join("\n")}
  }
}`;
}

/** The same product over copies of blocks: what lies nearly a multiple of 4096 bytes apart has one place in the cache. */
const copied = `
// Blocks of at most ${block.columns} columns of out, of ${block.terms} terms, and of ${block.rows} rows; neighbours along the rows, or the columns.
const OUT_BLOCK = new Float64Array(${block.columns} * ${block.apart});
const A_BLOCK = new Float64Array(${block.terms} * ${block.apart});
const B_BLOCK = new Float64Array(${block.terms} * ${block.columns});

/** Whether values so far apart have one place in the cache, which repeats after 4096 bytes. */
function isInTheWay(step‹: number›, values‹: Float64Array›)‹: boolean› {
  const period = 4096 / values.BYTES_PER_ELEMENT;
  const rest = Math.abs(step) & (period - 1);
  return Math.abs(step) > period / 2 && (rest < 8 || rest > period - 8);
}

/** The sums of \`contract\`, in the same order, over blocks that are copied side by side. */
function contractCopied(
  out‹: Float64Array›, o‹: number›, oP‹: number›, oQ‹: number›,
  a‹: Float64Array›, x‹: number›, aP‹: number›, aK‹: number›,
  b‹: Float64Array›, z‹: number›, bK‹: number›, bQ‹: number›,
  P‹: number›, Q‹: number›, K‹: number›, rows‹?: Float64Array›,
)‹: void› {
  // Blocks of columns are about as large as each other, and hold whole tiles.
  const columns = ${widths[0]} * Math.ceil(Q / Math.ceil(Q / ${block.columns}) / ${widths[0]});
  for (let p = 0; p < P; p += ${block.rows}) {
    const height = Math.min(${block.rows}, P - p);
    for (let q = 0; q < Q; q += columns) {
      const width = Math.min(columns, Q - q);
      for (let n = 0; n < width; n++) {
        for (let m = 0, at = o + p * oP + (q + n) * oQ; m < height; m++, at += oP) OUT_BLOCK[n * ${block.apart} + m] = out[at]‹!›;
      }
      for (let k = 0; k < K; k += ${block.terms}) {
        const depth = Math.min(${block.terms}, K - k);
        for (let n = 0; n < depth; n++) {
          const row = rows ? rows[k + n]‹!› : k + n;
          for (let m = 0, at = z + row * bK + q * bQ; m < width; m++, at += bQ) B_BLOCK[n * ${block.columns} + m] = b[at]‹!›;
          if (aP !== 1) continue;
          for (let m = 0, at = x + row * aK + p; m < height; m++, at++) A_BLOCK[n * ${block.apart} + m] = a[at]‹!›;
        }
        // Each place of the cache is read once where neighbours are terms.
        for (let m = 0; m < height && aP !== 1; m++) {
          const from = x + (p + m) * aP;
          for (let n = 0; n < depth; n++) A_BLOCK[n * ${block.apart} + m] = a[from + (rows ? rows[k + n]‹!› : k + n) * aK]‹!›;
        }
        contract(OUT_BLOCK, 0, 1, ${block.apart}, A_BLOCK, 0, 1, ${block.apart}, B_BLOCK, 0, ${block.columns}, 1, height, width, depth);
      }
      for (let n = 0; n < width; n++) {
        for (let m = 0, at = o + p * oP + (q + n) * oQ; m < height; m++, at += oP) out[at] = OUT_BLOCK[n * ${block.apart} + m]‹!›;
      }
    }
  }
}`;

/** Adds the products of `depth` rows of b to `width` columns of out, for every p. */
function tile(depth: number, width: number): string {
  const constants = [
    joined(depth, (n) => `k${n} = TERMS[${n}]‹!›`, ", "),
    joined(depth, (n) => `x${n} = x + k${n} * aK`, ", "),
    joined(depth, (n) => `z${n} = z + k${n} * bK`, ", "),
    joined(width - 1, (n) => `q${n + 1} = ${several(n + 1, "bQ")}`, ", "),
    joined(width - 1, (n) => `o${n + 1} = ${several(n + 1, "oQ")}`, ", "),
    ...count(depth).map((n) =>
      joined(width, (c) => `b${n}${c} = b[z${n}${c === 0 ? "" : ` + q${c}`}]‹!›`, ", "),
    ),
  ];
  const read = joined(depth, (n) => `a${n} = a[x${n} + p]‹!›`, ", ");
  const terms = (c: number) => count(depth).map((n) => `a${n} * b${n}${c}`);
  const add = (c: number) => `    out[o${c === 0 ? "" : ` + o${c}`}]‹!› += ${halves(terms(c))};`;
  const [oQ, bQ] = width === 1 ? ["", ""] : [" oQ‹: number›,", " bQ‹: number›,"];
  return `
function ${tileName(depth, width)}(
  out‹: Float64Array›, o‹: number›, oP‹: number›,${oQ}
  a‹: Float64Array›, x‹: number›, aP‹: number›, aK‹: number›,
  b‹: Float64Array›, z‹: number›, bK‹: number›,${bQ}
  P‹: number›,
)‹: void› {
${constants
  .filter((line) => line !== "")
  .map((line) => `  const ${line};`)
  .join("\n")}
  for (let m = 0, p = 0; m < P; m++, p += aP, o += oP) {
    const ${read};
${joined(width, add, "\n")}
  }
}`;
}

/** A sum, from four terms on half by half: a chain half as long, so that a processor has more to do at a time. */
function halves(terms: readonly string[]): string {
  if (terms.length < 4) return terms.join(" + ");
  const [first, second] = [terms.slice(0, terms.length / 2), terms.slice(terms.length / 2)];
  return `(${first.join(" + ")}) + (${second.join(" + ")})`;
}

/** The n-th row from k on, in the list if there is one. */
const row = (n: number): string => `rows ? rows[${plus("k", n)}]‹!› : ${plus("k", n)}`;

const plus = (base: string, n: number): string => (n === 0 ? base : `${base} + ${n}`);

/** `contract` and its tiles as text, with TypeScript's types in `‹…›`. */
export const contractText = [
  driver(),
  copied,
  ...depths.flatMap((depth) => widths.map((width) => tile(depth, width))),
].join("\n");
