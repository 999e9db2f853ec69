"""
The peer: mini-batch gradient descent in NumPy with gradients written by hand, as in CS231n.

python train-numpy.py DIRECTORY svm|softmax LEARNING_RATE REG START...
START is a folder with the first weights, W.npy, and the order of images in each epoch, orders.npy:
with the same ones on both sides chance does not differ. Prints one JSON line: the test accuracy for each START, and the median seconds of an epoch.
"""

import json
import pathlib
import statistics
import sys
import time

import numpy as np


def read(path):
    records = np.frombuffer(path.read_bytes(), dtype=np.uint8).reshape(-1, 3073)
    return records[:, 1:], records[:, 0].astype(int)


def svm(W, b, X, y, reg):
    rows = np.arange(len(y))
    scores = X @ W + b
    margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)
    margins[rows, y] = 0
    counts = (margins > 0).astype(float)
    counts[rows, y] = -counts.sum(axis=1)
    counts /= len(y)
    return margins.sum() / len(y) + reg * np.sum(W * W), X.T @ counts + 2 * reg * W, counts.sum(axis=0)


def softmax(W, b, X, y, reg):
    rows = np.arange(len(y))
    scores = X @ W + b
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, y]).mean() + reg * np.sum(W * W)
    p[rows, y] -= 1
    p /= len(y)
    return loss, X.T @ p + 2 * reg * W, p.sum(axis=0)


def main():
    directory, name, rate, reg = sys.argv[1:5]
    directory, loss = pathlib.Path(directory), {"svm": svm, "softmax": softmax}[name]
    batches = [read(path) for path in sorted(directory.glob("data_batch_*.bin"))]
    images, labels = (np.concatenate(part) for part in zip(*batches))
    held = min(1000, len(labels) // 8)
    images, labels = images[:-held], labels[:-held]
    mean = images.mean(axis=0)
    tests, answers = read(directory / "test_batch.bin")
    accuracies, seconds = [], []
    for folder in map(pathlib.Path, sys.argv[5:]):
        W, b = np.load(folder / "W.npy"), np.zeros(10)
        for order in np.load(folder / "orders.npy"):
            start = time.perf_counter()
            for at in range(0, len(order), 200):
                rows = order[at : at + 200]
                _, dW, db = loss(W, b, images[rows] - mean, labels[rows], float(reg))
                W -= float(rate) * dW
                b -= float(rate) * db
            seconds.append(time.perf_counter() - start)
        accuracies.append(float(np.mean(np.argmax((tests - mean) @ W + b, axis=1) == answers)))
    print(json.dumps({"accuracies": accuracies, "secondsPerEpoch": statistics.median(seconds)}))


main()
