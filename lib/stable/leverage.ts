/**
 * The residual of a point that has most of the leverage on the straight line it is measured from.
 *
 * What normalization gives back to a coordinate x[k] is, over n coordinates of mean m,
 *
 *   f[k] - sum(i, f[i])/n - c[k]*sum(i, f[i]*c[i]) / (S + E),   c[i] = x[i] - m,  S = sum(i, c[i]^2)
 *
 * which for E = 0 is the residual of f[k] from the line through all (x[i], f[i]). A point far from all others
 * draws the line to itself, and its residual is what is left of much. With the means m' and f' of the others
 * and sums over them it is the n-1 parts in n of
 *
 *   (sum(i != k, u[i]*(u[i]*g[k] - u[k]*g[i])) + E*g[k]) / (S + E),   u[i] = x[i] - m',  g[i] = f[i] - f'
 *
 * in which nothing cancels that is not given. Source: R. D. Cook, Detection of influential observation
 * in linear regression, Technometrics 19, 1977: residuals by those of the line without the point.
 */
import { apply, at, freeIndices, num, reduce, where, type Expr, type Index } from "../expr/node.ts";
import { anywhere, partsOf } from "../expr/parts.ts";
import { fresh, substitute } from "../expr/substitute.ts";
import { equal, expression, powersOf, quotient, type Powers } from "./powers.ts";
import type { Row } from "./row.ts";
import { countOf, total, totalOf, type Total } from "./total.ts";
import { isSum, product, signedTerms, sumOf, type Signed } from "./terms.ts";

// prettier-ignore
export const leverageReason: Omit<Row, "rewrite"> = {
  name: "residual of a far point", from: "f[k] - sum(i, f[i])/n - c[k]*sum(i, f[i]*c[i])/S, c[i] = x[i] - sum(i, x[i])/n, S = sum(i, c[i]^2)", to: "(n-1)/n * sum(i != k, u[i]*(u[i]*g[k] - u[k]*g[i]))/S where c[k] is a great part of S, u and g being x and f less their means over i != k", holds: "n > 1 and S > 0",
  counterexample: { text: "t[y] - mean(i, t[i]) - (x[y] - mean(i, x[i])) * sum(i, t[i] * (x[i] - mean(j, x[j]))) / sum(i, (x[i] - mean(j, x[j]))^2)", at: { x: [1e9, 1, 2, 4], t: [1, 2, 5, 3], y: 0 } },
};

/** Gives the body of a definition that is read, with its definitions in turn put in; other expressions as they are. */
type Meaning = (e: Expr) => Expr;

/** Σ f·c over all, c = u − Σu/n. */
interface Moment extends Total {
  readonly f: Expr;
  readonly c: Expr;
  readonly u: Expr;
}

/** The better form of a sum that is such a residual, times what is the same for all points, and perhaps more. */
export function residual(e: Expr, meaning: Meaning): Expr | undefined {
  const terms = signedTerms(e);
  if (terms.length > 8) return undefined;
  for (const term of terms)
    for (const [shown] of powersOf(term.of)) {
      if (shown.kind !== "read" && shown.kind !== "reduce") continue;
      for (const [sum] of powersOf(meaning(shown))) {
        const moment = momentOf(sum);
        const made = moment && ofMoment(terms, term, { shown, sum }, moment, meaning);
        if (made) return made;
      }
    }
  return undefined;
}

/** A factor as it stands, and the sum that is a factor of what it means. */
interface Found {
  readonly shown: Expr;
  readonly sum: Expr;
}

/** The form with this term as the one that has the slope in it, `q` being the moment in it. */
function ofMoment(
  terms: readonly Signed[],
  slope: Signed,
  q: Found,
  moment: Moment,
  meaning: Meaning,
): Expr | undefined {
  for (const place of placesIn(sumOf(terms), moment.over)) {
    const own = placed(moment, place);
    const centre = centreOf(slope.of, q.shown, own.c, meaning);
    const level = centre && levelOf(terms, slope, moment, own.f, centre.sign, meaning);
    if (!centre || !level) continue;
    const drop = quotient(powersOf(meaning(slope.of)), new Map([[q.sum, 1]]));
    const ratio = quotient(level.meant, quotient(drop, new Map([[centre.meant, 1]])));
    const extra = extraOf(ratio, moment);
    if (!extra) continue;
    const spread = spreadOf(ratio, [...level.shown, ...powersOf(slope.of)], meaning);
    const square = spread && squareOf(centre, spread, meaning);
    if (!spread || !square) continue;
    const left = terms.filter((t) => !level.used.includes(t) && t !== slope);
    const plain = sumOf(terms.filter((t) => !left.includes(t)));
    const count = countOf(moment.over);
    const others = apply("div", apply("sub", count, num(1)), count);
    const made = apply(
      "mul",
      expression(level.shown),
      others,
      withoutPoint(moment, own, place, spread, extra),
    );
    const better = where(
      apply("gt", apply("mul", num(4), square), spread.shown),
      level.sign === 1 ? made : apply("neg", made),
      plain,
    );
    return sumOf([{ sign: 1, of: better }, ...left]);
  }
  return undefined;
}

/** Where in the arrays the point may be: subscripts of the extents of the sum's indices. */
function placesIn(e: Expr, over: readonly Index[]): readonly (readonly Expr[])[] {
  const subscripts = new Set([...partsOf(e)].flatMap((part) => (part.kind === "read" ? part.at : [])));
  return over.reduce<readonly (readonly Expr[])[]>(
    (places, { extent }) =>
      places.flatMap((place) =>
        [...subscripts]
          .filter((s) => !place.includes(s) && (s.kind === "index" ? s.index.extent === extent : true))
          .map((s) => [...place, s]),
      ),
    [[]],
  );
}

/** Whether it is the same for all data of some sizes. */
const isCount = (e: Expr): boolean => !anywhere(e, (part) => part.kind === "read" || part.kind === "index");

const areCounts = (powers: Powers): boolean => [...powers.keys()].every(isCount);

function momentOf(e: Expr): Moment | undefined {
  const sum = totalOf(e);
  if (!sum) return undefined;
  const powers = powersOf(sum.body);
  for (const [c, n] of powers) {
    const u = n === 1 ? centred(c, sum.over) : undefined;
    if (u) return { ...sum, f: expression(quotient(powers, new Map([[c, 1]]))), c, u };
  }
  return undefined;
}

/** u of u − Σu/n. */
function centred(c: Expr, over: readonly Index[]): Expr | undefined {
  const terms = isSum(c) ? signedTerms(c) : [];
  const [u, mean] = [terms.find((t) => t.sign === 1), terms.find((t) => t.sign === -1)];
  if (terms.length !== 2 || !u || !mean) return undefined;
  const whole = powersOf(apply("div", total(over, u.of), countOf(over)));
  return equal(powersOf(mean.of), whole) ? u.of : undefined;
}

/** What the moment is made of at a place. */
interface Placed {
  readonly f: Expr;
  readonly c: Expr;
  readonly u: Expr;
}

function placed({ over, f, c, u }: Moment, place: readonly Expr[]): Placed {
  const by = new Map(over.map((i, n) => [i, place[n]!]));
  return { f: substitute(f, by), c: substitute(c, by), u: substitute(u, by) };
}

/** c[k] in a term, perhaps over something, and perhaps with its sign changed. */
interface Centre {
  readonly sign: 1 | -1;
  readonly shown: Expr;
  /** c[k] or −c[k] as it stands in what `shown` means. */
  readonly meant: Expr;
  /** What else that has. */
  readonly by: Powers;
}

function centreOf(term: Expr, q: Expr, c: Expr, meaning: Meaning): Centre | undefined {
  for (const [shown, n] of powersOf(term)) {
    if (n !== 1 || shown === q) continue;
    const powers = powersOf(meaning(shown));
    for (const [meant, m] of powers) {
      const sign = m === 1 ? sameButSign(meant, c) : undefined;
      if (sign) return { sign, shown, meant, by: quotient(powers, new Map([[meant, 1]])) };
    }
  }
  return undefined;
}

/** 1 where two sums are the same, −1 where one is minus the other. */
function sameButSign(a: Expr, b: Expr): 1 | -1 | undefined {
  const [x, y] = [signedTerms(a), signedTerms(b)];
  if (x.length !== y.length) return undefined;
  const has = (by: 1 | -1): boolean =>
    x.every((s) => y.some((t) => s.of === t.of && s.sign === (by === 1 ? t.sign : -t.sign)));
  return has(1) ? 1 : has(-1) ? -1 : undefined;
}

/** α·f[k] − α·Σf/n among terms. */
interface Level {
  readonly sign: 1 | -1;
  readonly used: readonly Signed[];
  /** α as it stands, and as it is meant. */
  readonly shown: Powers;
  readonly meant: Powers;
}

function levelOf(
  terms: readonly Signed[],
  slope: Signed,
  { over, f }: Moment,
  fk: Expr,
  centreSign: 1 | -1,
  meaning: Meaning,
): Level | undefined {
  const sign = slope.sign * centreSign === -1 ? 1 : -1;
  const parts = terms
    .filter((t) => t !== slope)
    .flatMap((t) => multiplied(t).map((part) => ({ of: part, from: t })));
  const sum = total(over, f);
  for (const value of parts) {
    const shown = value.of.sign === sign ? divided(value.of.of, fk) : undefined;
    if (!shown) continue;
    const meant = powersOf(meaning(expression(shown)));
    const mean = quotient(meant, new Map([...powersOf(countOf(over)), [sum, -1]]));
    const other = parts.find((p) => p.of.sign !== sign && equal(powersOf(meaning(p.of.of)), mean));
    if (!other) continue;
    const used = [...new Set([value.from, other.from])];
    if (
      used.some((t) =>
        multiplied(t).some((part) => ![value, other].some((p) => p.from === t && p.of.of === part.of)),
      )
    )
      continue;
    return { sign, used, shown, meant };
  }
  return undefined;
}

/** The summands of a product of one sum with what is none. */
function multiplied({ sign, of }: Signed): readonly Signed[] {
  const powers = powersOf(of);
  const sum = [...powers].find(([g, n]) => n === 1 && isSum(g))?.[0];
  if (!sum) return [{ sign, of }];
  const rest = quotient(powers, new Map([[sum, 1]]));
  return signedTerms(sum, sign).map((t) => ({
    sign: t.sign,
    of: expression(powersOf(t.of, 1, new Map(rest))),
  }));
}

/** The powers of e without f's, where f is there. */
function divided(e: Expr, f: Expr): Powers | undefined {
  const [all, some] = [powersOf(e), powersOf(f)];
  return [...some].every(([g, n]) => all.get(g) === n) ? quotient(all, some) : undefined;
}

/** E of S + E. */
function extraOf(ratio: Powers, { over, c }: Moment): readonly Signed[] | undefined {
  const squares = new Map([[total(over, apply("pow", c, num(2))), 1]]);
  if (equal(ratio, squares)) return [];
  const sum = [...ratio].find(([g, n]) => n === 1 && isSum(g))?.[0];
  if (!sum) return undefined;
  const rest = quotient(ratio, new Map([[sum, 1]]));
  if (!areCounts(rest)) return undefined;
  const terms = signedTerms(sum).map(({ sign, of }) => ({ sign, powers: powersOf(of, 1, new Map(rest)) }));
  const n = terms.findIndex((t) => t.sign === 1 && equal(t.powers, squares));
  const extra = n < 0 ? undefined : terms.toSpliced(n, 1);
  return extra?.some((t) => [...t.powers.keys()].some((g) => anywhere(g, (part) => part.kind === "reduce")))
    ? undefined
    : extra?.map(({ sign, powers }) => ({ sign, of: expression(powers) }));
}

/** S + E as it stands below the line: `base` is S + E but for a count. */
interface Spread {
  readonly shown: Expr;
  readonly base: Expr;
}

function spreadOf(
  ratio: Powers,
  factors: Iterable<readonly [Expr, number]>,
  meaning: Meaning,
): Spread | undefined {
  for (const [f, n] of factors) {
    if (n >= 0) continue;
    for (const power of new Set([1, -2 * n])) {
      const base = expression(new Map([[f, power]]));
      const count = quotient(ratio, powersOf(meaning(base)));
      if (areCounts(count)) return { base, shown: expression(new Map([[base, 1], ...count])) };
    }
  }
  return undefined;
}

/** c[k]², from what stands for it. */
function squareOf({ shown, by }: Centre, { base }: Spread, meaning: Meaning): Expr | undefined {
  const below = new Map([...by].map(([f, n]) => [f, -2 * n]));
  const square = apply("pow", shown, num(2));
  if (areCounts(below)) return below.size === 0 ? square : expression(new Map([[square, 1], ...below]));
  const count = quotient(below, powersOf(meaning(base)));
  return areCounts(count) ? expression(new Map([[square, 1], [base, 1], ...count])) : undefined;
}

/** Σ_{i≠k} u'[i]·(u'[i]·g[k] − u'[k]·g[i]) + E·g[k], u' and g less their means over i ≠ k. */
function withoutPoint(
  { over, f, u }: Moment,
  own: Placed,
  place: readonly Expr[],
  { shown: whole }: Spread,
  extra: readonly Signed[],
): Expr {
  const names = new Set([f, u, own.f, own.u, ...place].flatMap((e) => freeIndices(e)).map((i) => i.name));
  const indices = over.map((i) => {
    const index = fresh(i.name, i.extent, names);
    names.add(index.name);
    return index;
  });
  const by = new Map(over.map((i, n) => [i, at(indices[n]!)]));
  const unequal = indices.map((i, n) => apply("ne", at(i), place[n]!));
  const guard = unequal.length === 1 ? unequal[0]! : apply("or", ...unequal);
  const sum = (body: Expr): Expr =>
    indices.reduceRight(
      (inner, i, n) =>
        reduce("sum", i, n === indices.length - 1 ? guard : undefined, apply("precise", inner)),
      body,
    );
  const [ui, fi] = [substitute(u, by), substitute(f, by)];
  const others = apply("sub", countOf(over), num(1));
  const [um, fm] = [apply("div", sum(ui), others), apply("div", sum(fi), others)];
  const [uk, v] = [own.u, ui].map((e) => apply("sub", e, um)) as [Expr, Expr];
  const [gk, g] = [own.f, fi].map((e) => apply("sub", e, fm)) as [Expr, Expr];
  const rest = sum(apply("mul", v, apply("sub", apply("mul", v, gk), apply("mul", uk, g))));
  const all = sumOf([
    { sign: 1, of: rest },
    ...extra.map(({ sign, of }) => ({ sign, of: product([of, gk]) })),
  ]);
  return apply("div", all, whole);
}
