"""Second derivatives of float functions, along every two of many directions.

Where the complex step is confirmed they are slopes of its slopes. Elsewhere they are second and
mixed differences of f itself, at steps that suit each direction: differences of differences would
lose half of the digits that those keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np

from matderiv.engines.floats import (
    EPSILON,
    NEGLIGIBLE,
    NO_DERIVATIVE,
    FINE,
    LEVELS,
    SHARP,
    TRUSTED,
    FloatEngine,
    Lines,
    Settled,
    attempt,
    normalized,
    settled,
)
from matderiv.progress import progress

TOGETHER = 256
"""So many pairs of directions are worked on at once."""


@dataclass(frozen=True)
class Slopes:
    """The slopes of f along some directions, by the complex step, as a function of X."""

    first: FloatEngine
    directions: Any

    def __call__(self, W: Any) -> Any:
        """Return the slopes at W; NaN where f fails."""
        slopes = attempt(lambda: self.first.complex_slopes(W, self.directions))
        return slopes if slopes.shape else np.full(len(self.directions), np.nan)


class Squares:
    """f at the corners X ± aY ± bZ of squares, at shrinking steps: what `settled` looks at.

    ``corners`` has the shape (4, levels, k): those with equal signs first.
    """

    def __init__(self, first: FloatEngine, corners: Any, ratio: float) -> None:
        self.mixed = (corners[0] + corners[1] - corners[2] - corners[3]) / 4
        self.ratio = ratio
        self.change = np.max(np.abs(corners - first.here), axis=0)
        self.digits = first.rounding * np.max(np.abs(corners), axis=0)
        self.noise = first.noise + self.digits


class FloatHessian:
    """The second derivative of a number-valued float function at a point; see `Engine`."""

    def __init__(self, first: FloatEngine) -> None:
        self.first, self.X = first, first.X
        with np.errstate(all="ignore"):
            self._probe()

    def second_slopes(self, directions: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along every two directions, and their errors, (k, k)."""
        directions, lengths = normalized(directions)
        with np.errstate(all="ignore"):
            if self.method == "complex step":
                table, errors = self._slopes_of_slopes(directions)
                reach = 1 / self.first.lengths(directions)
                errors = errors + self.bound * np.multiply.outer(reach, reach)
            else:
                table, errors = self._differences(directions)
        products = np.multiply.outer(lengths, lengths)
        return table * products, errors * products

    def _probe(self) -> None:
        """Try two directions and their sum: second derivatives must be those of a bilinear form."""
        first, c = self.first, self.first.sum_length
        self.window = first.window_of(first.line.second())
        lines = first.settle(first.probes[:3], self.window, Lines.second)
        table, errors = self._differences(first.probes[:2], lines)
        mixed = (c**2 * lines.value[2] - lines.value[0] - lines.value[1]) / 2
        doubt = (c**2 * lines.error[2] + lines.error[0] + lines.error[1]) / 2 + errors[0, 1]
        broken = abs(mixed - table[0, 1])
        self.size = float(np.max(np.abs(table)))
        if broken > 10 * doubt + 1e-6 * self.size:
            raise ValueError(
                f"{NO_DERIVATIVE}: its second derivatives are not those of a bilinear form"
            )
        self.method = "central differences"
        if first.method == "complex step":
            trial, _ = self._slopes_of_slopes(first.probes[:2])
            gap = np.abs(trial - table)
            if np.all(gap <= 4 * errors + 100 * EPSILON * np.abs(table)):
                self.method, errors = "complex step", errors + gap
        self.bound = float(np.max(errors)) + broken
        self.error = self.bound / float(np.min(first.units)) ** 2

    def _slopes_of_slopes(self, directions: Any) -> tuple[Any, Any]:
        """Differentiate the slopes of the complex step, those along the directions up to each."""
        first, count = self.first, len(directions)
        table, errors = np.zeros((2, count, count))
        for i, Y in enumerate(progress(directions, "second derivatives", count)):
            slopes = Slopes(first, directions[: i + 1])
            found = first.settle(Y[None], first.window, Lines.slopes, slopes, slopes(self.X))
            table[i, : i + 1] = table[: i + 1, i] = found.value[0]
            errors[i, : i + 1] = errors[: i + 1, i] = found.error[0]
        return table, errors

    def _differences(self, directions: Any, lines: Settled | None = None) -> tuple[Any, Any]:
        """Take second differences along each direction, and mixed ones along each pair."""
        if lines is None:
            lines = self.first.settle(directions, self.window, Lines.second)
        count, steps = len(directions), np.sqrt(2 * lines.unit)
        table = Settled(*(np.diag(getattr(lines, field.name)[:count]) for field in fields(Settled)))
        pairs = np.array(list(combinations(range(count), 2)), dtype=int).reshape(-1, 2)
        parts = np.array_split(pairs, 1 + len(pairs) // TOGETHER)
        for i, j in (part.T for part in progress(parts, "second derivatives")):
            found = self._mixed(directions[i], directions[j], steps[i], steps[j])
            for field in fields(Settled):
                values = getattr(table, field.name)
                values[i, j] = values[j, i] = getattr(found, field.name)
        lengths = self.first.lengths(directions)
        self.first.refuse(table, table.untrusted(scales_of(table.value, lengths), near=4.0))
        return table.value, table.error

    def _mixed(self, Y: Any, Z: Any, a: Any, b: Any) -> Settled:
        """Differentiate along pairs of directions, at steps around a and b.

        Where that is not sharp, the whole ladder is tried.
        """
        first = self.first

        def along(k: Any, h: Any) -> Settled:
            p, q = h * a[k], h * b[k]
            corners = [
                [
                    [first.near(first.X + s * (x * u + sign * y * v)) for x, y, u, v in level]
                    for level in (zip(*sides, Y[k], Z[k], strict=True) for sides in zip(p, q))
                ]
                for sign in (1, -1)
                for s in (1, -1)
            ]
            square = Squares(first, np.array(corners), float(h[0, 0] / h[1, 0]))
            return settled(square.mixed, p * q, square)

        every = np.arange(len(Y))
        found = along(every, FINE ** (1.0 - np.arange(LEVELS))[:, None])
        sharp = found.error * found.unit <= first.sharp * found.around
        poor = np.flatnonzero(~sharp & (found.error > first.sharp * np.abs(found.value)))
        if len(poor):
            found = found.improved(poor, along(poor, first.ladder[:, None] / a[poor]))
        return found


def scales_of(table: Any, lengths: Any) -> Any:
    """Return the sizes that the entries of a Hessian are to be compared with, in their units."""
    units = np.multiply.outer(lengths, lengths)
    sizes = np.abs(table) * units
    largest = np.max(sizes, axis=0)
    return (np.sqrt(np.multiply.outer(largest, largest)) + TRUSTED * np.max(sizes)) / units
