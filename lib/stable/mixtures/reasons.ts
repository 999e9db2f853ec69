/** The rewrites of mixtures, and why. */
import type { Row } from "../row.ts";

// prettier-ignore
export const mixtureReasons: readonly Omit<Row, "rewrite">[] = [
  { name: "log of a mixture", from: "log(sum(j, w[j]*exp(f[j])))", to: "peak + log(sum(j, w[j]*exp(f[j] - peak)))", holds: "everywhere",
    counterexample: { text: "log(sum(j, w[j] * exp(s[j])))", at: { s: [-800.5, -760, -900], w: [0.25, 0.5, 0.25] } } },
  { name: "share of a mixture", from: "c*exp(g) / sum(j, w[j]*exp(f[j]))", to: "c*exp(g - peak) / sum(j, w[j]*exp(f[j] - peak))", holds: "everywhere",
    counterexample: { text: "w[y] * exp(s[y]) / sum(j, w[j] * exp(s[j]))", at: { s: [-800.5, -800, -900], w: [0.25, 0.5, 0.25], y: 0 } } },
  { name: "share of a mixture less one", from: "w[x]*exp(f[x]) / sum(j, w[j]*exp(f[j])) - 1", to: "-sum(j != x, w[j]*exp(f[j] - peak)) / sum(j, w[j]*exp(f[j] - peak))", holds: "everywhere",
    counterexample: { text: "w[y] * exp(s[y]) / sum(j, w[j] * exp(s[j])) - 1", at: { s: [40, 0, 1], w: [0.25, 0.5, 0.25], y: 0 } } },
];
