"""The book's example, f(X) = tr(AX) tr(BX): derivatives, two Hessians, angle, and convexity.

On symmetric X only the symmetric parts of A and B matter. For nonzero ones f is convex on the
positive semidefinite cone if and only if B = cA with c > 0: its Hessian on symmetric matrices has
the least eigenvalue ⟨A, B⟩ − |A||B|, and every symmetric matrix is a direction inside the cone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matderiv import arrays
from matderiv.arrays import Array, ExactArray, Matrix, Number, dot, exact, is_exact
from matderiv.definiteness import EPS, Definiteness, definiteness, rational
from matderiv.maps import LinearMap, sandwich, symmetric_product

LARGEST_PROVED = 20


@dataclass(frozen=True, eq=False)
class Violation:
    """Two positive semidefinite matrices on whose segment f rises above its chord.

    ``f_middle`` is f at their midpoint, which exceeds ``mean``, the mean of f at the two ends.
    ``proofs`` are those that both ends are positive semidefinite, which they are as each entry on
    their diagonal is at least the sum of its row's others; left out above 20×20.
    """

    X0: ExactArray
    X1: ExactArray
    f_middle: Number
    mean: Number
    proofs: tuple[Definiteness, ...]


@dataclass(frozen=True, eq=False)
class Convexity:
    """Whether f(X) = tr(AX) tr(BX) is convex on the positive semidefinite cone, and why.

    Parameters
    ----------
    convex
        The verdict.
    reason
        Its reason, in words; of floats it also says where A and B are parallel up to rounding.
    violation
        Where f is not convex, a violation of convexity inside the cone.
    proof
        Where f is convex, the proof that its Hessian pqᵀ + qpᵀ is positive semidefinite; left out
        for matrices larger than 20×20, whose Hessians have too many entries.
    """

    convex: bool
    reason: str
    violation: Violation | None = None
    proof: Definiteness | None = None

    def __bool__(self) -> bool:
        return self.convex

    def __str__(self) -> str:
        return f"{'convex' if self.convex else 'not convex'}: {self.reason}"


@dataclass(frozen=True, eq=False, repr=False)
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

    A: Array
    B: Array

    def __init__(self, A: Matrix, B: Matrix) -> None:
        first = arrays.real_array(A, "A", "nn")
        first, second = arrays.alike(first, arrays.real_array(B, "B", first.shape))
        self.__dict__.update(A=first, B=second)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.A, self.B)

    def __call__(self, X: Matrix) -> Number:
        """Give f's value at X, a number."""
        array = self._argument(X)
        return dot(self.A.T, array) * dot(self.B.T, array)

    def gradient(self, X: Matrix) -> Array:
        """Give the gradient tr(BX) Aᵀ + tr(AX) Bᵀ at X, shaped like X."""
        return self.hessian(self._argument(X))  # f is a quadratic form

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
        return sandwich(self.A.T, self.B.T) + sandwich(self.B.T, self.A.T)

    @property
    def angle(self) -> Number:
        """The angle between A and B in radians, by ⟨A, B⟩ = |A| |B| cos(angle).

        For floats it is right to about 1e-15, however small it is or close to π: it is computed
        from |u − v| and |u + v|, where u = A/|A| and v = B/|B| (Kahan).

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
        if not (np.any(self.A != 0) and np.any(self.B != 0)):
            raise ValueError("A and B must not be zero: the zero matrix makes no angle")
        if not isinstance(self.A, ExactArray):
            (_, u), (_, v) = map(_length_and_direction, (self.A, self.B))
            return 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))
        import sympy as sp

        inner, squares = self._exact_products()
        return sp.atan2(sp.sqrt(sp.expand(squares - inner**2)), inner)

    def eigenvalues(self) -> Array:
        """Give all n² eigenvalues of the Hessian, ascending, in closed form.

        They are ⟨A, B⟩ − |A| |B|, n² − 2 zeros and ⟨A, B⟩ + |A| |B|; for n = 1 the one number 2AB.
        With u = A/|A| and v = B/|B| the first is −|A| |B| |u − v|²/2. For floats its relative error
        is about 1e-16 over the angle between A and B; that of the difference, over its square.

        Returns
        -------
        array of shape (n²,)

        Examples
        --------
        >>> TraceProduct(exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])).eigenvalues()
        exact([42 - 2*sqrt(510), 0, 0, 42 + 2*sqrt(510)])
        """
        if self.A.size == 1:
            return 2 * (self.A * self.B).reshape(-1)
        between = [0] * (self.A.size - 2)
        if not isinstance(self.A, ExactArray):
            (a, u), (b, v) = map(_length_and_direction, (self.A, self.B))
            least, largest = (a * (np.linalg.norm(w) ** 2 / 2) * b for w in (u - v, u + v))
            return np.array([0 - least, *between, largest])
        import sympy as sp

        inner, squares = self._exact_products()
        return exact([inner - sp.sqrt(squares), *between, inner + sp.sqrt(squares)])

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
        M, N = rational(self.A, "A"), rational(self.B, "B")
        A, B = (M + M.T) / 2, (N + N.T) / 2
        symmetric = np.all(A == M) and np.all(B == N)
        prefix = "" if symmetric else "on symmetric X only the symmetric parts of A and B matter; "
        inner, square_A, square_B = dot(A, B), dot(A, A), dot(B, B)
        if inner**2 < square_A * square_B:
            Y = (square_B + inner) * A - (square_A + inner) * B
            reason = "A and B are not parallel, so tr(AY) tr(BY) < 0 for some symmetric Y"
            part = 1 - inner**2 / (square_A * square_B)  # the square of the angle's sine
            if not is_exact(self.A) and part < (4 * EPS) ** 2:
                reason += "; up to rounding they are"
            return Convexity(False, prefix + reason, _violation(A, B, Y))
        if inner < 0:
            reason = "B = cA with c < 0, so tr(AY) tr(BY) = c tr(AY)² < 0 for Y = A"
            return Convexity(False, prefix + reason, _violation(A, B, A))
        is_small = len(A) <= LARGEST_PROVED
        proof = definiteness(symmetric_product(A, B).matrix()) if is_small else None
        reason = "B = cA with c > 0, so f = c tr(AX)²" if inner > 0 else "A or B is zero, so f = 0"
        return Convexity(True, prefix + reason, proof=proof)

    def _exact_products(self) -> tuple[Any, Any]:
        """Return ⟨A, B⟩ and |A|²|B|²."""
        A, B = self.A, self.B
        return dot(A, B), dot(A, A) * dot(B, B)

    def _argument(self, X: Matrix) -> Any:
        return arrays.alike(arrays.real_array(X, "X", self.A.shape), self.A)[0]

    def __repr__(self) -> str:
        return "TraceProduct: X ↦ tr(AX) tr(BX) on R^({0}×{0})".format(len(self.A))


def _length_and_direction(M: Any) -> tuple[Any, Any]:
    """Return |M| and M/|M|, also where squares of entries are no floats; of zero, zeros."""
    size = abs(M).max() or 1.0
    length = np.linalg.norm(M / size)
    return size * length, M / size / (length or 1.0)


def _violation(A: Any, B: Any, Y: Any) -> Violation:
    """Place the direction Y in the cone: the ends are rI ± Y, with r at least Y's norm."""
    import sympy as sp

    Y = Y / sp.gcd_list(list(Y.flat))
    centre = abs(Y).sum(axis=1).max() * np.eye(len(Y), dtype=int)
    f, X0, X1 = TraceProduct(A, B), centre - Y, centre + Y
    proofs = tuple(map(definiteness, (X0, X1))) if len(Y) <= LARGEST_PROVED else ()
    return Violation(X0, X1, f(centre), (f(X0) + f(X1)) / 2, proofs)
