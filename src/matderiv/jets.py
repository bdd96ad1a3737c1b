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


@dataclass(frozen=True)
class Jet:
    """A value, k first derivatives and k×k second ones."""

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
        cross = np.multiply.outer(self.first, other.first)
        return Jet(
            self.value * other.value,
            self.first * other.value + other.first * self.value,
            self.second * other.value + other.second * self.value + cross + cross.T,
        )

    __rmul__ = __mul__

    def through(self, value: Any, slope: Any, bend: Any) -> Jet:
        """Apply a function that has these derivatives, of order 0 to 2, at the jet's value."""
        square = np.multiply.outer(self.first, self.first)
        return Jet(value, self.first * slope, self.second * slope + square * bend)


def jet(expression: Any, parameters: Sequence[Any]) -> Any:
    """Return the jet of an expression where all parameters are zero; a number if it has none.

    Where there is no derivative, the jet holds SymPy's nan or infinity.

    Raises
    ------
    NotImplementedError
        When the parameters meet in a function of several arguments.
    """
    count = len(parameters)
    units = np.identity(count, dtype=object)
    flat = np.zeros((count, count), dtype=object)
    known: dict[Any, Any] = {s: Jet(0, units[i], flat) for i, s in enumerate(parameters)}

    def of(node: Any) -> Any:
        if node not in known:
            known[node] = _combined(node, [of(argument) for argument in node.args])
        return known[node]

    return of(expression)


def _combined(node: Any, arguments: list[Any]) -> Any:
    """Return the jet of a node, or its number, from those of its arguments."""
    jets = [argument for argument in arguments if isinstance(argument, Jet)]
    if not jets:
        return _python_number(node)
    if node.is_Add:
        return sum(arguments)
    if node.is_Mul:
        return prod(arguments)
    if len(jets) > 1:
        raise NotImplementedError(f"the parameters are in several arguments of {node.func}")
    import sympy as sp

    z = _placeholder()
    function = node.func(*(z if isinstance(a, Jet) else a for a in arguments))
    at = {z: sp.sympify(jets[0].value)}
    return jets[0].through(*(_python_number(f.xreplace(at)) for f in _derivatives(function)))


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
