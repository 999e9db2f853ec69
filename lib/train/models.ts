/**
 * Classifiers to train, as definitions of the language: nothing here but their loss.
 *
 * X holds the samples, y their labels, `score` says how much each class is believed in; real
 * arrays besides X are trained, real numbers are settings.
 */

// prettier-ignore
export const models: Readonly<Record<string, string>> = {
  svm: `
score[i,j]  = sum(d, X[i,d] * W[d,j]) + b[j]
margin[i,j] = max(0, score[i,j] - score[i,y[i]] + Delta)
loss        = mean(i, sum(j != y[i], margin[i,j])) + reg * sum(d, j, W[d,j]^2)`,

  softmax: `
score[i,j] = sum(d, X[i,d] * W[d,j]) + b[j]
loss       = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]]) + reg * sum(d, j, W[d,j]^2)`,

  network: `
hidden[i,h] = relu(sum(d, X[i,d] * V[d,h]) + a[h])
score[i,j]  = sum(h, hidden[i,h] * W[h,j]) + b[j]
loss        = mean(i, logsumexp(j, score[i,j]) - score[i,y[i]]) + reg * (sum(d, h, V[d,h]^2) + sum(h, j, W[h,j]^2))`,
};
