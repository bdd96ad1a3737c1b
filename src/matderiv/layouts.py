"""Layouts: which index of a table runs along which axis of an array.

The table is that of a derivative: the indices of f's values are the first letters of i, j, k, l,
those of X the next. Commas part the axes, and of the letters of an axis the last runs fastest.
Formulas need this file where there is no NumPy.
"""

from __future__ import annotations

from itertools import permutations
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arrays import Shape

KINDS = ("representation", "mixed orders", "rearrangement")
CUTS = ((0,), (0, 1), (1, 0, 2), (1, 2), (2,))  # how many of 0, …, 4 indices the rows may have


def each(shape: Shape) -> str:
    """Return the layout of a table itself, in which each index has its own axis."""
    return ",".join("ijkl"[: len(shape)])


def lengths(layout: str, shape: Shape) -> Shape:
    """Return the shape of an array in a layout of a table."""
    parts = ([shape["ijkl".index(letter)] for letter in part] for part in layout.split(","))
    return tuple(map(prod, parts))


def moves(layout: str, other: str, shape: Shape) -> tuple[Shape, Shape, Shape]:
    """Return what takes a table of a shape to another layout: reshape, transpose, reshape."""
    here, there = layout.replace(",", ""), other.replace(",", "")
    before = tuple(shape["ijkl".index(letter)] for letter in here)
    return before, tuple(map(here.index, there)), lengths(other, shape)


def recut(array: Any, layout: str, other: str, shape: Shape) -> Any:
    """Cut an array anew, which is a table of a shape in one layout, into another layout."""
    before, axes, after = moves(layout, other, shape)
    return array.reshape(before).transpose(axes).reshape(after)


def layouts(indices: int, axes: int) -> list[str]:
    """List the layouts of a table with so many indices as an array of so many axes.

    Two axes are rows and columns, between which up to two indices are shared out in any way, more
    of them evenly. Otherwise each index has its own axis.
    """
    orders = list(map("".join, permutations("ijkl"[:indices])))
    if axes != 2:
        return [",".join(order) for order in orders] if axes == indices else []
    return [f"{order[:k]},{order[k:]}" for k in CUTS[indices] for order in orders]


def fitting(given: Shape, shape: Shape) -> list[str]:
    """List the layouts in which a table of a shape has the shape of an array."""
    tried = layouts(len(shape), len(given))
    return [layout for layout in tried if lengths(layout, shape) == given]


def is_transposed(layout: str, values: int) -> bool:
    """Whether a layout begins with an index of X, though there are those of values."""
    return layout[0] in "ijkl"[values:] if values else layout == "j,i"


def kind(layout: str, values: int = 2) -> str:
    """Say what a layout makes of a derivative whose first indices are its values': see `KINDS`."""
    letters = "".join(sorted(layout.replace(",", "")))
    value, x = letters[:values], letters[values:]
    for one, other in ((value, x), (x, value)):
        if layout in (f"{one},{other}", f"{one[::-1]},{other[::-1]}", ",".join(one + other)):
            return "representation"
        if layout in (f"{one},{other[::-1]}", f"{one[::-1]},{other}"):
            return "mixed orders"
    return "rearrangement"
