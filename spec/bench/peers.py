"""PyTorch's and JAX's own gradient checks, on gradients that are claimed.

Reads a JSON list of trials {loss, X, W, y, Delta, reg, gradient, step} from standard input and
writes a JSON object {checker: [passed, ...]}. A checker that is not installed is left out.
The loss runs in the library itself; only its gradient is replaced by the one claimed.
"""
import json, sys, warnings

warnings.filterwarnings("ignore")
trials = json.load(sys.stdin)
out = {}

try:
    import torch

    class Claimed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, W, f, gradient):
            ctx.gradient = gradient
            return f(W)

        @staticmethod
        def backward(ctx, upstream):
            return upstream * ctx.gradient, None, None

    def torch_loss(t):
        X = torch.tensor(t["X"], dtype=torch.float64)
        y = torch.tensor(t["y"], dtype=torch.int64)
        rows = torch.arange(len(y))

        def hinge(W):
            s = X @ W
            m = torch.clamp(s - s[rows, y][:, None] + t["Delta"], min=0)
            return (m.sum() - m[rows, y].sum()) / len(y) + t["reg"] * (W * W).sum()

        def softmax(W):
            s = X @ W
            return (torch.logsumexp(s, 1) - s[rows, y]).mean() + t["reg"] * (W * W).sum()

        return {"hinge": hinge, "softmax-logsumexp": softmax}[t["loss"]]

    def torch_check(t, fast):
        W = torch.tensor(t["W"], dtype=torch.float64, requires_grad=True)
        g, f = torch.tensor(t["gradient"], dtype=torch.float64), torch_loss(t)
        options = {} if t["step"] is None else {"eps": t["step"]}
        return bool(torch.autograd.gradcheck(lambda W: Claimed.apply(W, f, g), (W,), raise_exception=False, fast_mode=fast, **options))

    out[f"PyTorch {torch.__version__.split('+')[0]}, slow"] = [torch_check(t, False) for t in trials]
    out[f"PyTorch {torch.__version__.split('+')[0]}, fast"] = [torch_check(t, True) for t in trials]
except ImportError:
    pass

try:
    import jax
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from jax.test_util import check_grads

    def jax_loss(t):
        X, y = jnp.array(t["X"]), jnp.array(t["y"])
        rows = jnp.arange(len(y))

        def hinge(W):
            s = X @ W
            m = jnp.maximum(s - s[rows, y][:, None] + t["Delta"], 0)
            return (m.sum() - m[rows, y].sum()) / len(y) + t["reg"] * (W * W).sum()

        def softmax(W):
            s = X @ W
            return (jax.scipy.special.logsumexp(s, axis=1) - s[rows, y]).mean() + t["reg"] * (W * W).sum()

        return {"hinge": hinge, "softmax-logsumexp": softmax}[t["loss"]]

    def jax_check(t):
        f, g = jax_loss(t), jnp.array(t["gradient"])
        claimed = jax.custom_vjp(f)
        claimed.defvjp(lambda W: (f(W), None), lambda _, upstream: (upstream * g,))
        try:
            check_grads(claimed, (jnp.array(t["W"]),), order=1, modes=("rev",), eps=t["step"])
            return True
        except AssertionError:
            return False

    out[f"JAX {jax.__version__}"] = [jax_check(t) for t in trials]
except ImportError:
    pass

json.dump(out, sys.stdout)
