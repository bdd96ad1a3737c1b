"""Checks of sizes, shapes, orders and memory: one clear error each, naming the argument."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

import numpy as np

Shape = tuple[int, ...]
Order = Literal["F", "C"]

MAX_BYTES = 2 * 2**30


def check_order(order: Any) -> None:
    """Refuse an order other than "F" and "C"."""
    if order not in ("F", "C"):
        raise ValueError(f'order must be "F" (by columns) or "C" (by rows); it is {order!r}')


def size(value: Any, name: str) -> int:
    """Return `value` as a positive integer."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a positive integer; it is {value!r}")
    return int(value)


def matrix_shape(value: Any, name: str) -> tuple[int, int]:
    """Return `value` as the shape of a matrix."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} must be two positive integers; it is {value!r}")
    return size(value[0], name), size(value[1], name)


def check_memory(shape: Shape, what: str, max_bytes: float, advice: str) -> None:
    """Refuse to write down a dense matrix by accident."""
    needed = 8 * prod(shape)
    if needed > max_bytes:
        raise MemoryError(
            f"{what} is {' × '.join(f'{length:,}' for length in shape)}: "
            f"{needed / 2**30:,.1f} GiB, above the limit of {max_bytes / 2**30:,.1f} GiB; {advice}"
        )
