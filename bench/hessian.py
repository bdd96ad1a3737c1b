"""The dense Hessian at N = 60, written down: time and memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.maps import random_matrices
from bench.optional import optional
from bench.timing import rounds, row
from matderiv import TraceProduct

N = 60


def rows() -> Iterator[dict[str, Any]]:
    """Compare `hessian.matrix()` with two outer products and with JAX."""
    A, B = random_matrices(2, N)
    f = TraceProduct(A, B)
    p, q = A.T.reshape(-1), B.T.reshape(-1)
    ours, bare = 'hessian.matrix("C")', "np.outer(p, q) + np.outer(q, p)"
    actions = {
        ours: lambda: f.hessian.matrix("C"),
        bare: lambda: np.outer(p, q) + np.outer(q, p),
    }
    if jax := optional("jax"):
        jax.config.update("jax_enable_x64", True)
        trace, X = jax.numpy.trace, jax.numpy.zeros((N, N))
        hessian = jax.jit(jax.hessian(lambda X: trace(A @ X) * trace(B @ X)))
        np.testing.assert_allclose(hessian(X).reshape(N * N, -1), f.hessian.matrix("C"))
        actions["jax.hessian, jitted"] = lambda: hessian(X).block_until_ready()
    times = rounds(actions, count=15)
    yield row(ours, f"N = {N}", times, bare, aim=1.2)
    if jax:
        yield row(ours, f"N = {N}", times, "jax.hessian, jitted")
    yield memory(f)


def memory(f: TraceProduct) -> dict[str, Any]:
    """Compare the memory that `hessian.matrix()` takes besides its result with that result."""
    tracemalloc.start()
    size = f.hessian.matrix("C").nbytes
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "subject": 'hessian.matrix("C"), memory beside it',
        "size": f"N = {N}",
        "value": peak - size,
        "unit": "B",
        "against": "the matrix itself",
        "reference": size,
        "ratio": (peak - size) / size,
        "aim": 3,
    }
