"""Is this the derivative? A candidate is tested by the remainder of Taylor's formula."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np

from matderiv.arrays import Matrix, Shape, exact, is_exact, real_array
from matderiv.engines import Function, engine_of
from matderiv.engines.expressions import magnitude
from matderiv.maps import BilinearForm, LinearMap, functional

ABOVE = 100  # times the noise: remainders that are not themselves noise
RIGHT = 1e-9  # candidates of floats that differ by less, relatively, count as equal


@dataclass(frozen=True)
class TaylorTest:
    """What `check_derivative` found: Taylor's remainder at ever smaller steps.

    ``remainders`` are the largest of all entries of f. ``order`` is the least of all entries'
    observed orders in the step, at least 2 for a derivative and 1 for anything else. It is infinite
    where the remainder vanishes in f's rounding, and NaN where nothing was tested, because f itself
    does not change by more. As a truth value, whether the candidate passed.
    """

    steps: tuple[float, ...]
    remainders: tuple[float, ...]
    order: float

    @property
    def passed(self) -> bool:
        """Whether the remainder falls faster than the step."""
        return self.order > 1.5

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        if np.isnan(self.order):
            return "nothing was tested: around X, f changes by no more than its rounding"
        verdict = "the candidate is" if self.passed else "the candidate is not"
        return f"{verdict} the derivative: its Taylor remainder has the order {self.order:.2f}"


def check_derivative(f: Function, X: Matrix, candidate: Any) -> TaylorTest:
    """Test a candidate for the derivative of f at X by its Taylor remainder.

    Parameters
    ----------
    f, X
        As in `derivative`. An exact `X` of numbers and an exact candidate are tested without
        rounding.
    candidate
        For the first derivative a `LinearMap`, or the gradient as a matrix shaped like `X`. For
        the second derivative of a number a `BilinearForm`, or the Hessian as a `LinearMap` from
        matrices shaped like `X` to themselves.

    Returns
    -------
    TaylorTest
        The remainders f(X ± hY) − f(X) ∓ h·candidate(Y) along a direction Y that favours no
        coordinates, the larger of the two and half their difference; their order, and the
        verdict. For a second derivative those of (f(W + hZ) − f(W − hZ)) / 2h in place of f(W),
        less h·candidate(Y, Z).

    Raises
    ------
    TypeError, ValueError
        When `candidate` is none of these, or its shapes do not fit; a raw matrix of n⁴ numbers
        does not say in which order it is written. When it is one for the second derivative, and f
        has none at `X`. Otherwise as `derivative`.

    Notes
    -----
    For floats the finest steps decide at which a remainder is more than f's noise, which is
    measured; a candidate that is right to nine digits is right. An error that changes f by less
    than this noise passes. Of a constant other than zero a zero candidate is not tested, as f's
    rounding could hide a slope.

    Examples
    --------
    >>> A = np.array([[7.0, 1.0], [2.0, 3.0]])
    >>> print(check_derivative(lambda X: np.trace(A @ X @ X), np.eye(2), functional(A)))
    the candidate is not the derivative: its Taylor remainder has the order 1.00
    """
    number = getattr(candidate, "codomain", ()) != (1, 1)
    engine: Any = engine_of(f, X, "check_derivative(f, X, candidate)", number)
    exactly, shape = is_exact(engine.X), engine.X.shape
    if exactly and any(entry.free_symbols for entry in engine.X.flat):
        raise ValueError("X must hold numbers, not symbols: a remainder has a size")
    candidate = _fitting(candidate, shape, engine.shape)
    directions = np.random.default_rng(2011).uniform(0.1, 1, (2, *shape)).round(6)
    directions = (exact(directions) if exactly else directions) * engine.units
    if isinstance(candidate, LinearMap):
        directions = directions[:1]
    else:
        engine.twice().second_slopes(directions)  # refuses an f without a second derivative
    predicted = np.asarray(candidate(*directions))
    if exactly and not is_exact(predicted):
        return check_derivative(f, np.asarray(engine.X, dtype=float), candidate)
    return _taylor_test(engine, directions, predicted if exactly else predicted.astype(float))


def _fitting(candidate: Any, domain: Shape, values: Shape) -> Any:
    """Return the candidate as a map to f's values or as a form; refuse what fits neither."""
    if not isinstance(candidate, (LinearMap, BilinearForm)):
        candidate = functional(real_array(candidate, "candidate", domain))
    if isinstance(candidate, LinearMap) and not values and candidate.codomain == candidate.domain:
        candidate = candidate.form
    if isinstance(candidate, LinearMap):
        fits = (candidate.domain, candidate.codomain) == (domain, values)
    else:
        fits = candidate.shape == domain and not values and candidate.within is None
    if not fits:
        raise ValueError(
            f"candidate must be a map from {domain} to {values}, the shapes of X and f(X), or, for "
            f"a number, a gradient or a form on matrices of such a shape; it is {candidate}"
        )
    return candidate


def _remainders(engine: Any, directions: Any, predicted: Any, h: Any) -> Any:
    """Return Taylor's remainders at a step: on both sides of X, and half their difference."""

    def value(W: Any) -> Any:
        if len(directions) == 1:
            return engine.near(W)
        ahead, behind = (engine.near(W + step * directions[1]) for step in (h, -h))
        return (ahead - behind) / (2 * h)

    here = value(engine.X)
    ahead, behind = (value(engine.X + step * directions[0]) - here for step in (h, -h))
    return np.stack([ahead, -behind, (ahead - behind) / 2]) - h * predicted


def _logarithms(array: Any) -> Any:
    """Return decimal logarithms of sizes; exact numbers may be of any."""
    if is_exact(array):
        return np.vectorize(magnitude, otypes=[float])(array)
    return np.log10(np.abs(array))


def _taylor_test(engine: Any, directions: Any, predicted: Any) -> TaylorTest:
    """Measure the remainders, and what of them is f's noise or the candidate's rounding."""
    steps, found, tested = [], [], []
    right = RIGHT if engine.rounding else 0
    least = ABOVE * (engine.noise + engine.rounding * np.abs(engine.here))
    with np.errstate(all="ignore"):
        for h in engine.steps:
            divisor, expected = h ** (len(directions) - 1), np.abs(h * predicted)
            try:
                left = _remainders(engine, directions, predicted, h)
                change = np.abs(engine.near(engine.X + h * sum(directions)) - engine.here)
            except Exception:  # whatever an exact f raises where it is not defined
                continue
            noise = (least + ABOVE * engine.rounding * change) / divisor + right * expected
            moves = [_logarithms(part) for part in (change, expected * divisor)]
            tested.append(np.fmax(*moves) >= _logarithms(least))
            left = _logarithms(left)
            left[:2] = np.max(left[:2], axis=0)  # in the larger, odd and even terms do not cancel
            found.append(np.broadcast_arrays(left, _logarithms(noise)))
            steps.append(_logarithms(np.asarray(h)))
    if len(steps) < 2:
        raise ValueError("f must be defined around X; next to X it is not")
    sure = np.broadcast_to(np.any(tested, axis=0), left.shape).ravel()
    table = np.reshape(found, (len(steps), 2, -1))
    return _judged(np.array(steps), table[:, 0], table[:, 1], sure)


def _judged(steps: Any, remainders: Any, noise: Any, tested: Any) -> TaylorTest:
    """Find the least order of remainders, where the finest steps show more than noise.

    All is in decimal logarithms, by steps and entries. Noise at the next step is a bound as well.
    """
    orders, sizes = [], np.maximum(remainders, noise)
    with np.errstate(all="ignore"):
        for entry, sure in enumerate(tested):
            seen = np.flatnonzero(remainders[:, entry] > noise[:, entry])
            places = [*seen[-2:], min(np.max(seen, initial=-1) + 1, len(steps) - 1)]
            slopes = np.diff(sizes[places, entry]) / np.diff(steps[places])
            orders.append(np.fmax.reduce(slopes) if len(seen) > 1 else inf if sure else nan)
        steps, remainders = 10.0**steps, 10.0 ** np.max(remainders, axis=1)
    order = float(np.fmin.reduce(orders))
    return TaylorTest(tuple(steps.tolist()), tuple(remainders.tolist()), order)
