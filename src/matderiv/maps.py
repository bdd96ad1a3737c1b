"""The elementary maps: functionals, rank-one maps and their sums, sandwiches, transposition."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from matderiv.arguments import Order, size
from matderiv.coordinates import commutation_matrix, fold, unfold
from matderiv.dense import sum_of_outer_products
from matderiv.exactness import is_exact
from matderiv.linear_map import LinearMap
from matderiv.matrices import Matrix, alike, frozen, is_by_columns, is_foreign, matrix

__all__ = [
    "LinearMap",
    "functional",
    "identity",
    "rank_one",
    "sandwich",
    "symmetric_product",
    "transposition",
]


def functional(G: Matrix) -> LinearMap:
    """Make the functional Y ↦ ⟨G, Y⟩ = tr(GᵀY), from R^{m×n} to R.

    Parameters
    ----------
    G
        Its gradient (Riesz representative), a matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `G` is not a real finite matrix.

    Notes
    -----
    The derivative of X ↦ tr(AX) is ``functional(A.T)``: claims W2 and W3 of the thread.

    Examples
    --------
    >>> A, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> float(functional(A.T)(Y)), float(np.trace(A @ Y))
    (3.0, 3.0)
    """
    G = frozen(matrix(G, "G"))
    laid_out = _LaidOut(G)
    return LinearMap(
        G.shape,
        (),
        laid_out.inner,
        lambda number: number * G,
        lambda order: unfold(G, order)[None, :].copy(),
        "Y ↦ ⟨G, Y⟩",
        is_exact(G),
    )


def rank_one(B: Matrix, G: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨G, Y⟩ B, from the matrices shaped like G to those shaped like B.

    Parameters
    ----------
    B
        The direction of every image, a matrix of shape (p, q).
    G
        A matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `B` or `G` is not a real finite matrix.

    Notes
    -----
    Its matrix is vec(B) vec(G)ᵀ, of rank one. The derivative of X ↦ B tr(AX) is
    ``rank_one(B, A.T)``: claim W4 of the thread.

    Examples
    --------
    >>> rank_one([[1, 2]], [[3], [4]]).matrix()
    array([[3., 4.],
           [6., 8.]])
    """
    B, G = alike(matrix(B, "B"), matrix(G, "G"))
    b, g = _LaidOut(B), _LaidOut(G)
    return LinearMap(
        G.shape,
        B.shape,
        lambda Y: g.inner(Y) * b.like(Y),
        lambda Z: b.inner(Z) * g.like(Z),
        lambda order: np.multiply.outer(unfold(B, order), unfold(G, order)),
        "Y ↦ ⟨G, Y⟩ B",
        is_exact(G),
    )


def symmetric_product(P: Matrix, Q: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P of the matrices shaped like P and Q.

    Parameters
    ----------
    P, Q
        Matrices of one shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `P` or `Q` is not a real finite matrix, or their shapes differ.

    Notes
    -----
    Its matrix is vec(P) vec(Q)ᵀ + vec(Q) vec(P)ᵀ. It is ``rank_one(Q, P) + rank_one(P, Q)``, and
    its own adjoint; floats are read only once for both terms. The Hessian of X ↦ tr(AX) tr(BX)
    is ``symmetric_product(A.T, B.T)``: claim Q3 of the thread.

    Examples
    --------
    >>> symmetric_product([[1, 2]], [[3, 4]]).matrix()
    array([[ 6., 10.],
           [10., 16.]])
    """
    P = matrix(P, "P")
    P, Q = alike(P, matrix(Q, "Q", P.shape))
    both = replace(rank_one(Q, P) + rank_one(P, Q), formula="Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P")
    if is_exact(P) or is_foreign(P) or is_foreign(Q):
        return both
    rows = cache(lambda order: np.stack([unfold(P, order), unfold(Q, order)]))

    def rule(Y: Any) -> Any:
        if is_foreign(Y):
            return both.rule(Y)
        order: Order = "F" if is_by_columns(Y) else "C"
        along_p, along_q = rows(order) @ unfold(Y, order)
        return fold(np.array([along_q, along_p]) @ rows(order), P.shape, order)

    return replace(
        both,
        rule=rule,
        adjoint_rule=rule,
        matrix_rule=lambda order: sum_of_outer_products(*rows(order)),
    )


def sandwich(L: Matrix, R: Matrix) -> LinearMap:
    """Make the map Y ↦ L Y Rᵀ, the tensor product of L and R, from R^{m×n} to R^{p×q}.

    Parameters
    ----------
    L
        A matrix of shape (p, m).
    R
        A matrix of shape (q, n).

    Raises
    ------
    ValueError, TypeError
        When `L` or `R` is not a real finite matrix.

    Notes
    -----
    Its matrix is L ⊗_K R by rows (order C) and R ⊗_K L by columns (order F): Van Loan (2000).

    Examples
    --------
    >>> L, R = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0]])
    >>> bool(np.all(sandwich(L, R).matrix("C") == np.kron(L, R)))
    True
    """
    L, R = alike(matrix(L, "L"), matrix(R, "R"))
    return LinearMap(
        (L.shape[1], R.shape[1]),
        (L.shape[0], R.shape[0]),
        lambda Y: _product(L, Y, R.T),
        lambda Z: _product(L.T, Z, R),
        lambda order: np.kron(L, R) if order == "C" else np.kron(R, L),
        "Y ↦ L Y Rᵀ",
        is_exact(L),
    )


def transposition(m: int, n: int) -> LinearMap:
    """Make the map Y ↦ Yᵀ, from R^{m×n} to R^{n×m}.

    Parameters
    ----------
    m, n
        Rows and columns of Y.

    Raises
    ------
    ValueError
        When `m` or `n` is not a positive integer.

    Notes
    -----
    Its matrix is the commutation matrix: Henderson and Searle (1981).

    Examples
    --------
    >>> transposition(1, 2)([[3, 4]])
    array([[3.],
           [4.]])
    """
    m, n = size(m, "m"), size(n, "n")
    return LinearMap(
        (m, n),
        (n, m),
        lambda Y: Y.T,
        lambda Z: Z.T,
        lambda order: commutation_matrix(m, n) if order == "F" else commutation_matrix(n, m),
        "Y ↦ Yᵀ",
    )


def identity(m: int, n: int) -> LinearMap:
    """Make the map Y ↦ Y of R^{m×n}.

    Parameters
    ----------
    m, n
        Rows and columns of Y.

    Raises
    ------
    ValueError
        When `m` or `n` is not a positive integer.

    Examples
    --------
    >>> identity(1, 2).matrix()
    array([[1, 0],
           [0, 1]])
    """
    m, n = size(m, "m"), size(n, "n")
    return LinearMap(
        (m, n),
        (m, n),
        lambda Y: Y,
        lambda Z: Z,
        lambda order: np.eye(m * n, dtype=int),
        "Y ↦ Y",
    )


def _product(L: Any, Y: Any, R: Any) -> Any:
    """Return L Y R, laid out in memory as Y is."""
    return (R.T @ Y.T @ L.T).T if is_by_columns(Y) else L @ Y @ R


class _LaidOut:
    """A matrix in the memory order of those it meets, so that nothing is copied between them."""

    def __init__(self, G: Any) -> None:
        self.G = G

    @cached_property
    def by_columns(self) -> Any:
        return self.G.copy(order="F")

    def like(self, Y: Any) -> Any:
        return self.by_columns if is_by_columns(Y) else self.G

    def inner(self, Y: Any) -> Any:
        if is_foreign(self.G) or is_foreign(Y):  # np.vdot would cut their blocks anew
            return (self.G * Y).sum()
        return np.vdot(self.by_columns.T, Y.T) if is_by_columns(Y) else np.vdot(self.G, Y)
