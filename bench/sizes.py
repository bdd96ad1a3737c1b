"""One application of D, E and EK at sizes from 2 to 2000, as maps and as matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.maps import random_matrices
from bench.timing import rounds
from matderiv import TraceProduct, transposition

SIZES = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
LARGEST_MATRIX = 100  # 0.8 GB


def times() -> dict[str, dict[int, float]]:
    """Give the least seconds for each kind at each size."""
    found: dict[str, dict[int, float]] = {"D": {}, "E": {}, "EK": {}, "matrix": {}}
    for N in SIZES:
        for name, seconds in times_at(N).items():
            found[name][N] = seconds
    return found


def times_at(N: int) -> dict[str, float]:
    """Time one application of each kind at one size."""
    A, B, Y = random_matrices(3, N)
    f = TraceProduct(A, B)
    D, E = f.hessian, f.false_hessian
    EK = E @ transposition(N, N)
    actions: dict[str, Any] = {"D": lambda: D(Y), "E": lambda: E(Y), "EK": lambda: EK(Y)}
    if N <= LARGEST_MATRIX:
        M, v = np.asarray(E.matrix()), Y.reshape(-1)
        actions["matrix"] = lambda: M @ v
    return {name: min(seconds) for name, seconds in rounds(actions, count=5).items()}
