"""What f does along lines t ↦ f(X + tY): its slope and its second derivative, with their errors.

Lines are evaluated at shrinking steps on both sides of X. The odd part of what f does gives slopes
and the even part second derivatives, by Richardson's extrapolation with the error of Ridders
(1982). The noise of f is measured, not assumed, as in the difference tables of Moré and Wild
(2011): it is what remains of both parts at steps so small that they should have vanished, and no
less than the digits in which f's values are given.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

EPSILON = float(np.finfo(float).eps)
WIDE, FINE, LEVELS = 8.0, 2.0, 7  # ratios of steps that look for the right ones, and that are
TOP, FINEST = 0.7390851332151607, 1e-12  # no simple multiple of the periods that functions have
ALIKE = 0.01  # contradicting values that differ by less are of one derivative
TRUSTED = 1e-3  # errors above this, in terms of a derivative's size, are refused
NEGLIGIBLE = 1e-5  # errors below this, beside what f does around X, are small in any case
GROWTH = 0.75  # parts of f that grow faster than this power of the step are not noise
FALL = 1 / 8  # differences between two sides that fall by this power of the step vanish
UNLIKE = 100.0  # times the error, between two sides, or the noise, are no rounding
STILL = 6  # levels at which f must stand still for its jumps further out to be no noise
QUANTUM = 1e-6  # f's rounding is no larger than this, beside what f does elsewhere
HIDDEN = 2.0**16  # times f's precision: that of terms that stand still next to X is no larger
STEEP = 2.5  # beside a second derivative, smooth functions have what grows faster than this power
UNDEFINED, CORNER, NOISE, UNSETTLED = range(4)  # what an error comes from


class Found(NamedTuple):
    """Derivatives along k directions, or pairs: values, errors, and how they were found.

    ``step`` is the largest used, and ``around`` the derivatives as f's change within it would have
    them, infinite where f is constant; ``reason`` is what the error comes from, and ``clash`` the
    finest level that finer ones contradict, or 0.
    """

    value: Any
    error: Any
    step: Any
    around: Any
    reason: Any
    clash: Any

    def improved(self, places: Any, others: Found, lengths: Any) -> Found:
        """Return these with others, in places where their errors are smaller.

        Those are along directions of length 1 in one unit; in X's units the step is divided by the
        ``lengths`` of these, and the derivative multiplied. Of two that contradict each other, one
        is not taken that is zero beside the other, as its steps were under the noise, or where f is
        flat; nor one whose steps move an entry by more than its size, where the other is sure and
        really another. Else the gap is part of the error.
        """
        value, error, step, around, *rest = others
        factors = column(np.prod(lengths, axis=0), value.ndim)
        step = step / column(np.min(lengths, axis=0), value.ndim)
        tried = np.array([value * factors, error * factors, step, around * factors, *rest])
        merged = np.array(self)
        kept = merged[:, places]
        sizes, gap = np.abs([kept[0], tried[0]]), np.abs(tried[0] - kept[0])
        unlike = gap > 2 * (tried[1] + kept[1])
        sure = np.array([kept[1], tried[1]]) <= TRUSTED * sizes
        far = (step > 1) & (gap > ALIKE * sizes[0])
        blind = (sizes <= TRUSTED * sizes[::-1]) | ([np.full(gap.shape, False), far])
        blind &= unlike & sure[::-1]
        better = (tried[1] < kept[1]) | np.isnan(kept[1])
        chosen = np.where((better | blind[0]) & ~blind[1], tried, kept)
        doubted = unlike & np.all(sure, axis=0) & ~np.any(blind, axis=0)
        chosen[1] = np.where(doubted, np.fmax(chosen[1], gap), chosen[1])
        merged[:, places] = chosen
        return Found(*merged)


class Lines:
    """f on both sides of X, at shrinking steps along k directions: odd part, even part, noise.

    ``values`` has the shape (2, levels, k, …), ahead and behind, for steps ``h``, (levels, k), of
    which a part of ``slip`` may leave the direction, as X + hY is rounded.
    """

    def __init__(
        self, here: Any, values: Any, h: Any, slip: Any, noise: Any = 0.0, rounding: float = 0.0
    ):
        ahead, behind = values
        self.h, self.slip = column(h, ahead.ndim), column(slip, ahead.ndim)
        self.here, self.ratio = here, float(np.rint(h[0, 0] / h[1, 0]))
        self.odd, self.even = (ahead - behind) / 2, (ahead + behind) / 2 - here
        self.change = np.fmax(np.abs(self.odd), np.abs(self.even))
        self.noise = noise + rounding * np.fmax(np.abs(here), np.max(np.abs(values), axis=0))

    def derivative(self, order: int, others: Lines | None = None) -> Found:
        """Find the slopes, or the second derivatives; less those along other lines.

        Where those from the two sides differ, the gap is part of the error.
        """
        if order == 1:
            noise = self.noise + self.slip * np.abs(self.odd)
            return self._settled(self.odd, self.h, noise, self.even / self.h, self.change)
        even, noise = self.even, self._bent_noise()
        if others:
            scale = (self.h / others.h) ** 2  # steps as taken differ by rounding
            even, noise = even - scale * others.even, noise + scale * others._bent_noise()
        bend = -np.diff(self.odd / self.h, axis=0) / self.h[1:]
        return self._settled(even, self.h**2 / 2, noise, bend, np.abs(even))

    def _bent_noise(self) -> Any:
        """Return the noise of the even part, which grows as the step squared."""
        return self.noise + 2 * self.slip * np.abs(self.even)

    def _settled(self, parts: Any, units: Any, noise: Any, sides: Any, beside: Any) -> Found:
        """Extrapolate parts of f, divided by powers of the steps; say what the error comes from.

        ``sides`` are differences between the two sides of X, which vanish with the step if f is
        smooth. Noise is small beside all that f does, what does not settle ``beside`` that alone: a
        slope does not excuse second derivatives.
        """
        noise, units = noise / units, units + 0 * parts
        best, first, value, error, excluded = extrapolated(parts / units, noise, self.ratio)
        clash = len(parts) - 1 - np.argmax(excluded[::-1], axis=0)
        clash = np.where(at(clash, excluded), clash, 0)
        corner, seen = self._gap(sides, 2 * noise, error)
        error, noise = error + corner, at(best, noise)
        parted = corner > error / 2
        causes = [~np.isfinite(error), parted & seen, parted | (noise > error / 10)]
        reason = np.select(causes, [UNDEFINED, CORNER, NOISE], UNSETTLED)
        change, blur = at(first, self.change), at(first, self.noise)
        constant = (change <= 4 * blur) & (blur <= QUANTUM * np.max(np.abs(self.here)))
        beside = at(first, beside)
        is_noise = (reason == NOISE) | ((reason == UNSETTLED) & (beside <= UNLIKE * blur))
        change = np.where(is_noise, change, beside)
        around = np.where(constant, np.inf, change / at(first, units))
        return Found(value, error, at(first, self.h + 0 * parts), around, reason, clash)

    def _gap(self, sides: Any, noise: Any, error: Any) -> tuple[Any, Any]:
        """Bound what differences between the two sides, known up to noise, leave as steps vanish.

        Where they settle it is what they settle at. Where not, as at cusps, it is the least that
        they may be, unless they vanish: still fall by a power of the step, have fallen by digits,
        or are not far above the error of the derivative, in which the same noise is. Also returned
        is whether they are seen through the noise at all levels.
        """
        left = (self.ratio * sides[1:] - sides[:-1]) / (self.ratio - 1)
        noise = noise[-len(left) :]
        _, _, gap, doubt, _ = extrapolated(left, noise, self.ratio)
        left, gap = np.abs(left), np.abs(gap)
        least, settles = np.fmin.reduce(left + noise), gap > 10 * doubt
        corner = np.where(settles, gap + doubt, 0.0)
        unlike = ~settles & ~(least <= UNLIKE * error)
        if not np.any(unlike):
            return corner, settles
        fallen = np.any(left + noise <= NEGLIGIBLE * np.fmax.accumulate(left), axis=0)
        falls = np.all((left[1:] <= left[:-1] / self.ratio**FALL)[-5:], axis=0)
        corner = np.where(unlike & ~fallen & ~falls, least, corner)
        return corner, settles | (np.fmin.reduce(left - noise) > 0)

    def measured_noise(self, within: Any = np.inf) -> Any:
        """Return what does not shrink with the step in parts of f that should.

        From the finest level up, it is the largest part seen before growth over three levels shows
        that the parts have come out of the noise; where they are ``within`` it is known.
        """
        growth, quantum = self.ratio**GROWTH, self._quantum()
        bent = np.abs(self.odd[1:] - self.odd[:-1] / self.ratio)
        parts = np.fmax(np.abs(self.even[1:]), bent)
        grows = ~(parts[:-1] <= growth * parts[1:])
        grows[1:] &= grows[:-1]
        upwards = parts[:0:-1]
        finer = np.fmax.accumulate([quantum, *upwards])[:-1]
        levels = column(np.arange(len(parts), 1, -1), upwards.ndim)
        still = finer <= 4 * EPSILON * np.abs(self.here)  # then jumps far from X are no noise
        next_too = np.fmax(upwards, np.roll(upwards, -1, axis=0))
        jumps = still & (next_too > np.abs(self.here) / 2) & (levels <= len(parts) - STILL)
        comes_out = (grows[::-1] & (upwards > growth * finer) & (levels < within)) | jumps
        out = np.logical_or.accumulate(comes_out)
        return np.fmax.reduce([quantum, *np.where(out, 0.0, upwards)])

    def hidden(self, rounding: float, scale: float) -> Any:
        """Return the rounding of terms of f that stand still next to X, while others move.

        Then small steps have another second derivative, and what larger ones have beside it begins
        at once: features of f would fall by a power of the step. Or they have the same, and what
        they have beside it falls no faster than it: that of smooth functions falls as its square.
        """
        found = self.derivative(2)
        left = np.abs(self.even - found.value * self.h**2 / 2)
        near = np.isfinite(self.change) & (self.h <= scale)
        most = np.max(np.where(near, self.change, 0.0), axis=0)
        small = left <= HIDDEN * EPSILON / 2 * most
        levels = column(np.arange(len(left) - 1), left.ndim)
        finer = np.fmax.accumulate(left[::-1])[-2::-1]
        begins = (found.clash > 0) & (levels >= found.clash) & (finer <= TRUSTED * left[:-1])
        begun = np.where(begins & small[:-1], left[:-1], 0.0)
        rises = left[:-1] > self.ratio**STEEP * left[1:]
        out = np.logical_or.accumulate((rises[1:] & rises[:-1])[::-1])[::-1]
        stays = (levels[1:] > found.clash) & ~out & small[1:-1]
        beside = left - HIDDEN**0.5 * rounding * self.change  # more than the whole is rounded
        staying = np.where(stays, beside[1:-1], 0.0)
        return np.fmax(np.max(begun, axis=0), np.max(staying, axis=0))

    def _quantum(self) -> Any:
        """Return the size of f's rounding where f is constant next to X and changes further out.

        That is how much it changes first, if larger changes dwarf it. Else f is really constant.
        """
        still = np.sum(np.logical_and.accumulate(self.change[::-1] == 0), axis=0)
        first = len(self.change) - 1 - still
        changes = [at(np.maximum(first - levels, 0), self.change) for levels in range(6)]
        dwarfed = changes[0] <= QUANTUM * np.max(changes, axis=0)
        return np.where((still > 0) & dwarfed, changes[0], 0.0)


def ladder(scale: float) -> Any:
    """Return ever smaller steps for an X of this scale; NaN parts its ladder from that of 1."""

    def down(start: float, end: float) -> Any:
        levels = 1 + np.ceil(np.log(start / end) / np.log(WIDE))
        return TOP * start * WIDE ** -np.arange(levels)

    if scale > FINEST:
        return down(max(scale, 1.0), FINEST * scale)
    return np.array([*down(1.0, FINEST), np.nan, *down(scale, FINEST * scale)])


def extrapolated(quotients: Any, noise: Any, ratio: float) -> tuple[Any, Any, Any, Any, Any]:
    """Extrapolate even functions of the step to zero, along the first axis, entry by entry.

    Returns the levels of the finest and of the largest step used, the values and their errors.
    Large steps tell nothing of f at X where finer ones contradict them: the search ends where the
    values, within their errors, have nothing in common; also returned is at which levels.
    """
    values, errors, levels = tableau(quotients, noise, ratio)
    low = np.fmax.accumulate((values - 2 * errors)[::-1])[::-1]
    high = np.fmin.accumulate((values + 2 * errors)[::-1])[::-1]
    excluded = low > high
    best = 1 + np.argmin(np.where(excluded, np.inf, errors)[1:], axis=0)
    return best, at(best, levels), at(best, values), at(best, errors), excluded


def tableau(quotients: Any, noise: Any, ratio: float) -> tuple[Any, Any, Any]:
    """Return of Ridders' tableau, for each finest step, the best value, its error, first step."""
    values, entries = quotients.copy(), quotients
    errors, levels = np.full(quotients.shape, np.inf), np.zeros(quotients.shape, dtype=int)
    for j in range(3):
        finer, coarser = entries[1:], entries[:-1]
        tried = finer + (finer - coarser) / (ratio ** (2 * j) - 1) if j else finer
        rows = slice(len(quotients) - len(tried), None)
        error = np.maximum(np.abs(tried - finer), np.abs(tried - coarser)) + noise[rows]
        better = error < errors[rows]
        first = column(np.arange(len(tried)), tried.ndim)
        for kept, new in ((values, tried), (errors, error), (levels, first)):
            kept[rows] = np.where(better, new, kept[rows])
        entries = tried if j else entries
    return values, errors, levels


def precision(values: Any) -> float:
    """Return the relative precision in which floats are given: 2⁻⁵³, or 2⁻²⁴ for single ones.

    Fewer than three values, such as those of a constant, tell nothing.
    """
    mantissas = np.abs(np.frexp(values[np.isfinite(values)])[0] * 2.0**53).astype(np.int64)
    mantissas = np.unique(mantissas[mantissas != 0])
    least = np.min(mantissas & -mantissas) if len(mantissas) >= 3 else 1
    return float(least) * EPSILON / 2


def at(level: Any, table: Any) -> Any:
    """Return the entries of a table at levels of its first axis, one for each other place."""
    return np.take_along_axis(table, level[None], 0)[0]


def column(values: Any, ndim: int) -> Any:
    """Let values meet the first axes of an array with so many."""
    return np.reshape(values, (*np.shape(values), *[1] * (ndim - np.ndim(values))))


def sizes(values: Any) -> Any:
    """Return the largest of each value's entries."""
    return np.max(np.abs(values).reshape(len(values), -1), axis=1)
