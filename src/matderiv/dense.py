"""Maps in coordinates: unit elements, coordinates of values, and sums that do not overflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from matderiv.arguments import Order, Shape
from matderiv.coordinates import fold, unfold

ROWS = 16


def basis(shape: Shape, order: Order) -> Iterator[Any]:
    """Yield the unit elements of a space, in the order of its coordinates."""
    for place in range(prod(shape)):
        unit = np.zeros(prod(shape))
        unit[place] = 1
        yield fold(unit, shape, order)


def combined(operation: Callable[..., Any], *matrices: Any) -> Any:
    """Combine matrices; as floats where they hold integers that could overflow."""
    if any(M.dtype.kind not in "iu" for M in matrices):
        return operation(*matrices)
    floats = [M.astype(float) for M in matrices]
    bound = np.abs(operation(*map(np.abs, floats)))
    fits = bound.dtype == object or bound.max() < 2**53
    return operation(*(matrices if fits else floats))


def added(M: Any, N: Any) -> Any:
    """Add two matrices that nobody else holds: floats in place, as a third may be too large."""
    if not M.dtype == N.dtype == float:
        return combined(np.add, M, N)
    M += N
    return M


def sum_of_outer_products(p: Any, q: Any) -> Any:
    """Return p qᵀ + q pᵀ for two vectors of one dtype, exactly symmetric.

    Some rows at a time, so that memory is passed once.
    """
    M = np.empty((len(p), len(q)), dtype=p.dtype)
    transposed = np.empty_like(M[:ROWS])
    for start in range(0, len(p), ROWS):
        rows = slice(start, start + ROWS)
        np.multiply.outer(p[rows], q, out=M[rows])
        M[rows] += np.multiply.outer(q[rows], p, out=transposed[: len(p[rows])])
    return M


def coordinates_of(value: Any, order: Order) -> Any:
    """Unfold a value of a map, which may be a number."""
    return unfold(np.asanyarray(value), order)
