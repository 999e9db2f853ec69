import { assert } from "chai";
import { measure } from "../../lib/accuracy/measure.ts";
import { differentiate } from "../../lib/diff/differentiate.ts";
import { parse } from "../../lib/parse.ts";
import { stabilise } from "../../lib/stable/stabilise.ts";

const lp = "lp[i,j] = s[i,j] - logsumexp(k, s[i,k]); lq[i,j] = t[i,j] - logsumexp(k, t[i,k])";
const logs = "p[i,j] = exp(s[i,j] - logsumexp(k, s[i,k])); q[i,j] = exp(t[i,j] - logsumexp(k, t[i,k]))";
const shares = "p[i,j] = exp(s[i,j])/sum(k, exp(s[i,k])); q[i,j] = exp(t[i,j])/sum(k, exp(t[i,k]))";

/** Losses made of shares of a row, in several spellings each: by which row they are right, and by what they are measured. */
// prettier-ignore
const losses: readonly [name: string, row: string, wrt: string, text: string][] = [
  ["divergence, by the first",             "value above its mean", "s t", `${shares}; loss = mean(i, sum(j, p[i,j]*log(p[i,j]/q[i,j])))`],
  ["divergence, by differences of logs",   "value above its mean", "s t", `${lp}; loss = mean(i, sum(j, exp(lp[i,j])*(lp[i,j] - lq[i,j])))`],
  ["divergence, by logs of shares",        "value above its mean", "s t", `${logs}; loss = sum(i, sum(j, p[i,j]*(log(p[i,j]) - log(q[i,j]))))`],
  ["divergence, by the second",            "value above its mean", "t",   `${lp}; loss = mean(i, sum(j, exp(lq[i,j])*(lq[i,j] - lp[i,j])))`],
  ["divergence at a temperature",          "value above its mean", "s",   "p[i,j] = exp(s[i,j]/T - logsumexp(k, s[i,k]/T)); q[i,j] = exp(t[i,j]/T - logsumexp(k, t[i,k]/T)); loss = T^2*mean(i, sum(j, p[i,j]*(log(p[i,j]) - log(q[i,j]))))"],
  ["divergence, weighted by row",          "value above its mean", "s",   `${lp}; loss = mean(i, w[i]*sum(j, exp(lp[i,j])*(lp[i,j] - lq[i,j])))`],
  ["Jensen and Shannon",                   "softplus less another", "s t", `${logs}; m[i,j] = (p[i,j] + q[i,j])/2; loss = mean(i, sum(j, p[i,j]*log(p[i,j]/m[i,j]) + q[i,j]*log(q[i,j]/m[i,j])))/2`],
  ["pooling by attention",                 "mean less a value",    "a",   "w[i,k] = exp(a[i,k])/sum(l, exp(a[i,l])); loss = mean(i, (sum(k, w[i,k]*x[i,k]) - t[i])^2)"],
  ["pooling, by log-sum-exp",              "mean less a value",    "a",   "w[i,k] = exp(a[i,k] - logsumexp(l, a[i,l])); o[i] = sum(k, x[i,k]*w[i,k]); loss = mean(i, (t[i] - o[i])^2)/2"],
  ["pooling at a temperature",             "mean less a value",    "a",   "w[i,k] = exp(a[i,k]/T)/sum(l, exp(a[i,l]/T)); loss = sum(i, (sum(k, w[i,k]*x[i,k]) - t[i])^2)"],
  ["pooling of what all rows have",        "mean less a value",    "a",   "w[i,k] = exp(a[i,k])/sum(l, exp(a[i,l])); loss = mean(i, (sum(k, w[i,k]*x[k]) - t[i])^2)"],
  ["balance of a router",                  "value above its mean", "s",   "p[i,j] = exp(s[i,j] - logsumexp(k, s[i,k])); loss = extent(s,1)*sum(j, f[j]*mean(i, p[i,j])) + 0.001*mean(i, logsumexp(k, s[i,k])^2)"],
  ["expected cost",                        "value above its mean", "s",   "p[i,j] = exp(s[i,j])/sum(k, exp(s[i,k])); loss = mean(i, sum(j, p[i,j]*c[y[i],j]))"],
  ["margin by class",                      "one minus a probability", "s", "z[i,j] = a*(s[i,j] - [j == y[i]]*m[j]); loss = mean(i, logsumexp(j, z[i,j]) - z[i,y[i]])"],
  ["margin by a choice",                   "log-sum-exp minus a member", "s", "z[i,j] = j == y[i] ? a*(s[i,j] - m) : a*s[i,j]; loss = mean(i, logsumexp(j, z[i,j]) - z[i,y[i]])"],
  ["margin, one for all",                  "one minus a probability", "s", "loss = mean(i, logsumexp(j, s[i,j] - m*[j == y[i]]) - s[i,y[i]] + m)"],
  ["margin, by a quotient",                "log-sum-exp minus a member", "s", "z[i,j] = y[i] == j ? s[i,j] - m[j] : s[i,j]; loss = -mean(i, log(exp(z[i,y[i]])/sum(j, exp(z[i,j]))))"],
  ["frequencies in the scores",            "one minus a probability", "s", "loss = mean(i, logsumexp(j, s[i,j] + log(n[j])) - s[i,y[i]] - log(n[y[i]]))"],
  ["a table of scores, by what was before", "one minus a probability", "T", "loss = mean(i, logsumexp(j, T[c[i],j]) - T[c[i],y[i]])"],
  ["a table of scores, by a quotient",     "one minus a probability", "T", "p[i,j] = exp(T[c[i],j])/sum(k, exp(T[c[i],k])); loss = -sum(i, log(p[i,y[i]]))"],
  ["shares of softplus",                   "log of a part of a sum", "s", "a[i,j] = softplus(s[i,j]); loss = mean(i, -log(a[i,y[i]]/sum(j, a[i,j])))"],
  ["shares of softplus, by p",             "log of a part of a sum", "s", "p[i,j] = log(1 + exp(s[i,j]))/sum(k, log(1 + exp(s[i,k]))); loss = -mean(i, log(p[i,y[i]]))"],
  ["shares of softplus, by logs",          "part of a sum less its own", "s", "loss = sum(i, log(sum(j, softplus(s[i,j]))) - log(softplus(s[i,y[i]])))"],
  ["evidence",                             "log of a part of a sum", "s", "a[i,j] = 1 + softplus(s[i,j]); S[i] = sum(j, a[i,j]); loss = mean(i, log(S[i]) - log(a[i,y[i]]))"],
  ["evidence, weighted",                   "part of a sum less its own", "s", "a[i,j] = 1 + softplus(s[i,j]); loss = mean(i, w[y[i]]*(log(sum(j, a[i,j])) - log(a[i,y[i]])))"],
  ["shares of Student's t",                "log of a part of a sum", "s", "a[i,j] = 1/(1 + (s[i,j]/64)^2); loss = mean(i, -log(a[i,y[i]]/sum(j, a[i,j])))"],
  ["shares of squares",                    "log of a part of a sum", "s", "a[i,j] = 1 + s[i,j] + s[i,j]^2/2; loss = mean(i, -log(a[i,y[i]]/sum(j, a[i,j])))"],
];

describe("losses of shares of a row", () => {
  for (const [name, row, wrt, text] of losses)
    it(`${name}: within 8 ulp, or 8 κ where inputs cancel, and nothing lost, by "${row}"`, async () => {
      const derivation = differentiate(parse(text), { wrt: wrt.split(" ") });
      assert.include(
        stabilise(derivation).rewrites.map((r) => r.row),
        row,
      );
      const { rows } = await measure(derivation, { points: 12, seed: 5, wrt: wrt.split(" ") });
      for (const { regime, quantity, stable } of rows) {
        if (regime === "1e300" && name.startsWith("shares of")) continue; // squares overflow
        const where = `${quantity} of ${name}, regime ${regime}: ${JSON.stringify(stable.at)}`;
        assert.equal(stable.lost, 0, where);
        assert.isTrue(
          stable.worst <= 8 || stable.conditioned <= 8,
          `${stable.worst}, by κ ${stable.conditioned}: ${where}`,
        );
      }
    });
});
