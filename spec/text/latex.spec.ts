import { assert } from "chai";
import { latexSyntax } from "../../lib/text/latex.ts";
import { parseExpressionSyntax } from "../../lib/text/parse-syntax.ts";

// prettier-ignore
const typeset: readonly [string, string][] = [
  // names and subscripts
  ["X[i,d] * W[d,j]",               String.raw`X_{id} W_{dj}`],
  ["s[i,y[i]]",                     String.raw`s_{i, y_i}`],
  ["x[2*p + r - 1]",                String.raw`x_{2 p + r - 1}`],
  ["y[i]",                          String.raw`y_i`],
  ["w[0,1]",                        String.raw`w_{0, 1}`],
  ["score[i,j]",                    String.raw`\mathrm{score}_{ij}`],
  ["dscore[i,k]",                   String.raw`\mathrm{dscore}_{ik}`],
  ["x_hat + W1[i] + w2 + lambda_1", String.raw`\mathrm{x\_hat} + \mathrm{W1}_i + w_2 + \lambda_1`],
  ["Delta + Δ + lambda + λ",        String.raw`\Delta + \Delta + \lambda + \lambda`],
  ["s[α,j]",                        String.raw`s_{\alpha j}`],
  ["größe",                         String.raw`\text{größe}`],
  // arithmetic
  ["a + b - (c - d)",               String.raw`a + b - \left(c - d\right)`],
  ["(a + b) * c",                   String.raw`\left(a + b\right) c`],
  ["a * (b + c)",                   String.raw`a \cdot \left(b + c\right)`],
  ["2 * x * 3",                     String.raw`2 x \cdot 3`],
  ["reg * x * Delta",               String.raw`\mathrm{reg} \, x \Delta`],
  ["-2 * x",                        String.raw`-2 x`],
  ["a - -2 * x",                    String.raw`a - \left(-2 x\right)`],
  ["a * -b",                        String.raw`a \cdot \left(-b\right)`],
  ["-a * b / c",                    String.raw`-\frac{a b}{c}`],
  ["a / b",                         String.raw`\frac{a}{b}`],
  ["(a / b)^2",                     String.raw`\left(\frac{a}{b}\right)^{2}`],
  ["x^(1/2) + x^-1 + x^(y-1)",      String.raw`x^{1/2} + x^{-1} + x^{y - 1}`],
  ["W[d,j]^2",                      String.raw`W_{dj}^{2}`],
  ["1.5 * 2e-9 * 1e21",             String.raw`1.5 \cdot 2 \cdot 10^{-9} \cdot 10^{21}`],
  // functions
  ["exp(x) + exp(x)^2",             String.raw`e^{x} + \left(e^{x}\right)^{2}`],
  ["exp(a / b)",                    String.raw`e^{a/b}`],
  ["exp((a + b) / c)",              String.raw`\exp\left(\frac{a + b}{c}\right)`],
  ["exp(s[k]) / sum(j, exp(s[j]))", String.raw`\frac{e^{s_k}}{\sum_{j} e^{s_j}}`],
  ["log(x)^2",                      String.raw`\left(\log x\right)^{2}`],
  ["y * log(p) * x",                String.raw`y \log\left(p\right) x`],
  ["log(x + 1)",                    String.raw`\log\left(x + 1\right)`],
  ["log1p(exp(-abs(x)))",           String.raw`\log\left(1 + e^{-\left|x\right|}\right)`],
  ["expm1(x) * 2",                  String.raw`\left(e^{x} - 1\right) \cdot 2`],
  ["sqrt(x + 1) * abs(x)^2",        String.raw`\sqrt{x + 1} \left|x\right|^{2}`],
  ["max(0, 1 - x)",                 String.raw`\max\left(0, 1 - x\right)`],
  ["sigmoid(x) + relu(x)",          String.raw`\sigma\left(x\right) + \operatorname{relu}\left(x\right)`],
  // binders
  ["sum(j != y[i], s[i,j])",        String.raw`\sum_{j \ne y_i} s_{ij}`],
  ["sum(i, d, X[i,d]^2)",           String.raw`\sum_{i, d} X_{id}^{2}`],
  ["sum(p, q, t[p] > t[q], s[p])",  String.raw`\sum_{p, q : t_p > t_q} s_p`],
  ["sum(j, j > 0 and j < k, s[j])", String.raw`\sum_{j : j > 0,\, j < k} s_j`],
  ["sum(j, a[j] + b[j])",           String.raw`\sum_{j} \left(a_j + b_j\right)`],
  ["sum(j, a[j]) * b + c",          String.raw`\left(\sum_{j} a_j\right) b + c`],
  ["b * sum(j, a[j])",              String.raw`b \sum_{j} a_j`],
  ["-sum(j, a[j])",                 String.raw`-\sum_{j} a_j`],
  ["sum(j, a[j])^2",                String.raw`\left(\sum_{j} a_j\right)^{2}`],
  ["sum(i, x[i]) / N",              String.raw`\frac{1}{N} \sum_{i} x_i`],
  ["(a + sum(i, x[i])) / N",        String.raw`\frac{1}{N} \left(a + \sum_{i} x_i\right)`],
  ["sum(i, x[i]) / sum(i, z[i])",   String.raw`\frac{\sum_{i} x_i}{\sum_{i} z_i}`],
  ["logsumexp(j, s[i,j])",          String.raw`\log \sum_{j} e^{s_{ij}}`],
  ["max(j, s[i,j])",                String.raw`\max_{j} s_{ij}`],
  ["max(r < 2, x[p + r])",          String.raw`\max_{r < 2} x_{p + r}`],
  ["argmax(j, s[i,j])",             String.raw`\operatorname*{arg\,max}_{j} s_{ij}`],
  ["count(j, s[j] > 0)",            String.raw`\left|\left\{j : s_j > 0\right\}\right|`],
  ["sum(i, x[i]) / sum(i, m[i] > 0, 1)", String.raw`\frac{1}{\left|\left\{i : m_i > 0\right\}\right|} \sum_{i} x_i`],
  ["extent(X, 0)",                  String.raw`\operatorname{extent}_{0}\left(X\right)`],
  // conditions
  ["[a > b] * c",                   String.raw`\mathbb{1}[\,a > b\,] \, c`],
  ["[0 <= a < b and not c == d]",   String.raw`\mathbb{1}[\,0 \le a < b \land \lnot \left(c = d\right)\,]`],
  ["a > 0 ? b : a < -1 ? c : d",    String.raw`\begin{cases} b & \text{if } a > 0 \\ c & \text{if } a < -1 \\ d & \text{otherwise} \end{cases}`],
  ["(a > 0 ? b : c) / N",           String.raw`\frac{1}{N} \begin{cases} b & \text{if } a > 0 \\ c & \text{otherwise} \end{cases}`],
  ["(a > 0 ? b : c) + d",           String.raw`\left(\begin{cases} b & \text{if } a > 0 \\ c & \text{otherwise} \end{cases}\right) + d`],
];

describe("latex", () => {
  for (const [text, expected] of typeset)
    it(`typesets ${text}`, () => assert.equal(latexSyntax(parseExpressionSyntax(text)), expected));
});
