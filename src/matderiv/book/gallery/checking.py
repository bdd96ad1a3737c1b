"""The second check of an entry: in floats, by the package's derivative, at two sizes.

`formula` checks what it finds without rules, over the integers modulo p². This check shares nothing
with it: f is evaluated in floats, and the package differentiates it numerically.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from matderiv import directional_derivative, formula
from matderiv.book.gallery.entries import Answer, Arrays, Entry, value_of
from matderiv.formulas import ORDERS
from matderiv.formulas.checking import length
from matderiv.formulas.tree import atoms

SIZES = (2, 3)
POINTS = 2  # of each size
DRAWS = 20  # for a point in the domain
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """Which of an entry's answers are wrong, by size; as a truth value, whether none is."""

    entry: str
    wrong: dict[int, list[str]]

    def __bool__(self) -> bool:
        return not any(self.wrong.values())

    def __str__(self) -> str:
        found = (
            f"n = {n}: {' and '.join(names) + ' wrong' if names else 'right'}"
            for n, names in self.wrong.items()
        )
        return f"{self.entry}: {'; '.join(found)}"

    __repr__ = __str__


def verify(entry: Entry, **claimed: str) -> Verdict:
    """Check an entry in floats, at two points of each of two sizes.

    Parameters
    ----------
    entry
        What `recipe` or `special` made.
    **claimed
        Formulas to be checked in place of what was derived: ``map`` in the direction Y,
        ``gradient``, and ``F`` and ``C`` for the matrices.

    Returns
    -------
    Verdict
        Which answers are wrong at which size.

    Notes
    -----
    The letter n stands for 2 and for 3, the other letters for sizes near it. At each point X, one
    generic direction Y is compared: of a linear map it leaves nothing unseen, except by accident.

    Examples
    --------
    >>> from matderiv.book.gallery import recipe
    >>> verify(recipe("X^2"))
    X^2: n = 2: right; n = 3: right
    >>> verify(recipe("X^2"), map="2*X*Y")
    X^2: n = 2: map wrong; n = 3: map wrong
    """
    if unknown := sorted({*claimed} - {*entry.answers}):
        raise TypeError(f"{entry}: expected {', '.join(entry.answers)}; got {', '.join(unknown)}")
    claims = {name: partial(value_of, formula(text)) for name, text in claimed.items()}
    wrong: dict[int, list[str]] = {}
    for n in SIZES:
        points = [_slope(entry, n, seed) for seed in range(POINTS)]
        wrong[n] = [
            name
            for name, answer in (claims or entry.answers).items()
            if not all(_holds(name, answer, *point) for point in points)
        ]
    return Verdict(str(entry), wrong)


def _holds(name: str, answer: Answer, arrays: Arrays, Y: Any, slope: Any) -> bool:
    """Whether an answer gives the slope along Y, at a point."""
    value = answer(arrays)
    if name == "gradient":
        value = np.vdot(value, Y)
    for order in ORDERS:
        if name == order:
            value, slope = value @ np.ravel(Y, order), np.ravel(slope, order)
    return bool(np.allclose(value, slope, TOLERANCE, TOLERANCE * (1e-3 + np.abs(slope).max())))


def _slope(entry: Entry, n: int, seed: int) -> tuple[Arrays, Any, Any]:
    """Return arrays at a point of the domain, a direction, and the slope of f along it."""
    generator = np.random.default_rng([2011, n, seed])
    for draw in range(DRAWS):
        arrays = _drawn(entry, n, generator, draw)
        X, Y = arrays[entry.by], arrays[entry.along]
        try:
            slope = directional_derivative(_function(entry, arrays), X, Y)
        except ValueError:
            continue
        return {**arrays, **entry.constants(X)}, Y, slope
    raise ValueError(f"{entry}: no point of its domain was found with n = {n}")


def _function(entry: Entry, arrays: Arrays) -> Callable[[Any], Any]:
    return lambda X: entry.function({**arrays, entry.by: X})


def _drawn(entry: Entry, n: int, generator: np.random.Generator, draw: int) -> Arrays:
    """Draw arrays whose eigenvalues are real and apart.

    Every second time all entries are positive, and every other two times other letters are larger.
    """
    larger = ((1, 0, 2, 1), (0, 1, 1, 2))[draw // 2 % 2]
    others = (letter for letter in atoms(*entry.symbols.values()) if letter != "n")
    sizes = {"n": n} | {
        letter: n + more for letter, more in zip(others, cycle(larger), strict=False)
    }
    arrays = {}
    for name, symbol in entry.symbols.items():
        rows, columns = (length(size, sizes) for size in (symbol.rows, symbol.cols))
        array = generator.uniform(-0.4, 0.4, (rows, columns))
        array += np.eye(rows, columns) * np.linspace(1, 3, rows)[:, None]
        array = np.abs(array) if draw % 2 else array
        array = (array + array.T) / 2 if symbol.data[1] or entry.symmetric else array
        arrays[name] = array[0, 0] if symbol.is_number else array
    return arrays
