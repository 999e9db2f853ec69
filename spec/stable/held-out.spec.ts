import { assert } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";

/** Losses and layers that are not in the catalogue, each with what it is measured by; κ is the condition number. */
// prettier-ignore
const others: readonly [name: string, wrt: string, text: string][] = [
  ["label smoothing",          "s", "loss = mean(i, logsumexp(j, s[i,j]) - (1 - a) * s[i,y[i]] - a * mean(j, s[i,j]))"],
  ["temperature",              "s", "loss = mean(i, logsumexp(j, s[i,j] / T) - s[i,y[i]] / T)"],
  ["Brier score",              "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, sum(j, (p[i,j] - [j == y[i]])^2))"],
  ["soft labels",              "s", "loss = mean(i, -sum(j, t[i,j] * log(exp(s[i,j]) / sum(k, exp(s[i,k])))))"],
  ["entropy",                  "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, -sum(j, p[i,j] * log(p[i,j])))"],
  ["softmax layer",            "s", "out[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))"],
  ["log-softmax layer",        "s", "out[i,j] = s[i,j] - logsumexp(k, s[i,k])"],
  ["weighted sum by softmax",  "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nout[i,c] = sum(j, p[i,j] * V[j,c])"],
  ["BCE by the logistic",      "z", "loss = mean(i, -t[i] * log(1 / (1 + exp(-z[i]))) - (1 - t[i]) * log(1 - 1 / (1 + exp(-z[i]))))"],
  ["BCE by signs",             "z", "loss = mean(i, log(1 + exp(-(2 * t[i] - 1) * z[i])))"],
  ["pairwise ranking",         "s", "loss = mean(i, p, q, t[i,p] > t[i,q], log(1 + exp(s[i,q] - s[i,p])))"],
  ["Charbonnier",              "x", "loss = mean(i, sqrt((x[i] - t[i])^2 + e^2) - e)"],
  ["pseudo-Huber",             "x", "loss = mean(i, d^2 * (sqrt(1 + ((x[i] - t[i]) / d)^2) - 1))"],
  ["Cauchy",                   "x", "loss = mean(i, log(1 + ((x[i] - t[i]) / c)^2))"],
  ["exponential",              "z", "loss = mean(i, exp(-(2 * t[i] - 1) * z[i]))"],
  ["additive margin",          "c", "loss = mean(i, log(exp(S * (c[i,y[i]] - m)) + sum(j != y[i], exp(S * c[i,j]))) - S * (c[i,y[i]] - m))"],
  ["angular margin",           "c", "a[i] = acos(c[i,y[i]] / 40)\nb[i] = cos(a[i] + m)\nloss = mean(i, log(exp(S * b[i]) + sum(j != y[i], exp(S * c[i,j] / 40))) - S * b[i])"],
  ["contrast among others",    "s", "loss = mean(i, log(sum(j != i, exp(s[i,j] / T))) - s[i,y[i]] / T)"],
  ["gamma deviance",           "z", "loss = mean(i, t[i] * exp(-z[i]) + z[i])"],
  ["Student t",                "x", "loss = mean(i, (nu + 1) / 2 * log(1 + (x[i] - t[i])^2 / nu))"],
  ["divergence of Gaussians",  "m", "loss = mean(i, sum(d, (m[i,d]^2 + exp(v[i,d]) - 1 - v[i,d]) / 2))"],
  ["mean absolute error of p", "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, 2 - 2 * p[i,y[i]])"],
  ["generalised cross-entropy", "s", "logp[i] = s[i,y[i]] - logsumexp(k, s[i,k])\nloss = mean(i, (1 - exp(q * logp[i])) / q)"],
  ["log of p and a little",    "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, -log(p[i,y[i]] + 0.001))"],
  ["smoothed labels by name",  "s", "q[i,j] = (1 - eps) * [j == y[i]] + eps / extent(s, 1)\nloss = mean(i, -sum(j, q[i,j] * (s[i,j] - logsumexp(k, s[i,k]))))"],
  ["supervised contrast",      "s", "loss = mean(i, -sum(j != i, t[i,j] * (s[i,j] / T - log(sum(k != i, exp(s[i,k] / T))))))"],
  ["weighted BCE of logits",   "z", "loss = mean(i, (1 - t[i]) * z[i] + (1 + (w - 1) * t[i]) * softplus(-z[i]))"],
  ["squared error of tanh",    "z", "loss = mean(i, (tanh(z[i]) - t[i])^2)"],
  ["Gaussian, by log variance", "v", "loss = mean(i, (v[i] + (m[i] - t[i])^2 * exp(-v[i])) / 2)"],
  ["Tversky",                  "z", "p[i,j] = sigmoid(z[i,j])\nu[i] = sum(j, p[i,j] * t[i,j])\nloss = mean(i, 1 - (u[i] + 1) / (u[i] + 0.5 * sum(j, p[i,j] * (1 - t[i,j])) + 0.5 * sum(j, (1 - p[i,j]) * t[i,j]) + 1))"],
  ["cross-entropy and entropy", "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = mean(i, -log(p[i,y[i]])) + 0.01 * mean(i, sum(j, p[i,j] * log(p[i,j])))"],
  ["probit",                   "z", "loss = mean(i, -log(erfc(-(2 * t[i] - 1) * z[i] / sqrt(2)) / 2))"],
  ["BCE of p",                 "z", "p[i] = sigmoid(z[i])\nloss = mean(i, -(t[i] * log(p[i]) + (1 - t[i]) * log(1 - p[i])))"],
  ["BCE of p and a little",    "z", "p[i] = sigmoid(z[i])\nloss = mean(i, -(t[i] * log(p[i] + 0.0000001) + (1 - t[i]) * log(1 - p[i] + 0.0000001)))"],
  ["quality focal",            "z", "p[i] = sigmoid(z[i])\nloss = mean(i, -abs(t[i] - p[i])^2 * ((1 - t[i]) * log(1 - p[i]) + t[i] * log(p[i])))"],
  ["focal, by both cases",     "z", "p[i] = sigmoid(z[i])\nloss = mean(i, -t[i] * (1 - p[i])^g * log(p[i]) - (1 - t[i]) * p[i]^g * log(1 - p[i]))"],
  ["focal, by a choice",       "z", "p[i] = sigmoid(z[i])\npt[i] = t[i] == 1 ? p[i] : 1 - p[i]\nloss = mean(i, -(1 - pt[i])^2 * log(pt[i]))"],
  ["focal, by labels",         "z", "p[i] = sigmoid(z[i])\npt[i] = t[i] * p[i] + (1 - t[i]) * (1 - p[i])\nloss = mean(i, -(1 - pt[i])^2 * log(pt[i]))"],
  ["focal, by its loss",       "z", "ce[i] = softplus(z[i]) - t[i] * z[i]\npt[i] = exp(-ce[i])\nloss = mean(i, (1 - pt[i])^2 * ce[i])"],
  ["estimate of a divergence", "p", "loss = mean(i, exp(r[i] - p[i]) - (r[i] - p[i]) - 1)"],
  ["two Gaussians",            "v", "loss = mean(i, sum(d, (v[i,d] - u[i,d]) / 2 + (exp(u[i,d]) + (m[i,d] - n[i,d])^2) / (2 * exp(v[i,d])) - 1 / 2))"],
  ["variances",                "v", "loss = mean(i, (v[i] / u[i] - log(v[i] / u[i]) - 1) / 2)"],
  ["mixture",                  "m", "loss = mean(i, -log(sum(k, w[k] * exp(-(x[i] - m[i,k])^2 / 2))))"],
  ["ranking by choice",        "s", "loss = mean(i, sum(j, logsumexp(k, k >= j, s[i,k]) - s[i,j]))"],
  ["negative binomial",        "z", "loss = mean(i, (t[i] + r) * log(r + exp(z[i])) - t[i] * z[i])"],
  ["Laplace, by log scale",    "v", "loss = mean(i, abs(x[i] - t[i]) * exp(-v[i]) + v[i])"],
  ["symmetric absolute percentage", "x", "loss = mean(i, abs(x[i] - t[i]) / (abs(x[i]) + abs(t[i]) + 0.001))"],
  ["softsign layer",           "x", "out[i] = x[i] / (1 + abs(x[i]))"],
  ["divergence of softmaxes",  "s", "p[i,j] = exp(t[i,j]) / sum(k, exp(t[i,k]))\nlq[i,j] = s[i,j] - logsumexp(k, s[i,k])\nout[i] = sum(j, p[i,j] * (log(p[i,j]) - lq[i,j]))"],
  ["entropies apart",          "s", "p[i,j] = exp(t[i,j]) / sum(k, exp(t[i,k]))\nq[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nout[i] = sum(j, q[i,j] * log(q[i,j])) - sum(j, q[i,j] * log(p[i,j]))"],
  ["penalty for divergence",   "s", "p[i,j] = exp(t[i,j]) / sum(k, exp(t[i,k]))\nq[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nloss = a * mean(i, -log(q[i,y[i]])) + (1 - a) * mean(i, sum(j, q[i,j] * (log(q[i,j]) - log(p[i,j]))))"],
  ["vectors of length 1",      "X", "n[i] = sqrt(sum(d, X[i,d]^2))\nout[i,d] = X[i,d] / n[i]"],
  ["Jensen and Shannon",       "s", "p[i,j] = exp(s[i,j]) / sum(k, exp(s[i,k]))\nq[i,j] = exp(t[i,j]) / sum(k, exp(t[i,k]))\nm[i,j] = (p[i,j] + q[i,j]) / 2\nloss = mean(i, sum(j, p[i,j] * log(p[i,j] / m[i,j]) + q[i,j] * log(q[i,j] / m[i,j])) / 2)"],
  ["score of a logistic law",  "m", "z[i] = (t[i] - m[i]) / b\nloss = mean(i, b * (z[i] - 2 * log(sigmoid(z[i])) - 1))"],
  ["ordinal, by p", "b", "p[i,k] = sigmoid(f[i] - b[k])\nloss = -mean(i, sum(k, t[i,k] * log(p[i,k]) + (1 - t[i,k]) * log(1 - p[i,k])))"],
  ["ordinal, by exponentials", "b", "p[i,k] = 1 / (1 + exp(b[k] - f[i]))\nloss = -mean(i, sum(k, t[i,k] * log(p[i,k]) + (1 - t[i,k]) * log(1 - p[i,k])))"],
  ["ordinal, weighted", "b", "loss = mean(i, sum(k, w[k] * (softplus(f[i] - b[k]) - t[i,k] * (f[i] - b[k]))))"],
  ["item response", "a", "z[i,k] = a[k] * (th[i] - b[k])\nloss = mean(i, sum(k, softplus(z[i,k]) - t[i,k] * z[i,k]))"],
  ["Poisson by softplus", "x", "r[i] = log(1 + exp(x[i]))\nloss = mean(i, r[i] - t[i] * log(r[i]))"],
  ["log-cosh by exponentials", "x", "loss = mean(i, log(exp(x[i] - t[i]) + exp(t[i] - x[i])) - log(2))"],
  ["log-cosh by softplus", "x", "loss = mean(i, softplus(2 * (x[i] - t[i])) - (x[i] - t[i]) - log(2))"],
  ["estimate of a divergence, with stop", "l", "loss = mean(i, (exp(l[i] - stop(l[i])) - 1) * A[i] + b * (exp(o[i] - l[i]) - (o[i] - l[i]) - 1))"],
  ["noisy and", "z", "q[i] = prod(k, sigmoid(z[i,k]))\nloss = -mean(i, t[i] * log(q[i]) + (1 - t[i]) * log(1 - q[i]))"],
  ["Gaussian, weighted by its scale", "x", "loss = mean(i, stop(exp(v[i]))^0.5 * (v[i] + (x[i] - t[i])^2 * exp(-v[i])))"],
  ["squares over squares", "x", "loss = mean(i, (x[i] - t[i])^2 / (v[i] + 2)^2)"],
  ["quantile",                 "x", "loss = mean(i, max(q * (t[i] - x[i]), (q - 1) * (t[i] - x[i])))"],
];

describe("accuracy of losses that are not in the catalogue", () => {
  for (const [name, wrt, text] of others)
    it(`${name}: within 4 ulp, or 4 κ where inputs cancel, and nothing lost`, async () => {
      const derivation = differentiate(parse(text), { wrt: [wrt] });
      const { rows } = await measure(derivation, {
        points: text.includes("loss") ? 4 : 1,
        seed: 7,
        wrt: [wrt],
      });
      for (const { regime, quantity, stable } of rows) {
        const where = `${quantity} of ${name}, regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isAtMost(stable.conditioned, 4, where);
      }
    });
});
