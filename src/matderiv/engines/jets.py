"""Jets: the value, first and second derivatives at zero of a SymPy expression in many parameters.

Jets add, multiply and compose, so one pass through an expression finds all its derivatives
(Griewank and Walther, 2008, chapter 13). Rational numbers are Python's here, the faster ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from matderiv.engines.zeros import is_zero

NOT_ANALYTIC = (NotImplementedError, TypeError, ValueError)
"""What is raised where f has no formula, a formula no jet, or a jet no real finite numbers."""


@dataclass(frozen=True)
class Jet:
    """A value, k first derivatives, and k×k second ones; none of these in a jet of order 1."""

    value: Any
    first: Any
    second: Any

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.first, self.second)
        return Jet(self.value + other.value, self.first + other.first, self.second + other.second)

    __radd__ = __add__

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, self.first * other, self.second * other)
        cross = self._outer(other)
        return Jet(
            self.value * other.value,
            self.first * other.value + other.first * self.value,
            self.second * other.value + other.second * self.value + cross + cross.T,
        )

    __rmul__ = __mul__

    def _outer(self, other: Jet) -> Any:
        count = len(self.second)
        return np.multiply.outer(self.first[:count], other.first[:count])

    def through(self, value: Any, slope: Any, bend: Any) -> Jet:
        """Apply a function that has these derivatives, of order 0 to 2, at the jet's value."""
        second = self.second * slope + self._outer(self) * bend
        return Jet(value, self.first * slope, second)


def jet(expression: Any, parameters: Sequence[Any], order: int) -> Jet:
    """Return the jet of an expression, of order 1 or 2, where all parameters are zero.

    Where a function has a pole, the jet holds SymPy's nan or infinity.

    Raises
    ------
    NotImplementedError
        When a function of the parameters is not known to be analytic: |·|, a root at zero.
    """
    count = len(parameters)
    units = np.identity(count, dtype=object)
    flat = np.zeros((count, count) if order == 2 else (0, 0), dtype=object)
    known: dict[Any, Any] = {s: Jet(0, units[i], flat) for i, s in enumerate(parameters)}

    def of(node: Any) -> Any:
        if node not in known:
            known[node] = _combined(node, [of(argument) for argument in node.args])
        return known[node]

    found: Jet = Jet(0, np.zeros(count, dtype=object), flat) + of(expression)
    return found


@lru_cache
def smooth_functions() -> tuple[Any, ...]:
    """Return functions that are analytic wherever their derivatives are finite."""
    import sympy as sp

    circular = (sp.sin, sp.cos, sp.tan, sp.cot, sp.asin, sp.acos, sp.atan)
    hyperbolic = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.asinh, sp.acosh, sp.atanh)
    return sp.exp, sp.log, sp.erf, sp.gamma, sp.loggamma, sp.polygamma, *circular, *hyperbolic


def _combined(node: Any, arguments: list[Any]) -> Any:
    """Return the jet of a node, or its number, from those of its arguments."""
    import sympy as sp

    jets = [argument for argument in arguments if isinstance(argument, Jet)]
    if not jets:
        return _python_number(node)
    if node.is_Add:
        return sum(arguments)
    if node.is_Mul:
        return prod(arguments)
    z = _placeholder()
    if node.is_Pow and len(jets) == 2:
        base, exponent = jets
        return _applied(sp.exp(z), exponent * _applied(sp.log(z), base))
    if len(jets) == 1 and (node.is_Pow or isinstance(node, smooth_functions())):
        places = zip(node.args, arguments, strict=True)
        function = node.func(*(z if isinstance(a, Jet) else constant for constant, a in places))
        return _applied(function, jets[0])
    raise NotImplementedError(f"{node} is not known to be analytic")


def _applied(function: Any, argument: Jet) -> Jet:
    """Apply a function of the placeholder to a jet."""
    import sympy as sp

    z, value = _placeholder(), sp.sympify(argument.value)
    is_power = function.is_Pow and function.base == z
    if not (is_power and function.exp.is_Integer and function.exp > 0) and is_zero(value):
        if is_power and not function.exp.is_Integer:
            raise NotImplementedError(f"{function} is not analytic at zero")
        value = sp.Integer(0)
    return argument.through(
        *(_python_number(derivative.xreplace({z: value})) for derivative in _derivatives(function))
    )


@lru_cache
def _placeholder() -> Any:
    import sympy as sp

    return sp.Dummy("z", real=True)


@lru_cache
def _derivatives(function: Any) -> tuple[Any, Any, Any]:
    """Return a function of the placeholder and its first two derivatives."""
    z = _placeholder()
    return function, function.diff(z), function.diff(z, 2)


def _python_number(value: Any) -> Any:
    """Return a rational number as Python's, anything else as it is."""
    if not value.is_Rational:
        return value
    return int(value) if value.is_Integer else Fraction(int(value.p), int(value.q))
