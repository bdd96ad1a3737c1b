"""Coordinates of matrices: vec, vech, and the matrices that go from one unfolding to another.

Order "F" unfolds a matrix by columns, as vec does in the literature; order "C" by rows.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from matderiv.arguments import (
    MAX_BYTES,
    Order,
    Shape,
    check_memory,
    check_order,
    matrix_shape,
    size,
)
from matderiv.matrices import Matrix, matrix, real_array, square


def vec(X: Matrix, order: Order = "F") -> Any:
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
    check_order(order)
    return unfold(matrix(X, "X"), order)


def unvec(v: Matrix, shape: tuple[int, int], order: Order = "F") -> Any:
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
    check_order(order)
    shape = matrix_shape(shape, "shape")
    coordinates = real_array(v, "v")
    if coordinates.shape not in ((prod(shape),), (prod(shape), 1)):
        raise ValueError(
            f"v must hold the {prod(shape)} coordinates of a matrix of shape {shape}; "
            f"its shape is {coordinates.shape}"
        )
    return fold(coordinates, shape, order)


def vech(X: Matrix) -> Any:
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
    X = square(X, "X")
    columns, rows = np.triu_indices(X.shape[0])
    return X[rows, columns]


def commutation_matrix(m: int, n: int) -> np.ndarray:
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
    check_memory(
        (m * n, m * n), "the commutation matrix", MAX_BYTES, "apply transposition(m, n) instead"
    )
    places = np.arange(m * n).reshape(n, m).T
    return np.eye(m * n, dtype=int)[places.reshape(-1)]


def duplication_matrix(n: int) -> np.ndarray:
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
        When the matrix would take more than 2 GiB.

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
    check_memory((n * n, length), "the duplication matrix", MAX_BYTES, "use vech and its inverse")
    columns, rows = np.triu_indices(n)
    places = np.empty((n, n), dtype=int)
    places[rows, columns] = places[columns, rows] = np.arange(length)
    return np.eye(length, dtype=int)[places.reshape(-1)]


def elimination_matrix(n: int) -> np.ndarray:
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
    length = n * (n + 1) // 2
    check_memory((length, n * n), "the elimination matrix", MAX_BYTES, "use vech")
    columns, rows = np.triu_indices(n)
    chosen = np.zeros((length, n * n), dtype=int)
    chosen[np.arange(length), columns * n + rows] = 1
    return chosen


def unfold(array: Any, order: Order) -> Any:
    """Unfold a number, a matrix or a tensor product of matrices.

    The array's indices come in pairs, one pair a matrix. Each pair unfolds in the given order
    and the pairs keep theirs, so that v₁ ⊗ v₂ gets the coordinates [v₁] ⊗_K [v₂].
    """
    if order == "F":
        array = array.transpose(_within_pairs(array.ndim))
    return array.reshape(-1)


def fold(coordinates: Any, shape: Shape, order: Order) -> Any:
    """Fold coordinates back: the inverse of `unfold`."""
    if order == "C":
        return coordinates.reshape(shape)
    swap = _within_pairs(len(shape))
    return coordinates.reshape([shape[axis] for axis in swap]).transpose(swap)


def _within_pairs(indices: int) -> list[int]:
    """Return the axes with the two of each pair exchanged."""
    return [axis + 1 - 2 * (axis % 2) for axis in range(indices)]
