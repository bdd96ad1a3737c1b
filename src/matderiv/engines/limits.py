"""Exact slopes of formulas that have corners or roots of zero: limits from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from matderiv.engines import NO_DERIVATIVE
from matderiv.engines.jets import NOT_ANALYTIC, jet, smooth_functions
from matderiv.engines.zeros import is_zero, numbers, shortest


def check_jump(here: Any, near: Any) -> None:
    """Refuse an f that is something else at X than next to it."""
    if not is_zero(near - here):
        raise ValueError(f"{NO_DERIVATIVE}: it is {here} at X, and {near} near X")


def slope_of(formula: Any, t: Any, here: Any) -> Any:
    """Differentiate a formula at t = 0, where it has the value `here`: by rules, or as a limit."""
    import sympy as sp

    zero = {t: sp.Integer(0)}

    def from_zero(total: Any) -> Any:  # SymPy's limits take a zero for what it is written as
        value = total.xreplace(zero)
        return total - value if value and is_zero(value) else total

    formula = formula.replace(lambda node: node.is_Add, lambda *terms: from_zero(sp.Add(*terms)))
    near = formula.xreplace(zero)
    if near.has(sp.nan, sp.zoo):  # the limit will tell
        near = here
    check_jump(here, near)
    try:
        return numbers(jet(formula, (t,), 1).first)[0]
    except NOT_ANALYTIC:
        return _limit((formula - near) / t, t)


def _limit(quotient: Any, t: Any) -> Any:
    """Find the limit of a difference quotient, the same from both sides."""
    import sympy as sp

    if quotient.has(sp.Piecewise, sp.Heaviside, sp.floor, sp.ceiling):
        raise ValueError(
            f"{NO_DERIVATIVE}: SymPy cannot tell slopes from two sides of what is given in pieces; "
            "take floats"
        )
    try:
        for node in quotient.atoms(sp.Pow, sp.log):
            _check_real(node, t)
        right, left = (sp.limit(quotient, t, 0, side) for side in "+-")
    except (NotImplementedError, sp.PoleError) as error:
        raise ValueError(f"{NO_DERIVATIVE}: SymPy finds no limit of {quotient}") from error
    if any(limit.has(sp.nan, sp.zoo, sp.I, sp.AccumBounds, sp.Limit) for limit in (right, left)):
        raise ValueError(f"{NO_DERIVATIVE}: {quotient} has no real limit that SymPy finds")
    if not is_zero(right - left):  # nor is infinity less infinity
        raise ValueError(f"{NO_DERIVATIVE}: its slopes from two sides are {right} and {left}")
    return shortest(right)


def _check_real(node: Any, t: Any) -> None:
    """Refuse a root or logarithm of what is negative next to t = 0."""
    import sympy as sp

    argument = node.args[0]
    if not argument.has(t) or (node.is_Pow and node.exp.is_integer):
        return
    if any(sp.limit(1 / argument, t, 0, side).is_extended_negative for side in "+-"):
        raise ValueError(f"{NO_DERIVATIVE}: {node} is not real on both sides")


def with_sides(formula: Any, parameters: Sequence[Any]) -> Any:
    """Choose the sides of |·|, sign, max, min and ⌊·⌋ that hold for all small enough parameters.

    Where they cannot be chosen, max and min become |·|, and the others stay.
    """
    import sympy as sp

    steps = (sp.floor, sp.ceiling)
    corners = (sp.Abs, sp.sign, sp.Max, sp.Min, *steps)
    if not formula.has(*corners):
        return formula

    zero = dict.fromkeys(parameters, sp.Integer(0))

    def side(u: Any) -> Any:
        value = u.xreplace(zero)
        unknown = value.has(sp.nan, sp.zoo, sp.oo, -sp.oo) or not _is_continuous(u, parameters)
        return 0 if unknown or is_zero(value) else sp.sign(value)

    def absolute(u: Any) -> Any:
        return side(u) * u or sp.Abs(u)

    def larger(u: Any, v: Any) -> Any:
        return (u + v + absolute(u - v)) / 2

    def resolved(corner: Any) -> Any:
        if isinstance(corner, sp.Abs):
            return absolute(*corner.args)
        if isinstance(corner, sp.sign):
            return side(*corner.args) or corner
        if isinstance(corner, steps):
            (u,) = corner.args
            inside = u.xreplace(zero).is_integer is False and _is_continuous(u, parameters)
            return corner.xreplace(zero) if inside else corner
        up = 1 if isinstance(corner, sp.Max) else -1
        return up * reduce(larger, [up * u for u in corner.args])

    return formula.replace(lambda node: isinstance(node, corners), resolved)


def _is_continuous(formula: Any, parameters: Sequence[Any]) -> bool:
    """Whether only continuous functions are applied to the parameters."""
    import sympy as sp

    continuous = (*smooth_functions(), sp.Abs)
    applied = formula.atoms(sp.core.function.Application)
    return all(isinstance(part, continuous) or not part.has(*parameters) for part in applied)
