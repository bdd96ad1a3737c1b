"""Is this the derivative? A candidate is tested by the remainder of Taylor's formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matderiv.arrays import Matrix, exact, is_exact, matrix
from matderiv.engines import AsNumber, Engine, Function, engine_of
from matderiv.engines.zeros import is_zero
from matderiv.maps import BilinearForm, LinearMap, functional


STEPS = 8
ABOVE = 10.0  # times the noise: remainders that are not themselves noise


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
    keeps_shape = isinstance(candidate, LinearMap) and candidate.codomain
    number = f if keeps_shape or not callable(f) else AsNumber(f)
    engine = engine_of(number, X, "check_derivative(f, X, candidate)")
    exactly = is_exact(engine.X)
    if exactly and any(entry.free_symbols for entry in engine.X.flat):
        raise ValueError("X must hold numbers, not symbols: a remainder has a size")
    Y, Z = np.random.default_rng(2011).uniform(0.1, 1, (2, *engine.X.shape)).round(6)
    Y, Z = (exact(Y), exact(Z)) if exactly else (Y, Z)
    predicted, is_second = _prediction(candidate, engine, Y, Z)
    if exactly and not is_exact(np.asarray(predicted)):
        return check_derivative(f, np.asarray(engine.X, dtype=float), candidate)
    directions = (Y, Z) if is_second else (Y,)
    return (_exact_test if exactly else _float_test)(engine, directions, predicted)


def _prediction(candidate: Any, engine: Engine, Y: Any, Z: Any) -> tuple[Any, bool]:
    """Return what the candidate says of f along Y, or along Y and Z, and which it is."""
    domain, codomain = engine.X.shape, engine.shape
    if isinstance(candidate, BilinearForm):
        if codomain or candidate.shape != domain or candidate.symmetric:
            raise ValueError(
                f"candidate must be a form on matrices of shape {domain}, and f return a number; "
                f"it is a {candidate}, and f returns values of shape {codomain}"
            )
        return candidate(Y, Z), True
    if not isinstance(candidate, LinearMap):
        try:
            gradient_shaped = codomain == () and np.shape(candidate) == domain
        except ValueError:  # rows of different lengths
            gradient_shaped = False
        if not gradient_shaped or callable(candidate):
            raise TypeError(
                "candidate must be a LinearMap, a BilinearForm or, for a function that returns a "
                f"number, its gradient, of shape {domain}"
            )
        candidate = functional(matrix(candidate, "candidate"))
    if candidate.domain == domain and candidate.codomain == codomain:
        return candidate(Y), False
    if codomain == () and candidate.domain == candidate.codomain == domain:
        return np.vdot(candidate(Y), Z), True
    raise ValueError(
        f"candidate must map {domain} to {codomain}, the shapes of X and f(X); {candidate}"
    )


def _remainders(engine: Engine, directions: Any, predicted: Any, h: Any) -> tuple[Any, Any]:
    """Return the remainders of f's slopes times h at a step, and the changes that they are of."""
    X, (Y, Z) = engine.X, (directions * 2)[:2]
    if len(directions) == 1:
        changes = [s * (engine.near(X + s * h * Y) - engine.near(X)) for s in (1, -1)]
        return np.stack([change - h * predicted for change in changes]), np.stack(changes)
    corners = [s * t * engine.near(X + s * h * Y + t * h * Z) for s in (1, -1) for t in (1, -1)]
    mixed = sum(corners) / 4
    return (mixed - h**2 * predicted) / h, mixed / h


def _float_test(engine: Any, directions: Any, predicted: Any) -> TaylorTest:
    """Measure the remainders where they are more than f's noise."""
    steps, remainders, noise, tested = engine.ladder[np.isfinite(engine.ladder)], [], [], False
    for h in steps:
        with np.errstate(all="ignore"):
            remainder, change = _remainders(engine, directions, predicted, h)
        rounding = engine.rounding * np.max(np.abs(engine.here))
        level = ABOVE * np.max(engine.noise + rounding) / h ** (len(directions) - 1)
        remainders.append(float(np.max(np.abs(remainder))))
        noise.append(float(level + ABOVE * engine.rounding * np.max(np.abs(change))))
        tested |= bool(np.max(np.abs(change)) > ABOVE * level)
        tested |= bool(np.max(np.abs(h * predicted)) > ABOVE * level)
    seen = [(np.log(h), np.log(r)) for h, r, n in zip(steps, remainders, noise) if r > n]
    order = _order(seen) if len(seen) > 1 else np.inf if tested else np.nan
    return TaylorTest(tuple(map(float, steps)), tuple(remainders), order)


def _exact_test(engine: Engine, directions: Any, predicted: Any) -> TaylorTest:
    """Compute the remainders exactly, of whatever size."""
    import sympy as sp

    def size(array: Any) -> float:
        """Return the logarithm of the largest entry, base ten."""
        entries = [abs(entry) for entry in np.ravel(exact(array)) if not is_zero(entry)]
        return max((float(sp.log(entry, 10).evalf()) for entry in entries), default=-np.inf)

    largest = size(engine.X)
    exponents = [round(largest if np.isfinite(largest) else 0) - k for k in range(1, STEPS + 1)]
    sizes = []
    for exponent in exponents:
        try:
            h = exact(10)[()] ** exponent
            sizes.append(size(_remainders(engine, directions, predicted, h)[0]))
        except (ArithmeticError, ValueError):  # f is not defined there
            sizes.append(np.nan)
    if np.isnan(sizes).sum() > STEPS - 2:
        raise ValueError("f must be defined around X; next to X it is not")
    seen = [(k, s) for k, s in zip(exponents, sizes) if np.isfinite(s)]
    with np.errstate(all="ignore"):
        steps, remainders = np.power(10.0, exponents), np.power(10.0, sizes)
    order = _order(seen) if len(seen) > 1 else np.inf
    return TaylorTest(tuple(steps.tolist()), tuple(remainders.tolist()), order)


def _order(seen: list[tuple[float, float]]) -> float:
    """Return the slope of the last linear piece of a curve, given in logarithms."""
    steps, sizes = np.diff(np.array(seen[-4:]), axis=0).T
    return float(np.median(sizes / steps))
