"""Derivatives of float functions: by the complex step where differences confirm it, else by those.

Before anything is believed, f is differentiated along a few directions that favour no coordinates.
Its slopes must be linear in the direction. Where the complex step (Squire and Trapp, 1998) gives
the same, relative to them, it is believed as far as they confirm it. Second derivatives are slopes
of its slopes, or second and mixed differences of f itself, at steps that suit each direction:
differences of differences would lose half of the digits that those keep.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, islice, product
from math import prod
from threading import Lock
from types import SimpleNamespace
from typing import Any

import numpy as np

from matderiv.arrays import complex_allowed
from matderiv.coordinates import Basis, unfold
from matderiv.engines import NO_DERIVATIVE, NOTHING, check_value, progress
from matderiv.engines import lines as ln
from matderiv.engines.lines import EPSILON, Lines, Settled, column, largest, settled

COMPLEX_STEP = 2.0**-80
SHARP, BLUNT = 1e-7, 1e-3  # lines with larger relative errors are evaluated at more steps
MOST, TOGETHER = 2**20, 256  # values of f held at once; pairs of directions worked on at once

_held: Any = SimpleNamespace(lock=Lock(), threads=0)


class FloatEngine:
    """A float function at a point; see `Engine`."""

    def __init__(self, f: Callable[[Any], Any], X: Any) -> None:
        self.f, self.X, self.raised = f, X, ""
        here = f(X.copy())
        self.here, kind = self._value(here), np.asarray(here).dtype
        self.digits = float(np.finfo(kind).eps) / 2 if kind.kind == "f" else EPSILON / 2
        check_value(self.shape)
        if not np.all(np.isfinite(self.here)):
            raise ValueError("f must be finite at X; it returned NaN or infinity")
        again = self.near(X.copy())
        if np.any(np.abs(again - self.here) > ln.TRUSTED * np.abs(self.here)):
            raise ValueError(
                f"f must give one value at one X; it gave {self.here} and {again}: it is random, "
                "so fix its seed, or hold fixed what it draws"
            )
        self.scale = float(np.max(np.abs(X))) or 1.0
        self.ladder, self.step = ln.ladder(self.scale), 1j * COMPLEX_STEP * self.scale
        self.units = units_of(X)
        with np.errstate(all="ignore"):
            self._probe()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of f's values."""
        return np.shape(self.here)

    def twice(self) -> FloatHessian:
        """Return the engine for second derivatives."""
        return FloatHessian(self)

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, and their errors, of shape (k, *shape)."""
        smooth = self.method == "complex step"
        if smooth and isinstance(directions, Basis):  # which is not written down
            reach = [1 / unfold(units, directions.order) for units, _ in self.bounds]
            return self._confirmed(map(self._moved, directions.places), reach)
        few = max(1, MOST // max(self.X.size, 2 * len(self.ladder) * prod(self.shape)))
        remaining, found = iter(directions), []
        while chosen := list(islice(remaining, few)):
            units, lengths = normalized(chosen)
            if smooth:
                reach = [np.array([np.max(np.abs(Y) / u) for Y in units]) for u, _ in self.bounds]
                value, error = self._confirmed((self.X + self.step * Y for Y in units), reach)
            else:
                value, error = self._by_differences(units)
            lengths = column(lengths, value.ndim)
            found.append((value * lengths, error * lengths))
        values, errors = map(np.concatenate, zip(*found, strict=True))
        return values, errors

    def _confirmed(self, points: Iterable[Any], reach: Any) -> tuple[Any, Any]:
        """Take complex steps, and how far they reach, in the units in which they are confirmed."""
        values = self._imaginary(points)
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{NO_DERIVATIVE}: along some direction it is not finite")
        bounds = [np.multiply.outer(r, b) for r, (_, b) in zip(reach, self.bounds, strict=True)]
        return values, np.min(bounds, axis=0) + EPSILON * np.abs(values)

    def _by_differences(self, units: Any) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            found = self.settle(units, self.window, Lines.slopes)
            size = self.size / column(self.reach(units), found.value.ndim)
            self.refuse(found, found.untrusted(np.maximum(size, largest(found.value))))
        return found.value, found.error

    def _moved(self, place: Any) -> Any:
        W = self.X.astype(complex)
        W[place] += self.step
        return W

    # How f is evaluated.

    def _value(self, value: Any) -> Any:
        """Return a value of f as an array of floats."""
        if value is None:
            raise TypeError(NOTHING)
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "buifO":
                raise TypeError(f"its entries are of type {array.dtype}")
            return array.astype(float)
        except (TypeError, ValueError) as error:
            raise TypeError(f"f must return real numbers; it returned {value!r}") from error

    def near(self, W: Any) -> Any:
        """Return f at a point that nobody asked for; NaN where it is not defined."""
        try:
            value = self._value(self.f(W)) if np.all(np.isfinite(W)) else np.nan * self.here
        except Exception as error:  # whatever f raises, or returns, where it is not defined
            self.raised, value = f"; {type(error).__name__}: {error}", np.nan * self.here
        if value.shape != self.shape:
            raise TypeError(
                f"f must return values of one shape; it returned {self.shape} and {value.shape}"
            )
        return np.where(np.isfinite(value), value, np.nan)

    def complex_slopes(self, W: Any, directions: Iterable[Any]) -> Any:
        """Differentiate f at W along directions by the complex step."""
        return self._imaginary(W + self.step * Y for Y in directions)

    def _imaginary(self, points: Iterable[Any]) -> Any:
        with np.errstate(all="ignore"), complex_allowed(), complex_warnings_held():
            values = [np.imag(self.f(W)) for W in points]
        return np.array(values, dtype=float) / self.step.imag

    def settle(
        self, units: Any, window: Any, find: Callable[[Lines], Settled], of: Any = None
    ) -> Settled:
        """Differentiate f, or another function, along directions whose largest entry is 1.

        Steps are those of a window; where that is not sharp, the whole ladder is tried.
        """
        function, here, noise = of or (self.near, self.here, self.noise)

        def along(chosen: Any, h: Any) -> Settled:
            values = [
                [
                    [function(self.X + t * units[k]) for k, t in zip(chosen, row, strict=True)]
                    for row in side
                ]
                for side in (h, -h)
            ]
            return find(Lines(here, np.array(values), h, self.rounding, noise))

        return self.refined(along, window[:, None] * self.reach(units))

    def refined(self, along: Callable[[Any, Any], Settled], window: Any, a: Any = 1.0) -> Settled:
        """Differentiate at steps from a window, or the whole ladder where that is not sharp."""
        count = window.shape[1]
        found = along(range(count), window)
        sharp = found.error <= self.sharp * np.abs(found.value)
        sharp |= found.error * found.unit <= self.sharp * found.around
        poor = np.flatnonzero(~np.all(sharp.reshape(count, -1), axis=1))
        whole = (self.ladder[:, None] / (a * np.ones(count)))[:, poor]
        return found.improved(poor, along(poor, whole)) if len(poor) else found

    # What is tried before anything is believed.

    def _probe(self) -> None:
        """Differentiate along directions that favour no coordinates; believe what they confirm.

        The first is followed down the whole ladder, to find the steps that are best.
        """
        self.probes, self.sum_length, scales = probes(self.units)
        h = self.ladder[:, None]
        values = np.array([[[self.near(self.X + t * self.probes[0])] for t in s] for s in (h, -h)])
        self.rounding = max(ln.precision(values), self.digits)
        self.line = Lines(self.here, values, h, self.rounding)
        self.noise, found = self.line.measured[0], self.line.slopes()
        self.window = self.window_of(found)
        self.sharp = min(max(SHARP, 3 * float(np.max(found.error / largest(found.value)))), BLUNT)
        found = self.settle(self.probes, self.window, Lines.slopes)
        self.size = max(float(np.max(np.abs(found.value))), self.line.slope_around(self.scale))
        self.refuse(found, found.untrusted(self.size))
        errors = found.error + self._broken(found)
        gap = np.abs(attempt(lambda: self.complex_slopes(self.X, self.probes)) - found.value)
        self.method = "central differences"
        if confirmed(gap, found.value, found.error):
            self.method, errors = "complex step", errors + gap
        self.bounds = [(units, np.max(errors[places], axis=0)) for units, places in scales]
        best = np.min([np.max(bound) / units for units, bound in self.bounds], axis=0)
        self.error = float(np.max(best))

    def _broken(self, found: Settled) -> Any:
        """Return by how much the probes' slopes are not linear; refuse what clearly is not."""
        signs = column([1.0, 1.0, -self.sum_length], found.value.ndim)
        broken = np.abs(np.sum(signs * found.value[:3], axis=0))
        doubt = 10 * np.sum(np.abs(signs) * found.error[:3], axis=0)
        if np.any(broken > doubt + 1e-6 * self.size):
            raise ValueError(f"{NO_DERIVATIVE}: its slopes do not depend linearly on the direction")
        return broken

    def reach(self, units: Any) -> Any:
        """Return how far one may go along directions before an entry has moved by its unit."""
        return np.array([1 / (np.max(np.abs(Y) / self.units) or 1.0) for Y in units])

    def window_of(self, found: Settled) -> Any:
        """Return steps around those of the ladder that a derivative came from."""
        finest = self.ladder[int(np.max(found.finest))]
        return finest * ln.FINE ** (ln.LEVELS - 2.0 - np.arange(ln.LEVELS))

    def refuse(self, found: Settled, bad: Any) -> None:
        """Raise the error that says why derivatives cannot be trusted, where there are such."""
        if not np.any(bad):
            return
        worst = np.argmax(np.where(bad, found.error, -1))
        error, noise, corner = (
            np.ravel(a)[worst] for a in (found.error, found.noise, found.corner)
        )
        digits = np.max(self.noise + self.rounding * np.abs(self.here))
        why = "its difference quotients do not settle as the step shrinks"
        if not np.isfinite(error):
            why = f"it is not defined on both sides of X{self.raised}"
        elif corner > error / 2:
            why = "its slopes from two sides differ"
        elif noise > error / 10 and digits < ln.TRUSTED * np.nanmax(self.line.change):
            why = (
                f"its values are only good to {digits:.1g}, which hides how it changes there; "
                "compute it in double precision, or without a large constant added"
            )
        raise ValueError(f"{NO_DERIVATIVE}: {why}")


class FloatHessian:
    """The second derivative of a number-valued float function at a point; see `SecondEngine`."""

    def __init__(self, first: FloatEngine) -> None:
        self.first, self.X = first, first.X
        with np.errstate(all="ignore"):
            self._probe()

    def second_slopes(self, directions: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along every two directions, and their errors, (k, k)."""
        units, lengths = normalized(directions)
        with np.errstate(all="ignore"):
            if self.method == "complex step":
                table, errors = self._slopes_of_slopes(units)
                reach = 1 / self.first.reach(units)
                errors = errors + self.bound * np.multiply.outer(reach, reach)
            else:
                table, errors = self._differences(units)
            products = np.multiply.outer(lengths, lengths)
            return table * products, errors * products

    def _probe(self) -> None:
        """Try two directions and their sum: second derivatives must be those of a bilinear form."""
        first, c = self.first, self.first.sum_length
        self.window = first.window_of(first.line.second())
        lines = first.settle(first.probes[:3], self.window, Lines.second)
        table, errors = self._differences(first.probes[:2], lines)
        signs = np.array([-0.5, -0.5, c**2 / 2])
        broken = abs(signs @ lines.value - table[0, 1])
        self.size = float(np.max(np.abs(table)))
        if broken > 10 * (np.abs(signs) @ lines.error + errors[0, 1]) + 1e-6 * self.size:
            raise ValueError(
                f"{NO_DERIVATIVE}: its second derivatives are not those of a bilinear form"
            )
        self.method = "central differences"
        if first.method == "complex step":
            gap = np.abs(attempt(lambda: self._slopes_of_slopes(first.probes[:2])[0]) - table)
            if confirmed(gap, table, errors):
                self.method, errors = "complex step", errors + gap
        self.bound = float(np.max(errors)) + broken
        self.error = self.bound / float(np.min(first.units)) ** 2

    def _slopes_of_slopes(self, units: Any) -> tuple[Any, Any]:
        """Differentiate the slopes of the complex step, those along the directions up to each."""
        first, (table, errors) = self.first, np.zeros((2, len(units), len(units)))

        def slopes(W: Any) -> Any:
            try:
                return first.complex_slopes(W, units[: i + 1])
            except Exception:  # whatever f raises where it is not defined
                return np.full(i + 1, np.nan)

        for i, Y in enumerate(progress(units, "second derivatives", len(units))):
            of = (slopes, first.complex_slopes(first.X, units[: i + 1]), 0.0)
            found = first.settle(Y[None], first.window, Lines.slopes, of)
            table[i, : i + 1] = table[: i + 1, i] = found.value[0]
            errors[i, : i + 1] = errors[: i + 1, i] = found.error[0]
        return table, errors

    def _differences(self, units: Any, lines: Settled | None = None) -> tuple[Any, Any]:
        """Take second differences along each direction, and mixed ones along each pair."""
        lines = lines or self.first.settle(units, self.window, Lines.second)
        count, steps = len(units), np.sqrt(2 * lines.unit)
        table = np.array([np.diag(part[:count]) for part in lines], dtype=float)
        pairs = np.array(list(combinations(range(count), 2)), dtype=int).reshape(-1, 2)
        parts = np.array_split(pairs, 1 + len(pairs) // TOGETHER)
        for i, j in (part.T for part in progress(parts, "second derivatives", len(parts))):
            table[:, i, j] = table[:, j, i] = self._mixed(units[i], units[j], steps[i], steps[j])
        found = Settled(*table)
        sizes = scales_of(found.value, self.first.reach(units))
        self.first.refuse(found, found.untrusted(sizes, near=30.0))
        return found.value, found.error

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
                    for level in (
                        zip(*sides, Y[k], Z[k], strict=True) for sides in zip(p, q, strict=True)
                    )
                ]
                for sign, s in product((1, -1), (1, -1))
            ]
            square = Squares(first, np.array(corners), float(h[0, 0] / h[1, 0]))
            return settled(square.mixed, p * q, square)

        window = ln.FINE ** (1.0 - np.arange(ln.LEVELS))
        return first.refined(along, window[:, None] * np.ones(len(Y)), a)


class Squares:
    """f at the corners X ± aY ± bZ of squares, at shrinking steps: what `settled` looks at.

    ``corners`` has the shape (4, levels, k): those with equal signs first.
    """

    def __init__(self, first: FloatEngine, corners: Any, ratio: float) -> None:
        self.ratio, self.mixed = ratio, (corners[0] + corners[1] - corners[2] - corners[3]) / 4
        self.change, self.largest = np.max(np.abs(corners - first.here), axis=0), abs(first.here)
        self.noise = (first.noise + first.rounding * np.max(np.abs(corners), axis=0)) / 2


def scales_of(table: Any, reach: Any) -> Any:
    """Return the sizes that the entries of a Hessian are to be compared with, in their units."""
    units = np.multiply.outer(reach, reach)
    sizes = np.abs(table) * units
    most = np.max(sizes, axis=0)
    return (np.sqrt(np.multiply.outer(most, most)) + ln.TRUSTED * np.max(sizes)) / units


def confirmed(gap: Any, value: Any, error: Any) -> bool:
    """Whether differences confirm other derivatives, relative to their own size and errors."""
    return gap.shape == value.shape and bool(np.all(gap <= 4 * error + 1e-12 * np.max(abs(value))))


def probes(units: Any) -> tuple[Any, float, list[Any]]:
    """Return fixed directions: two in the given units, their sum, and one more if units differ.

    Also the factor that the sum was divided by, and for both units the directions in them.
    """
    random = np.random.default_rng(2011).standard_normal((3, *units.shape))
    random[1] = np.roll(random[0], 1) * np.exp(random[1] / 8)  # entries in another order
    (Y, Z), _ = normalized(random[:2] * units)
    c, ones = float(np.max(np.abs(Y + Z))), np.ones_like(units)
    if np.min(units) > 0.01:
        return np.array([Y, Z, (Y + Z) / c]), c, [(ones, slice(0, 3))]
    (W,), _ = normalized(random[2:])
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
        return compute()
    except Exception:  # whatever a function not made for complex numbers may raise
        return np.array(np.nan)


@contextmanager
def complex_warnings_held() -> Iterator[None]:
    """Hold back NumPy's warning that imaginary parts were discarded.

    Filters belong to all threads: the first that comes here sets this one, the last takes it away.
    """
    with _held.lock:
        if not _held.threads:
            _held.filters = warnings.catch_warnings()
            _held.filters.__enter__()
            warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        _held.threads += 1
    try:
        yield
    finally:
        with _held.lock:
            _held.threads -= 1
            if not _held.threads:
                _held.filters.__exit__(None, None, None)
