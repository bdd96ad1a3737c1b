"""How derivatives are computed exactly: from the formula that f gives at X plus symbols."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement, islice
from operator import mul
from typing import Any

import numpy as np

from matderiv.arguments import Order, Shape
from matderiv.cost import MAX_SECONDS, paced
from matderiv.dense import basis
from matderiv.engines import Function
from matderiv.exactness import ExactArray, exact
from matderiv.jets import Jet, jet
from matderiv.slopes import NO_DERIVATIVE, exact_slope, is_smooth, near_zero

GROUP = 5
"""So many directions, twice, are differentiated along at once: more make an f like det slow."""

NO_JETS = (NotImplementedError, TypeError, ValueError)
"""What is raised where f has no formula, no derivative, or one that jets do not know."""


def exact_derivative(values: Function, X: Any, Y: Any) -> Any:
    """Differentiate f exactly at X along Y."""
    (t,) = _parameters(1)
    return _entrywise(lambda entry: exact_slope(entry, t), _around(values, X, t * Y, t))


def exact_second(values: Function, X: Any, Y: Any, Z: Any) -> Any:
    """Differentiate f exactly at X along Y and Z."""
    s, t = _parameters(2)
    return exact_slope(exact_slope(_around(values, X, s * Y + t * Z, s, t), s), t)


def exact_slopes(values: Function, X: Any, order: Order) -> Any:
    """Differentiate f exactly at X along each unit matrix: one slope after another."""
    units = map(exact, basis(X.shape, order))  # one after another: all of them may be too many
    groups = range(-(-X.size // (2 * GROUP)))
    in_time = paced(groups, 1, "the derivative's matrix", MAX_SECONDS, "take floats for X")
    found = [_slopes(values, X, list(islice(units, 2 * GROUP))) for _ in in_time]
    return np.concatenate(found).view(ExactArray)


def _slopes(values: Function, X: Any, directions: Sequence[Any]) -> Any:
    """Differentiate along each direction: all at once where f is smooth, else one by one."""
    try:
        shape, jets = _jets(values, X, directions)
        slopes = [_simplified(jet.first) for jet in jets]
        return np.stack(slopes, axis=1).reshape(-1, *shape)
    except NO_JETS:
        return np.stack([exact_derivative(values, X, Y) for Y in directions])


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
    try:
        _, (found,) = _jets(values, X, directions)
        return _simplified(found.second)
    except NO_JETS:
        count = len(directions)
        block = np.empty((count, count), dtype=object)
        for i, j in combinations_with_replacement(range(count), 2):
            block[i, j] = block[j, i] = exact_second(values, X, directions[i], directions[j])
        return block


def _jets(values: Function, X: Any, directions: Sequence[Any]) -> tuple[Shape, list[Jet]]:
    """Return the shape of f's value and the jet of each entry, a parameter for each direction."""
    count = len(directions)
    parameters = _parameters(count)
    step = sum(map(mul, parameters, directions))
    formula = np.asarray(_around(values, X, step, *parameters))
    if not all(is_smooth(entry, *parameters) for entry in formula.flat):
        raise NotImplementedError
    flat = Jet(0, np.zeros(count, dtype=object), np.zeros((count, count), dtype=object))
    return formula.shape, [flat + jet(entry, parameters) for entry in formula.flat]


def _simplified(numbers: Any) -> Any:
    """Return exact numbers in their shortest form; raise ValueError where one is not finite."""
    import sympy as sp

    return _entrywise(
        lambda entry: entry if entry.is_Rational else sp.cancel(entry), exact(numbers)
    )


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
