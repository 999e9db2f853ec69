import { assert } from "chai";
import { callable } from "../../lib/expr/functions.ts";
import type { Program } from "../../lib/expr/program.ts";
import { hessian, hessianVectorProduct, jacobian } from "../../lib/diff/higher.ts";
import { closedForm, printed, taggedProgram } from "./closed-form.ts";

interface Form {
  readonly title: string;
  readonly text: string;
  readonly wrt?: readonly string[];
  readonly closed: readonly string[];
}

const score = "score[i,j] = sum(d, X[i,d] * W[d,j])\n";

// prettier-ignore
const forms: readonly Form[] = [
  {
    title: "hinge: an indicator, and minus the count of violated margins at the label",
    text: score + "margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)\nloss = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)",
    wrt: ["W"],
    closed: [
      "score[i,j] = sum(d, X[i,d] * W[d,j])",
      "loss = mean(i, sum(j != y[i], max(0, score[i,j] - score[i,y[i]] + Delta))) + reg * sum(d, j, W[d,j]^2)",
      "dscore[i,k] = (k == y[i] ? -sum(j != y[i], [score[i,j] - score[i,y[i]] + Delta > 0]) : [score[i,k] - score[i,y[i]] + Delta > 0]) / extent(X, 0)",
      "dW[d,j] = sum(i, X[i,d] * dscore[i,j]) + 2 * reg * W[d,j]",
    ],
  },
  {
    title: "second differences, whose adjoint has a name, and not a square of three terms at three places",
    text: "loss = sum(i, (x[i+2] - 2*x[i+1] + x[i])^2)",
    closed: [
      "total[i] = x[i] - 2 * x[i + 1] + x[i + 2]",
      "loss = sum(i, total[i]^2)",
      "dtotal[i] = 2 * total[i]",
      "dx[i] = (i + 3 <= extent(x, 0) ? dtotal[i] : 0) + (i >= 2 ? dtotal[i - 2] : 0) - (i > 0 and i + 2 <= extent(x, 0) ? 2 * dtotal[i - 1] : 0)",
    ],
  },
  {
    title: "softmax cross-entropy, written as a quotient: p minus the one-hot",
    text: score + "loss = mean(i, -log(exp(score[i,y[i]]) / sum(j, exp(score[i,j]))))",
    wrt: ["W"],
    closed: [
      "score[i,j] = sum(d, X[i,d] * W[d,j])",
      "lse[i] = logsumexp(j, score[i,j])",
      "loss = mean(i, lse[i] - score[i,y[i]])",
      "p[i,j] = exp(score[i,j] - lse[i])",
      "dscore[i,j] = (p[i,j] - [j == y[i]]) / extent(X, 0)",
      "dW[d,j] = sum(i, X[i,d] * dscore[i,j])",
    ],
  },
  {
    title: "softmax cross-entropy, written as a logsumexp: the same",
    text: score + "loss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]])",
    wrt: ["W"],
    closed: [
      "score[i,j] = sum(d, X[i,d] * W[d,j])",
      "lse[i] = logsumexp(j, score[i,j])",
      "loss = mean(i, lse[i] - score[i,y[i]])",
      "p[i,j] = exp(score[i,j] - lse[i])",
      "dscore[i,j] = (p[i,j] - [j == y[i]]) / extent(X, 0)",
      "dW[d,j] = sum(i, X[i,d] * dscore[i,j])",
    ],
  },
  {
    title: "softmax shifted by a maximum of its own stage: the maximum is gone",
    text: "m[i] = max(j, s[i,j])\ne[i,j] = exp(s[i,j] - m[i])\nZ[i] = sum(j, e[i,j])\nloss = mean(i, -log(e[i,y[i]] / Z[i]))",
    closed: [
      "lse[i] = logsumexp(j, s[i,j])",
      "loss = mean(i, lse[i] - s[i,y[i]])",
      "p[i,j] = exp(s[i,j] - lse[i])",
      "ds[i,j] = (p[i,j] - [j == y[i]]) / extent(s, 0)",
    ],
  },
  {
    title: "logistic loss from log(sigmoid): the sigmoid minus the target",
    text: "loss = mean(i, -t[i] * log(sigmoid(z[i])) - (1 - t[i]) * log(1 - sigmoid(z[i])))",
    wrt: ["z"],
    closed: [
      "loss = mean(i, softplus(z[i]) - t[i] * z[i])",
      "dz[i] = (sigmoid(z[i]) - t[i]) / extent(t, 0)",
    ],
  },
  {
    title: "Huber: the residual, or its sign",
    text: "r[i] = x[i] - t[i]\nloss = mean(i, abs(r[i]) <= delta ? r[i]^2 / 2 : delta * (abs(r[i]) - delta / 2))",
    wrt: ["x"],
    closed: [
      "loss = mean(i, abs(x[i] - t[i]) <= delta ? (x[i] - t[i])^2 / 2 : delta * (abs(x[i] - t[i]) - delta / 2))",
      "dx[i] = (abs(x[i] - t[i]) > delta ? delta * sign(x[i] - t[i]) : x[i] - t[i]) / extent(x, 0)",
    ],
  },
  {
    title: "convolution: the input's gradient is a gather over the kernel's places that reach it",
    text: "out[n,o,p,q] = sum(c, r, s, X[n,c,p+r,q+s] * K[o,c,r,s])",
    closed: [
      "out[n,o,p,q] = sum(c, r, s, X[n,c,p + r,q + s] * K[o,c,r,s])",
      "dX[n,c,i,j] = sum(r, i >= r and r + extent(X, 2) >= i + extent(K, 2), sum(s, j >= s and s + extent(X, 3) >= j + extent(K, 3), sum(o, K[o,c,r,s] * dout[n,o,i - r,j - s])))",
      "dK[o,c,r,s] = sum(n, p, q, X[n,c,p + r,q + s] * dout[n,o,p,q])",
    ],
  },
  {
    title: "convolution with stride and padding: a gather over the outputs whose windows reach it",
    text: "out[n,f,p,q] = sum(c, r, s, 0 <= 2*p + r - 1 < extent(X, 2) and 0 <= 2*q + s - 1 < extent(X, 3), X[n,c,2*p + r - 1,2*q + s - 1] * K[f,c,r,s])",
    closed: [
      "out[n,f,p,q] = sum(c, r, 2 * p + r <= extent(X, 2) and 2 * p + r > 0, sum(s, 2 * q + s <= extent(X, 3) and 2 * q + s > 0, X[n,c,2*p + r - 1,2*q + s - 1] * K[f,c,r,s]))",
      "dX[n,c,i,j] = sum(p, i + 1 >= 2 * p and 2 * p + extent(K, 2) >= i + 2, sum(q, j + 1 >= 2 * q and 2 * q + extent(K, 3) >= j + 2, sum(f, K[f,c,i - 2*p + 1,j - 2*q + 1] * dout[n,f,p,q])))",
      "dK[f,c,r,s] = sum(p, 2 * p + r <= extent(X, 2) and 2 * p + r > 0, sum(q, 2 * q + s <= extent(X, 3) and 2 * q + s > 0, sum(n, X[n,c,2*p + r - 1,2*q + s - 1] * dout[n,f,p,q])))",
    ],
  },
  {
    title: "max-pooling: the gradient goes to the place of the maximum",
    text: "out[n,c,p,q] = max(r < 2, s < 2, X[n,c,2*p + r,2*q + s])",
    closed: [
      "out[n,c,p,q] = max(r < 2, s < 2, X[n,c,2*p + r,2*q + s])",
      "dX[n,c,i,j] = sum(q, j == argmax(s < 2, X[n,c,i,2*q + s]) + 2 * q, sum(p, i == argmax(r < 2, max(s < 2, X[n,c,2*p + r,2*q + s])) + 2 * p, dout[n,c,p,q]))",
    ],
  },
  {
    title: "batch normalization: dbeta and xhat are used again",
    text: "mu[c] = mean(i, x[i,c])\nv[c] = mean(i, (x[i,c] - mu[c])^2)\nxhat[i,c] = (x[i,c] - mu[c]) / sqrt(v[c] + eps)\nout[i,c] = gamma[c] * xhat[i,c] + beta[c]",
    wrt: ["x", "gamma", "beta"],
    closed: [
      "mu[c] = mean(i, x[i,c])",
      "v[c] = mean(i, (x[i,c] - mu[c])^2)",
      "xhat[i,c] = (x[i,c] - mu[c]) / sqrt(v[c] + eps)",
      "out[i,c] = gamma[c] * xhat[i,c] + beta[c]",
      "dbeta[c] = sum(i, dout[i,c])",
      "dx[j,c] = gamma[c] * ((dout[j,c] - dbeta[c] / extent(x, 0)) / sqrt(v[c] + eps) - sum(i, dout[i,c] * (x[i,c] - mu[c])) * xhat[j,c] / (extent(x, 0) * (v[c] + eps)))",
      "dgamma[c] = sum(i, dout[i,c] * (x[i,c] - mu[c])) / sqrt(v[c] + eps)",
    ],
  },
  {
    title: "relu(x) - relu(-x) is x",
    text: "f = relu(x) - relu(-x)",
    closed: [
      "f = x",
      "dx = 1",
    ],
  },
  {
    title: "the stable form of binary cross-entropy has no kink",
    text: "loss = max(x, 0) - x * z + log1p(exp(-abs(x)))",
    closed: [
      "loss = softplus(x) - x * z",
      "dx = sigmoid(x) - z",
      "dz = -x",
    ],
  },
  {
    title: "log-cosh without overflow has no kink",
    text: "f = abs(x) + log1p(exp(-2 * abs(x))) - log(2)",
    closed: [
      "f = softplus(2 * x) - log(2) - x",
      "dx = 2 * sigmoid(2 * x) - 1",
    ],
  },
  {
    title: "a maximum and a minimum make a sum",
    text: "f = max(x, y) + min(x, y)",
    closed: [
      "f = x + y",
      "dx = 1",
      "dy = 1",
    ],
  },
  {
    title: "softplus written with a case has none",
    text: "f = x >= 0 ? x + log1p(exp(-x)) : log1p(exp(x))",
    closed: [
      "f = softplus(x)",
      "dx = sigmoid(x)",
    ],
  },
  {
    title: "two layers: backpropagation",
    text: "h[i,k] = relu(sum(d, X[i,d] * W[d,k]) + b[k])\nscore[i,j] = sum(k, h[i,k] * V[k,j]) + c[j]\nloss = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]])",
    closed: [
      "total[i,k] = sum(d, X[i,d] * W[d,k]) + b[k]",
      "h[i,k] = max(0, total[i,k])",
      "score[i,j] = sum(k, h[i,k] * V[k,j]) + c[j]",
      "lse[i] = logsumexp(j, score[i,j])",
      "loss = mean(i, lse[i] - score[i,y[i]])",
      "p[i,j] = exp(score[i,j] - lse[i])",
      "dscore[i,j] = (p[i,j] - [j == y[i]]) / extent(X, 0)",
      "dh[i,k] = sum(j, V[k,j] * dscore[i,j])",
      "dtotal[i,k] = total[i,k] > 0 ? dh[i,k] : 0",
      "dX[i,d] = sum(k, W[d,k] * dtotal[i,k])",
      "dW[d,k] = sum(i, X[i,d] * dtotal[i,k])",
      "db[k] = sum(i, dtotal[i,k])",
      "dV[k,j] = sum(i, h[i,k] * dscore[i,j])",
      "dc[j] = sum(i, dscore[i,j])",
    ],
  },
  {
    title: "triplet: unit vectors where the margin is violated",
    text: "near[i] = sqrt(sum(d, (A[i,d] - P[i,d])^2))\nfar[i] = sqrt(sum(d, (A[i,d] - Q[i,d])^2))\nloss = mean(i, max(0, near[i] - far[i] + margin))",
    wrt: ["A", "P", "Q"],
    closed: [
      "near[i] = sqrt(sum(d, (A[i,d] - P[i,d])^2))",
      "far[i] = sqrt(sum(d, (A[i,d] - Q[i,d])^2))",
      "loss = mean(i, max(0, near[i] - far[i] + margin))",
      "dA[i,d] = near[i] - far[i] + margin > 0 ? ((near[i] != 0 ? (A[i,d] - P[i,d]) / near[i] : 0) - (far[i] != 0 ? (A[i,d] - Q[i,d]) / far[i] : 0)) / extent(A, 0) : 0",
      "dP[i,d] = near[i] - far[i] + margin > 0 and near[i] != 0 ? (P[i,d] - A[i,d]) / (extent(A, 0) * near[i]) : 0",
      "dQ[i,d] = near[i] - far[i] + margin > 0 and far[i] != 0 ? (A[i,d] - Q[i,d]) / (extent(A, 0) * far[i]) : 0",
    ],
  },
  {
    title: "total variation: a sign to each neighbour, none beyond the ends",
    text: "loss = sum(i, abs(x[i+1] - x[i]))",
    closed: [
      "loss = sum(i, abs(x[i] - x[i + 1]))",
      "dx[i] = (i > 0 ? sign(x[i] - x[i - 1]) : 0) + (i + 2 <= extent(x, 0) ? sign(x[i] - x[i + 1]) : 0)",
    ],
  },
  {
    title: "Crammer-Singer: the first of the worst classes",
    text: "worst[i] = max(j != y[i], s[i,j])\nloss = mean(i, max(0, worst[i] - s[i,y[i]] + Delta))",
    wrt: ["s"],
    closed: [
      "worst[i] = max(j != y[i], s[i,j])",
      "loss = mean(i, max(0, worst[i] - s[i,y[i]] + Delta))",
      "ds[i,k] = worst[i] - s[i,y[i]] + Delta > 0 ? (k == y[i] ? -1 : [k == argmax(j != y[i], s[i,j])]) / extent(y, 0) : 0",
    ],
  },
  {
    title: "Crammer-Singer, the label's class in the maximum",
    text: "loss = mean(i, max(j, s[i,j] + [j != y[i]]) - s[i,y[i]])",
    wrt: ["s"],
    closed: [
      "loss = mean(i, max(j, s[i,j] + [j != y[i]]) - s[i,y[i]])",
      "ds[i,k] = ([k == argmax(j, s[i,j] + [j != y[i]])] - [k == y[i]]) / extent(s, 0)",
    ],
  },
  {
    title: "an indicator times what it asks is a hinge",
    text: "loss = sum(i, [x[i] > t[i]] * (x[i] - t[i]))",
    wrt: ["x"],
    closed: [
      "loss = sum(i, max(0, x[i] - t[i]))",
      "dx[i] = [x[i] > t[i]]",
    ],
  },
  {
    title: "a masked mean: labels of -1 get no gradient",
    text: "loss = mean(i, y[i] >= 0, logsumexp(j, s[i,j]) - s[i,y[i]])",
    closed: [
      "tally = sum(i, [y[i] >= 0])",
      "lse[i] = logsumexp(j, s[i,j])",
      "loss = -sum(i, y[i] >= 0, s[i,y[i]] - lse[i]) / tally",
      "p[i,j] = exp(s[i,j] - lse[i])",
      "ds[i,j] = ((y[i] >= 0 ? p[i,j] : 0) - [j == y[i]]) / tally",
    ],
  },
  {
    title: "a strided window with an index that comes first in the alphabet",
    text: "out[a,n] = sum(r, X[2*a+r] * K[n,r])",
    closed: [
      "out[a,n] = sum(r, X[2*a + r] * K[n,r])",
      "dX[i] = sum(a, i >= 2 * a and 2 * a + extent(K, 1) > i, sum(n, K[n,i - 2*a] * dout[a,n]))",
      "dK[n,r] = sum(a, X[2*a + r] * dout[a,n])",
    ],
  },
  {
    title: "a polynomial, whose constant term has no slope",
    text: "out[i] = sum(k, c[k] * u[i]^k)",
    wrt: ["u"],
    closed: [
      "out[i] = sum(k, c[k] * u[i]^k)",
      "du[i] = dout[i] * sum(k != 0, c[k] * k * u[i]^(k - 1))",
    ],
  },
  {
    title: "a sum over a window, which neighbours share",
    text: "m[p] = sum(r < 3, x[p+r]) / 3; loss = sum(p, exp(m[p]) * m[p])",
    wrt: ["x"],
    closed: [
      "m[p] = sum(r < 3, x[p + r]) / 3",
      "loss = sum(p, m[p] * exp(m[p]))",
      "dm[p] = exp(m[p]) * (m[p] + 1)",
      "dx[i] = sum(r < 3, i >= r and r + extent(x, 0) >= i + 3, dm[i - r]) / 3",
    ],
  },
  {
    title: "a sum over a window inside of a relu, whose sign its neighbours ask",
    text: "h[p,f] = relu(sum(r, x[p+r] * K[f,r]) + b[f]); loss = sum(p, f, h[p,f] * w[f])",
    wrt: ["x"],
    closed: [
      "total[p,f] = sum(r, x[p + r] * K[f,r]) + b[f]",
      "h[p,f] = max(0, total[p,f])",
      "loss = sum(p, f, h[p,f] * w[f])",
      "dtotal[p,f] = total[p,f] > 0 ? w[f] : 0",
      "dx[i] = sum(r, i >= r and r + extent(x, 0) >= i + extent(K, 1), sum(f, K[f,r] * dtotal[i - r,f]))",
    ],
  },
  {
    title: "attention in one line: the scores are one stage wherever they are read",
    text: "out[i,e] = sum(j, exp(sum(d, Q[i,d]*K[j,d]) - logsumexp(k, sum(d, Q[i,d]*K[k,d])))*V[j,e])",
    wrt: ["Q"],
    closed: [
      "total[i,k] = sum(d, Q[i,d] * K[k,d])",
      "p[i,j] = exp(total[i,j] - logsumexp(k, total[i,k]))",
      "out[i,e] = sum(j, V[j,e] * p[i,j])",
      "dtotal[i,k] = p[i,k] * (sum(e, V[k,e] * dout[i,e]) - sum(j, p[i,j] * sum(e, V[j,e] * dout[i,e])))",
      "dQ[i,d] = sum(k, K[k,d] * dtotal[i,k])",
    ],
  },
  {
    title: "a sum in a window over sums is a function of one place, not of two",
    text: "out[p] = sum(u, L[u] * tanh(sum(r, x[p+u+r] * K[r])))",
    wrt: ["x"],
    closed: [
      "total[p] = sum(r, x[p + r] * K[r])",
      "unit[p] = tanh(total[p])",
      "out[p] = sum(u, L[u] * unit[p + u])",
      "dunit[p] = sum(u, p >= u and u + extent(x, 0) + 1 >= p + extent(K, 0) + extent(L, 0), L[u] * dout[p - u])",
      "dtotal[p] = dunit[p] * (1 - tanh(total[p])^2)",
      "dx[i] = sum(p, i >= p and p + extent(K, 0) > i, K[i - p] * dtotal[p])",
    ],
  },
  {
    title: "windows side by side have every place once",
    text: "out[p] = sum(u < 2, tanh(sum(r, x[2*p+u+r] * K[r])))",
    wrt: ["K"],
    closed: [
      "total[p] = sum(r, x[p + r] * K[r])",
      "unit[p] = tanh(total[p])",
      "out[p] = sum(u < 2, unit[2*p + u])",
      "dunit[p2] = sum(p, p2 >= 2 * p and 2 * p + 1 >= p2, dout[p])",
      "dtotal[p] = dunit[p] * (1 - tanh(total[p])^2)",
      "dK[r] = sum(p, x[p + r] * dtotal[p])",
    ],
  },
  {
    title: "windows with gaps between them have two places",
    text: "out[p] = sum(u < 2, tanh(sum(r, x[3*p+u+r] * K[r])))",
    wrt: ["K"],
    closed: [
      "total[p,u] = sum(r, x[3*p + r + u] * K[r])",
      "out[p] = sum(u, tanh(total[p,u]))",
      "dtotal[p,u] = dout[p] * (1 - tanh(total[p,u])^2)",
      "dK[r] = sum(p, u, x[3*p + r + u] * dtotal[p,u])",
    ],
  },
  {
    title: "a score written out at a label is the score of all, read there",
    text: "loss = sum(i, sum(j != y[i], max(0, sum(d, X[i,d]*W[d,j]) - sum(d, X[i,d]*W[d,y[i]]) + 1)))",
    wrt: ["W"],
    closed: [
      "total[i,j] = sum(d, X[i,d] * W[d,j])",
      "loss = sum(i, sum(j != y[i], max(0, total[i,j] - total[i,y[i]] + 1)))",
      "dtotal[i,k] = k == y[i] ? -sum(j != y[i], [total[i,j] - total[i,y[i]] + 1 > 0]) : [total[i,k] - total[i,y[i]] + 1 > 0]",
      "dW[d,j] = sum(i, X[i,d] * dtotal[i,j])",
    ],
  },
  {
    title: "two places that are searched for are two terms, and no loop looks for them",
    text: "loss = sum(i, max(j, (x[i] - z[j])^2) - min(j, (x[i] - z[j])^2))",
    wrt: ["x"],
    closed: [
      "loss = sum(i, max(j, (x[i] - z[j])^2) - min(j, (x[i] - z[j])^2))",
      "dx[i] = 2 * (z[argmin(j, (x[i] - z[j])^2)] - z[argmax(j, (x[i] - z[j])^2)])",
    ],
  },
  {
    title: "products of two sums over windows",
    text: "loss = sum(p, sum(r < 2, x[p+r]) * sum(s < 3, x[p+s]^2))",
    wrt: ["x"],
    closed: [
      "total[p] = sum(r < 2, x[p + r])",
      "total2[p] = sum(s < 3, x[p + s]^2)",
      "loss = sum(p, total[p] * total2[p])",
      "dx[i] = 2 * x[i] * sum(s < 3, i >= s and s + extent(x, 0) >= i + 3, total[i - s]) + sum(r < 2, i >= r and r + extent(x, 0) >= i + 3, total2[i - r])",
    ],
  },
  {
    title: "a multiple of a sum of the program's is written as one, with its signs where it is long",
    text: "loss = mean(i, (a[i] - c[i] - b[i] - 1/(2*beta))^2)",
    wrt: ["a", "c"],
    closed: [
      "loss = mean(i, (a[i] - c[i] - b[i] - 0.5 / beta)^2)",
      "da[i] = 2 * (a[i] - c[i] - b[i] - 0.5 / beta) / extent(a, 0)",
      "dc[i] = -2 * (a[i] - c[i] - b[i] - 0.5 / beta) / extent(a, 0)",
    ],
  },
  {
    title: "a sum of the program's that has both signs there keeps each",
    text: "loss = sum(i, exp(a[i] - b[i] + c) + log(b[i] - a[i] - c))",
    wrt: ["a"],
    closed: [
      "loss = sum(i, exp(a[i] - b[i] + c) + log(b[i] - a[i] - c))",
      "da[i] = exp(a[i] - b[i] + c) - 1 / (b[i] - a[i] - c)",
    ],
  },
  {
    title: "sums that are each other's negatives meet: Tweedie's deviance",
    text: "loss = mean(i, exp((2 - p)*x[i])/(2 - p) - t[i]*exp((1 - p)*x[i])/(1 - p))",
    wrt: ["x"],
    closed: [
      "loss = mean(i, exp(x[i] * (2 - p)) / (2 - p) - t[i] * exp(x[i] * (1 - p)) / (1 - p))",
      "dx[i] = (exp(x[i] * (2 - p)) - t[i] * exp(x[i] * (1 - p))) / extent(x, 0)",
    ],
  },
  {
    title: "powers of sums that are each other's negatives have the sign of the odd ones",
    text: "loss = sum(i, (a[i] - b[i]) * (b[i] - a[i])^3 + (a[i] - b[i])^3 * (b[i] - a[i])^2)",
    wrt: [],
    closed: ["loss = sum(i, (a[i] - b[i])^5 - (a[i] - b[i])^4)"],
  },
  {
    title: "what divides all coefficients stands in front",
    text: "loss = sum(i, (x[i] - 2*x[i+1])^2)",
    closed: [
      "loss = sum(i, (x[i] - 2 * x[i + 1])^2)",
      "dx[i] = (i + 2 <= extent(x, 0) ? 2 * (x[i] - 2 * x[i + 1]) : 0) + (i > 0 ? 4 * (2 * x[i] - x[i - 1]) : 0)",
    ],
  },
  {
    title: "a softmax of equal scores",
    text: "loss = sum(i, j, x[i,j] * exp(b[i] - logsumexp(k, b[i] + 0 * x[i,k])))",
    wrt: ["x"],
    closed: ["loss = sum(i, j, x[i,j]) / extent(x, 1)", "dx[i,j] = 1 / extent(x, 1)"],
  },
];

const first = ({ inputs }: Program): string => inputs[0]!.name;

describe("the closed form", () => {
  for (const { title, text, wrt, closed } of forms)
    it(title, () => {
      assert.deepEqual(closedForm(text, wrt), closed);
    });

  it("a comparison that leaves equality out is strict, of integers and of reals", () => {
    for (const [guard, strict] of [
      ["i >= j and i != j", "i > j"],
      ["x[j] != x[i] and x[i] >= x[j]", "x[i] > x[j]"],
    ] as const) {
      const text = closedForm(`loss = sum(i, j, ${guard}, z[i]*z[j] + x[i])`, ["z"]).join("\n");
      assert.include(text, strict);
      assert.notInclude(text, "!=");
    }
  });

  it("gives nothing the name of a function, so that it can be written in a program", () => {
    const names = forms.flatMap(({ closed }) => closed.map((line) => /^\w+/u.exec(line)![0]));
    assert.deepEqual(
      names.filter((name) => callable.includes(name)),
      [],
    );
  });

  const softmax = "loss = logsumexp(j, s[j]) - s[t]";
  it("softmax has the Hessian diag(p) - p·pᵀ", () => {
    const program = taggedProgram(softmax);
    assert.deepEqual(printed(hessian(program, first(program)).definitions), [
      "lse = logsumexp(j, s[j])",
      "p[j] = exp(s[j] - lse)",
      "H[m,k] = ([k == m] - p[m]) * p[k]",
    ]);
  });

  it("softmax has a Hessian-vector product without the Hessian", () => {
    const program = taggedProgram(softmax);
    assert.deepEqual(printed(hessianVectorProduct(program, first(program)).definitions), [
      "lse = logsumexp(j, s[j])",
      "p[j] = exp(s[j] - lse)",
      "ds[j] = p[j] - [j == t]",
      "v_ds = sum(j, v[j] * ds[j])",
      "Hv[k] = p[k] * (v[k] - sum(j, v[j] * p[j]))",
    ]);
  });

  it("a softmax layer has the Jacobian diag(p) - p·pᵀ", () => {
    const program = taggedProgram("out[k] = exp(s[k]) / sum(j, exp(s[j]))");
    assert.deepEqual(printed(jacobian(program, first(program)).definitions), [
      "out[k] = exp(s[k] - logsumexp(j, s[j]))",
      "J[n,m] = ([m == n] - out[n]) * out[m]",
    ]);
  });
});
