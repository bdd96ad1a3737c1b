"""How derivatives of floats are computed: by the complex step, by differences, and which when."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from matderiv.arguments import Shape
from matderiv.cost import paced
from matderiv.exactness import exact, is_exact
from matderiv.matrices import Matrix, complex_allowed, frozen, length, matrix
from matderiv.slopes import (
    NO_DERIVATIVE,
    Estimate,
    each_rounded,
    rounded,
    slope_by_differences,
    unsettled,
)

Function = Callable[[Any], Any]

Law = Sequence[tuple[int, tuple[Any, ...]]]

COMPLEX_STEP = 1e-40


def check_places(call: str, **matrices: Any) -> None:
    """Refuse a function where a matrix belongs, as in the order of arguments of other tools."""
    for name, value in matrices.items():
        if callable(value):
            raise TypeError(f"{name} must be a matrix, not a function; the order is {call}")


def prepared(f: Function, X: Matrix) -> tuple[Any, Function]:
    """Check f and X; return X and f with its argument protected and its values checked."""
    if not callable(f):
        raise TypeError(f"f must be a function of a matrix; it is {f!r}")
    X = matrix(X, "X")
    X = frozen(X if is_exact(X) else np.asarray(X, dtype=float))
    evaluate = _exact_value if is_exact(X) else _float_value
    here = evaluate(f, X)
    expected = np.shape(here)
    if len(expected) not in (0, 2) or 0 in expected:
        raise ValueError(
            f"f must return a number or a matrix; it returned an array of shape {expected}"
        )

    def values(W: Any) -> Any:
        value = here if W is X else evaluate(f, W)
        if np.shape(value) != expected:
            raise TypeError(
                f"f must return values of one shape; it returned {expected} and {np.shape(value)}"
            )
        return value

    if not is_exact(X) and not np.all(np.isfinite(values(X))):
        raise ValueError("f must be finite at X; it returned NaN or infinity")
    return X, values


def _float_value(f: Function, X: Any) -> Any:
    value = f(X.copy())
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "buifO":
            raise TypeError(f"its entries are of type {array.dtype}")
        return array.astype(float)[()]
    except (TypeError, ValueError) as error:
        raise TypeError(f"f must return a real number or matrix; it returned {value!r}") from error


def _exact_value(f: Function, X: Any) -> Any:
    advice = "use SymPy's functions and exact constants, or make X a matrix of floats"
    try:
        value = f(X.copy())
    except TypeError as error:
        raise TypeError(f"f must compute exactly when X is exact: {error}; {advice}") from error
    if not is_exact(np.asarray(value, dtype=object)):
        raise TypeError(f"f must compute exactly when X is exact; it returned {value!r}; {advice}")
    try:
        return exact(value)[()]
    except (TypeError, ValueError) as error:
        raise type(error)(f"f must return real finite numbers; {error}") from error


def probes(shape: Shape, count: int) -> Any:
    """Return fixed directions that favour no coordinates."""
    return np.random.default_rng(2011).standard_normal((count, *shape))


def complex_step(f: Function, X: Any, Y: Any) -> Estimate:
    """Differentiate f at X along Y by one evaluation at X + ihY."""
    step = COMPLEX_STEP * _scale(X, Y)
    with complex_allowed():
        value = np.asarray(f(X + 1j * step * Y))
    return rounded((value.imag / step)[()])


def differences(first: Callable[[Any], Estimate], X: Any, Y: Any) -> Estimate:
    """Differentiate a function of matrices at X along Y by differences."""
    scale = _scale(X, Y)
    slope = slope_by_differences(lambda t: first(X + t * scale * Y))
    return Estimate(slope.value / scale, slope.error / scale, slope.complaint)


def complex_steps(f: Function, X: Any, units: Sequence[Any]) -> Estimate:
    """Differentiate f, a number, at X along many matrices of length 1, as `complex_step` does."""
    step = COMPLEX_STEP * _length(X)
    with complex_allowed():
        values = [f(X + 1j * step * Y) for Y in units]
    return each_rounded(np.imag(values) / step)


def differences_along(values: Function, X: Any, units: Sequence[Any]) -> Estimate:
    """Differentiate f, a number, at X along many matrices of length 1, as `differences` does."""
    scale = _length(X)
    slope = slope_by_differences(
        lambda t: each_rounded(np.array([values(X + t * scale * Y) for Y in units]))
    )
    return Estimate(slope.value / scale, slope.error / scale)


def settled(estimate: Estimate) -> Any:
    """Return the value of an estimate that nothing speaks against."""
    if estimate.complaint:
        raise ValueError(f"{NO_DERIVATIVE}: {estimate.complaint}")
    return estimate.value


def second_table(
    first: Callable[..., Estimate], X: Any, units: Sequence[Any], max_seconds: float
) -> Any:
    """Differentiate at X along every two matrices of length 1, given a first derivative of many."""
    table, error = np.empty((len(units), len(units))), 0.0
    with _quietly():
        for i, Z in enumerate(paced(units, 2, "the form's matrix", max_seconds)):
            slopes = differences(partial(first, units=units[: i + 1]), X, Z)
            table[i, : i + 1] = table[: i + 1, i] = slopes.value
            error = np.maximum(error, np.max(slopes.error))
        size = np.max(np.abs(table)) + np.max(np.abs(first(X, units=units).value)) / _length(X)
    return settled(Estimate(table, error, unsettled(error, size)))


def _scale(X: Any, Y: Any) -> float:
    """Return the number that makes Y as long as X, or of length 1 where X is zero."""
    return _length(X) / _length(Y)


def _length(X: Any) -> float:
    """Return the length of a matrix, or 1 where it is zero."""
    return length(X) or 1.0


def confirmed(
    fast: Callable[..., Estimate], sure: Callable[..., Estimate], law: Law
) -> tuple[Callable[..., Estimate], str]:
    """Choose the fast way where the sure one confirms it, and the sure one elsewhere.

    Both are tried on the directions of the law, a combination of values that must vanish.
    """
    total, doubt, agree = 0.0, 0.0, True
    with _quietly():
        for factor, directions in law:
            reference = sure(*directions)
            value = settled(reference)
            try:
                trial = fast(*directions).value
            except Exception:  # whatever a function not made for complex numbers may raise
                trial = np.nan
            agree &= bool(np.all(np.abs(trial - value) <= 100 * reference.error))
            total = total + factor * value
            doubt = doubt + 100 * reference.error + 1e-6 * np.max(np.abs(value))
    if np.any(np.abs(total) > doubt):
        raise ValueError(f"{NO_DERIVATIVE}: its slopes do not depend linearly on the direction")
    chosen, method = (fast, "complex step") if agree else (sure, "central differences")

    def rule(*directions: Any) -> Estimate:
        with _quietly():
            return chosen(*map(_floats, directions))

    return rule, method


def _floats(direction: Any) -> Any:
    try:
        return np.asarray(direction, dtype=float)
    except TypeError as error:
        raise TypeError("directions must hold numbers, not symbols, at an X of floats") from error


@contextmanager
def _quietly() -> Iterator[None]:
    """Hold back warnings from points and numbers that the user never asked for."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        yield
