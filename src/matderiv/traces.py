"""The book's example, f(X) = tr(AX) tr(BX): its derivatives, its two Hessians, its angle."""

from __future__ import annotations

from typing import Any

import numpy as np

from matderiv.convexity import Convexity, convexity
from matderiv.exactness import ExactArray, exact, is_exact
from matderiv.maps import LinearMap, sandwich, symmetric_product
from matderiv.matrices import Matrix, alike, matrix, square


class TraceProduct:
    """The function f(X) = tr(AX) tr(BX) of n×n matrices.

    Parameters
    ----------
    A, B
        Square matrices of one size. If one of them is exact, both become exact.

    Raises
    ------
    ValueError, TypeError
        When `A` or `B` is not a real finite square matrix, or their sizes differ.

    Notes
    -----
    The function of the thread of July 2011: claims Q3, L3, L4 and L5.

    Examples
    --------
    >>> f = TraceProduct(exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]]))
    >>> f([[1, 0], [0, 0]]), f([[0, 0], [0, 3]]), f(exact([[1, 0], [0, 3]]) / 2)
    (35, 27, 32)
    >>> min(f.eigenvalues())
    42 - 2*sqrt(510)
    """

    def __init__(self, A: Matrix, B: Matrix) -> None:
        A, B = square(A, "A"), square(B, "B")
        if A.shape != B.shape:
            raise ValueError(f"B must have the shape of A, {A.shape}; its shape is {B.shape}")
        self.A, self.B = alike(A, B)

    def __call__(self, X: Matrix) -> Any:
        """Give f's value at X, a number."""
        X = self._argument(X)
        return np.vdot(self.A.T, X) * np.vdot(self.B.T, X)

    def gradient(self, X: Matrix) -> Any:
        """Give the gradient tr(BX) Aᵀ + tr(AX) Bᵀ at X, shaped like X."""
        X = self._argument(X)
        P, Q = self.A.T, self.B.T
        return np.vdot(Q, X) * P + np.vdot(P, X) * Q

    @property
    def hessian(self) -> LinearMap:
        """The Hessian Y ↦ tr(AY) Bᵀ + tr(BY) Aᵀ, which is the same at every X.

        Examples
        --------
        >>> TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]]).hessian.matrix()
        array([[70., 19., 19., 22.],
               [19.,  4.,  4.,  7.],
               [19.,  4.,  4.,  7.],
               [22.,  7.,  7.,  6.]])
        """
        return symmetric_product(self.A.T, self.B.T)

    @property
    def false_hessian(self) -> LinearMap:
        """The map of Aᵀ ⊗_K Bᵀ + Bᵀ ⊗_K Aᵀ, Y ↦ AᵀYB + BᵀYA, which is not the Hessian of f.

        Examples
        --------
        >>> TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]]).false_hessian.matrix()
        array([[70., 19., 19.,  4.],
               [19., 22.,  4.,  7.],
               [19.,  4., 22.,  7.],
               [ 4.,  7.,  7.,  6.]])
        """
        P, Q = self.A.T, self.B.T
        return sandwich(P, Q) + sandwich(Q, P)

    @property
    def angle(self) -> Any:
        """The angle between A and B in radians, by ⟨A, B⟩ = |A| |B| cos(angle).

        Raises
        ------
        ValueError
            When A or B is zero.

        Examples
        --------
        >>> f = TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]])
        >>> float(np.degrees(f.angle).round(2))
        21.58
        """
        inner, product = self._inner_product, self._product_of_lengths
        if product == 0:
            raise ValueError("A and B must not be zero: the zero matrix makes no angle")
        if not is_exact(self.A):
            return np.arccos(np.clip(inner / product, -1.0, 1.0))
        import sympy as sp

        return sp.acos(inner / product)

    def eigenvalues(self) -> Any:
        """Give all n² eigenvalues of the Hessian, ascending, in closed form.

        They are ⟨A, B⟩ − |A| |B|, n² − 2 zeros and ⟨A, B⟩ + |A| |B|; for n = 1 the one number 2AB.

        Returns
        -------
        array of shape (n²,)

        Examples
        --------
        >>> TraceProduct(exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])).eigenvalues()
        exact([42 - 2*sqrt(510), 0, 0, 42 + 2*sqrt(510)])
        """
        inner, product = self._inner_product, self._product_of_lengths
        between = [0] * (self.A.size - 2)
        values = [inner - product, *between, inner + product] if self.A.size > 1 else [2 * inner]
        return exact(values) if is_exact(self.A) else np.sort(values)

    def convexity(self) -> Convexity:
        """Decide whether f is convex on the cone of positive semidefinite matrices.

        Returns
        -------
        Convexity
            With two semidefinite matrices on whose segment f rises above its chord, or with the
            proof that there are none. All in rational numbers; floats are taken as those.

        Raises
        ------
        ValueError
            When A or B holds roots or symbols.

        Notes
        -----
        Claims Q3, Q4 and W5 of the thread.

        Examples
        --------
        >>> verdict = TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]]).convexity()
        >>> print(verdict)
        not convex: A and B are not parallel, so tr(AY) tr(BY) < 0 for some symmetric Y
        >>> verdict.violation.f_middle > verdict.violation.mean
        True
        """
        return convexity(self.A, self.B)

    @property
    def _inner_product(self) -> Any:
        return np.vdot(self.A, self.B)

    @property
    def _product_of_lengths(self) -> Any:
        if not is_exact(self.A):
            return np.linalg.norm(self.A) * np.linalg.norm(self.B)
        import sympy as sp

        return sp.sqrt(np.vdot(self.A, self.A) * np.vdot(self.B, self.B))

    def _argument(self, X: Matrix) -> Any:
        X = matrix(X, "X", self.A.shape)
        return exact(X) if is_exact(self.A) and not isinstance(X, ExactArray) else X

    def __repr__(self) -> str:
        n = len(self.A)
        return f"TraceProduct: X ↦ tr(AX) tr(BX) on R^({n}×{n})"
