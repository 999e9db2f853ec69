/** The rewrites of log-sum-exps and of what is made of them, and why. */
import type { Row } from "../row.ts";

/** The rewrites that are made here, and why. */
// prettier-ignore
export const reasons: readonly Omit<Row, "rewrite">[] = [
  { name: "log-sum-exp", from: "logsumexp(j, s[j])", to: "top + log1p(sum(j != best, exp(s[j] - top)))", holds: "everywhere",
    counterexample: { text: "log(sum(j, exp(s[j])))", at: { s: [0, -40] } } },
  { name: "log-sum-exp minus a member", from: "logsumexp(j, s[j]) - s[y]", to: "s[y] == top ? log1p(sum(j != y, exp(s[j] - top))) : (top - s[y]) + log(total)", holds: "s[y] is one of the terms",
    counterexample: { text: "log(sum(j, exp(s[j]))) - s[y]", at: { s: [800.1, 760, 3], y: 0 } } },
  { name: "probability", from: "exp(s[k] - logsumexp(j, s[j]))", to: "exp(s[k] - top) / sum(j, exp(s[j] - top))", holds: "everywhere",
    counterexample: { text: "exp(s[y]) / sum(j, exp(s[j]))", at: { s: [800.1, 760, 3], y: 1 } } },
  { name: "one minus a probability", from: "exp(s[k] - logsumexp(j, s[j])) - 1", to: "-sum(j != k, exp(s[j] - top)) / sum(j, exp(s[j] - top))", holds: "s[k] is one of the terms",
    counterexample: { text: "1 - exp(s[y]) / sum(j, exp(s[j]))", at: { s: [40, 0, 1], y: 0 } } },
  { name: "several probabilities less one", from: "sum(j, exp(s[x] - logsumexp(k >= j, s[k]))) - 1", to: "sum(j != x, p[x]) - sum(k != x, e[k]) / total, both of the last by its own log-sum-exp", holds: "s[x] is one of the terms of that of x",
    counterexample: { text: "max(x, v[x] > 0, abs(sum(j, x >= j, exp(s[x] - logsumexp(k, k >= j, s[k]) + 0 * s[j])) - 1))", at: { s: [80, 40, 0.25], v: [0, 1, 0] } } },
  { name: "log-sum-exp minus an average", from: "logsumexp(j, s[j]) - sum(j, w[j]*s[j])", to: "log1p(sum(j != best, exp(s[j] - top))) - sum(j, w[j]*(s[j] - s[best]))", holds: "sum(j, w[j]) = 1",
    counterexample: { text: "log(sum(j, exp(s[j]))) - 0.7 * s[y] - 0.3 * sum(j, s[j]) / extent(s, 0)", at: { s: [9e5, 9e5, 9e5], y: 0 } } },
  { name: "value above its mean", from: "g[x] - sum(j, p[j]*g[j])", to: "(g[x] - g[best]) - sum(j != best, e[j]*(g[j] - g[best])) / total", holds: "sum(j, p[j]) = 1",
    counterexample: { text: "g[y] - sum(j, g[j] * exp(s[j]) / sum(k, exp(s[k])))", at: { s: [40, 0, 1], g: [1.5, 2, 3], y: 0 } } },
  { name: "mean less a value", from: "sum(j, p[j]*g[j]) - b", to: "sum(j, p[j]*(g[j] - b))", holds: "sum(j, p[j]) = 1",
    counterexample: { text: "sum(j, g[j] * exp(s[j]) / sum(k, exp(s[k]))) - b", at: { s: [40, 0, 1], g: [1.5, 2, 3], b: 1.5 } } },
  { name: "log of a share and more", from: "log(p[x] + c)", to: "p[x] > 1/2 ? log1p(c - sum(j != x, e[j]) / total) : log(p[x] + c)", holds: "everywhere",
    counterexample: { text: "log(exp(s[y]) / sum(j, exp(s[j])) + c)", at: { s: [30, 0, 1], y: 0, c: 1e-12 } } },
  { name: "share less its due", from: "p[x]*S - b", to: "(S - b) - S*sum(j != x, e[j]) / total where x has most of the probability; where all have the same, by e[j] - 1", holds: "everywhere",
    counterexample: { text: "exp(s[y]) / sum(j, exp(s[j])) * sum(j, t[j]) - t[y]", at: { s: [40, 0, 1], t: [1, 0, 0], y: 0 } } },
  { name: "share less another's", from: "p[x] - q[x]", to: "q[x]*expm1(d[x] - log1p(sum(k, q[k]*expm1(d[k])))), d[k] the difference of the scores, where that is near; less what the others have more where x has most of the probability", holds: "everywhere",
    counterexample: { text: "max(j, v[j] > 0, exp(s[j] - logsumexp(k, s[k])) - exp(t[j] - logsumexp(k, t[k])))", at: { s: [1, 2, 3], t: [1.000001, 2, 3], v: [0, 0, 1] } } },
  { name: "shares of two softmaxes", from: "p[x] - q[z]", to: "(C*(r[x] - v[z]) + (V - R) + (r[x]*V - v[z]*R)) / (total*total2) where all scores of each are nearly equal, r and v being e - 1, R and V their sums over all C", holds: "both over as many",
    counterexample: { text: "max(j, v[j] > t[j], exp(s[j] - logsumexp(k, s[k])) - exp(t[y[j]] - logsumexp(k, t[k])))", at: { s: [0, 1e-9, 3e-9], t: [0, 0, 1e-9], v: [0, 0, 1], y: [1, 1, 1] } } },
  { name: "sum of probabilities", from: "sum(j, exp(s[j] - logsumexp(k, s[k])))", to: "1", holds: "everywhere",
    counterexample: { text: "x + 1 - sum(j, exp(s[j] - logsumexp(k, s[k])))", at: { s: [1, 2.5, 3], x: 1e-20 } } },
  { name: "divergence from the mean", from: "p*(log p - log m) + q*(log q - log m), m = (p + q)/2", to: "m*((1 + r)*log(1 + r) + (1 - r)*log(1 - r)) by its series where r = tanh((log p - log q)/2) is small", holds: "everywhere",
    counterexample: { text: "sum(j, exp(s[j] - logsumexp(k, s[k])) * (s[j] - logsumexp(k, s[k]) - log((exp(s[j] - logsumexp(k, s[k])) + exp(t[j] - logsumexp(k, t[k]))) / 2)) + exp(t[j] - logsumexp(k, t[k])) * (t[j] - logsumexp(k, t[k]) - log((exp(s[j] - logsumexp(k, s[k])) + exp(t[j] - logsumexp(k, t[k]))) / 2)))", at: { s: [1, 2, 3], t: [1.25, 2, 3 + 2 ** -40] } } },
  { name: "log of a share less that of a mean", from: "log p - log m, m = (p + q)/2", to: "log(2) - softplus(-d), d = log p - log q; where that is small, -log1p(expm1(-d)/2)", holds: "everywhere",
    counterexample: { text: "s[y] - logsumexp(k, s[k]) - log((exp(s[y] - logsumexp(k, s[k])) + exp(t[y] - logsumexp(k, t[k]))) / 2)", at: { s: [1e-9, 0, 0], t: [0, 0, 0], y: 0 } } },
  { name: "divergence of softmaxes", from: "sum(j, p[j] * (log p[j] - log q[j]))", to: "log1p(sum(j, p[j]*(exp(-d[j]) - 1 + d[j]))) where it is less than 1/2, d[j] the difference of the scores less its mean", holds: "everywhere",
    counterexample: { text: "sum(j, exp(s[j] - logsumexp(k, s[k])) * (s[j] - logsumexp(k, s[k]) - t[j] + logsumexp(k, t[k])))", at: { s: [1, 2, 3], t: [1.000001, 2, 3] } } },
];
