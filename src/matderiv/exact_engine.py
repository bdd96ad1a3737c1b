"""How derivatives are computed exactly: from the formula that f gives at X plus symbols."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement
from operator import mul
from typing import Any

import numpy as np

from matderiv.cost import paced
from matderiv.engines import Function
from matderiv.exactness import ExactArray, exact
from matderiv.jets import Jet, jet
from matderiv.slopes import NO_DERIVATIVE, exact_slope, is_smooth, near_zero

GROUP = 5
"""So many directions, twice, are differentiated along at once: more make an f like det slow."""


def exact_derivative(values: Function, X: Any, Y: Any) -> Any:
    """Differentiate f exactly at X along Y."""
    (t,) = _parameters(1)
    return _entrywise(lambda entry: exact_slope(entry, t), _around(values, X, t * Y, t))


def exact_second(values: Function, X: Any, Y: Any, Z: Any) -> Any:
    """Differentiate f exactly at X along Y and Z."""
    s, t = _parameters(2)
    return exact_slope(exact_slope(_around(values, X, s * Y + t * Z, s, t), s), t)


def exact_second_table(
    values: Function, X: Any, directions: Sequence[Any], max_seconds: float
) -> Any:
    """Differentiate f exactly at X along every two of the directions."""
    count = len(directions)
    table = np.empty((count, count), dtype=object)
    groups = np.array_split(np.arange(count), -(-count // GROUP))
    pairs = list(combinations(groups, min(len(groups), 2)))
    for chosen in paced(pairs, 1, "the form's matrix", max_seconds):
        places = np.concatenate(chosen).tolist()
        table[np.ix_(places, places)] = _block(values, X, [directions[i] for i in places])
    return table.view(ExactArray)


def _block(values: Function, X: Any, directions: Sequence[Any]) -> Any:
    """Differentiate along every two directions: all at once where f is smooth, else one by one."""
    import sympy as sp

    count = len(directions)
    parameters = _parameters(count)
    step = sum(map(mul, parameters, directions))
    formula = _around(values, X, step, *parameters)
    block = np.zeros((count, count), dtype=object)
    try:
        if not is_smooth(formula, *parameters):
            raise NotImplementedError
        found = jet(formula, parameters)
        block = exact(found.second if isinstance(found, Jet) else block)
    except (NotImplementedError, TypeError, ValueError):  # no formula, or none that is finite
        for i, j in combinations_with_replacement(range(count), 2):
            block[i, j] = block[j, i] = exact_second(values, X, directions[i], directions[j])
        return block
    return _entrywise(lambda entry: entry if entry.is_Rational else sp.cancel(entry), block)


def _parameters(count: int) -> list[Any]:
    """Make real symbols that are in no formula yet, as derivatives may be taken of derivatives."""
    import sympy as sp

    return [sp.Dummy("t", real=True) for _ in range(count)]


def _around(values: Function, X: Any, step: Any, *parameters: Any) -> Any:
    """Return f(X + step) near X, having checked that it does not jump there."""
    value = values(X + step)
    zero = dict.fromkeys(parameters, exact(0)[()])
    for here, near in zip(np.ravel(values(X)), np.ravel(value), strict=True):
        jump = near.xreplace(zero) - here
        if jump != 0 and jump.equals(0) is not True:
            raise ValueError(f"{NO_DERIVATIVE}: it is {here} at X, and {near} near X")
    return _entrywise(lambda entry: near_zero(entry, *parameters), value)


def _entrywise(function: Function, value: Any) -> Any:
    if not np.shape(value):
        return function(value)
    image = np.empty(value.shape, dtype=object)
    for index, entry in np.ndenumerate(value):
        image[index] = function(entry)
    return image.view(ExactArray)
