"""What occurs in derivatives that have no formula: eigenvectors, factors, projectors at X."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import expm, logm, solve_sylvester, sqrtm

Arrays = dict[str, Any]


def eigenvalue(X: Any) -> Arrays:
    """Give the largest eigenvalue, which is real, with its right and left eigenvector."""
    values, right = np.linalg.eig(X)
    place = values.real.argmax()
    u = np.linalg.inv(right)[[place]].T
    return {"λ": values[place].real, "v": right[:, [place]].real, "u": u.real}


def symmetric_eigenvalue(X: Any) -> Arrays:
    """Give the largest eigenvalue of a symmetric matrix, and (λI − X)⁺."""
    values, vectors = np.linalg.eigh(X)
    v = vectors[:, [-1]]
    v = v * np.sign(v[np.abs(v).argmax()])
    P = np.linalg.pinv(values[-1] * np.eye(len(X)) - X, rcond=1e-8)
    return {"λ": values[-1], "v": v, "S": v @ v.T, "P": P}


def singular_value(X: Any) -> Arrays:
    """Give the largest and the smallest singular value, with their vectors."""
    U, values, V = np.linalg.svd(X, full_matrices=False)
    u, v, w, z = U[:, [0]], V[[0]].T, U[:, [-1]], V[[-1]].T
    top, low = values[0], values[-1]
    P = np.linalg.pinv(top**2 * np.eye(X.shape[1]) - X.T @ X, rcond=1e-8)
    sign = np.sign(v[np.abs(v).argmax()])
    pairs = {"u": u * sign, "v": v * sign, "w": w, "z": z, "U": U, "V": V.T}
    return pairs | {"σ": top, "τ": low, "κ": top / low, "ν": values.sum(), "P": P, "X": X}


def cholesky(X: Any) -> Arrays:
    """Give the Cholesky factor, and H that keeps the lower half of a matrix."""
    H = np.tril(np.ones_like(X)) - np.eye(len(X)) / 2
    return {"L": np.linalg.cholesky(X), "H": H}


def qr(X: Any) -> Arrays:
    """Give the factors of X = QR, with a positive diagonal, and S that keeps what is below it."""
    Q, R = np.linalg.qr(X)
    signs = np.sign(np.diag(R))
    Q, R = Q * signs, R * signs[:, None]
    return {"Q": Q, "R": R, "S": np.tril(np.ones_like(R), -1), "N": np.eye(len(X)) - Q @ Q.T}


def polar(X: Any) -> Arrays:
    """Give the factors of X = QS, with orthonormal columns and symmetric."""
    U, values, V = np.linalg.svd(X, full_matrices=False)
    return {"Q": U @ V, "S": (V.T * values) @ V, "X": X}


def pseudoinverse(X: Any) -> Arrays:
    """Give X⁺ and the projectors that belong to it."""
    P = np.linalg.pinv(X)
    m, n = X.shape
    return {"P": P, "Q": X @ P, "M": np.eye(m) - X @ P, "N": np.eye(n) - P @ X}


def adjugate(X: Any) -> Arrays:
    """Give the determinant and the adjugate, by the recursion of Faddeev and Le Verrier."""
    A = unit = np.eye(len(X))
    for k in range(1, len(X)):
        A = np.trace(X @ A) * unit / k - X @ A
    return {"δ": np.linalg.det(X), "A": A}


def lyapunov(X: Any) -> Arrays:
    """Give the solution F of XF + FXᵀ = I."""
    return {"F": solve_sylvester(X, X.T, np.eye(len(X))), "X": X}


def root(X: Any) -> Arrays:
    """Give the principal square root."""
    return {"S": sqrtm(X).real}


def exponential(X: Any) -> Arrays:
    """Give the exponential and its trace; see `_quotients`."""
    return _quotients(X, expm, np.exp, np.exp)


def logarithm(X: Any) -> Arrays:
    """Give the principal logarithm; see `_quotients`."""
    return _quotients(X, lambda X: logm(X).real, np.log, lambda t: 1 / t)


def _quotients(
    X: Any, of_matrix: Callable[..., Any], function: Callable[..., Any], slope: Callable[..., Any]
) -> Arrays:
    """Give a function of X, eigenvectors of X, and the difference quotients at its eigenvalues."""
    values, V = np.linalg.eig(X)
    differences = values[:, None] - values
    np.fill_diagonal(differences, 1)
    W = (function(values)[:, None] - function(values)) / differences
    np.fill_diagonal(W, slope(values))
    F = of_matrix(X)
    return {"F": F, "τ": np.trace(F), "V": V.real, "W": W.real}
