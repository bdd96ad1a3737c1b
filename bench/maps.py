"""Maps applied, against the bare products, other libraries' operators and the memory's speed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.linalg.blas import daxpy
from scipy.sparse.linalg import LinearOperator

from bench.optional import optional
from bench.timing import rounds, row
from matderiv import TraceProduct, sandwich

SIZES = (1000, 2000)


def random_matrices(count: int, N: int) -> list[Any]:
    """Make random N×N matrices, the same at every run."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal((N, N)) for _ in range(count)]


def rows() -> Iterator[dict[str, Any]]:
    """Compare sandwiches, linear operators and the Hessian at each size."""
    for N in SIZES:
        yield from sandwiches(N)
        yield from operators(N)
        yield from hessians(N)


def sandwiches(N: int) -> Iterator[dict[str, Any]]:
    """Compare the map Y ↦ L Y Rᵀ with the two products in it."""
    L, R, Y = random_matrices(3, N)
    map_ = sandwich(L, R)
    ours, bare = "sandwich(L, R)(Y)", "L @ Y @ R.T"
    times = rounds({ours: lambda: map_(Y), bare: lambda: L @ Y @ R.T})
    yield row(ours, f"N = {N}", times, bare, aim=1.05)


def operators(N: int) -> Iterator[dict[str, Any]]:
    """Compare linear operators on vectors, ours and others', with the two products in them."""
    L, R, Y = random_matrices(3, N)
    v = Y.reshape(-1)
    ours, by_hand, bare = "as_linear_operator", "SciPy LinearOperator by hand", "L @ Y @ R.T"
    own = sandwich(L, R).as_linear_operator("C")
    other = LinearOperator(
        (N * N, N * N), matvec=lambda v: (L @ v.reshape(N, N) @ R.T).reshape(-1), dtype=float
    )
    actions = {ours: lambda: own @ v, by_hand: lambda: other @ v, bare: lambda: L @ Y @ R.T}
    if pylops := optional("pylops"):
        kronecker = pylops.Kronecker(pylops.MatrixMult(L), pylops.MatrixMult(R))
        actions["PyLops Kronecker"] = lambda: kronecker @ v
        np.testing.assert_allclose(kronecker @ v, own @ v, rtol=1e-6, atol=1e-6)
    times = rounds(actions)
    for name in actions:
        if name != bare:
            yield row(name, f"N = {N}", times, bare, aim=1.05 if name == ours else None)


def hessians(N: int) -> Iterator[dict[str, Any]]:
    """Compare D applied with two inner products and a scaled sum, and with JAX."""
    A, B, Y = random_matrices(3, N)
    f = TraceProduct(A, B)
    P, Q = A.T.copy(), B.T.copy()

    def floor() -> Any:
        image = np.multiply(P, np.vdot(Q, Y))
        daxpy(Q.reshape(-1), image.reshape(-1), a=np.vdot(P, Y))
        return image

    D = f.hessian
    np.testing.assert_allclose(D(Y), floor())
    ours, bare = "D(Y)", "two np.vdot, one scaled sum"
    actions = {ours: lambda: D(Y), bare: floor}
    if jax := optional("jax"):
        product, arguments = jax_product(jax), [jax.numpy.asarray(M) for M in (A, B, Y)]
        np.testing.assert_allclose(product(*arguments), D(Y), rtol=1e-9, atol=1e-6)
        actions["JAX, jitted"] = lambda: product(*arguments).block_until_ready()
    times = rounds(actions, count=25)
    yield row(ours, f"N = {N}", times, bare, aim=1.3)
    if jax:
        yield row(ours, f"N = {N}", times, "JAX, jitted")


def jax_product(jax: Any) -> Any:
    """Compile (A, B, Y) ↦ the Hessian of tr(AX) tr(BX) at X = 0, applied to Y."""
    jax.config.update("jax_enable_x64", True)

    def f(X: Any, A: Any, B: Any) -> Any:
        return jax.numpy.trace(A @ X) * jax.numpy.trace(B @ X)

    def product(A: Any, B: Any, Y: Any) -> Any:
        gradient = jax.grad(lambda X: f(X, A, B))
        return jax.jvp(gradient, (jax.numpy.zeros_like(Y),), (Y,))[1]

    return jax.jit(product)
