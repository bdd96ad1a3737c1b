"""Coordinates of matrices, and the layouts of tables with four indices.

Order "F" unfolds a matrix by columns, as vec does in the literature; order "C" by rows. A layout
names the indices of the rows, then those of the columns, the last index running fastest: "ij,kl"
is the matrix in order C, "ji,lk" in order F, "ik,jl" the block table. What is handed back is a
copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matderiv import arrays
from matderiv.arrays import Array, Matrix, Order, Shape, check_memory, own, size
from matderiv.layouts import each, recut

LAYOUTS = tuple(f"{a}{b},{c}{d}" for a, b, c, d in permutations("ijkl"))


def vec(X: Matrix, order: Order = "F") -> Array:
    """Unfold a matrix into its coordinates.

    Parameters
    ----------
    X
        A matrix of shape (m, n).
    order
        "F" stacks the columns, "C" stacks the rows.

    Returns
    -------
    array of shape (m n,)

    Raises
    ------
    ValueError, TypeError
        When `X` is not a real finite matrix, or `order` not "F" or "C".

    Notes
    -----
    Henderson and Searle (1981).

    Examples
    --------
    >>> from matderiv import exact
    >>> X = exact([[1, 2], [3, 4]])
    >>> vec(X), vec(X, order="C")
    (exact([1, 3, 2, 4]), exact([1, 2, 3, 4]))
    """
    arrays.check_order(order)
    return unfold(own(arrays.real_array(X, "X", "mn", "moved")), order)


def unvec(v: Matrix, shape: tuple[int, int], order: Order = "F") -> Array:
    """Fold coordinates back into a matrix: the inverse of `vec`.

    Parameters
    ----------
    v
        The m n coordinates, as an array of shape (m n,) or a single column (m n, 1).
    shape
        The shape (m, n) of the matrix.
    order
        The order in which the coordinates were unfolded.

    Raises
    ------
    ValueError, TypeError
        When `v` is not m n real finite numbers, or another argument is not as above.

    Examples
    --------
    >>> unvec([1.0, 3.0, 2.0, 4.0], (2, 2))
    array([[1., 2.],
           [3., 4.]])
    """
    arrays.check_order(order)
    shape = arrays.matrix_shape(shape, "shape")
    coordinates = arrays.real_array(v, "v", door="moved")
    if coordinates.shape not in ((prod(shape),), (prod(shape), 1)):
        words = f"the {prod(shape)} coordinates of a matrix of shape {shape}"
        raise ValueError(f"v must hold {words}; its shape is {coordinates.shape}")
    return fold(own(coordinates), shape, order)


def vech(X: Matrix) -> Array:
    """Stack the columns of the lower triangle, diagonal included.

    Parameters
    ----------
    X
        A square matrix of shape (n, n). A symmetric one is determined by the result.

    Returns
    -------
    array of shape (n (n + 1) / 2,)

    Raises
    ------
    ValueError, TypeError
        When `X` is not a real finite square matrix.

    Notes
    -----
    Magnus and Neudecker (2019), section 3.8.

    Examples
    --------
    >>> vech([[1.0, 2.0], [2.0, 4.0]])
    array([1., 2., 4.])
    """
    array = arrays.real_array(X, "X", "nn", "moved")
    return array.T.reshape(-1)[np.flatnonzero(np.tri(array.shape[0]).T)]


def unvech(v: Matrix) -> Array:
    """Fold n (n + 1) / 2 numbers into the symmetric matrix that they determine.

    Parameters
    ----------
    v
        The numbers, as an array of shape (n (n + 1) / 2,) or a single column.

    Returns
    -------
    array of shape (n, n)

    Raises
    ------
    ValueError, TypeError
        When `v` is not n (n + 1) / 2 real finite numbers.

    Notes
    -----
    The inverse of `vech` on symmetric matrices: vec(unvech(v)) = D v, with the duplication matrix.

    Examples
    --------
    >>> unvech([1.0, 2.0, 4.0])
    array([[1., 2.],
           [2., 4.]])
    """
    numbers = arrays.real_array(v, "v", door="moved")
    n = (isqrt(8 * numbers.size + 1) - 1) // 2
    if numbers.shape not in ((n * (n + 1) // 2,), (n * (n + 1) // 2, 1)):
        words = "n (n + 1) / 2 numbers, the lower triangle of an n×n matrix by columns: 1, 3, 6, …"
        raise ValueError(f"v must hold {words}; its shape is {numbers.shape}")
    return numbers.reshape(-1)[mirrored(np.triu_indices(n), n).reshape(-1)].reshape(n, n)


def commutation_matrix(m: int, n: int) -> NDArray[np.int_]:
    """Build the commutation matrix K with K vec(X) = vec(Xᵀ) for every X of shape (m, n).

    Parameters
    ----------
    m, n
        Rows and columns of X.

    Returns
    -------
    integer array of shape (m n, m n)
        A permutation matrix.

    Raises
    ------
    ValueError
        When `m` or `n` is not a positive integer.
    MemoryError
        When the matrix would take more than 2 GiB; use ``transposition(m, n)``.

    Notes
    -----
    Henderson and Searle (1981), "The vec-permutation matrix".

    Examples
    --------
    >>> X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> commutation_matrix(2, 3) @ vec(X)
    array([1., 2., 3., 4., 5., 6.])
    """
    m, n = size(m, "m"), size(n, "n")
    check_memory((m * n, m * n), "the commutation matrix", "apply transposition(m, n) instead")
    return np.eye(m * n, dtype=int)[np.arange(m * n).reshape(n, m).T.reshape(-1)]


def duplication_matrix(n: int) -> NDArray[np.int_]:
    """Build the duplication matrix D with D vech(S) = vec(S) for every symmetric S.

    Parameters
    ----------
    n
        Size of S.

    Returns
    -------
    integer array of shape (n², n (n + 1) / 2)

    Raises
    ------
    ValueError
        When `n` is not a positive integer.
    MemoryError
        When the matrix would take more than 2 GiB; use ``unvech``.

    Notes
    -----
    Magnus and Neudecker (2019), section 3.8.

    Examples
    --------
    >>> duplication_matrix(2)
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """
    n = size(n, "n")
    length = n * (n + 1) // 2
    check_memory((n * n, length), "the duplication matrix", "use unvech")
    return np.eye(length, dtype=int)[mirrored(np.triu_indices(n), n).reshape(-1)]


def mirrored(upper: tuple[Any, ...], n: int) -> NDArray[np.int_]:
    """Return an n×n table that numbers places above the diagonal, and their mirror images alike.

    Row by row above is column by column below, as in vech.
    """
    table = np.zeros((n, n), dtype=int)
    table[upper] = table.T[upper] = np.arange(len(upper[0]))
    return table


def elimination_matrix(n: int) -> NDArray[np.int_]:
    """Build the elimination matrix L with L vec(X) = vech(X) for every square X.

    Parameters
    ----------
    n
        Size of X.

    Returns
    -------
    integer array of shape (n (n + 1) / 2, n²)

    Raises
    ------
    ValueError
        When `n` is not a positive integer.
    MemoryError
        When the matrix would take more than 2 GiB; use ``vech``.

    Notes
    -----
    Magnus and Neudecker (1980), "The elimination matrix: some lemmas and applications".

    Examples
    --------
    >>> elimination_matrix(2)
    array([[1, 0, 0, 0],
           [0, 1, 0, 0],
           [0, 0, 0, 1]])
    """
    n = size(n, "n")
    check_memory((n * (n + 1) // 2, n * n), "the elimination matrix", "use vech")
    return np.eye(n * n, dtype=int)[np.arange(n * n).reshape(n, n)[np.triu_indices(n)]]


def flatten(tensor: Matrix, layout: str) -> Array:
    """Cut an array with four indices i, j, k, l into a matrix.

    Parameters
    ----------
    tensor
        An array of shape (m, n, p, q): second derivatives H[i, j, k, l] = ∂²f/∂x_ij∂x_kl, or first
        derivatives J[i, j, k, l] = ∂F_ij/∂x_kl.
    layout
        The two indices of the rows and the two of the columns, one of `LAYOUTS`.

    Returns
    -------
    array of two indices

    Raises
    ------
    ValueError
        When `layout` is not one of the 24, or `tensor` has not four indices.

    Notes
    -----
    Claims L6 and L7 of the thread: only four of the 24 are the matrix of the bilinear form in one
    basis.

    Examples
    --------
    >>> from matderiv import TraceProduct, second_derivative
    >>> f = TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]])
    >>> tensor = second_derivative(f, [[0, 0], [0, 0]]).tensor.round(9)
    >>> flatten(tensor, "ij,kl")
    array([[70., 19., 19., 22.],
           [19.,  4.,  4.,  7.],
           [19.,  4.,  4.,  7.],
           [22.,  7.,  7.,  6.]])
    >>> flatten(tensor, "ik,jl")
    array([[70., 19., 19.,  4.],
           [19., 22.,  4.,  7.],
           [19.,  4., 22.,  7.],
           [ 4.,  7.,  7.,  6.]])
    """
    if not isinstance(layout, str) or layout not in LAYOUTS:
        words = 'the letters i, j, k and l once each, two by two, as in "ik,jl"'
        raise ValueError(f"layout must hold {words}; it is {layout!r}")
    array = own(arrays.real_array(tensor, "tensor", "ijkl", "moved"))
    return recut(array, each(array.shape), layout, array.shape)


def realign(M: Matrix, shape: Sequence[Sequence[int]] | None = None) -> Array:
    """Rearrange M so that the Kronecker product of P and Q becomes rvec(P) rvec(Q)ᵀ.

    Parameters
    ----------
    M
        A matrix of the shape of P ⊗_K Q.
    shape
        The shapes ((m₁, n₁), (m₂, n₂)) of P and Q; without it, two square ones of equal size.

    Returns
    -------
    array of shape (m₁ n₁, m₂ n₂)

    Raises
    ------
    ValueError, TypeError
        When `M` is not a real finite matrix of that shape.

    Notes
    -----
    The rearrangement of Van Loan and Pitsianis (1993), in physics the realignment of Chen and Wu
    (2003). For square factors of equal size it is its own inverse. Claim L6 of the thread.

    Examples
    --------
    >>> realign([[5, 10, 6, 12], [15, 20, 18, 24]], shape=((1, 2), (2, 2)))
    array([[ 5., 10., 15., 20.],
           [ 6., 12., 18., 24.]])
    """
    return _recut_factors(M, shape, "ij,kl")


def partial_transpose(M: Matrix, shape: Sequence[Sequence[int]] | None = None) -> Array:
    """Rearrange M so that the Kronecker product of P and Q becomes that of P and Qᵀ.

    Parameters
    ----------
    M, shape
        As in `realign`.

    Returns
    -------
    array of shape (m₁ n₂, n₁ m₂)

    Raises
    ------
    ValueError, TypeError
        When `M` is not a real finite matrix of that shape.

    Notes
    -----
    It transposes every block: Peres (1996).

    Examples
    --------
    >>> partial_transpose([[1, 2, 5, 6], [3, 4, 7, 8]], shape=((1, 2), (2, 2)))
    array([[1., 3., 5., 7.],
           [2., 4., 6., 8.]])
    """
    return _recut_factors(M, shape, "il,jk")


def _recut_factors(M: Matrix, shape: Any, layout: str) -> Any:
    """Cut M anew, in which i and j are the indices of P, and k and l those of Q."""
    array = arrays.real_array(M, "M", "mn", "moved")
    n = isqrt(array.shape[0])
    if shape is None and array.shape != (n * n, n * n):
        words = "n²×n², or shape be given, ((m1, n1), (m2, n2)) for two factors"
        raise ValueError(f"M must be {words}; the shape of M is {array.shape}")
    factors = ((n, n), (n, n)) if shape is None else shape
    if not isinstance(factors, (tuple, list)) or [*map(np.shape, factors)] != [(2,), (2,)]:
        words = "the shapes of two factors, as in ((m1, n1), (m2, n2))"
        raise ValueError(f"shape must be {words}; it is {shape!r}")
    (m1, n1), (m2, n2) = (arrays.matrix_shape(factor, "shape") for factor in factors)
    array = own(arrays.real_array(array, "M", (m1 * m2, n1 * n2), "moved"))
    return recut(array, "ik,jl", layout, (m1, n1, m2, n2))


def unfold(array: Any, order: Order) -> Any:
    """Unfold a number, a matrix or a tensor product of matrices.

    The array's indices come in pairs, one pair a matrix. Each pair unfolds in the given order
    and the pairs keep theirs, so that v₁ ⊗ v₂ gets the coordinates [v₁] ⊗_K [v₂].
    """
    array = array if hasattr(array, "ndim") else np.asarray(array)
    return array.transpose(_axes(array.ndim, order)).reshape(-1)


def fold(coordinates: Any, shape: Shape, order: Order) -> Any:
    """Fold coordinates back: the inverse of `unfold`."""
    axes = _axes(len(shape), order)
    return coordinates.reshape([shape[axis] for axis in axes]).transpose(axes)


def _axes(indices: int, order: Order) -> list[int]:
    """Return the axes, the last runs fastest; in order "F" the two of each pair are exchanged."""
    exchanged = order == "F" and indices > 1
    return [axis ^ exchanged for axis in range(indices)]


@dataclass(frozen=True)
class Basis:
    """The unit elements of a space, as floats or exact, in the order of its coordinates."""

    shape: Shape
    order: Order = "C"
    exactly: bool = False

    def __len__(self) -> int:
        return prod(self.shape)

    @property
    def places(self) -> Iterator[Any]:
        """Where each has its 1."""
        table = np.arange(len(self)).reshape(self.shape)
        return (np.unravel_index(place, self.shape) for place in unfold(table, self.order))

    def __iter__(self) -> Iterator[Any]:
        for place in self.places:
            unit = np.zeros(self.shape)
            unit[place] = 1
            yield arrays.exact(unit) if self.exactly else unit
