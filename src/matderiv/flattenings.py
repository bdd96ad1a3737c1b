"""Layouts: the ways to cut a table with four indices into a matrix, and the moves between them.

A layout names the indices of the rows, then those of the columns, the last index running fastest:
"ij,kl" is the matrix in order C, "ji,lk" in order F, "ik,jl" the block table.
"""

from __future__ import annotations

from itertools import permutations
from math import isqrt, prod
from typing import Any

from matderiv.arguments import matrix_shape
from matderiv.matrices import Matrix, matrix, real_array

LAYOUTS = tuple(f"{a}{b},{c}{d}" for a, b, c, d in permutations("ijkl"))


def flatten(tensor: Matrix, layout: str) -> Any:
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
    if layout not in LAYOUTS:
        raise ValueError(
            'layout must hold the letters i, j, k and l once each, two by two, as in "ik,jl"; '
            f"it is {layout!r}"
        )
    array = real_array(tensor, "tensor")
    if array.ndim != 4:
        raise ValueError(f"tensor must have four indices; its shape is {array.shape}")
    return cut(array, layout)


def cut(array: Any, layout: str) -> Any:
    """Cut an array with indices i, j, … into a matrix: rows before the comma, columns after."""
    rows, columns = (["ijkl".index(letter) for letter in side] for side in layout.split(","))
    height = prod(array.shape[axis] for axis in rows)
    return array.transpose(rows + columns).reshape(height, -1)


def realign(M: Matrix, shape: Any = None) -> Any:
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
    factors = _factors(M, shape)
    m1, n1, m2, n2 = factors.shape
    return factors.reshape(m1 * n1, m2 * n2)


def partial_transpose(M: Matrix, shape: Any = None) -> Any:
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
    factors = _factors(M, shape)
    m1, n1, m2, n2 = factors.shape
    return factors.transpose(0, 3, 1, 2).reshape(m1 * n2, n1 * m2)


def _factors(M: Matrix, shape: Any) -> Any:
    """Return M as an array whose first two indices are those of P, the other two those of Q."""
    M = matrix(M, "M")
    if shape is None:
        n = isqrt(M.shape[0])
        if M.shape != (n * n, n * n):
            raise ValueError(
                "M must be n²×n², or shape be given, ((m1, n1), (m2, n2)) for two factors; "
                f"the shape of M is {M.shape}"
            )
        shape = ((n, n), (n, n))
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ValueError(
            f"shape must be the shapes of two factors, (m1, n1), (m2, n2); it is {shape!r}"
        )
    (m1, n1), (m2, n2) = (matrix_shape(factor, "shape") for factor in shape)
    if M.shape != (m1 * m2, n1 * n2):
        raise ValueError(f"M must have the shape {(m1 * m2, n1 * n2)}; its shape is {M.shape}")
    return M.reshape(m1, m2, n1, n2).transpose(0, 2, 1, 3)
