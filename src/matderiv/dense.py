"""Maps in coordinates: unit elements, coordinates of values, and sums that do not overflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from matderiv.arguments import Order, Shape
from matderiv.coordinates import fold, unfold


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


def coordinates_of(value: Any, order: Order) -> Any:
    """Unfold a value of a map, which may be a number."""
    return unfold(np.asanyarray(value), order)
