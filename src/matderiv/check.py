"""Is this the derivative? A candidate is tested by the remainder of Taylor's formula."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, nan
from typing import Any

import numpy as np

from matderiv.arrays import Matrix, exact, is_exact, matrix
from matderiv.engines import AsNumber, Engine, Function, engine_of
from matderiv.engines.zeros import is_zero
from matderiv.maps import BilinearForm, LinearMap, functional

EXACT_STEPS = range(1, 33, 4)  # powers of 1/10, in units of X's largest entry
ABOVE = 10.0  # times the noise: remainders that are not themselves noise
RIGHT = 1e-9  # candidates of floats that differ by less, relatively, count as equal


@dataclass(frozen=True)
class TaylorTest:
    """What `check_derivative` found: Taylor's remainder at ever smaller steps.

    ``order`` is its observed order in the step, at least 2 for a derivative and 1 for anything
    else. It is infinite where the remainder vanishes in f's rounding, and NaN where nothing was
    tested, because f itself does not change by more. As a truth value, whether the candidate
    passed.
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
        The remainders of f(X ± hY) − f(X) ∓ h·candidate(Y) along a direction Y that favours no
        coordinates, their order, and the verdict. For a second derivative those of a quarter of
        f(X + hY + hZ) − f(X + hY − hZ) − f(X − hY + hZ) + f(X − hY − hZ) less h²·candidate(Y, Z),
        divided by h.

    Raises
    ------
    TypeError
        When `candidate` is none of these. A raw matrix of n⁴ numbers is refused: it does not say
        in which order it is written.
    ValueError
        When its shapes do not fit; otherwise as `derivative`.

    Examples
    --------
    >>> A = np.array([[7.0, 1.0], [2.0, 3.0]])
    >>> print(check_derivative(lambda X: np.trace(A @ X @ X), np.eye(2), functional(A)))
    the candidate is not the derivative: its Taylor remainder has the order 1.00
    """
    as_number = not (isinstance(candidate, LinearMap) and candidate.codomain == (1, 1))
    engine = engine_of(
        AsNumber(f) if as_number and callable(f) else f, X, "check_derivative(f, X, candidate)"
    )
    exactly, shape = is_exact(engine.X), engine.X.shape
    if exactly and any(entry.free_symbols for entry in engine.X.flat):
        raise ValueError("X must hold numbers, not symbols: a remainder has a size")
    directions = np.random.default_rng(2011).uniform(0.1, 1, (2, *shape)).round(6)
    directions = exact(directions) if exactly else directions * engine.units
    candidate = _fitting(candidate, engine)
    if isinstance(candidate, BilinearForm):
        engine.twice().second_slopes(directions)  # f must have a second derivative
    else:
        directions = directions[:1]
    predicted = np.asarray(candidate(*directions))
    if exactly and not is_exact(predicted):
        return check_derivative(f, np.asarray(engine.X, dtype=float), candidate)
    return (_exact_test if exactly else _float_test)(engine, directions, predicted)


def _fitting(candidate: Any, engine: Engine) -> LinearMap | BilinearForm:
    """Return the candidate as a map from X to f's values, or a form; refuse what fits neither."""
    domain, values = engine.X.shape, engine.shape
    if len(values) not in (0, 2):
        raise ValueError(f"f must return a number or a matrix; its value has the shape {values}")
    if not isinstance(candidate, (LinearMap, BilinearForm)):
        candidate = functional(matrix(candidate, "candidate", domain))
    spaces = getattr(candidate, "domain", None), getattr(candidate, "codomain", None)
    if spaces == (domain, values):
        return candidate
    if spaces == (domain, domain) and not values:
        return candidate.form
    if not values and getattr(candidate, "shape", None) == domain and not candidate.symmetric:
        return candidate
    raise ValueError(
        f"candidate must be a map from {domain} to {values}, the shapes of X and f(X); a form on "
        f"matrices of shape {domain}, or a gradient, where f returns a number; it is {candidate}"
    )


def _remainders(engine: Any, directions: Any, predicted: Any, h: Any) -> tuple[Any, Any]:
    """Return Taylor's remainders at a step, and the changes of f that they were found by."""
    X, here, (Y, Z) = engine.X, engine.near(engine.X), (*directions, *directions)[:2]
    if len(directions) == 1:
        ahead, behind = (engine.near(X + step * Y) - here for step in (h, -h))
        changes = np.stack([ahead, -behind, (ahead - behind) / 2])
        return changes - h * predicted, changes
    signs = (1, 1), (-1, -1), (1, -1), (-1, 1)
    changes = np.stack([engine.near(X + s * h * Y + t * h * Z) - here for s, t in signs])
    return (changes[:2].sum(0, keepdims=True) - changes[2:].sum(0)) / 4 / h - h * predicted, changes


def _float_test(engine: Any, directions: Any, predicted: Any) -> TaylorTest:
    """Measure the remainders, and what of them is f's noise or the candidate's rounding."""
    predicted, tested, found = predicted.astype(float), False, []
    least = ABOVE * (engine.noise + engine.rounding * np.abs(engine.here))
    steps = engine.ladder[np.isfinite(engine.ladder)]
    with np.errstate(all="ignore"):
        for h in steps:
            left, changes = _remainders(engine, directions, predicted, h)
            change, expected = np.max(np.abs(changes), axis=0), np.abs(h * predicted)
            divisor = h ** (len(directions) - 1)
            noise = (least + ABOVE * engine.rounding * change) / divisor + RIGHT * expected
            tested = tested | (change >= least) | (expected >= least / divisor)
            found.append(np.broadcast_arrays(np.abs(left), noise, tested))
        remainders, noise = np.log(np.array(found).swapaxes(0, 1)[:2].reshape(2, len(steps), -1))
    return _judged(np.log(steps), remainders, noise, found[-1][2].ravel())


def _exact_test(engine: Any, directions: Any, predicted: Any) -> TaylorTest:
    """Compute the remainders exactly, of whatever size."""
    import sympy as sp

    def sizes(array: Any) -> list[float]:
        return [-inf if is_zero(a) else float(sp.log(abs(sp.N(a)))) for a in array.flat]

    largest, steps, found = max(sizes(engine.X)), [], []
    power = 0 if largest == -inf else round(largest / log(10))
    for k in EXACT_STEPS:
        try:
            h = exact(10)[()] ** (power - k)
            found.append(sizes(_remainders(engine, directions, predicted, h)[0]))
            steps.append((power - k) * log(10))
        except Exception:  # whatever f raises where it is not defined
            continue
    if len(steps) < 2:
        raise ValueError("f must be defined around X; next to X it is not")
    remainders = np.array(found)
    return _judged(np.array(steps), remainders, np.full_like(remainders, -inf), remainders[0] < inf)


def _judged(steps: Any, remainders: Any, noise: Any, tested: Any) -> TaylorTest:
    """Find the least order of remainders, by the finest steps where they are more than noise.

    All is in logarithms, first by steps, then by entries. If there is only noise at the next step,
    that is a bound too.
    """
    orders = []
    for left, bound, sure in zip(remainders.T, noise.T, tested, strict=True):
        seen, order = np.flatnonzero(left > bound)[-4:], inf if sure else nan
        if len(seen) > 1:
            beyond = slice(seen[-1], seen[-1] + 2)
            bounds = np.diff(np.maximum(left, bound)[beyond]) / np.diff(steps[beyond])
            order = np.fmax.reduce([np.median(np.diff(left[seen]) / np.diff(steps[seen])), *bounds])
        orders.append(order)
    with np.errstate(all="ignore"):
        shown = (np.exp(a).tolist() for a in (steps, np.max(remainders, axis=1)))
    return TaylorTest(*map(tuple, shown), float(np.fmin.reduce(orders)))
