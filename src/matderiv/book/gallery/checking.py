"""The second check of an entry: in floats, by the package's derivative, at two sizes.

`formula` checks what it finds without rules, over the integers modulo p². This check shares nothing
with it: f is evaluated in floats, and the package differentiates it numerically.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matderiv import derivative, formula
from matderiv.book.gallery.entries import Answer, Arrays, Entry, _value
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
    answers: dict[str, Answer] = {name: _claim(text) for name, text in claimed.items()}
    wrong = {
        n: [
            name
            for name, answer in (answers or entry.answers).items()
            if not all(_holds(entry, name, answer, n, seed) for seed in range(POINTS))
        ]
        for n in SIZES
    }
    return Verdict(str(entry), wrong)


def _claim(text: str) -> Answer:
    claim = formula(text)
    return lambda arrays: _value(claim, arrays)


def _holds(entry: Entry, name: str, answer: Answer, n: int, seed: int) -> bool:
    """Whether an answer gives the slope of f along Y, at a point."""
    arrays, slope = _slope(entry, n, seed)
    Y = arrays[entry.along]
    value = answer(arrays)
    if name == "gradient":
        value = np.vdot(value, Y)
    if name in ("F", "C"):
        value, slope = value @ np.ravel(Y, name), np.ravel(slope, name)
    return bool(np.allclose(value, slope, TOLERANCE, TOLERANCE * np.abs(slope).max()))


def _slope(entry: Entry, n: int, seed: int) -> tuple[Arrays, Any]:
    """Return arrays at a point of the domain, and the slope of f there."""
    generator = np.random.default_rng([2011, n, seed])
    for draw in range(DRAWS):
        arrays = _drawn(entry, n, generator, draw)
        try:
            D = derivative(lambda X: entry.function({**arrays, entry.by: X}), arrays[entry.by])
            return {**arrays, **entry.constants(arrays[entry.by])}, D(arrays[entry.along])
        except (ValueError, TypeError):
            continue
    raise ValueError(f"{entry}: no point of its domain was found with n = {n}")


def _drawn(entry: Entry, n: int, generator: np.random.Generator, draw: int) -> Arrays:
    """Draw arrays: eigenvalues are real and apart; each second time, all entries are positive."""
    others = (letter for letter in atoms(*entry.symbols.values()) if letter != "n")
    sizes = {"n": n} | {letter: n + (1, 0, 2, 1)[k % 4] for k, letter in enumerate(others)}
    arrays = {}
    for name, symbol in entry.symbols.items():
        rows, columns = (length(size, sizes) for size in (symbol.rows, symbol.cols))
        array = generator.uniform(-0.4, 0.4, (rows, columns))
        array += np.eye(rows, columns) * np.linspace(1, 3, rows)[:, None]
        array = np.abs(array) if draw % 2 else array
        symmetric = symbol.data[1] or entry.symmetric
        array = (array + array.T) / 2 if symmetric else array
        arrays[name] = array[0, 0] if symbol.is_number else array
    return arrays
