"""Derivatives of float functions: by the complex step where differences confirm it, else by those.

All comes from lines t ↦ f(X + tY), at steps ±h from the scales of X and of 1 down to 1e-11 of X.
Their odd parts give slopes and their even parts second derivatives, by Richardson's extrapolation
with the error of Ridders (1982). The noise of f is measured, not assumed, as in the difference
tables of Moré and Wild (2011): it is what remains of both parts at steps so small that they should
have vanished, and no less than the digits in which f's values are given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import combinations, islice, tee
from math import prod
from threading import Lock
from typing import Any

import numpy as np

from matderiv.arrays import complex_allowed
from matderiv.progress import progress

NO_DERIVATIVE = "f has no derivative at X that could be confirmed"
EPSILON = float(np.finfo(float).eps)
COMPLEX_STEP = 2.0**-80

WIDE, FINE, LEVELS = 8.0, 2.0, 7
"""The ratio of steps that look for the right ones, and of so many steps that are."""

TOP, FINEST = 0.7390851332151607, 1e-12
"""The largest and the least step, in terms of X; no simple multiple of a function's periods."""

TRUSTED = 1e-3
"""Larger errors than this, in terms of a derivative's size, are refused."""

NEGLIGIBLE = 1e-5
"""An error so small beside what f does around X is small, even where the derivative is zero."""

GROWTH = 3.0
"""Parts of f that grow by more than this from a step to the next are not noise."""

QUANTUM = 1e-6
"""Changes of f that may be its rounding are no larger than this, beside what it does elsewhere."""

SHARP = 1e-7
"""Lines with larger relative errors than this are evaluated at more steps."""

MOST = 2**20
"""So many values of f are held at once."""

_lock = Lock()


@dataclass(frozen=True)
class Settled:
    """Derivatives along k directions: values, errors, and how they were found.

    ``finest`` is the level of the least step used; ``unit`` is what a change of f was divided by at
    the largest, and ``around`` how much f changes within it; ``noise`` and ``corner`` say how much
    of the error is f's rounding, and a difference between the two sides of X.
    """

    value: Any
    error: Any
    finest: Any
    unit: Any
    around: Any
    noise: Any
    corner: Any

    def improved(self, places: Any, other: Settled) -> Settled:
        """Return these with others in some places, where their errors are smaller."""
        better = np.zeros(np.shape(self.error), dtype=bool)
        better[places] = other.error < self.error[places]
        taken = better[places]
        merged = {}
        for field in fields(self):
            merged[field.name] = np.array(getattr(self, field.name))
            merged[field.name][better] = getattr(other, field.name)[taken]
        return Settled(**merged)

    def joined(self, other: Settled) -> Settled:
        """Return these and others."""
        names = [field.name for field in fields(self)]
        return Settled(*(np.concatenate([getattr(s, n) for s in (self, other)]) for n in names))

    def untrusted(self, size: Any, near: Any = np.inf) -> Any:
        """Say where errors are too large for derivatives of a size.

        A derivative of less than `near` errors may be zero: then its error counts beside what f
        does around X.
        """
        small = (self.error * self.unit <= NEGLIGIBLE * self.around) & (
            np.abs(self.value) <= near * self.error
        )
        return ~((self.error <= TRUSTED * size) | small | np.isinf(self.around))


def ladder(scale: float) -> Any:
    """Return ever smaller steps for an X of this scale; NaN parts two ladders, that of 1 and its."""

    def down(start: float, end: float) -> Any:
        levels = 1 + np.ceil(np.log(start / end) / np.log(WIDE))
        return TOP * start * WIDE ** -np.arange(levels)

    if scale > 1e-12:
        return down(max(scale, 1.0), FINEST * scale)
    return np.array([*down(1.0, FINEST), np.nan, *down(scale, FINEST * scale)])


def extrapolated(quotients: Any, noise: Any, ratio: float) -> tuple[Any, ...]:
    """Extrapolate even functions of the step to zero, along the first axis, entry by entry.

    Returns the values of the tableau with the least error, these errors, the part of them that is
    noise, and the levels of the largest step that they come from. Large steps tell nothing of f at
    X where finer ones contradict them: the search ends there.
    """
    values, errors, levels = tableau(quotients, noise, ratio)
    shape = quotients.shape[1:]
    low, high = np.full(shape, -np.inf), np.full(shape, np.inf)
    best, going = np.full(shape, len(quotients) - 1), np.full(shape, True)
    for level in range(len(quotients) - 1, 0, -1):
        value, error = values[level], errors[level]
        going &= ~((value + 2 * error < low) | (value - 2 * error > high))
        better = going & (error < np.take_along_axis(errors, best[None], 0)[0])
        best = np.where(better, level, best)
        low = np.fmax(low, value - 2 * error)
        high = np.fmin(high, value + 2 * error)
    found = (np.take_along_axis(a, best[None], 0)[0] for a in (values, errors, noise, levels))
    return *found, best


def tableau(quotients: Any, noise: Any, ratio: float) -> tuple[Any, Any, Any]:
    """Return of Ridders' tableau, for each finest step, the best value, its error, its coarsest step."""
    values, entries = quotients.copy(), quotients
    errors, levels = np.full(quotients.shape, np.inf), np.zeros(quotients.shape, dtype=int)
    for j in range(3 if ratio == WIDE else len(quotients) - 1):
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


def measured_noise(parts: Any, quantum: Any) -> Any:
    """Return what does not shrink with the step in parts of f that should, along the first axis.

    From the finest level up, it is the largest part seen before growth over three levels shows
    that the parts have come out of the noise. It is no less than a quantum of f.
    """
    noise, grown = quantum, np.zeros(parts.shape[1:], dtype=bool)
    large = parts > QUANTUM * np.fmax.reduce(parts)
    shrinks = ~(parts[:-1] <= GROWTH * parts[1:])
    shrinks[1:] &= shrinks[:-1]
    for part, out, big in zip(parts[:0:-1], shrinks[::-1], large[:0:-1], strict=True):
        grown |= (part > GROWTH * noise) & (out | (big & (noise == 0)))
        noise = np.where(grown, noise, np.fmax(noise, part))
    return noise


def quantum(parts: Any) -> Any:
    """Return the largest small part that finer steps do not see at all: f's rounding itself."""
    sizes = np.abs(parts)
    small = sizes[:-1] <= QUANTUM * np.fmax.reduce(sizes)
    return np.max(np.where((sizes[1:] == 0) & small, sizes[:-1], 0.0), axis=0)


def precision(values: Any) -> float:
    """Return the relative precision in which floats are given: 2⁻⁵³, or 2⁻²⁴ for single ones.

    Few different values, such as those of a constant, tell nothing.
    """
    mantissas = np.abs(np.frexp(values[np.isfinite(values)])[0] * 2.0**53).astype(np.int64)
    mantissas = np.unique(mantissas[mantissas != 0])
    least = np.min(mantissas & -mantissas) if len(mantissas) >= 8 else 1
    return float(least) * EPSILON / 2


class Lines:
    """f on both sides of X, at shrinking steps along k directions: odd part, even part, noise.

    ``values`` has the shape (2, levels, k, …), ahead and behind; the steps ``h`` are (levels, k).
    """

    def __init__(self, here: Any, values: Any, h: Any, rounding: float, noise: Any = 0.0) -> None:
        ahead, behind = values
        self.h, self.ratio = column(h, ahead.ndim), float(h[0, 0] / h[1, 0])
        self.odd, self.even = (ahead - behind) / 2, (ahead + behind) / 2 - here
        self.change = np.fmax(np.abs(self.odd), np.abs(self.even))
        parts = np.fmax(np.abs(self.even), _bent(self.odd, self.ratio))
        seen = measured_noise(parts, np.maximum(quantum(self.odd), quantum(self.even)))
        self.measured = np.maximum(seen, noise)
        largest = np.fmax(np.abs(here), np.max(np.abs(values), axis=0))
        self.digits = rounding * largest
        self.noise = self.measured + self.digits

    def slopes(self) -> Settled:
        """Find the derivatives; where the one-sided ones differ, the gap is part of the error."""
        return settled(self.odd, self.h, self, self.even / self.h)

    def second(self) -> Settled:
        """Find the second derivatives, likewise."""
        quotients, square = self.odd / self.h, self.h**2
        bend = (quotients[:-1] - quotients[1:]) / self.h[1:]
        return settled(self.even, square / 2, self, bend)


def settled(parts: Any, units: Any, lines: Any, sides: Any = None) -> Settled:
    """Extrapolate parts of f, divided by powers of the steps; say what f does where that was best.

    ``sides`` are differences between the two sides of X that vanish with the step, if f is smooth.
    """
    noise = lines.noise / units
    value, error, rounding, level, finest = extrapolated(parts / units, noise, lines.ratio)
    around, unit, digits = (
        np.take_along_axis(np.broadcast_to(array, lines.change.shape), level[None], 0)[0]
        for array in (lines.change, units, lines.digits)
    )
    corner = 0 * error if sides is None else left_at_zero(sides, noise, level, lines.ratio)
    around = np.where(around <= 2 * digits, np.inf, around)  # f is constant to its last digit
    return Settled(value, error + corner, finest, unit, around, rounding, corner)


def left_at_zero(sides: Any, noise: Any, level: Any, ratio: float) -> Any:
    """Return what remains of differences linear in the step as it vanishes, if clearly something.

    Only steps finer than those of a level tell of X itself.
    """
    limit = (ratio * sides[1:] - sides[:-1]) / (ratio - 1)
    size = np.abs(limit[1:])
    doubt = noise[-len(size) :] + np.abs(np.diff(limit, axis=0))
    finer = column(np.arange(len(noise) - len(size), len(noise)), size.ndim) > level
    bound = np.min(np.where(finer & np.isfinite(doubt), size + doubt, np.inf), axis=0)
    clear = np.any(finer & (size > 10 * doubt), axis=0)
    return np.where(clear, bound, 0.0)


def _bent(odd: Any, ratio: float) -> Any:
    """Return how far the odd part is from shrinking with the step; NaN at the largest one."""
    return np.abs(np.concatenate([np.nan * odd[:1], odd[1:] - odd[:-1] / ratio]))


def column(values: Any, ndim: int) -> Any:
    """Let values meet the first axes of an array with so many."""
    return np.reshape(values, (*np.shape(values), *[1] * (ndim - np.ndim(values))))


class FloatEngine:
    """A float function at a point; see `Engine`."""

    def __init__(self, f: Callable[[Any], Any], X: Any) -> None:
        self.f, self.X, self.raised = f, X, ""
        self.here = self._floats(f(X.copy()))
        self.shape = self.here.shape
        self._check_here(self._floats(f(X.copy())))
        self.ladder = ladder(float(np.max(np.abs(X))) or 1.0)
        self.units = units_of(X)
        with np.errstate(all="ignore"):
            self._probe()

    def twice(self) -> Any:
        """Return the engine for second derivatives."""
        from matderiv.engines.hessians import FloatHessian

        return FloatHessian(self)

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, and their errors, of shape (k, *shape)."""
        if self.method == "complex step":
            return self._confirmed_slopes(directions)
        few = max(1, MOST // (2 * len(self.ladder) * prod(self.shape)))
        remaining, found = iter(directions), []
        with np.errstate(all="ignore"):
            while chosen := list(islice(remaining, few)):
                found.append(self._slopes_by_differences(chosen))
        values, errors = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return values, errors

    def _confirmed_slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        kept, kept_again = tee(directions)
        with np.errstate(all="ignore"):
            values = self.complex_slopes(self.X, kept)
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{NO_DERIVATIVE}: along some direction it is not finite")
        errors = np.array([self._bound(Y) for Y in kept_again])
        return values, errors + EPSILON * np.abs(values)

    def _slopes_by_differences(self, directions: Sequence[Any]) -> tuple[Any, Any]:
        directions, lengths = normalized(directions)
        found = self.settle(directions, self.window, Lines.slopes)
        size = self.size / column(self.lengths(directions), found.value.ndim)
        self.refuse(found, found.untrusted(np.maximum(size, largest(found.value))))
        lengths = column(lengths, found.value.ndim)
        return found.value * lengths, found.error * lengths

    # How f is evaluated.

    def _floats(self, value: Any) -> Any:
        """Return a value of f as an array of floats."""
        if value is None:
            raise TypeError("f must return a number or a matrix; it returned None")
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "buifO":
                raise TypeError(f"its entries are of type {array.dtype}")
            return array.astype(float)
        except (TypeError, ValueError) as error:
            raise TypeError(f"f must return real numbers; it returned {value!r}") from error

    def _check_shape(self, value: Any) -> None:
        if value.shape != self.shape:
            raise TypeError(
                f"f must return values of one shape; it returned {self.shape} and {value.shape}"
            )

    def _check_here(self, again: Any) -> None:
        if not np.all(np.isfinite(self.here)):
            raise ValueError("f must be finite at X; it returned NaN or infinity")
        self._check_shape(again)
        if np.any(np.abs(again - self.here) > TRUSTED * np.abs(self.here)):
            raise ValueError(
                f"f must give one value at one X; it gave {self.here} and {again}: "
                "it is random, so fix its seed, or hold fixed what it draws"
            )

    def near(self, W: Any) -> Any:
        """Evaluate f at a point that nobody asked for, where it may be undefined."""
        if np.all(np.isfinite(W)):
            try:
                value = self.f(W)
            except Exception as error:  # whatever f raises where it is not defined
                self.raised = f"{type(error).__name__}: {error}"
            else:
                value = self._floats(value)
                self._check_shape(value)
                return np.where(np.isfinite(value), value, np.nan)
        return np.full(self.shape, np.nan)

    def values(self, function: Callable[[Any], Any], directions: Any, h: Any) -> Any:
        """Evaluate a function on both sides of X, at steps (levels, k) along k directions."""
        return np.array(
            [
                [[function(self.X + t * Y) for t, Y in zip(level, directions)] for level in side]
                for side in (h, -h)
            ]
        )

    def complex_slopes(self, W: Any, directions: Iterable[Any]) -> Any:
        step = COMPLEX_STEP * self.ladder[0]
        with complex_allowed():
            values = [np.imag(self.f(W + 1j * step * Y)) for Y in directions]
        return np.array(values, dtype=float) / step

    def settle(
        self,
        directions: Any,
        window: Any,
        find: Callable[[Lines], Settled],
        function: Callable[[Any], Any] | None = None,
        here: Any = None,
        rounding: float = 0.0,
    ) -> Settled:
        """Differentiate f, or another function, along directions whose largest entry is 1.

        Steps are those of a window; where that is not sharp, the whole ladder is tried.
        """
        here = self.here if function is None else here
        noise = self.noise if function is None else 0.0

        def along(chosen: Any, h: Any) -> Settled:
            h = h * np.ones((1, len(chosen)))
            values = self.values(function or self.near, chosen, h)
            return find(Lines(here, values, h, max(rounding, self.rounding), noise))

        found = along(directions, window[:, None] * self.lengths(directions))
        sharp = found.error <= self.sharp * largest(found.value)
        sharp |= found.error * found.unit <= self.sharp * NEGLIGIBLE / TRUSTED * found.around
        poor = np.flatnonzero(~np.all(sharp.reshape(len(directions), -1), axis=1))
        if len(poor):
            found = found.improved(poor, along(directions[poor], self.ladder[:, None]))
        return found

    # What is tried before anything is believed.

    def _probe(self) -> None:
        """Differentiate along directions that favour no coordinates; believe what they confirm.

        The first is followed down the whole ladder, the others where that was best.
        """
        self.probes, self.sum_length, scales = probes(self.units)
        h = self.ladder[:, None]
        values = self.values(self.near, self.probes[:1], h)
        self.rounding = precision(values)
        self.line = Lines(self.here, values, h, self.rounding)
        self.noise = self.line.measured[0]
        found = self.line.slopes()
        self.window = self.window_of(found)
        self.sharp = max(SHARP, 3 * float(np.max(found.error / largest(found.value))))
        found = self.settle(self.probes, self.window, Lines.slopes)
        self.size = float(np.max(np.abs(found.value)))
        self.refuse(found, found.untrusted(self.size))
        self._believe(found.value, found.error, scales)

    def _believe(self, value: Any, error: Any, scales: Any) -> None:
        """Judge the probes: f's slopes must be linear; those of the complex step may be right."""
        c = self.sum_length
        broken = np.abs(value[0] + value[1] - c * value[2])
        if np.any(broken > 10 * (error[0] + error[1] + c * error[2]) + 1e-6 * np.max(np.abs(value))):
            raise ValueError(f"{NO_DERIVATIVE}: its slopes do not depend linearly on the direction")
        gap = np.abs(attempt(lambda: self.complex_slopes(self.X, self.probes)) - value)
        smooth = gap.shape == value.shape and np.all(gap <= 4 * error + 100 * EPSILON * np.abs(value))
        self.method = "complex step" if smooth else "central differences"
        error = error + broken + (gap if smooth else 0.0)
        self.bounds = [(scale, np.max(error[places], axis=0)) for scale, places in scales]
        self.error = max(
            float(np.max(np.min([bound / scale[i] for scale, bound in self.bounds], axis=0)))
            for i in np.ndindex(self.X.shape)
        )

    def lengths(self, directions: Any) -> Any:
        """Return how far one may go along directions before an entry has moved by its unit."""
        return np.array([1 / np.max(np.abs(Y) / self.units) for Y in directions])

    def _bound(self, Y: Any) -> Any:
        """Return how far a slope along Y may be from what the probes confirm."""
        return np.min([bound * np.max(np.abs(Y) / scale) for scale, bound in self.bounds], axis=0)

    def window_of(self, found: Settled) -> Any:
        """Return steps around those of the ladder that a derivative came from."""
        return self.ladder[int(np.max(found.finest))] * FINE ** (LEVELS - 2 - np.arange(float(LEVELS)))

    def refuse(self, found: Settled, bad: Any) -> None:
        """Raise the error that says why derivatives cannot be trusted, where there are such."""
        if not np.any(bad):
            return
        worst = np.argmax(np.where(bad, found.error, -1))
        error, noise, corner = (np.ravel(a)[worst] for a in (found.error, found.noise, found.corner))
        if not np.isfinite(error):
            why = f"it is not defined on both sides of X{self.raised and f'; it raised {self.raised}'}"
        elif noise > error / 10:
            why = (
                f"its values are only good to {np.max(self.noise + self.rounding * np.abs(self.here)):.1g}, which hides how it changes "
                "there; compute it in double precision, or without a large constant added"
            )
        elif corner > error / 2:
            why = "its slopes from two sides differ"
        else:
            why = "its difference quotients do not settle as the step shrinks"
        raise ValueError(f"{NO_DERIVATIVE}: {why}")

def probes(units: Any) -> tuple[Any, float, list[Any]]:
    """Return fixed directions: two in the given units, their sum, and one more if units differ.

    Also the factor that the sum was divided by, and for both units the directions in them.
    """
    random = np.random.default_rng(2011).standard_normal((3, *units.shape))
    (Y, Z), _ = normalized(random[:2] * units)
    c = float(np.max(np.abs(Y + Z)))
    ones = np.ones_like(units)
    if np.min(units) > 0.01:
        return np.array([Y, Z, (Y + Z) / c]), c, [(ones, slice(0, 3))]
    W = random[2] / np.max(np.abs(random[2]))
    return np.array([Y, Z, (Y + Z) / c, W]), c, [(units, slice(0, 3)), (ones, slice(3, 4))]


def units_of(X: Any) -> Any:
    """Return the sizes of X's entries, the largest 1; 1 for those that are zero beside it."""
    sizes = np.abs(X) / (np.max(np.abs(X)) or 1.0)
    sizes = np.where(sizes < 1e-10, 1.0, sizes)
    return sizes if np.min(sizes) < 0.01 else np.ones_like(sizes)


def normalized(directions: Any) -> tuple[Any, Any]:
    """Return directions whose largest entries are 1, and what they were divided by."""
    directions = np.array(directions, dtype=float)
    lengths = np.max(np.abs(directions.reshape(len(directions), -1)), axis=1)
    lengths[lengths == 0] = 1.0
    return directions / column(lengths, directions.ndim), lengths


def attempt(compute: Callable[[], Any]) -> Any:
    """Return what a function gives that f may not be made for; NaN where it fails."""
    try:
        with complex_warnings_raise():
            return compute()
    except Exception:  # whatever a function not made for complex numbers may raise
        return np.array(np.nan)


@contextmanager
def complex_warnings_raise() -> Iterator[None]:
    """Make NumPy's warning that imaginary parts were discarded an error.

    Warning filters belong to all threads, so only one at a time may change them; another goes on
    without, and its warning may be seen.
    """
    if not _lock.acquire(blocking=False):
        yield
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            yield
    finally:
        _lock.release()


def largest(values: Any) -> Any:
    """Return the largest of each value's entries, to be compared with all of them."""
    sizes = np.max(np.abs(values).reshape(len(values), -1), axis=1)
    return column(sizes, values.ndim)
