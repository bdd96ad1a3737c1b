"""What exact derivatives need of SymPy: jets, which numbers are zero, and their shortest form.

Jets add, multiply and compose, so one pass through an expression finds all its derivatives
(Griewank and Walther, 2008, chapter 13). Rational numbers are Python's there, the faster ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from matderiv.arrays import ExactArray, real_array
from matderiv.engines import NO_DERIVATIVE, progress

# Functions that are analytic wherever their derivatives are finite, but for roots of zero:
ANALYTIC = """Pow exp log erf gamma loggamma polygamma sin cos tan cot asin acos atan
    sinh cosh tanh coth asinh acosh atanh"""
CORNER = "|·|, sign, max and min are not analytic at a corner, and max not known of symbols"
DIGITS = 30


@dataclass(frozen=True)
class Jet:
    """A value, k first derivatives, and k×k second ones; none of these in a jet of order 1."""

    value: Any
    first: Any
    second: Any

    def __add__(self, other: Jet) -> Jet:
        return Jet(self.value + other.value, self.first + other.first, self.second + other.second)

    def __mul__(self, other: Jet) -> Jet:
        first = self.first * other.value + other.first * self.value
        cross = self._outer(other)
        second = self.second * other.value + other.second * self.value + cross + cross.T
        return Jet(self.value * other.value, first, second)

    def _outer(self, other: Jet) -> Any:
        count = len(self.second)
        return np.multiply.outer(self.first[:count], other.first[:count])

    def through(self, value: Any, slope: Any, bend: Any = 0) -> Jet:
        """Apply a function that has these derivatives, of order 0 to 2, at the jet's value."""
        second = self.second * slope + self._outer(self) * bend
        return Jet(value, self.first * slope, second)


def jets(
    formulas: Any, symbols: Any, values: Any, seeds: Any, order: int
) -> tuple[ExactArray, ExactArray]:
    """Return values of formulas, and derivatives of order 1 or 2 along every one or two of k lines.

    Parameters
    ----------
    formulas, symbols, values
        Expressions, the symbols in them, and the values of these.
    seeds
        The directions of the lines: for each symbol a row of k numbers.

    Raises
    ------
    ValueError
        When a function is not known to be analytic there, has a pole or is not real.
    """
    count = np.shape(seeds)[1]
    zeros = np.zeros(count, dtype=object)
    flat = np.zeros((count, count) if order == 2 else (0, 0), dtype=object)
    given = zip(symbols, values, seeds, strict=True)
    known = {symbol: Jet(_fast(value), row, flat) for symbol, value, row in given}

    def of(node: Any) -> Jet:
        if node not in known:
            parts = [of(argument) for argument in node.args]
            varying = [place for place, part in enumerate(parts) if part.first is not zeros]
            if not varying:
                known[node] = Jet(_fast(node), zeros, flat)
            elif node.is_Add or node.is_Mul:
                known[node] = reduce(Jet.__add__ if node.is_Add else Jet.__mul__, parts)
            else:
                known[node] = _applied(node, parts, varying)
        return known[node]

    try:
        found = [of(formula) for formula in progress(formulas, "formulas")]
        table = np.stack([jet.second if order == 2 else jet.first for jet in found], -1)
        here = real_array([jet.value for jet in found], "its formula at X", door="exact")
        return here, real_array(table, "a slope", door="exact")
    except (NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(f"{NO_DERIVATIVE}: {error}; with floats, differences may tell") from error


def _applied(node: Any, parts: list[Jet], varying: list[int]) -> Jet:
    """Return the jet of a function, applied to jets of which some vary."""
    import sympy as sp

    place, name, z = varying[0], type(node).__name__, sp.Dummy("z", dummy_index=0, real=True)
    if name in ("sign", "Max", "Min"):  # these leave slopes out
        real_array(np.concatenate([part.first for part in parts]), "a slope", door="exact")
    if name in ("Abs", "sign"):
        if is_zero(value := sp.sympify(parts[0].value)):
            raise ValueError(CORNER)
        sign = _fast(sp.sign(value))
        value, slope = (sign * _fast(value), sign) if name == "Abs" else (sign, 0)
        return parts[0].through(value, slope)
    if name in ("Max", "Min"):
        values = [sp.sympify(part.value) for part in parts]
        best = node.func(*values)
        reached = [k for k, value in enumerate(values) if is_zero(best - value)]
        if best not in values or len(reached) > 1:
            raise ValueError(CORNER)
        return parts[reached[0]].through(_fast(best), 1)
    if node.is_Pow and len(varying) == 2:
        return _through(sp.exp(z), z, parts[1] * _through(sp.log(z), z, parts[0]))
    if name in ANALYTIC.split() and len(varying) == 1:
        function = node.func(*node.args[:place], z, *node.args[place + 1 :])
        return _through(function, z, parts[place])
    raise NotImplementedError(f"{name} comes in pieces or is unknown")


def _through(function: Any, z: Any, u: Jet) -> Jet:
    """Apply a function of z to a jet."""
    import sympy as sp

    value = sp.sympify(u.value)
    if is_zero(value):
        value = sp.Integer(0)
        if function.is_Pow and function.base == z and not function.exp.is_Integer:
            raise ValueError(f"{function} is not analytic where {z} is zero")
    return u.through(*(_fast(g.xreplace({z: value})) for g in _derivatives(function, z)))


@lru_cache
def _derivatives(function: Any, z: Any) -> tuple[Any, Any, Any]:
    return function, function.diff(z), function.diff(z, 2)


def _fast(value: Any) -> Any:
    """Return a rational number as Python's, anything else as it is."""
    if not value.is_Rational:
        return value
    return int(value) if value.is_Integer else Fraction(int(value.p), int(value.q))


def is_zero(entry: Any) -> bool:
    """Whether a SymPy number is zero, or an expression is zero at all values of its symbols.

    A rational number tells at once. Anything else is refuted by its digits, those of an expression
    at a point like any other, or proved to be zero; what is neither counts as not zero.

    Examples
    --------
    >>> import sympy as sp
    >>> is_zero((1 + sp.sqrt(2)) ** 2 - (3 + 2 * sp.sqrt(2)))
    True
    """
    import sympy as sp

    if entry.is_Rational:
        return not entry
    if _has_digits(entry):
        return False
    return sp.expand(entry) == 0 or sp.cancel(entry) == 0 or bool(entry.equals(0))


def magnitude(number: Any) -> float:
    """Return the decimal logarithm of the size of a SymPy number, which may be huge or tiny."""
    import sympy as sp

    return -np.inf if is_zero(number) else float(sp.log(abs(sp.N(number)), 10))


def _has_digits(entry: Any) -> bool:
    """Whether an entry is seen not to be zero: more digits begin with the same ones."""
    import sympy as sp

    symbols = sorted(entry.free_symbols, key=sp.default_sort_key)
    point = {symbol: sp.Rational(sp.prime(k + 10), 7) for k, symbol in enumerate(symbols)}
    value = entry.xreplace(point)
    few, many = value.evalf(DIGITS), value.evalf(2 * DIGITS)
    return bool(few.is_Float and many.is_Float and abs(few - many) < abs(many) / 10**10)


@lru_cache
def shortest(entry: Any) -> Any:
    """Return a number as it is, a formula as one fraction in lowest terms."""
    import sympy as sp

    return entry if entry.is_Rational else sp.cancel(entry)
