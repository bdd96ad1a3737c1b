"""The words of the gallery's formulas: each takes floats and exact matrices.

They are for the small matrices of the gallery. The exact square root and the exact largest
eigenvalue are those of 2×2 matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from scipy.linalg import solve_sylvester, sqrtm

from matderiv import (
    LinearMap,
    entrywise,
    exact,
    functional,
    identity,
    is_exact,
    sandwich,
    transposition,
    unvec,
    vec,
)

__all__ = [
    "K",
    "N",
    "Pi",
    "adj",
    "det",
    "entrywise",
    "exp",
    "functional",
    "identity",
    "inv",
    "inverse",
    "largest",
    "log",
    "lse",
    "phi",
    "pinv",
    "root",
    "sandwich",
    "slope",
    "softmax",
    "square",
    "syl",
    "trace",
]

Function = Callable[..., Any]

K = transposition
trace = np.trace


def _either(fast: Function, exactly: Function) -> Function:
    return lambda first, *rest: (exactly if is_exact(first) else fast)(first, *rest)


def _entrywise(fast: Function, exactly: Function) -> Function:
    return _either(fast, lambda X: exact(sp.Matrix(X).applyfunc(exactly)))


det = _either(np.linalg.det, lambda X: sp.Matrix(X).det())
inv = _either(np.linalg.inv, lambda X: exact(sp.Matrix(X).inv()))
log = _either(np.log, sp.log)
exp = _entrywise(np.exp, sp.exp)
phi = _entrywise(np.tanh, sp.tanh)


def adj(X: Any) -> Any:
    """Give the adjugate, X adj(X) = det(X) I, by the recursion of Faddeev and Le Verrier."""
    unit = np.eye(len(X), dtype=int)
    adjugate = unit
    for k in range(1, len(X)):
        product = X @ adjugate
        adjugate = trace(product) * unit / k - product
    return adjugate


def pinv(X: Any) -> Any:
    """Give the pseudoinverse of a matrix of full column rank."""
    return inv(X.T @ X) @ X.T


def N(X: Any) -> Any:
    """Give the orthogonal projector onto what is orthogonal to the columns of X."""
    return np.eye(len(X), dtype=int) - X @ pinv(X)


def square(X: Any) -> Any:
    """Give |X|²."""
    return np.vdot(X, X)


def slope(X: Any) -> Any:
    """Give φ′ at every entry."""
    return 1 - phi(X) ** 2


def lse(X: Any) -> Any:
    """Give the logarithm of the sum of the exponentials of the entries."""
    return log(exp(X).sum())


def softmax(X: Any) -> Any:
    """Give the exponentials of the entries, divided by their sum."""
    return exp(X) / exp(X).sum()


def _root_2x2(X: Any) -> Any:
    root_of_det = sp.sqrt(det(X))
    return (X + root_of_det * np.eye(2, dtype=int)) / sp.sqrt(trace(X) + 2 * root_of_det)


def _largest_2x2(X: Any) -> Any:
    return (trace(X) + sp.sqrt(trace(X) ** 2 - 4 * det(X))) / 2


root = _either(sqrtm, _root_2x2)
largest = _either(lambda X: max(np.linalg.eigvals(X).real), _largest_2x2)


def _sylvester_map(S: Any) -> LinearMap:
    unit = np.eye(len(S), dtype=int)
    return sandwich(S, unit) + sandwich(unit, S.T)


syl = _either(lambda S, Y: solve_sylvester(S, S, Y), lambda S, Y: inverse(_sylvester_map(S))(Y))


def Pi(X: Any) -> Any:
    """Give the projector onto the eigenvector of the largest eigenvalue, along the others'."""
    adjugate = adj(largest(X) * np.eye(len(X), dtype=int) - X)
    return adjugate / trace(adjugate)


def inverse(L: LinearMap) -> LinearMap:
    """Make the inverse of a map from matrices to matrices of the same shape."""
    return LinearMap(
        L.codomain,
        L.domain,
        lambda Z: unvec(inv(L.matrix()) @ vec(Z), (L.domain[0], L.domain[1])),
        matrix_rule=lambda order: inv(L.matrix(order)),
        exact=L.exact,
    )
