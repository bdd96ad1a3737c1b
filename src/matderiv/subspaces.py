"""Subspaces of a space of matrices, each given by an injective map J from coordinates.

A derivative within a subspace is the chain rule and nothing else: D(f∘J) = Df∘J. The Hessian is
J*HJ, and the gradient within is the orthogonal projection of the gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np

from matderiv.arrays import Order, Shape, exact, is_exact, real_array, scales, size
from matderiv.coordinates import fold, mirrored, unfold
from matderiv.engines import Function
from matderiv.engines.expressions import is_zero
from matderiv.maps import LinearMap, in_numpy, space

MEMBER = 1e-9  # floats that differ by less, beside the largest in their units, count as equal
ROUNDING = 1e-13  # what J's own rounding may add, beside the largest of all


class Placed(LinearMap):
    """v ↦ the matrix that has at each place a coordinate of v, up to a sign, or zero."""

    places: Any
    signs: Any
    name: str
    word: str = ""

    def _apply(self, Y: Any) -> Any:
        return self.signs * np.asanyarray(Y)[self.places] + 0  # no -0.0

    def _apply_adjoint(self, Z: Any) -> Any:
        Z = np.asanyarray(Z)
        total = np.zeros_like(Z, shape=self.domain)
        np.add.at(total, self.places, self.signs * Z)
        return total

    def _matrix(self, order: Order) -> Any:
        units, places = np.eye(self.domain[0], dtype=int), unfold(self.places, order)
        return units[places] * unfold(self.signs, order)[:, None]

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"{self.name}({Y})"


class PulledBack(LinearMap):
    """v ↦ J*(L(J(v))): a self-adjoint map L, in the coordinates of a subspace."""

    J: LinearMap
    L: LinearMap

    engine = property(attrgetter("L.engine"))

    def _turned(self) -> tuple[LinearMap, LinearMap]:
        return self.J, self.L.adjoint

    def _apply(self, Y: Any) -> Any:
        return self.J.adjoint._image(self.L._image(self.J._image(Y)))

    def _inner(self, Y: Any, Z: Any) -> Any:
        return self.L._inner(self.J._image(Y), self.J._image(Z))

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"J*({self.L._formula(self.J._formula(Y, name), name)})"


def symmetric(n: int) -> LinearMap:
    """Make the map from the n (n + 1) / 2 coordinates vech(S) to the symmetric matrix S.

    Parameters
    ----------
    n
        Size of S.

    Raises
    ------
    ValueError
        When `n` is not a positive integer.

    Notes
    -----
    Its matrix is the duplication matrix: Magnus and Neudecker (2019), section 3.8. It is meant for
    ``within=``: derivatives of a function of a symmetric matrix.

    Examples
    --------
    >>> symmetric(2)([1, 2, 4])
    array([[1., 2.],
           [2., 4.]])
    >>> from matderiv import gradient
    >>> gradient(np.linalg.det, [[2.0, 1.0], [1.0, 3.0]], within=symmetric(2))
    array([[ 3., -1.],
           [-1.,  2.]])
    """
    return _placed("unvech", "symmetric", np.ones((size(n, "n"), n), dtype=int))


def skew_symmetric(n: int) -> LinearMap:
    """Make the map from n (n − 1) / 2 coordinates to the skew-symmetric matrix they determine.

    They are the entries below the diagonal, column by column.

    Parameters
    ----------
    n
        Size of the matrix, at least 2.

    Raises
    ------
    ValueError
        When `n` is not an integer greater than 1.

    Examples
    --------
    >>> skew_symmetric(3)([1, 2, 3])
    array([[ 0., -1., -2.],
           [ 1.,  0., -3.],
           [ 2.,  3.,  0.]])
    """
    if size(n, "n") == 1:
        raise ValueError("n must be at least 2: the only skew-symmetric 1×1 matrix is zero")
    below = np.tri(n, k=-1, dtype=int)
    return _placed("skew", "skew-symmetric", below - below.T)


def diagonal(n: int) -> LinearMap:
    """Make the map from n coordinates to the diagonal matrix of size n.

    Parameters
    ----------
    n
        Size of the matrix.

    Raises
    ------
    ValueError
        When `n` is not a positive integer.

    Examples
    --------
    >>> diagonal(2)([1, 2])
    array([[1., 0.],
           [0., 2.]])
    """
    return _placed("diag", "diagonal", np.eye(size(n, "n"), dtype=int))


def lower_triangular(n: int) -> LinearMap:
    """Make the map from the n (n + 1) / 2 coordinates vech(T) to the lower triangular matrix T.

    Parameters
    ----------
    n
        Size of T.

    Raises
    ------
    ValueError
        When `n` is not a positive integer.

    Notes
    -----
    The Cholesky factor of a covariance matrix lives here.

    Examples
    --------
    >>> lower_triangular(2)([1, 2, 4])
    array([[1., 0.],
           [2., 4.]])
    """
    return _placed("lower", "lower triangular", np.tri(size(n, "n"), dtype=int))


def _placed(name: str, word: str, signs: Any) -> LinearMap:
    """Place coordinates where there are signs below the diagonal, and in their mirror images."""
    upper = np.nonzero(np.triu(signs.T))
    return Placed((len(upper[0]),), signs.shape, mirrored(upper, len(signs)), signs, name, word)


@dataclass(frozen=True, eq=False)
class Subspace:
    """The image of an injective map J from R^k, with its coordinates; made of what `within` got.

    Raises
    ------
    TypeError, ValueError
        When J is not a linear map, not one into the space of X, or not injective.
    """

    J: LinearMap

    @property
    def word(self) -> str:
        """What its matrices are, such as "symmetric", if there is a word for it."""
        return getattr(self.J, "word", "")

    def __str__(self) -> str:
        return f"{self.word} matrices" if self.word else f"the image of {self.J}"

    @classmethod
    def of(cls, within: Any, X: Any, rounds: bool) -> Subspace:
        """Return the subspace that a function was given as `within`, for matrices like X.

        Beside floats, an exact map is refused, or made one of floats if it `rounds`.
        """
        if not isinstance(within, LinearMap):
            raise TypeError(f"within must be a map such as symmetric(n); it is {within!r}")
        shape = np.shape(X)
        if within.codomain != shape:
            raise ValueError(f"within must be a map to {space(shape)}, where X is; it is {within}")
        if within.exact and rounds:
            shapes = within.domain, within.codomain
            within = LinearMap(*shapes, within, within.adjoint, formula=within.formula)
        if within.exact and not is_exact(X):
            way = "make X exact, or within of arrays of floats"
            raise TypeError(f"within computes exactly, and X is one of floats: {way}")
        if len(within.domain) != 1:
            count = prod(within.domain)
            places = fold(np.arange(count), within.domain, "F")
            within = within @ Placed((count,), within.domain, places, np.ones_like(places), "unvec")
        return cls(in_numpy(within))

    @cached_property
    def _counts(self) -> Any:
        """The diagonal of [J]ᵀ[J], which is all of it, where J places coordinates; else `None`."""
        if not isinstance(self.J, Placed):
            return None
        return np.bincount(self.J.places.ravel(), np.abs(self.J.signs).ravel()).astype(int)

    @cached_property
    def _columns(self) -> Any:
        """The matrix of J, by rows."""
        return self.J.matrix("C")

    @cached_property
    def _orthonormal(self) -> Any:
        """The matrix W for which the columns of [J]W are orthonormal; it is upper triangular."""
        M = self._columns
        gram = M.T @ M
        if is_exact(gram):
            import sympy as sp

            if sp.Matrix(gram).rank() == len(gram):
                return exact(np.array(sp.Matrix(gram).cholesky(hermitian=False).T.inv()))
        else:
            lengths = np.sqrt(np.diag(gram)) + (np.diag(gram) == 0)  # coordinates have units
            if np.linalg.matrix_rank(M / lengths) == len(gram):
                R = np.linalg.qr(M / lengths, mode="r")
                return np.linalg.inv(np.sign(np.diag(R))[:, None] * R) / lengths[:, None]
        raise ValueError(f"within must be injective; {self.J} is not")

    @property
    def longest(self) -> float:
        """The length of the longest coordinates that a matrix of length 1 has."""
        if self._counts is not None:
            return float(np.max(self._counts**-0.5))
        return float(np.linalg.norm(self._orthonormal.astype(float), 2))

    def change(self, coordinates: Any, exactly: bool) -> Any:
        """Return the matrix W that changes a row of J's own coordinates into those asked for."""
        has_vech = self.word in ("symmetric", "lower triangular")
        names = ["orthonormal", "own", *["vech"] * has_vech]
        if coordinates not in names:
            known = ", ".join(map(repr, names))
            raise ValueError(f"coordinates must be one of {known} here; it is {coordinates!r}")
        if coordinates != "orthonormal":
            W = np.eye(self.J.domain[0])
        elif self._counts is not None:
            W = np.diag(exact(self._counts) ** exact(-0.5)[()] if exactly else self._counts**-0.5)
        else:
            W = self._orthonormal
        return exact(W) if exactly else np.asarray(W, dtype=float)

    def readings(self, exactly: bool) -> Iterator[tuple[Shape, Any, str]]:
        """Yield the shapes of candidates, how they are made of J's own coordinates, and words."""
        M, W = self._columns, self.change("orthonormal", exactly)
        yield self.J.domain, None, ", in coordinates"
        yield self.J.codomain, M, ""
        inverse = W.T @ (M.T @ M) if self._counts is None else W * self._counts  # of W
        yield self.J.domain, inverse, ", in orthonormal coordinates"
        if isinstance(self.J, Placed):
            order = self.J.places[np.tril(self.J.signs) > 0]
            yield self.J.domain, np.eye(len(order), dtype=int)[order], ", in coordinates by rows"

    def coordinates(self, Y: Any, name: str) -> Any:
        """Return the coordinates of a matrix in the subspace; refuse one that is not in it."""
        Y = real_array(Y, name, self.J.codomain)
        v = self.solved(self.J.adjoint._image(Y))
        gap = -self.J._image(-2 * v) / 2 - Y  # it is J(v) - Y, if J is linear
        if is_exact(gap):
            off: Any = [entry for entry in gap.flat if not is_zero(entry)]
        else:
            off = -np.sort(-abs(gap)[abs(gap) > _allowed(abs(Y).astype(float))])
        if len(off):
            kind = self.word or f"in the image of {self.J}"
            way = "; of directions only, take K ↦ f(X + K) at K = 0" * (name == "X")
            raise ValueError(f"{name} must be {kind}; it is off by {off[0]}{way}")
        return v

    def after(self, f: Function, array: Callable[[Any], Any] | None, v: Any) -> Any:
        """Return f(J(v)); of a library's arrays, where `array` makes them."""
        if array is None:
            return f(self.J._image(v))
        if isinstance(self.J, Placed):
            places = self.J.places.copy()  # PyTorch warns of arrays that nobody may change
            return f(array(self.J.signs * 1.0) * v[places])
        columns = np.asarray(self._columns, dtype=float)
        return f((array(columns) @ v).reshape(self.J.codomain))

    def project(self, covector: Any) -> Any:
        """Return the matrix in the subspace whose inner products with its elements are given."""
        return self.J._image(self.solved(covector))

    def solved(self, covectors: Any) -> Any:
        """Solve [J]ᵀ[J] v = covector, for one or for each row of a matrix."""
        if self._counts is not None:
            return covectors / self._counts
        W = self.change("orthonormal", is_exact(covectors))
        return covectors @ W @ W.T


def _allowed(sizes: Any) -> Any:
    """Return how far the entries of a matrix may be off; rows and columns may have units."""
    largest = np.max(sizes)
    return MEMBER * (scales(sizes) if sizes.ndim == 2 else largest) + ROUNDING * largest
