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
from contextlib import ExitStack, contextmanager
from itertools import islice
from math import prod
from threading import Lock
from typing import Any

import numpy as np

from matderiv.arrays import complex_allowed, is_finite, must_be_whole, scales
from matderiv.coordinates import Basis, unfold
from matderiv.engines import NO_DERIVATIVE, NOTHING, Engine, SecondEngine, Trusted, progress
from matderiv.engines import lines as ln
from matderiv.engines.lines import EPSILON, Found, Lines, at, column, sizes

COMPLEX_STEP, SINGLE_STEP = 2.0**-80, 2.0**-40  # of numbers in single precision, for their range
SHARP, BLUNT = 1e-7, 1e-3  # lines with larger relative errors are evaluated at more steps
SHORT = 0.01  # directions that do not reach as far are tried in one unit, too
ZERO = 1e-6  # a slope smaller than this beside those further out may be zero
FEW = 0.03  # of what f does beside its slope: no jumps that matter are smaller
ABSENT = 1e-14  # entries of X smaller than this, beside the largest, count as zero
MOST = 2**20  # values of f, and entries of X, held at once

WHY = {  # a derivative is refused, by what its error comes from
    ln.UNDEFINED: "it is not defined on both sides of X{raised}",
    ln.CORNER: "its slopes from two sides differ",
    ln.NOISE: "its values are only good to {digits:.1g}, which hides how it changes there; "
    "compute it in double precision, to a smaller tolerance, or without a large constant added",
    ln.UNSETTLED: "its difference quotients do not settle as the step shrinks",
}

_lock, _inside, _filters = Lock(), [0], ExitStack()


class Probed(Trusted):
    """What derivatives along a few directions, the probes, tell of all others.

    ``smooth`` says whether the complex step gives them, ``bounds`` how far it or differences may be
    off along directions of length 1, in X's units and in one unit for all entries; ``typical`` is
    the largest derivative in X's units.
    """

    def believe(
        self, engine: FloatEngine, order: int, found: Found, size: Any, compute: Callable[[], Any]
    ) -> None:
        """Refuse derivatives that are not linear; believe computed ones so far as found confirm.

        Those, of a size, are along two directions and their sum; if units differ, along one more.
        """
        self.sizes, self.typical = size, float(np.max(size))
        engine.refuse(found, size, self.typical)
        if engine.other_line:
            more = engine.other_line.derivative(order)
            found = Found(*np.concatenate([found, more], axis=1))
        value, error = found.value, found.error
        signs = column(engine.signs, value.ndim)
        broken = np.abs(np.sum(signs * value[:3], axis=0))
        doubt = 10 * np.sum(np.abs(signs) * error[:3], axis=0)
        if np.any(broken > doubt + 1e-6 * self.typical):
            what = "slopes" if order == 1 else "second derivatives"
            raise ValueError(f"{NO_DERIVATIVE}: its {what} do not depend linearly on the direction")
        computed = compute()
        gap = np.abs(computed - value)
        allowed = 4 * error + 1e-12 * column(sizes(value), value.ndim)
        self.smooth = np.shape(computed) == value.shape and bool(np.all(gap <= allowed))
        self.method = "complex step" if self.smooth else "central differences"
        errors = error + gap if self.smooth else error
        bound = np.max(errors[:3], axis=0) + broken
        self.bounds = np.array([bound, *errors[3:], bound][:2])
        units = np.min(engine.units) ** order
        self.error = float(np.fmin(np.max(bound) / units, np.max(self.bounds[1])))
        self.size = float(np.max(np.abs(value)))

    def scaled(self, value: Any, error: Any, lengths: Any) -> tuple[Any, Any]:
        """Return derivatives, and errors, along directions of lengths in X's units and in one.

        Given are those along the same directions, of length 1 in X's units.
        """
        lengths = column(lengths, value.ndim + 1)
        value, error = value * lengths[0], error * lengths[0]
        if not self.smooth:
            return value, error
        bounds = (length * bound for length, bound in zip(lengths, self.bounds, strict=True))
        return value, error + np.fmin(*bounds)


class FloatEngine(Probed, Engine):
    """A float function at a point; see `Engine`."""

    def __init__(self, f: Callable[[Any], Any], X: Any) -> None:
        self.f, self.X, self.raised = f, X, ""
        self.here = real(f(X.copy()))
        must_be_one(self.here, real(f(X.copy())))
        largest = float(np.max(np.abs(X)))
        self.scale = largest if largest > np.finfo(float).tiny else 1.0  # or steps would be zero
        self.ladder, self.step = ln.ladder(self.scale), 1j * COMPLEX_STEP * self.scale
        self.steps = self.ladder[np.isfinite(self.ladder)]
        self.units = units_of(X)
        with np.errstate(all="ignore"):
            self._measure()
            self._probe()

    def twice(self) -> FloatHessian:
        """Return the engine for second derivatives."""
        return FloatHessian(self)

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, and their errors, of shape (k, *shape)."""
        if self.smooth and isinstance(directions, Basis):  # which is not written down
            lengths = 1 / unfold(self.units, directions.order)
            points = map(self._moved, directions.places)
            return self._complex_slopes(points, np.array([lengths, np.ones_like(lengths)]))
        few = max(1, MOST // (2 * len(self.ladder) * max(self.X.size, prod(self.shape))))
        remaining = iter(directions)
        batches = iter(lambda: list(islice(remaining, few)), [])
        values, errors = zip(*map(self._slopes, batches), strict=True)
        return np.concatenate(values), np.concatenate(errors)

    def _slopes(self, directions: Any) -> tuple[Any, Any]:
        """Differentiate along a few directions."""
        units, lengths = self.normalized(directions)
        if self.smooth:
            return self._complex_slopes((self.X + self.step * Y for Y in units), lengths)
        with np.errstate(all="ignore"):
            found = self.settled(units)
            here = column(sizes(found.value), found.value.ndim)
            own = np.maximum(self.sizes, np.abs(found.value))
            self.refuse(found, own, np.maximum(self.typical, here))
        return self.scaled(found.value, found.error, lengths)

    def _complex_slopes(self, points: Iterable[Any], lengths: Any) -> tuple[Any, Any]:
        """Take complex steps to points."""
        values = self.imaginary(points)
        if not is_finite(values):
            raise ValueError(f"{NO_DERIVATIVE}: along some direction it is not finite")
        return self.scaled(values, EPSILON * np.abs(values), lengths)

    def _moved(self, place: Any) -> Any:
        W = self.X.astype(complex)
        W[place] += self.step * self.units[place]
        return W

    def normalized(self, directions: Any) -> tuple[Any, Any]:
        """Return directions of length 1 in X's units; their lengths in these, and in one unit."""
        directions = np.array(directions, dtype=float)
        lengths = np.array([sizes(directions / self.units), sizes(directions)])
        lengths[lengths == 0] = 1.0
        return directions / column(lengths[0], directions.ndim), lengths

    # How f is evaluated.

    def near(self, W: Any) -> Any:
        """Return f at a point that nobody asked for; NaN where it is not defined."""
        if W.shape == self.X.shape and (W == self.X).all():
            return self.here
        try:
            value = real(self.f(W)) if is_finite(W) else np.nan * self.here
        except Exception as error:  # whatever f raises, or returns, where it is not defined
            self.raised, value = f"; {type(error).__name__}: {error}", np.nan * self.here
        if value.shape != self.shape:
            shapes = f"{self.shape} and {value.shape}"
            raise TypeError(f"f must return values of one shape; it returned {shapes}")
        return np.where(np.isfinite(value), value, np.nan)

    def imaginary(self, points: Iterable[Any]) -> Any:
        """Return f's derivatives by the complex step, from points that are one away."""
        with np.errstate(all="ignore"), complex_allowed(), complex_warnings_held():
            values = [np.imag(self.f(W)) for W in points]
        return np.array(values, dtype=float) / self.step.imag

    def tried(self, points: Iterable[Any]) -> Any:
        """Return the same, or NaN where f is not made for complex numbers."""
        try:
            return self.imaginary(points)
        except Exception:  # whatever f raises
            return np.nan

    def moved(self, directions: Any, h: Any, f: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
        """Evaluate f along k directions, ahead and behind, by steps: (2, levels, k, …).

        X + hY is rounded. Both sides move as far as floats do, so that only slopes can be off. Also
        returned, (levels, k), are the steps that come closest to these moves, and what part of a
        move is something else: none if a single entry moves.
        """
        k = len(directions)
        moves = (self.X + column(h, 1 + directions.ndim) * directions) - self.X
        points = self.X + np.array([moves, -moves])
        values = np.array([f(W) for W in points.reshape(-1, *self.X.shape)])
        rows, moves = directions.reshape(k, -1), moves.reshape(len(h), k, -1)
        squares = np.vecdot(rows, rows)
        steps = np.where(squares, np.vecdot(moves, rows) / squares, h[:, None])
        slips = np.abs(moves - steps[:, :, None] * rows) / np.ravel(self.units)
        lengths = np.where(squares, np.max(np.abs(rows) / np.ravel(self.units), axis=1), np.inf)
        slip = np.max(slips, axis=2) / (np.abs(steps) * lengths)
        return values.reshape(*points.shape[:3], *values.shape[1:]), steps, slip

    def lines(self, directions: Any, h: Any) -> Lines:
        """Evaluate f itself along directions."""
        moved = self.moved(directions, h, self.near)
        return Lines(self.here, *moved, self.noise, self.rounding)

    def settled(self, units: Any) -> Found:
        """Differentiate along directions of length 1."""
        return self.refined(lambda h, Ys: self.lines(Ys, h).derivative(1), self.window, units)

    def refined(self, along: Callable[..., Found], window: Any, *units: Any) -> Found:
        """Differentiate along directions, or pairs, of length 1 in X's units, at a window's steps.

        Where that is not sharp, or where they are short in one unit, at those of the whole ladder
        along directions of length 1 in one unit as well.
        """
        found, lengths = along(window, *units), np.array([sizes(Y) for Y in units])
        sharp = found.error <= self.sharp * np.fmax(np.abs(found.value), found.around)
        dull = ~np.all(sharp.reshape(len(sharp), -1), axis=1)
        poor = np.flatnonzero(dull | (np.min(lengths, axis=0) < SHORT))
        if not len(poor):
            return found
        single = [(Y / column(n, Y.ndim))[poor] for Y, n in zip(units, lengths, strict=True)]
        return found.improved(poor, along(self.ladder, *single), lengths[:, poor])

    # What is tried before anything is believed.

    def _measure(self) -> None:
        """Choose the probes; follow one down the ladder: f's noise, and the steps that are best."""
        random = np.random.default_rng(2011).standard_normal((3, *self.X.shape))
        random[1] = np.roll(random[0], 1) * np.exp(random[1] / 8)  # entries in another order
        (Y, Z), _ = self.normalized(random[:2] * self.units)
        (total,), (factor, _) = self.normalized([Y + Z])
        self.signs = np.array([1.0, 1.0, -factor[0]])
        self.probes = np.array([Y, Z, total])
        moved = self.moved(Y[None], self.ladder, self.near)
        self.rounding = ln.precision(moved[0])
        if self.rounding > EPSILON:
            self.step = 1j * SINGLE_STEP * self.scale
        bare = Lines(self.here, *moved)
        self._hear(moved, bare.measured_noise()[0])
        found = self.line.derivative(1)
        if np.any(found.clash):
            jump = self._jumps(Y, found.value[0], found.clash[0])
            level = np.where(jump, found.clash[0], np.inf)
            self._hear(moved, np.fmax(bare.measured_noise(level)[0], jump))
            found = self.line.derivative(1)
        while np.any((more := self.line.hidden(self.rounding, self.scale)[0]) > 2 * self.noise):
            self._hear(moved, np.fmax(self.noise, more))
        self.window = window_of(found)
        error, size = np.max(found.error), np.max(np.abs(found.value))
        size = size if size > error else np.max(found.around)  # f is even
        blunt = float(error / size)
        self.sharp = min(max(SHARP, 3 * blunt), BLUNT)
        self.others = random[2:] / sizes(random[2:]) if np.any(self.units != 1) else random[:0]
        self.other_line = self.lines(self.others, self.ladder) if len(self.others) else None

    def _hear(self, moved: tuple[Any, Any, Any], noise: Any) -> None:
        """Take a noise for that of f, along the probe that is followed and elsewhere."""
        self.noise, self.line = noise, Lines(self.here, *moved, noise, self.rounding)

    def _jumps(self, Y: Any, slope: Any, level: Any) -> Any:
        """Look for jumps of f where small steps along Y, and their slope, contradict a level.

        What begins there may be a feature of f; or f is rounded in plateaus, as what cancellation
        leaves of a number is, and small steps stay on one. Features shrink with their step, jumps
        do not. Returned is their size where three are found before three places have none; else 0.
        """
        beside = (self.line.odd - self.line.h * slope)[:, 0]
        amount = np.abs(at(level, beside))
        jump, doubted = np.zeros_like(self.here), level > 0
        while np.any(doubted):
            entries, missed = doubted, 0
            found: list[float] = []
            clash = int(np.max(level[doubted]))
            places = [(clash - j, side) for j in (2, 1, 3, 4) for side in (1, -1) if j <= clash]
            while places and len(found) < 3 and missed < 3:
                first, side = places.pop(0)
                ends = side * self.ladder[[first, first + 1]]
                unit = np.where(entries, amount, np.inf)
                lasting = self._lasting(Y, slope, ends, self.ladder[clash] / 2, unit)
                if np.any(lasting):  # then that entry is looked at which jumps most
                    found.append(float(np.max(lasting)))
                    entries = lasting == found[-1]
                else:
                    missed += 1
            if not found:  # then none of those contradicted there
                entries = level == clash
            jump[entries] = min(found) if len(found) == 3 else 0.0
            doubted = doubted & ~entries
        return jump

    def _lasting(self, Y: Any, slope: Any, ends: Any, scale: float, unit: Any) -> Any:
        """Return changes of f, beside a slope, that do not shrink as a part of a line is halved.

        It is halved to where f changes most, in units of each entry, while that is no small part
        of one. Beyond the scale of features eight halvings make changes of smooth functions 256
        times smaller, and at cusps √|t| 16 times: what is a tenth of what it was has not shrunk.
        """
        values = [self.near(self.X + h * Y) - h * slope for h in ends]
        shortest = max(scale / 2**8, 4 * EPSILON * max(self.scale, np.max(np.abs(ends))))
        changes = [np.abs(values[1] - values[0])]
        noise = self.noise + self.rounding * np.abs(self.here)
        while np.ptp(ends) > shortest:
            middle = np.mean(ends)
            value = self.near(self.X + middle * Y) - middle * slope
            halves = [np.abs(value - other) for other in values]
            more = int(np.argmax([np.fmax.reduce(half / unit, axis=None) for half in halves]))
            ends[1 - more], values[1 - more] = middle, value
            changes.append(halves[more])
            large = (changes[-1] > FEW * unit) & (changes[-1] > 10 * noise)
            if not np.any(large):
                return np.zeros_like(self.here)
        beyond = shortest <= scale / 2**8 and len(changes) > 8
        lasting = large & (changes[-1] > changes[-9] / 10) if beyond else np.False_
        return np.where(lasting, changes[-1], 0.0)

    def _probe(self) -> None:
        """Differentiate along directions that favour no coordinates; believe what they confirm.

        A slope is as good as none that is small beside those at a tenth of X's scale.
        """
        found = self.settled(self.probes)
        tenth = np.nanargmin(np.abs(np.log(self.ladder * 10 / self.scale)))
        around = self.line.change[tenth] / self.ladder[tenth]
        negligible = ZERO * np.where(np.isfinite(around[0]), around[0], 0.0)
        size = np.maximum(np.max(np.abs(found.value), axis=0), negligible)
        points = (self.X + self.step * Y for Y in [*self.probes, *self.others])
        self.believe(self, 1, found, size, lambda: self.tried(points))

    def refuse(self, found: Found, own: Any, largest: Any) -> None:
        """Raise the error that says why derivatives cannot be trusted, where there are such.

        An entry is judged beside its own size; noise beside the largest, whose rounding it may be;
        and a corner beside what f does along that very direction.
        """
        size = np.where(found.reason == ln.NOISE, largest, own)
        beside = np.fmax(np.abs(found.value), found.around)
        size = np.where(found.reason == ln.CORNER, np.fmin(own, beside), size)
        small = (found.error <= ln.TRUSTED * size) | (found.error <= ln.NEGLIGIBLE * found.around)
        if np.all(small):
            return
        reason = np.ravel(found.reason)[np.argmax(np.where(small, -1, found.error))]
        digits = np.max(self.noise + self.rounding * np.abs(self.here))
        if reason == ln.NOISE and not digits < ln.TRUSTED * np.nanmax(self.line.change):
            reason = ln.UNSETTLED
        why = WHY[reason].format(raised=self.raised, digits=digits)
        raise ValueError(f"{NO_DERIVATIVE}: {why}")


class FloatHessian(Probed, SecondEngine):
    """The second derivative of a number-valued float function at a point; see `SecondEngine`."""

    @np.errstate(all="ignore")
    def __init__(self, first: FloatEngine) -> None:
        """Try two directions and their sum: second derivatives must be those of a bilinear form."""
        self.first, self.X = first, first.X
        self.window = window_of(first.line.derivative(2))
        Y = first.probes[0]
        found = self._differences(Y, first.probes)
        size = scales(np.abs(found.value[None]))[0]

        def compute() -> Any:
            steep = Lines(*self._sloping(first.ladder, Y[None], Y[None]))
            self.noise = np.max(steep.measured_noise())
            rows = [(Y, first.probes), *((W, W[None]) for W in first.others)]
            return np.concatenate([self._slopes_of_slopes(*row).value for row in rows])

        self.believe(first, 2, found, size, compute if first.smooth else lambda: np.nan)

    def second_slopes(self, directions: Sequence[Any], others: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along k directions and m others, (k, m), and errors."""
        same = others is directions  # then only half of the table is needed
        Ys, lengths = self.first.normalized(directions)
        Zs, breadths = (Ys, lengths) if same else self.first.normalized(others)
        row = self._slopes_of_slopes if self.smooth else self._differences
        table = np.full((len(Found._fields), len(Ys), len(Zs)), np.nan)
        with np.errstate(all="ignore"):
            for i, Y in enumerate(progress(Ys, "second derivatives")):
                count = i + 1 if same else len(Zs)
                table[:, i, :count] = row(Y, Zs[:count])
                if same:
                    table[:, :i, i] = table[:, i, :i]
            found = Found(*table)
            if not self.smooth:
                own = scales(np.abs(found.value))
                self.first.refuse(found, own, own + ln.TRUSTED * np.max(own))
            return self.scaled(found.value, found.error, lengths[:, :, None] * breadths[:, None])

    def _slopes_of_slopes(self, Y: Any, Zs: Any) -> Found:
        """Differentiate slopes of the complex step along Y.

        Their noise is that of terms which may cancel, as small steps along a probe have shown it.
        """
        first = self.first

        def along(h: Any, Ys: Any) -> Found:
            sloping = self._sloping(h, Ys, Zs)
            return Lines(*sloping, self.noise * sizes(Zs), first.rounding).derivative(1)

        return Found(*np.array(first.refined(along, self.window, Y[None]))[:, 0])

    def _sloping(self, h: Any, Ys: Any, Zs: Any) -> tuple[Any, Any, Any, Any]:
        """Return slopes along Zs by the complex step, at X and along directions, for `Lines`."""
        first = self.first

        def slopes(W: Any) -> Any:
            return first.tried(W + first.step * Z for Z in Zs) * np.ones(len(Zs))

        return slopes(first.X), *first.moved(Ys, h, slopes)

    def _differences(self, Y: Any, Zs: Any) -> Found:
        """Subtract second differences along half differences from those along half sums."""

        def along(h: Any, Ys: Any, Zs: Any) -> Found:
            sums = self.first.lines((Ys + Zs) / 2, h)
            return sums.derivative(2, self.first.lines((Ys - Zs) / 2, h))

        return self.first.refined(along, self.window, np.broadcast_to(Y, Zs.shape), Zs)


def window_of(found: Found) -> Any:
    """Return steps around those that a derivative was found from."""
    return np.min(found.step) * ln.FINE ** (1.0 - np.arange(ln.LEVELS))


def must_be_one(here: Any, again: Any) -> None:
    """Refuse a value of f at X that is not finite, or empty, or is another one again."""
    if not here.size or not is_finite(here):
        raise ValueError("f must be finite at X; it returned NaN, infinity or nothing")
    if np.any(np.abs(again - here) > ln.TRUSTED * np.abs(here)):
        way = "it is random, so fix its seed, or hold fixed what it draws"
        raise ValueError(f"f must give one value at one X; it gave {here} and {again}: {way}")


def real(value: Any) -> Any:
    """Return a value of f as an array of floats."""
    if value is None:
        raise TypeError(NOTHING)
    must_be_whole(value, "f(X)")
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "buifO":
            raise TypeError(f"its entries are of type {array.dtype}")
        return array.astype(float)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"f must return real numbers; it returned {value!r}") from error


def units_of(X: Any) -> Any:
    """Return the sizes of X's entries, the largest 1; 1 for those that are zero beside it."""
    sizes = np.abs(X) / (np.max(np.abs(X)) or 1.0)
    sizes = np.where(sizes < ABSENT, 1.0, sizes)
    return sizes if np.min(sizes) < 0.01 else np.ones_like(sizes)


@contextmanager
def complex_warnings_held() -> Iterator[None]:
    """Hold back NumPy's warning that imaginary parts were discarded.

    Filters belong to all threads: the first that comes here sets this one, the last takes it away.
    """
    held = warnings.catch_warnings(action="ignore", category=np.exceptions.ComplexWarning)
    with _lock:
        if not _inside[0]:
            _filters.enter_context(held)
        _inside[0] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[0] -= 1
            if not _inside[0]:
                _filters.close()
