"""Derivatives of float functions: by the complex step where differences confirm it, else by those.

Before anything is believed, f is differentiated along a few directions that favour no coordinates.
Its slopes must be linear in the direction. Where the complex step (Squire and Trapp, 1998) gives
the same, relative to them, it is believed as far as they confirm it. Second derivatives are slopes
of its slopes, or second differences of f itself: differences of differences would lose half of the
digits that those keep.

Directions are measured in X's units, so that along one of length 1 no entry moves by more than its
own size.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from math import prod
from threading import Lock
from types import SimpleNamespace
from typing import Any

import numpy as np

from matderiv.arrays import complex_allowed
from matderiv.coordinates import Basis, unfold
from matderiv.engines import NO_DERIVATIVE, NOTHING, check_value, progress
from matderiv.engines import lines as ln
from matderiv.engines.lines import EPSILON, Found, Lines, column, largest

COMPLEX_STEP = 2.0**-80
SHARP, BLUNT = 1e-7, 1e-3  # lines with larger relative errors are evaluated at more steps
ZERO = 1e-6  # a slope smaller than this beside those further out may be zero
MOST = 2**20  # values of f, and entries of X, held at once

_held: Any = SimpleNamespace(lock=Lock(), threads=0)


class FloatEngine:
    """A float function at a point; see `Engine`."""

    def __init__(self, f: Callable[[Any], Any], X: Any) -> None:
        self.f, self.X, self.raised = f, X, ""
        here = f(X.copy())
        self.here, kind = real(here), np.asarray(here).dtype
        self.digits = float(np.finfo(kind).eps) / 2 if kind.kind == "f" else EPSILON / 2
        check_value(self.shape)
        if not np.all(np.isfinite(self.here)):
            raise ValueError("f must be finite at X; it returned NaN or infinity")
        again = real(f(X.copy()))
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

    @property
    def steps(self) -> Any:
        """Ever smaller steps, in terms of X's size."""
        return self.ladder[np.isfinite(self.ladder)]

    def twice(self) -> FloatHessian:
        """Return the engine for second derivatives."""
        return FloatHessian(self)

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, and their errors, of shape (k, *shape)."""
        smooth = self.method == "complex step"
        if smooth and isinstance(directions, Basis):  # which is not written down
            lengths = 1 / unfold(self.units, directions.order)
            return self._confirmed(map(self._moved, directions.places), lengths, 1.0)
        few = max(1, MOST // (2 * len(self.ladder) * max(self.X.size, prod(self.shape))))
        remaining, found = iter(directions), []
        while chosen := list(islice(remaining, few)):
            units, lengths = self.normalized(chosen)
            if smooth:
                points = (self.X + self.step * Y for Y in units)
                found.append(self._confirmed(points, lengths, lengths))
            else:
                found.append(self._by_differences(units, lengths))
        values, errors = map(np.concatenate, zip(*found, strict=True))
        return values, errors

    def _confirmed(self, points: Iterable[Any], lengths: Any, factors: Any) -> tuple[Any, Any]:
        """Take complex steps to points; errors are those of the probes, as far as they go."""
        values = self.imaginary(points)
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{NO_DERIVATIVE}: along some direction it is not finite")
        values = values * column(factors, values.ndim)
        return values, np.multiply.outer(lengths, self.bound) + EPSILON * np.abs(values)

    def _by_differences(self, units: Any, lengths: Any) -> tuple[Any, Any]:
        with np.errstate(all="ignore"):
            found = self.settled(units, self.window)
            self.refuse(found, found.untrusted(np.maximum(self.size, largest(found.value))))
        lengths = column(lengths, found.value.ndim)
        return found.value * lengths, found.error * lengths

    def _moved(self, place: Any) -> Any:
        W = self.X.astype(complex)
        W[place] += self.step
        return W

    def normalized(self, directions: Any) -> tuple[Any, Any]:
        """Return directions of length 1 in X's units, and the lengths that they had."""
        directions = np.array(directions, dtype=float)
        lengths = np.max(np.abs(directions / self.units).reshape(len(directions), -1), axis=1)
        lengths[lengths == 0] = 1.0
        return directions / column(lengths, directions.ndim), lengths

    # How f is evaluated.

    def near(self, W: Any) -> Any:
        """Return f at a point that nobody asked for; NaN where it is not defined."""
        if np.array_equal(W, self.X):
            return self.here
        try:
            value = real(self.f(W)) if np.all(np.isfinite(W)) else np.nan * self.here
        except Exception as error:  # whatever f raises, or returns, where it is not defined
            self.raised, value = f"; {type(error).__name__}: {error}", np.nan * self.here
        if value.shape != self.shape:
            raise TypeError(
                f"f must return values of one shape; it returned {self.shape} and {value.shape}"
            )
        return np.where(np.isfinite(value), value, np.nan)

    def imaginary(self, points: Iterable[Any]) -> Any:
        """Return f's derivatives by the complex step, from points that are one away."""
        with np.errstate(all="ignore"), complex_allowed(), complex_warnings_held():
            values = [np.imag(self.f(W)) for W in points]
        return np.array(values, dtype=float) / self.step.imag

    def lines(self, directions: Any, h: Any, of: Any = None) -> Lines:
        """Evaluate f, or another function, along directions, at steps (levels, k) on both sides."""
        function, here, noise = of or (self.near, self.here, self.noise)
        steps = np.stack([h, -h])
        points = self.X + column(steps, steps.ndim + self.X.ndim) * directions
        values = [function(W) for W in points.reshape(-1, *self.X.shape)]
        shaped = np.reshape(values, (*steps.shape, *np.shape(here)))
        return Lines(here, shaped, h, noise, self.rounding)

    def settled(self, units: Any, window: Any, of: Any = None) -> Found:
        """Differentiate f, or another function, along directions of length 1."""
        return self.refined(lambda k, h: self.lines(units[k], h, of).slopes(), len(units), window)

    def refined(self, along: Callable[[Any, Any], Found], count: int, window: Any) -> Found:
        """Differentiate at steps from a window, or the whole ladder where that is not sharp."""

        def at_steps(places: Any, steps: Any) -> Found:
            return along(places, np.repeat(steps[:, None], len(places), axis=1))

        found = at_steps(np.arange(count), window)
        sharp = found.error <= self.sharp * np.fmax(np.abs(found.value), found.around)
        poor = np.flatnonzero(~np.all(sharp.reshape(count, -1), axis=1))
        return found.improved(poor, at_steps(poor, self.ladder)) if len(poor) else found

    # What is tried before anything is believed.

    def _probe(self) -> None:
        """Differentiate along directions that favour no coordinates; believe what they confirm.

        The first is followed down the whole ladder, to find the steps that are best.
        """
        random = np.random.default_rng(2011).standard_normal((2, *self.X.shape))
        random[1] = np.roll(random[0], 1) * np.exp(random[1] / 8)  # entries in another order
        (Y, Z), _ = self.normalized(random * self.units)
        (sum_,), (length,) = self.normalized([Y + Z])
        self.probes, self.sum_length = np.array([Y, Z, sum_]), length
        self.noise, self.rounding = 0.0, 0.0
        self.line = self.lines(self.probes[:1], self.ladder[:, None])
        self.rounding = max(ln.precision(self.line), self.digits)
        self.noise = self.line.measured()[0]
        self.line.noise = self.noise + self.rounding * np.fmax(abs(self.here), self.line.change)
        found = self.line.slopes()
        self.window = window_of(found)
        self.sharp = min(max(SHARP, 3 * float(np.max(found.error / largest(found.value)))), BLUNT)
        found = self.settled(self.probes, self.window)
        self.size = max(float(np.max(np.abs(found.value))), self._negligible_slope())
        self.refuse(found, found.untrusted(self.size))
        errors = found.error + self._broken(found)
        points = (self.X + self.step * Y for Y in self.probes)
        gap = np.abs(attempt(lambda: self.imaginary(points)) - found.value)
        self.method = "central differences"
        if confirmed(gap, found.value, found.error):
            self.method, errors = "complex step", errors + gap
        self.bound = np.max(errors, axis=0)
        self.error = float(np.max(self.bound)) / float(np.min(self.units))

    def _negligible_slope(self) -> float:
        """Return a slope that would be as good as none, beside those at a tenth of X's scale."""
        level = np.nanargmin(np.abs(np.log(self.ladder * 10 / self.scale)))
        around = self.line.change[level] / self.ladder[level]
        return ZERO * float(np.max(around, initial=0.0, where=np.isfinite(around)))

    def _broken(self, found: Found) -> Any:
        """Return by how much the probes' slopes are not linear; refuse what clearly is not."""
        signs = column([1.0, 1.0, -self.sum_length], found.value.ndim)
        broken = np.abs(np.sum(signs * found.value, axis=0))
        doubt = 10 * np.sum(np.abs(signs) * found.error, axis=0)
        if np.any(broken > doubt + 1e-6 * self.size):
            raise ValueError(f"{NO_DERIVATIVE}: its slopes do not depend linearly on the direction")
        return broken

    def refuse(self, found: Found, bad: Any) -> None:
        """Raise the error that says why derivatives cannot be trusted, where there are such."""
        if not np.any(bad):
            return
        reason = np.ravel(found.reason)[np.argmax(np.where(bad, found.error, -1))]
        digits = np.max(self.noise + self.rounding * np.abs(self.here))
        why = "its difference quotients do not settle as the step shrinks"
        if reason == ln.UNDEFINED:
            why = f"it is not defined on both sides of X{self.raised}"
        elif reason == ln.CORNER:
            why = "its slopes from two sides differ"
        elif reason == ln.NOISE and digits < ln.TRUSTED * np.nanmax(self.line.change):
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

    def second_slopes(
        self, directions: Sequence[Any], others: Sequence[Any] | None = None
    ) -> tuple[Any, Any]:
        """Return the second derivatives along k directions and m others, or the same; errors."""
        Ys, lengths = self.first.normalized(directions)
        Zs, breadths = (Ys, lengths) if others is None else self.first.normalized(others)
        with np.errstate(all="ignore"):
            found = self._table(Ys, Zs, others is None)
            sizes = np.multiply.outer(lengths, breadths)
            return found.value * sizes, found.error * sizes

    def _table(self, Ys: Any, Zs: Any, symmetric: bool) -> Found:
        """Find second derivatives row by row; those of a symmetric table up to the diagonal."""
        row = self._slopes_of_slopes if self.method == "complex step" else self._differences
        table = np.full((len(Found._fields), len(Ys), len(Zs)), np.nan)
        for i, Y in enumerate(progress(Ys, "second derivatives", len(Ys))):
            count = i + 1 if symmetric else len(Zs)
            table[:, i, :count] = row(Y, Zs[:count])
        if symmetric:
            table = np.where(np.isnan(table), np.swapaxes(table, 1, 2), table)
        found = Found(*table)
        if self.method != "complex step":
            self.first.refuse(found, found.untrusted(scales_of(found.value), near=30.0))
        return found

    def _probe(self) -> None:
        """Try two directions and their sum: second derivatives must be those of a bilinear form."""
        first, self.method = self.first, "central differences"
        self.window = window_of(first.line.second())
        table = self._table(first.probes[:1], first.probes, symmetric=False)
        signs = np.array([1.0, 1.0, -first.sum_length])
        broken = float(abs(table.value[0] @ signs))
        doubt = float(table.error[0] @ np.abs(signs))
        self.size = float(np.max(np.abs(table.value)))
        if broken > 10 * doubt + 1e-6 * self.size:
            raise ValueError(
                f"{NO_DERIVATIVE}: its second derivatives are not those of a bilinear form"
            )
        self.bound, errors = 0.0, table.error
        if first.method == "complex step":
            self.method = first.method
            found = attempt(lambda: self._table(first.probes[:1], first.probes, False).value)
            gap = np.abs(found - table.value)
            if confirmed(gap, table.value, errors):
                errors = errors + gap
            else:
                self.method = "central differences"
        self.bound = float(np.max(errors)) + broken
        self.error = self.bound / float(np.min(first.units)) ** 2

    def _slopes_of_slopes(self, Y: Any, Zs: Any) -> Found:
        """Differentiate slopes of the complex step along Y."""
        first = self.first

        def slopes(W: Any) -> Any:
            try:
                return first.imaginary(W + first.step * Z for Z in Zs)
            except Exception:  # whatever f raises where it is not defined
                return np.full(len(Zs), np.nan)

        found = first.settled(Y[None], first.window, (slopes, slopes(first.X), 0.0))
        return Found(*(field[0] for field in found))._replace(error=found.error[0] + self.bound)

    def _differences(self, Y: Any, Zs: Any) -> Found:
        """Subtract second differences along half differences from those along half sums."""

        def along(k: Any, h: Any) -> Found:
            sums, differences = (Y + Zs[k]) / 2, (Y - Zs[k]) / 2
            return self.first.lines(sums, h).second(self.first.lines(differences, h))

        return self.first.refined(along, len(Zs), self.window)


def scales_of(table: Any) -> Any:
    """Return the sizes that the entries of a Hessian are to be compared with."""
    sizes = np.abs(table)
    rows, columns = np.max(sizes, axis=1), np.max(sizes, axis=0)
    return np.sqrt(np.multiply.outer(rows, columns)) + ln.TRUSTED * np.max(sizes)


def window_of(found: Found) -> Any:
    """Return steps around those that a derivative was found from."""
    return np.min(found.step) * ln.FINE ** (1.0 - np.arange(ln.LEVELS))


def confirmed(gap: Any, value: Any, error: Any) -> bool:
    """Whether differences confirm other derivatives, relative to their own size and errors."""
    return gap.shape == value.shape and bool(np.all(gap <= 4 * error + 1e-12 * np.max(abs(value))))


def real(value: Any) -> Any:
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


def units_of(X: Any) -> Any:
    """Return the sizes of X's entries, the largest 1; 1 for those that are zero beside it."""
    sizes = np.abs(X) / (np.max(np.abs(X)) or 1.0)
    sizes = np.where(sizes < 1e-10, 1.0, sizes)
    return sizes if np.min(sizes) < 0.01 else np.ones_like(sizes)


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
