"""Exact answers: definiteness with its proof, against others; and the diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from bench.optional import optional
from bench.timing import rounds, row
from matderiv import TraceProduct, definiteness, diagnose, exact

SIZES = (16, 64, 128)
SLOWEST_SYMPY, SLOWEST_MINORS = 64, 16  # the latter's numbers double their digits at every row


def rows() -> Iterator[dict[str, Any]]:
    """Time `definiteness` and `diagnose` at each size."""
    for n in SIZES:
        yield from definite(n)
    for N in range(2, 9, 2):
        yield from diagnoses(N)


def definite(n: int) -> Iterator[dict[str, Any]]:
    """Compare `definiteness` of a positive definite integer matrix with other tools."""
    import sympy as sp

    G = np.random.default_rng(0).integers(-9, 10, (n, n))
    M = G @ G.T + np.eye(n, dtype=int)
    E, symbols, floats = exact(M), sp.Matrix(M.tolist()), M.astype(float)
    ours = "definiteness(M)"
    actions = {ours: lambda: definiteness(E), "np.linalg.eigvalsh": lambda: eigvalsh(floats)}
    if n <= SLOWEST_SYMPY:
        actions["SymPy, LDLdecomposition"] = lambda: symbols.LDLdecomposition()
        actions["SymPy, is_positive_semidefinite"] = lambda: bool(
            sp.ImmutableMatrix(symbols).is_positive_semidefinite
        )
    if n <= SLOWEST_MINORS:
        actions["SymPy, is_positive_definite"] = lambda: bool(
            sp.ImmutableMatrix(symbols).is_positive_definite
        )
    if flint := optional("flint"):
        integers = flint.fmpz_mat(M.tolist())
        assert inertia(integers.charpoly().coeffs()) == definiteness(E).inertia == (n, 0, 0)
        actions["python-flint, signs of the charpoly"] = lambda: inertia(
            integers.charpoly().coeffs()
        )
    times = rounds(actions, count=5)
    for name in actions:
        if name != ours:
            aim = 0.05 if (name.startswith("SymPy") and n == SLOWEST_SYMPY) else None
            yield row(ours, f"n = {n}", times, name, aim)


def eigvalsh(M: Any) -> bool:
    """Tell by floating point whether M looks positive definite; no proof."""
    return bool(np.linalg.eigvalsh(M)[0] > 0)


def inertia(coefficients: list[Any]) -> tuple[int, int, int]:
    """Count the signs of real roots by Descartes' rule, coefficients from the constant upwards."""
    zero = next(k for k, c in enumerate(coefficients) if c != 0)
    signs = [c > 0 for c in coefficients if c != 0]
    positive = sum(a != b for a, b in pairwise(signs))
    return positive, len(coefficients) - 1 - zero - positive, zero


def diagnoses(N: int) -> Iterator[dict[str, Any]]:
    """Time the diagnosis of the false Hessian, in floats and exactly."""
    rng = np.random.default_rng(0)
    A, B = (rng.integers(-9, 10, (N, N)) for _ in range(2))
    actions = {
        "diagnose, floats": diagnosis(A.astype(float), B.astype(float)),
        "diagnose, exact": diagnosis(exact(A), exact(B)),
    }
    times = rounds(actions, count=3)
    for name in actions:
        yield row(name, f"N = {N}", times)


def diagnosis(A: Any, B: Any) -> Callable[[], Any]:
    """Prepare the diagnosis of the false Hessian of tr(AX) tr(BX)."""
    f = TraceProduct(A, B)
    candidate = f.false_hessian.matrix()
    return lambda: diagnose(f, 0 * A, candidate)
