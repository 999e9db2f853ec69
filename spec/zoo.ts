/**
 * Programs of many kinds, each with the shapes of its inputs, for specs that go through all of them.
 *
 * An input is written `X:N,D` (reals of that shape), `y:N<C` (integers from 0 to C − 1),
 * `y:N=-1..C` (integers from −1 to C − 1), `Delta` (a number) or `K=1..4` (an integer).
 * A size is a number, a letter, drawn at random, or a multiple such as `2P`.
 */
import fc from "fast-check";
import type { Program } from "../lib/expr/program.ts";
import { parse } from "../lib/parse.ts";

export interface Specimen {
  readonly title: string;
  readonly text: string;
  readonly inputs: string;
  /** A program to be read before this one. */
  readonly before?: string;
  /** Sizes that must not be 0, for programs that read fixed positions. */
  readonly positive?: string;
}

// prettier-ignore
export const zoo: readonly Specimen[] = [
  { title: "hinge loss of a linear classifier", inputs: "X:N,D W:D,C y:N<C Delta reg",
    text: "score[i,j] = sum(d, X[i,d]*W[d,j]); loss = mean(i, sum(j != y[i], max(0, score[i,j] - score[i,y[i]] + Delta))) + reg*sum(d, j, W[d,j]^2)" },
  { title: "softmax cross-entropy by logsumexp", inputs: "X:N,D W:D,C y:N<C reg",
    text: "score[i,j] = sum(d, X[i,d]*W[d,j]); loss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]]) + reg*sum(d, j, W[d,j]^2)" },
  { title: "softmax cross-entropy by exp, with nothing named", inputs: "X:N,D W:D,C y:N<C",
    text: "loss = mean(i, -log(exp(sum(d, X[i,d]*W[d,y[i]])) / sum(j, exp(sum(d, X[i,d]*W[d,j])))))" },
  { title: "Crammer-Singer hinge with a max over classes", inputs: "s:N,C y:N<C", positive: "C",
    text: "loss = sum(i, max(j, s[i,j] + [j != y[i]]) - s[i,y[i]])" },
  { title: "squared hinge", inputs: "s:N,C y:N<C Delta",
    text: "loss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + Delta)^2))" },
  { title: "one-versus-all hinge of sequences", inputs: "X:N,T,D W:D,C",
    text: "score[i,t,k] = sum(d, X[i,t,d]*W[d,k]); loss = sum(i, t, k, max(0, 1 - score[i,t,k]))" },
  { title: "a gradient that is a sum which others read as well", inputs: "x:N reg",
    text: "p[i] = exp(x[i] - logsumexp(d, x[d])); loss = mean(i, p[i]) + reg*sum(i, p[i]^2)" },
  { title: "shifted labels of images through a matrix", inputs: "X:N,P,Q,C b:P W:D,K y:D<C",
    text: "shifted[n,p,q,d] = X[n,p,q,y[d]] + b[p] - 1/2; out[n,p,q,k] = sum(d, shifted[n,p,q,d]*W[d,k])" },
  { title: "binary logistic loss", inputs: "X:N,D w:D t:N b",
    text: "loss = mean(i, softplus(-t[i] * (sum(d, X[i,d]*w[d]) + b)))" },
  { title: "Huber loss with nested choices", inputs: "x:N t:N",
    text: "r[i] = x[i] - t[i]; loss = sum(i, abs(r[i]) <= 1 ? r[i]^2/2 : (r[i] > 3 ? 3*r[i] : abs(r[i]) - 1/2))" },
  { title: "masked mean over labels that are not ignored", inputs: "s:N,C y:N=-1..C",
    text: "loss = mean(i, y[i] >= 0, logsumexp(j, s[i,j]) - s[i,y[i]])" },
  { title: "ignored labels behind ?:", inputs: "s:N,C y:N=-1..C",
    text: "loss = sum(i, y[i] >= 0 ? sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)) : 0)" },
  { title: "scores under a mask of infinities", inputs: "s:N,C m:N,C", positive: "C",
    text: "z[i,j] = m[i,j] > -2 ? s[i,j] : -∞; loss = sum(i, min(logsumexp(j, z[i,j]), 9) + max(-9, max(j, z[i,j])))" },
  { title: "a positive before a queue of negatives", inputs: "p:N q:N,D Q:K,D", positive: "N",
    text: "l[i,k] = k == 0 ? p[i] : sum(d, q[i,d]*Q[k-1,d]); loss = mean(i, logsumexp(k < extent(Q,0) + 1, l[i,k]) - l[i,0])" },
  { title: "weighted loss with two label arrays", inputs: "s:N,C y:N<C z:N<C w:N",
    text: "loss = sum(i, w[i] * (s[i,y[i]] - s[i,z[i]])^2) / sum(i, w[i]^2 + 1)" },
  { title: "max-pooling", inputs: "X:2P,2Q", positive: "PQ",
    text: "out[p,q] = max(r < 2, s < 2, X[2*p+r, 2*q+s])" },
  { title: "2-D convolution with stride and padding", inputs: "X:H,G,D K:3,3,D,F", positive: "HG",
    text: "out[p,q,f] = sum(r, s, d, 0 <= 2*p+r-1 < extent(X,0) and 0 <= 2*q+s-1 < extent(X,1), X[2*p+r-1, 2*q+s-1, d]*K[r,s,d,f])" },
  { title: "valid correlation in one dimension", inputs: "x:N k:3",
    text: "out[p] = sum(r, x[p+r]*k[r])" },
  { title: "causal convolution", inputs: "x:N k:R", positive: "N",
    text: "out[t] = sum(r, t - r >= 0, x[t-r]*k[r]); loss = sum(t, out[t]^2)" },
  { title: "batch normalization", inputs: "X:N,D gamma:D beta:D",
    text: "mu[d] = mean(i, X[i,d]); v[d] = mean(i, (X[i,d]-mu[d])^2); out[i,d] = gamma[d]*(X[i,d]-mu[d])/sqrt(v[d]+1/8) + beta[d]" },
  { title: "layer normalization", inputs: "X:N,D", 
    text: "mu[i] = mean(d, X[i,d]); v[i] = mean(d, (X[i,d]-mu[i])^2); out[i,d] = (X[i,d]-mu[i])/sqrt(v[i]+1/8)" },
  { title: "instance normalization", inputs: "X:N,P,Q,D gamma:D beta:D", positive: "PQ",
    text: "mu[n,c] = mean(p, q, X[n,p,q,c]); v[n,c] = mean(p, q, (X[n,p,q,c]-mu[n,c])^2); out[n,p,q,c] = gamma[c]*(X[n,p,q,c]-mu[n,c])/sqrt(v[n,c]+1/8) + beta[c]" },
  { title: "windows that are checked, of an array called like their position", inputs: "X:2P,D w:P",
    text: "total[i] = sum(d, X[i,d]); loss = sum(p, w[p]*max(r < 2, total[2*p+r]))" },
  { title: "affine layer", inputs: "X:N,D W:D,K b:K",
    text: "out[i,k] = sum(d, X[i,d]*W[d,k]) + b[k]" },
  { title: "a product over an index", inputs: "x:N,D",
    text: "loss = sum(i, prod(d, 1 + x[i,d]/4))" },
  { title: "scalars only", inputs: "a b c",
    text: "t = a*b; loss = t^2 + exp(c/4) - t/(1+c^2)" },
  { title: "triplet loss over all pairs", inputs: "X:N,D y:N<N margin",
    text: "q[i,j] = sum(d, (X[i,d]-X[j,d])^2); loss = sum(i, j, k, y[i] == y[j] and i != j and y[i] != y[k], max(0, q[i,j] - q[i,k] + margin))" },
  { title: "contrastive loss on the diagonal", inputs: "S:N,N",
    text: "loss = mean(i, logsumexp(j, S[i,j]) - S[i,i])" },
  { title: "total variation", inputs: "x:N",
    text: "loss = sum(i, abs(x[i+1]-x[i]))" },
  { title: "rows gathered along the samples", inputs: "X:N,D p:N<N",
    text: "h[i,d] = tanh(X[i,d]); loss = sum(i, d, (h[i,d] - h[p[i],d])^2)" },
  { title: "embedding lookup", inputs: "E:V,D x:N<V t:N,D",
    text: "loss = mean(i, sum(d, (E[x[i],d] - t[i,d])^2))" },
  { title: "attention", inputs: "Q:N,D K:M,D V:M,E",
    text: "a[i,m] = sum(d, Q[i,d]*K[m,d]); p[i,m] = exp(a[i,m] - logsumexp(l, a[i,l])); out[i,e] = sum(m, p[i,m]*V[m,e])" },
  { title: "a mean over a guarded pair of indices", inputs: "X:N,N",
    text: "loss = mean(i, j, i < j, X[i,j]^2)" },
  { title: "a variance that every row needs", inputs: "X:N,D",
    text: "loss = sum(i, d, (X[i,d] - sum(n, X[n,d])/4)^2)" },
  { title: "a sum of columns squared", inputs: "X:N,D",
    text: "loss = sum(d, sum(i, X[i,d])^2)" },
  { title: "a Laplacian of neighbours", inputs: "X:P,Q",
    text: "l[p,q] = X[p,q+1] + X[p+2,q+1] + X[p+1,q] + X[p+1,q+2] - 4*X[p+1,q+1]; loss = sum(p, q, l[p,q]^2)" },
  { title: "second differences in one line", inputs: "x:N y:N",
    text: "loss = sum(i, (x[i] - y[i])^2) + sum(i, abs(x[i+2] - 2*x[i+1] + x[i]))" },
  { title: "a partial likelihood of those still there", inputs: "x:N e:N",
    text: "loss = sum(i, e[i]*(logsumexp(k >= i, x[k]) - x[i]))" },
  { title: "running log-sum-exps of rows", inputs: "x:N,T w:T",
    text: "loss = sum(i, t, w[t]*logsumexp(k <= t, x[i,k]))" },
  { title: "running sums both ways of two lengths", inputs: "x:N y:M",
    text: "loss = sum(t, (sum(k <= t, x[k]) - sum(k > t, x[k]^2) - y[t])^2)" },
  { title: "a cumulative sum", inputs: "x:N",
    text: "c[i] = sum(j <= i, x[j]); loss = sum(i, c[i]^2)" },
  { title: "the least and the largest", inputs: "x:N,D", positive: "ND",
    text: "loss = max(i, min(d, x[i,d])) - min(i, max(d, x[i,d]))" },
  { title: "elementwise functions of every kind", inputs: "x:N",
    text: "loss = sum(i, sigmoid(x[i]) + softplus(x[i]) + erf(x[i]) + erfc(x[i]) + log1p(x[i]^2) + expm1(x[i]/4) + atan(x[i]) + sin(x[i])*cos(x[i]) + cbrt(x[i]) + hypot(x[i], 1) + x[i]^3 + (1+x[i]^2)^-1 + stop(x[i])*x[i] + sign(x[i]) + relu(x[i]) + asinh(x[i]) + tanh(x[i]))" },
  { title: "conditions that are definitions", inputs: "s:N,C y:N<C",
    text: "hit[i,j] = s[i,j] > s[i,y[i]] and j != y[i]; loss = sum(i, j, hit[i,j] ? s[i,j] : 0)" },
  { title: "a scalar label", inputs: "s:C t=0..C", positive: "C",
    text: "loss = logsumexp(j, s[j]) - s[t]" },
  { title: "an integer that sizes an index", inputs: "K=0..5 a",
    text: "loss = sum(r < K, a^2 * r)" },
  { title: "the position of the largest as a label", inputs: "s:N,C t:N,C", positive: "C",
    text: "best[i] = argmax(j, s[i,j]); loss = sum(i, t[i,best[i]]^2)" },
  { title: "two layers", inputs: "X:N,D W:D,H b:H V:H,C y:N<C",
    text: "h[i,k] = relu(sum(d, X[i,d]*W[d,k]) + b[k]); s[i,j] = sum(k, h[i,k]*V[k,j]); loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])" },
  { title: "indices named like other things", inputs: "x:N,M",
    text: "m[N] = sum(W, x[N,W]); loss = sum(N, m[N]^2)" },
  { title: "names in Greek", inputs: "λ Δ σ:N",
    text: "loss = λ*sum(i, max(0, σ[i] + Δ))" },
  { title: "a diagonal outside and inside", inputs: "S:N,N",
    text: "r[i] = sum(j, S[i,j]) - S[i,i]; loss = sum(i, r[i]*S[i,i])" },
  { title: "rows along the second axis", inputs: "X:D,N w:D",
    text: "s[d,i] = X[d,i]*w[d]; loss = sum(i, logsumexp(d, s[d,i]))" },
  // Equal reductions are one node, named by the program that came first: its index may then be called like one around it.
  { title: "a sum inside loops over an index of its own name", inputs: "x:N t:M=-1..P w:P",
    before: "q[i] = t[i] >= 0 ? sum(j, exp(x[j])*w[t[i]]) : 0",
    text: "c[i,j] = t[i] >= 0 and x[j] > 0 ? exp(x[j])^2 + sum(k, exp(x[k])*w[t[i]]) : exp(x[j]); loss = sum(i, j, c[i,j])" },
  { title: "a sum directly inside a sum over an index of its own name", inputs: "x:N",
    before: "sum(i, x[i]^2)",
    text: "loss = sum(i, x[i] > 0, sum(k, x[k]^2))" },
  { title: "an accumulation read under a binder of its own index", inputs: "X:N,C",
    before: "s[i,c] = 2*X[i,c]; sum(c, sum(i, s[i,c]^2))",
    text: "s[i,c] = 2*X[i,c]; p[c] = sum(i, s[i,c]^2) / (1 + sum(k, sum(i, s[i,k]^2))); loss = sum(c, p[c]^2)" },
  { title: "a window that no kernel element is in", inputs: "x:N k:R",
    text: "out[p] = sum(r, x[p+r]*k[r]); loss = sum(p, out[p]^2 + 1) + sum(p, q, out[p]*out[q])" },
  { title: "sums by label beside a table of labels", inputs: "x:N t:N<V A:V,D B:V,D",
    text: "n[v] = sum(i, t[i] == v, x[i]); a[v,d] = A[v,d]*B[v,d]; loss = sum(v, d, a[v,d]*n[v]) + sum(v, n[v]^2)" },
  { title: "rows less their sums, of which one element and all squares are added up", inputs: "s:N,C y:N<C",
    text: "p[i,j] = s[i,j] - sum(k, s[i,k]); loss = sum(i, p[i,y[i]]) + sum(i, j, p[i,j]^2)" },
  { title: "ranges that are quotients of multiples of other indices", inputs: "x:N",
    text: "loss = sum(i, j, k, 3*k < 2*i + 5*j and 4*k > i + 3*j - 7, x[i]*x[j]^2*x[k])" },
  { title: "a label that only a choice keeps inside", inputs: "s:N,C y:N=-1..C w:C",
    text: "loss = sum(i, j, y[i] >= 0 ? w[j]*s[i,y[i]] + sum(k, s[i,k]*w[y[i]]) : s[i,j])" },
];

/** One input of a specimen, for sizes that are drawn. */
interface InputShape {
  readonly name: string;
  readonly axes: readonly string[] | undefined;
  /** Least value and end of integers. */
  readonly range: readonly [from: string, to: string] | undefined;
}

function inputShapes(inputs: string): readonly InputShape[] {
  return inputs.split(" ").map((text) => {
    const [, name, axes, below, from, to] = /^(\S+?)(?::([^<=]+))?(?:<(\w+)|=(-?\w+)\.\.(\w+))?$/u.exec(
      text,
    )!;
    const labels = below !== undefined || from !== undefined;
    return { name: name!, axes: axes?.split(","), range: labels ? [from ?? "0", below ?? to!] : undefined };
  });
}

/** The program of a specimen. */
export function programOf({ text, before }: Specimen): Program {
  if (before !== undefined) parse(before);
  return parse(text);
}

/** Sizes by letter. */
export type SizeValues = ReadonlyMap<string, number>;

/** The letters that stand for sizes. */
export const sizeLetters = (inputs: string): readonly string[] => [
  ...new Set(
    inputShapes(inputs).flatMap(
      ({ axes, range }) => `${axes?.join() ?? ""},${range?.join() ?? ""}`.match(/[A-Z]/gu) ?? [],
    ),
  ),
];

const sizeAt = (text: string, sizes: SizeValues): number => {
  const [, factor, letter] = /^(-?\d*)([A-Z]?)$/u.exec(text)!;
  return (factor === "" ? 1 : Number(factor)) * (letter === "" ? 1 : sizes.get(letter!)!);
};

/** Sizes for a specimen, each up to 4 and now and then 0. */
export const sizesArbitrary = ({ inputs, positive = "" }: Specimen): fc.Arbitrary<SizeValues> =>
  fc
    .tuple(
      ...sizeLetters(inputs).map((letter) =>
        fc
          .constantFrom(2, 3, 4, 1, 3, 2, 4, 3, ...(positive.includes(letter) ? [] : [0]))
          .map((n) => [letter, n] as const),
      ),
    )
    .map((entries) => new Map(entries));

export type Values = Record<string, number | { shape: number[]; data: number[] }>;

/** Inputs for a specimen: eighths from −4 to 4, so that sums and products are exact; labels in range. */
export const inputsArbitrary = (specimen: Specimen): fc.Arbitrary<Values> =>
  sizesArbitrary(specimen).chain((sizes) => inputsOf(specimen, sizes));

/** The same at given sizes. */
export const inputsOf = ({ inputs }: Specimen, sizes: SizeValues): fc.Arbitrary<Values> =>
  fc
    .tuple(...inputShapes(inputs).map((input) => inputArbitrary(input, sizes)))
    .map((entries) => Object.fromEntries(entries));

function inputArbitrary(
  { name, axes, range }: InputShape,
  sizes: SizeValues,
): fc.Arbitrary<[string, Values[string]]> {
  const low = range === undefined ? 0 : sizeAt(range[0], sizes);
  const high = range === undefined ? 0 : sizeAt(range[1], sizes) - 1;
  const shape = axes?.map((axis) => sizeAt(axis, sizes));
  // Labels need a class to choose: without classes there are no samples either.
  const empty = range !== undefined && high < low;
  const one =
    range === undefined
      ? fc.integer({ min: -32, max: 32 }).map((n) => n / 8)
      : fc.integer({ min: low, max: Math.max(low, high) });
  if (shape === undefined) return one.map((value) => [name, value]);
  const length = shape.reduce((n, size) => n * size, 1);
  if (empty && length > 0) return fc.constant([name, { shape, data: [] }]);
  return fc.array(one, { minLength: length, maxLength: length }).map((data) => [name, { shape, data }]);
}
