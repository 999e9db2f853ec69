"""NumPy, PyTorch and JAX, in a process that answers the protocol of host.ts.

NumPy is vectorized as in CS231n; PyTorch and JAX differentiate the loss themselves.
How many threads they may use is decided by the environment that this process is started with.
"""

import importlib
import os
import sys
import time

import numpy as np


class Absent(Exception):
    """What this Python cannot do, in words for whoever runs the bench."""


def needed(module, package):
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Absent(f"{sys.executable} has no {package}: pip install {package}") from None


class NumPy:
    def __init__(self, dtype):
        self.dtype = dtype

    def prepare(self, problem, arrays):
        inputs = {
            name: array.astype(np.int64) if name == "y" else array.astype(self.dtype)
            for name, array in arrays.items()
        }
        inputs.update({name: self.dtype(a) for name, a in inputs.items() if a.ndim == 0})
        return lambda: getattr(self, problem.replace("-", "_"))(**inputs)

    @staticmethod
    def results(outputs):
        return outputs

    def hinge(self, scores, y, Delta):
        rows = np.arange(len(y))
        margins = np.maximum(0, scores - scores[rows, y][:, None] + Delta)
        margins[rows, y] = 0
        loss = margins.sum() / len(y)
        dscores = (margins > 0).astype(self.dtype)
        dscores[rows, y] = -dscores.sum(axis=1)
        dscores /= len(y)
        return loss, dscores

    @staticmethod
    def cross_entropy(scores, y):
        rows = np.arange(len(y))
        shifted = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(shifted)
        sums = p.sum(axis=1, keepdims=True)
        loss = (np.log(sums[:, 0]) - shifted[rows, y]).mean()
        p /= sums
        p[rows, y] -= 1
        p /= len(y)
        return loss, p

    def svm(self, X, W, y, reg, Delta):
        loss, dscores = self.hinge(X @ W, y, Delta)
        return {"value": loss + reg * (W * W).sum(), "W": X.T @ dscores + 2 * reg * W}

    def softmax(self, X, W, y, reg):
        loss, dscores = self.cross_entropy(X @ W, y)
        return {"value": loss + reg * (W * W).sum(), "W": X.T @ dscores + 2 * reg * W}

    def svm_scores(self, s, y, Delta):
        loss, ds = self.hinge(s, y, Delta)
        return {"value": loss, "s": ds}

    def softmax_scores(self, s, y):
        loss, ds = self.cross_entropy(s, y)
        return {"value": loss, "s": ds}

    def network(self, X, V, a, W, b, y, reg):
        h = np.maximum(0, X @ V + a)
        loss, dscores = self.cross_entropy(h @ W + b, y)
        dh = dscores @ W.T
        dh[h <= 0] = 0
        return {
            "value": loss + reg * ((V * V).sum() + (W * W).sum()),
            "V": X.T @ dh + 2 * reg * V,
            "a": dh.sum(axis=0),
            "W": h.T @ dscores + 2 * reg * W,
            "b": dscores.sum(axis=0),
        }

    def convolution(self, X, K, b, dout):
        n, c, height, width = X.shape
        f, _, r, s = K.shape
        padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (r, s), axis=(2, 3))
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * height * width, c * r * s)
        flat = K.reshape(f, -1)
        out = (columns @ flat.T + b).reshape(n, height, width, f).transpose(0, 3, 1, 2)
        g = np.ascontiguousarray(dout.transpose(0, 2, 3, 1)).reshape(-1, f)
        dcolumns = (g @ flat).reshape(n, height, width, c, r, s)
        dpadded = np.zeros_like(padded)
        for i in range(r):
            for j in range(s):
                dpadded[:, :, i : i + height, j : j + width] += dcolumns[..., i, j].transpose(0, 3, 1, 2)
        return {
            "value": out,
            "X": dpadded[:, :, 1:-1, 1:-1],
            "K": (g.T @ columns).reshape(K.shape),
            "b": g.sum(axis=0),
        }


WRT = {
    "svm": "W",
    "softmax": "W",
    "svm-scores": "s",
    "softmax-scores": "s",
    "network": "VaWb",
    "convolution": "XKb",
}


class Torch:
    def __init__(self, dtype):
        self.torch = needed("torch", "torch")
        self.dtype = getattr(self.torch, dtype)
        # What the environment says of threads is taken at its word.
        threads = os.environ.get("OMP_NUM_THREADS")
        if threads:
            self.torch.set_num_threads(int(threads))

    def prepare(self, problem, arrays):
        torch = self.torch
        inputs = {
            name: float(a) if a.ndim == 0 else torch.from_numpy(a).to(torch.int64 if name == "y" else self.dtype)
            for name, a in arrays.items()
        }
        leaves = {name: inputs[name].requires_grad_() for name in WRT[problem]}
        loss = getattr(self, problem.replace("-", "_"))
        upstream = inputs.pop("dout", None)

        def call():
            value = loss(**inputs)
            gradients = torch.autograd.grad(value, list(leaves.values()), upstream)
            return {"value": value.detach(), **dict(zip(leaves, gradients))}

        return call

    @staticmethod
    def results(outputs):
        return {name: tensor.numpy() for name, tensor in outputs.items()}

    def hinge(self, scores, y, Delta):
        right = y[:, None]
        margins = self.torch.relu(scores - scores.gather(1, right) + Delta)
        return margins.scatter(1, right, 0.0).sum() / len(y)

    def svm(self, X, W, y, reg, Delta):
        return self.hinge(X @ W, y, Delta) + reg * (W * W).sum()

    def softmax(self, X, W, y, reg):
        return self.torch.nn.functional.cross_entropy(X @ W, y) + reg * (W * W).sum()

    def svm_scores(self, s, y, Delta):
        return self.hinge(s, y, Delta)

    def softmax_scores(self, s, y):
        return self.torch.nn.functional.cross_entropy(s, y)

    def network(self, X, V, a, W, b, y, reg):
        scores = self.torch.relu(X @ V + a) @ W + b
        return self.torch.nn.functional.cross_entropy(scores, y) + reg * ((V * V).sum() + (W * W).sum())

    def convolution(self, X, K, b):
        return self.torch.nn.functional.conv2d(X, K, b, padding=1)


class Jax:
    def __init__(self, dtype):
        self.jax = needed("jax", "jax")
        self.jax.config.update("jax_enable_x64", True)
        self.jax.config.update("jax_platforms", "cpu")
        self.np = importlib.import_module("jax.numpy")
        self.dtype = dtype

    def prepare(self, problem, arrays):
        jax = self.jax
        inputs = {
            name: jax.device_put(a.astype("int32" if name == "y" else self.dtype)) for name, a in arrays.items()
        }
        wrt = list(WRT[problem])
        loss = getattr(self, problem.replace("-", "_"))
        upstream = inputs.pop("dout", None)
        others = {name: a for name, a in inputs.items() if name not in wrt}

        @jax.jit
        def gradient(by, others, upstream):
            value, back = jax.vjp(lambda by: loss(**by, **others), by)
            return value, back(self.np.ones_like(value) if upstream is None else upstream)[0]

        by = {name: inputs[name] for name in wrt}

        def call():
            value, gradients = jax.block_until_ready(gradient(by, others, upstream))
            return {"value": value, **gradients}

        return call

    @staticmethod
    def results(outputs):
        return {name: np.asarray(array) for name, array in outputs.items()}

    def hinge(self, scores, y, Delta):
        right = self.np.take_along_axis(scores, y[:, None], axis=1)
        wrong = self.jax.nn.one_hot(y, scores.shape[1], dtype=bool) == 0
        return self.np.where(wrong, self.np.maximum(0, scores - right + Delta), 0).sum() / len(y)

    def cross_entropy(self, scores, y):
        right = self.np.take_along_axis(scores, y[:, None], axis=1)[:, 0]
        return (self.jax.nn.logsumexp(scores, axis=1) - right).mean()

    def svm(self, X, W, y, reg, Delta):
        return self.hinge(X @ W, y, Delta) + reg * (W * W).sum()

    def softmax(self, X, W, y, reg):
        return self.cross_entropy(X @ W, y) + reg * (W * W).sum()

    def svm_scores(self, s, y, Delta):
        return self.hinge(s, y, Delta)

    def softmax_scores(self, s, y):
        return self.cross_entropy(s, y)

    def network(self, X, V, a, W, b, y, reg):
        scores = self.jax.nn.relu(X @ V + a) @ W + b
        return self.cross_entropy(scores, y) + reg * ((V * V).sum() + (W * W).sum())

    def convolution(self, X, K, b):
        out = self.jax.lax.conv_general_dilated(X, K, (1, 1), ((1, 1), (1, 1)))
        return out + b[None, :, None, None]


CANDIDATES = {
    "numpy": lambda: NumPy(np.float64),
    "numpy f32": lambda: NumPy(np.float32),
    "pytorch": lambda: Torch("float64"),
    "pytorch f32": lambda: Torch("float32"),
    "jax": lambda: Jax("float64"),
    "jax f32": lambda: Jax("float32"),
}


class Server:
    def __init__(self):
        self.ready = {}
        self.folder = None
        self.arrays = {}

    def read(self, folder):
        if folder != self.folder:
            files = [f for f in os.listdir(folder) if f.endswith(".npy")]
            self.arrays = {f[:-4]: np.load(os.path.join(folder, f)) for f in files}
            self.folder = folder
        return self.arrays

    def prepare(self, key, problem, folder, candidate):
        library = CANDIDATES[candidate]()
        self.ready[key] = (library, library.prepare(problem, self.read(folder)))
        return "ok"

    def results(self, key, folder):
        library, call = self.ready[key]
        for name, array in library.results(call()).items():
            whole = np.array(array, dtype=np.float64, order="C")
            np.save(os.path.join(folder, f"{name}.npy"), whole)
        return "ok"

    def time(self, key, calls):
        call = self.ready[key][1]
        start = time.perf_counter()
        for _ in range(int(calls)):
            call()
        return f"seconds\t{time.perf_counter() - start}"

    def drop(self, key):
        self.ready.pop(key, None)
        if not self.ready:
            self.folder, self.arrays = None, {}
        return "ok"


server = Server()
for line in sys.stdin:
    verb, *words = line.rstrip("\n").split("\t")
    try:
        answer = getattr(server, verb)(*words)
    except Absent as error:
        answer = f"absent\t{error.args[0]}"
    except Exception as error:  # whatever a library throws is told to the bench
        answer = "failed\t" + " ".join(f"{type(error).__name__}: {error}".split())
    print(answer, flush=True)
