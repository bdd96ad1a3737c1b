"""One-sided and two-sided slopes of functions of one variable, exact and by differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

NO_DERIVATIVE = "f has no derivative at X that could be confirmed"

EPSILON = float(np.finfo(float).eps)

STEPS = 10.0 ** -np.arange(1, 11)


def exact_slope(expression: Any, t: Any) -> Any:
    """Differentiate a SymPy expression at t = 0.

    A formula with corners (|t|, sign) is differentiated by the definition, from both sides.
    """
    import sympy as sp

    if is_smooth(expression, t):
        slope = expression.diff(t).subs(t, 0)
    elif expression.has(sp.Piecewise, sp.Heaviside):  # which SymPy's limits get wrong
        raise ValueError(f"{NO_DERIVATIVE}: {expression} is given in pieces; take floats")
    else:
        quotient = (expression - expression.subs(t, 0)) / t
        try:
            slope, other = (sp.limit(quotient, t, 0, side) for side in "+-")
        except NotImplementedError as error:
            raise ValueError(f"{NO_DERIVATIVE}: SymPy finds no limit of {quotient}") from error
        if sp.simplify(slope - other) != 0:
            raise ValueError(f"{NO_DERIVATIVE}: its slopes from two sides are {slope} and {other}")
    if slope.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I):
        raise ValueError(f"{NO_DERIVATIVE}: the slope of {expression} at {t} = 0 is {slope}")
    return sp.cancel(slope)


def near_zero(expression: Any, *parameters: Any) -> Any:
    """Choose the sides of |·|, sign, max and min that hold for all small enough parameters.

    Where they cannot be chosen, max and min become |·|, and |·| and sign stay.
    """
    import sympy as sp

    def side(u: Any) -> int:
        value = u.subs(dict.fromkeys(parameters, 0))
        continuous = is_smooth(u, *parameters, also=(sp.Abs,))
        return int(continuous) * (bool(value.is_positive) - bool(value.is_negative))

    def larger(u: Any, v: Any) -> Any:
        return (u + v + sp.Abs(u - v)) / 2

    return (
        expression.replace(sp.Max, lambda *us: reduce(larger, us))
        .replace(sp.Min, lambda *us: -reduce(larger, [-u for u in us]))
        .replace(sp.Abs, lambda u: side(u) * u if side(u) else sp.Abs(u))
        .replace(sp.sign, lambda u: sp.Integer(side(u)) if side(u) else sp.sign(u))
    )


def is_smooth(expression: Any, *parameters: Any, also: tuple[Any, ...] = ()) -> bool:
    """Whether only smooth functions (and those of `also`) are applied to the parameters."""
    import sympy as sp

    smooth = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.atan, sp.sinh, sp.cosh, sp.tanh, *also)
    applied = expression.atoms(sp.core.function.Application)
    return all(
        isinstance(function, smooth) or not function.has(*parameters) for function in applied
    )


@dataclass(frozen=True)
class Estimate:
    """A number or an array, how far to trust it, and what speaks against it."""

    value: Any
    error: Any = 0.0
    complaint: str | None = None


def rounded(value: Any) -> Estimate:
    """Make the estimate of a value that is right up to rounding."""
    return Estimate(value, EPSILON * np.max(np.abs(value)))


def each_rounded(values: Any) -> Estimate:
    """Make the estimate of an array of unrelated values, each of them right up to rounding."""
    return Estimate(values, EPSILON * np.abs(values))


def slope_by_differences(g: Callable[[float], Estimate]) -> Estimate:
    """Differentiate g at 0 by central differences at ten steps, entry by entry the best of them.

    The best step is the one that agrees best with the next larger one. At a corner the one-sided
    slopes stay apart as the step shrinks. The natural scale of g's argument is 1.
    """
    middle = g(0.0)
    ahead = [_evaluate(g, step, middle) for step in STEPS]
    behind = [_evaluate(g, -step, middle) for step in STEPS]
    shape = np.shape(middle.value)
    steps = STEPS.reshape(len(STEPS), *[1] * len(shape))
    forward = (np.stack([there.value for there in ahead]) - middle.value) / steps
    backward = (middle.value - np.stack([there.value for there in behind])) / steps
    central, gap = (forward + backward) / 2, np.abs(forward - backward)
    errors = [
        np.broadcast_to(reduce(np.maximum, (middle.error, there.error, opposite.error)), shape)
        for there, opposite in zip(ahead, behind, strict=True)
    ]
    noise = (np.stack(errors) + EPSILON * np.abs(central)) / steps

    spread = np.abs(np.diff(central, axis=0)) + noise[1:]
    spread[~np.isfinite(spread)] = np.inf
    larger = np.expand_dims(spread.argmin(axis=0), 0)

    def pick(values: Any, place: Any) -> Any:
        return np.take_along_axis(values, place, 0)[0]

    value, error = pick(central, larger + 1), pick(spread, larger)
    still_apart = np.maximum(pick(gap, larger) / 2, 1000 * pick(noise, larger + 1))
    size = np.nanmax([np.max(np.abs(there.value)) for there in (middle, *ahead, *behind)])
    if np.any(pick(gap, larger + 1) > still_apart):
        complaint: str | None = "its slopes from two sides differ"
    else:
        complaint = unsettled(error, np.abs(value) + size)
    return Estimate(value, error, complaint)


def unsettled(error: Any, size: Any) -> str | None:
    """Return the complaint about errors too large for numbers of a size, if they are."""
    if np.all(error <= 1e-3 * size):
        return None
    return "its difference quotients do not settle as the step shrinks"


def _evaluate(g: Callable[[float], Estimate], t: float, like: Estimate) -> Estimate:
    """Evaluate g, which may be undefined away from 0."""
    try:
        return g(t)
    except (ArithmeticError, ValueError):
        return Estimate(np.full(np.shape(like.value), np.nan))
