/**
 * What a program in one line costs beside the same program in steps: kernels of both in one run, interleaved.
 *
 *   node --import tsx spec/bench/one-line.ts [NAME…]
 *
 * People write relu(sum(…) + b) where they could name the sum first. The contractions inside are made stages, so
 * that both come to the same code; the ratio says how nearly. Results are compared before anything is timed.
 */
import { bind } from "../../lib/bind.ts";
import { compile } from "../../lib/compile.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { randomGiven, type PointOptions } from "../diff/points.ts";
import { median } from "./kernels/measure.ts";
import { columns } from "./kernels/report.ts";

interface Program {
  readonly name: string;
  readonly line: string;
  readonly steps: string;
  readonly sizes: NonNullable<PointOptions["sizes"]>;
}

// prettier-ignore
const programs: readonly Program[] = [
  { name: "hinge", sizes: { "X.0": 64, "X.1": 50, "W.1": 10 },
    line: "loss = mean(i, sum(j != y[i], max(0, sum(d, X[i,d]*W[d,j]) - sum(d, X[i,d]*W[d,y[i]]) + 1)))",
    steps: "s[i,j] = sum(d, X[i,d]*W[d,j])\nloss = mean(i, sum(j != y[i], max(0, s[i,j] - s[i,y[i]] + 1)))" },
  { name: "two layers", sizes: { "X.0": 64, "X.1": 50, "W.1": 40, "V.1": 10 },
    line: "loss = mean(i, sum(k, (sum(h, relu(sum(d, X[i,d]*W[d,h]) + b[h])*V[h,k]) - t[i,k])^2))",
    steps: "z[i,h] = sum(d, X[i,d]*W[d,h]) + b[h]\nr[i,k] = sum(h, relu(z[i,h])*V[h,k]) - t[i,k]\nloss = mean(i, sum(k, r[i,k]^2))" },
  { name: "attention", sizes: { "Q.0": 48, "Q.1": 16, "K.0": 48, "V.1": 16 },
    line: "out[i,e] = sum(j, exp(sum(d, Q[i,d]*K[j,d]))/sum(k, exp(sum(d, Q[i,d]*K[k,d])))*V[j,e])",
    steps: "s[i,j] = sum(d, Q[i,d]*K[j,d])\np[i,j] = exp(s[i,j] - logsumexp(k, s[i,k]))\nout[i,e] = sum(j, p[i,j]*V[j,e])" },
  { name: "convolution, tanh, pooling", sizes: { "X.0": 4, "X.1": 3, "X.2": 16, "X.3": 16, "K.0": 4, "K.2": 3, "K.3": 3 },
    line: "out[n,f,p,q] = sum(u < 2, v < 2, tanh(sum(c, r, s, X[n,c,2*p+u+r,2*q+v+s]*K[f,c,r,s]) + b[f]))",
    steps: "z[n,f,p,q] = tanh(sum(c, r, s, X[n,c,p+r,q+s]*K[f,c,r,s]) + b[f])\nout[n,f,p,q] = sum(u < 2, v < 2, z[n,f,2*p+u,2*q+v])" },
  { name: "two convolutions", sizes: { "X.0": 2, "X.1": 3, "X.2": 12, "X.3": 12, "K.0": 4, "K.2": 3, "K.3": 3, "L.0": 4, "L.2": 3, "L.3": 3 },
    line: "out[n,g,p,q] = relu(sum(f, u, v, relu(sum(c, r, s, X[n,c,p+u+r,q+v+s]*K[f,c,r,s]) + b[f])*L[g,f,u,v]))",
    steps: "h[n,f,p,q] = relu(sum(c, r, s, X[n,c,p+r,q+s]*K[f,c,r,s]) + b[f])\nout[n,g,p,q] = relu(sum(f, u, v, h[n,f,p+u,q+v]*L[g,f,u,v]))" },
];

const rounds = 9;
const leastTime = 40;

type Run = () => { readonly value: unknown; readonly gradients: Readonly<Record<string, unknown>> };

/** Milliseconds a call. */
function timed(run: Run): number {
  let calls = 0;
  const start = performance.now();
  do {
    run();
    calls++;
  } while (performance.now() - start < leastTime);
  return (performance.now() - start) / calls;
}

const numbers = (of: unknown): readonly number[] =>
  typeof of === "number" ? [of] : Array.from((of as { readonly data: Float64Array }).data);

/** The largest difference of a gradient, relative to its largest entry. */
function difference(a: Run, b: Run): number {
  const [left, right] = [a().gradients, b().gradients];
  return Math.max(
    ...Object.keys(left).map((name) => {
      const [one, other] = [numbers(left[name]), numbers(right[name])];
      const size = Math.max(...other.map(Math.abs));
      return Math.max(...one.map((x, n) => Math.abs(x - other[n]!))) / size;
    }),
  );
}

function measured({ name, line, steps, sizes }: Program): readonly string[] {
  const inSteps = differentiate(parse(steps));
  const given = randomGiven(inSteps, 1, { sizes });
  const [one, other] = [differentiate(parse(line)), inSteps].map((derivation): Run => {
    const kernel = compile(derivation, { style: "fused" });
    const arrays = [...bind(derivation, given).arrays].map(
      ([of, array]) => [of, array.shape.length === 0 ? array.data[0]! : array] as const,
    );
    const inputs = Object.fromEntries(arrays);
    return () => kernel.run(inputs);
  }) as [Run, Run];
  const apart = difference(one, other);
  if (!(apart < 1e-9)) throw new Error(`${name}: the gradients differ by ${apart}`);
  const times = Array.from({ length: rounds }, () => [timed(one), timed(other)] as const);
  const [inLine, stepped] = [median(times.map((t) => t[0])), median(times.map((t) => t[1]))];
  return [
    name,
    `${(1e3 * inLine).toFixed(0)} µs`,
    `${(1e3 * stepped).toFixed(0)} µs`,
    (inLine / stepped).toFixed(2),
  ];
}

const wanted = process.argv.slice(2);
const rows = programs.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(measured);
console.log(columns([["program", "in one line", "in steps", "ratio"], ...rows]));
