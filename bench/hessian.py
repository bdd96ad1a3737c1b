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
    times = rounds(
        {ours: lambda: f.hessian.matrix("C"), bare: lambda: np.outer(p, q) + np.outer(q, p)},
        count=25,
    )
    yield row(ours, f"N = {N}", times, bare, aim=1.2)
    if jax := optional("jax"):
        jax.config.update("jax_enable_x64", True)
        trace, X = jax.numpy.trace, jax.numpy.zeros((N, N))
        hessian = jax.jit(jax.hessian(lambda X: trace(A @ X) * trace(B @ X)))
        np.testing.assert_allclose(hessian(X).reshape(N * N, -1), f.hessian.matrix("C"))
        theirs = "jax.hessian, jitted"
        actions = {
            ours: lambda: f.hessian.matrix("C"),
            theirs: lambda: hessian(X).block_until_ready(),
        }
        yield row(ours, f"N = {N}", rounds(actions), theirs)
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
