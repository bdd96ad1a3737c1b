"""Which exact numbers and formulas are zero, however they are written; their shortest form."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from matderiv.arrays import ExactArray, exact

DIGITS = 30


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
    if entry.is_Mul:
        return any(map(is_zero, entry.args))
    if entry.is_Pow:
        return bool(entry.exp.is_positive) and is_zero(entry.base)
    if _has_digits(entry):
        return False
    if sp.expand(entry) == 0 or sp.cancel(entry) == 0:
        return True
    with suppress(sp.NotAlgebraic, NotImplementedError):
        if not entry.free_symbols:
            z = sp.Dummy("z")
            return bool(sp.minimal_polynomial(entry, z) == z)
    return bool(sp.simplify(entry) == 0)


def _has_digits(entry: Any) -> bool:
    """Whether an entry is seen not to be zero: more digits begin with the same ones."""
    import sympy as sp

    symbols = sorted(entry.free_symbols, key=sp.default_sort_key)
    point = {symbol: sp.Rational(sp.prime(k + 10), 7) for k, symbol in enumerate(symbols)}
    value = entry.xreplace(point)
    few, many = value.evalf(DIGITS), value.evalf(2 * DIGITS)
    return bool(few.is_Float and many.is_Float and abs(few - many) < abs(many) / 10**10)


def shortest(entry: Any) -> Any:
    """Return a number as it is, a formula as one fraction in lowest terms."""
    import sympy as sp

    return entry if entry.is_Rational else sp.cancel(entry)


def numbers(entries: Any) -> ExactArray:
    """Return exact numbers in their shortest form; refuse what is not real and finite."""
    found = exact(entries)
    known = {entry: shortest(entry) for entry in set(found.flat)}  # tables repeat entries
    for place, entry in np.ndenumerate(found):
        found[place] = known[entry]
    return found
