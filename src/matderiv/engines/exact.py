"""Exact derivatives, from the formula that f gives at X plus symbols.

Where the formula is analytic, one pass through it finds the derivatives along many directions.
Elsewhere (|·|, a root of zero) they are limits, found one by one. As a derivative is linear in the
direction, f must be analytic on a plane that is like any other, or its slopes must add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations, combinations_with_replacement, islice
from operator import length_hint
from typing import Any

import numpy as np

from matderiv.arrays import ExactArray, exact, is_exact
from matderiv.engines import NO_DERIVATIVE, Function, progress
from matderiv.engines.jets import NOT_ANALYTIC, Jet, jet
from matderiv.engines.limits import check_jump, slope_of, with_sides
from matderiv.engines.zeros import is_zero, numbers

GROUP = 5
"""So many directions, twice, are differentiated along at once: more make an f like det slow."""

ADVICE = "use SymPy's functions and exact constants, or make X a matrix of floats"


class ExactEngine:
    """A function at an exact point, ready to be differentiated.

    Parameters
    ----------
    f
        Takes an exact array shaped like `X`, a copy, and returns exact numbers.
    X
        An array of exact numbers or symbols, of any number of indices.

    Raises
    ------
    TypeError
        When f cannot take exact numbers, or returns others, or nothing.
    ValueError
        When f is not finite at `X`.
    """

    method = "exact"
    error = 0.0
    size = 1.0

    def __init__(self, f: Function, X: ExactArray) -> None:
        self.f, self.X = f, X
        value = _exact_value(f, X)
        try:
            self._here = exact(value).ravel()
        except (TypeError, ValueError) as error:
            raise type(error)(f"f must return real finite numbers; {error}") from error
        self.shape = value.shape

    def near(self, W: Any) -> Any:
        """Return f at a point next to X."""
        return exact(_exact_value(self.f, W))

    def twice(self) -> ExactEngine:
        """Return the engine for second derivatives: itself."""
        return self

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, of shape (k, *shape), and zeros.

        Raises
        ------
        ValueError
            When f has no derivative at X: no slope along some direction, of these or others, or
            slopes that do not add up.
        """
        rest = iter(progress(directions, "derivatives", length_hint(directions) or None))
        found: list[Any] = []
        while group := list(islice(rest, 2 * GROUP)):
            try:
                found.extend(np.transpose([numbers(j.first) for j in self._jets(group, 1)]))
            except NOT_ANALYTIC:
                found.extend(map(self._lawful_slope, group))
        values = np.array(found, dtype=object).reshape(len(found), *self.shape)
        return values.view(ExactArray), np.zeros(values.shape)

    def second_slopes(self, directions: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives of a number along every two of k directions, and zeros.

        Raises
        ------
        ValueError
            When f has no second derivative at X.
        """
        table = np.empty((len(directions), len(directions)), dtype=object)
        try:
            self._fill_by_jets(table, directions)
        except NOT_ANALYTIC:
            self._fill_by_limits(table, directions)
        return table.view(ExactArray), np.zeros(table.shape)

    def _fill_by_jets(self, table: Any, directions: Sequence[Any]) -> None:
        """Find the second derivatives of an analytic f, some directions at once."""
        count = len(directions)
        groups = np.array_split(np.arange(count), -(-count // GROUP))
        pairs = list(combinations(groups, min(len(groups), 2)))
        for chosen in progress(pairs, "second derivatives", len(pairs)):
            places = np.concatenate(chosen)
            (found,) = self._jets([directions[i] for i in places], 2)
            table[np.ix_(places, places)] = numbers(found.second)

    def _fill_by_limits(self, table: Any, directions: Sequence[Any]) -> None:
        """Find the second derivatives of any f one by one; they must be symmetric."""
        count = len(directions)
        lines = [*directions, *self._probes]
        slopes = [self._lawful_slope(Y)[0] for Y in lines]
        pairs = [(count, count + 1), *combinations_with_replacement(range(count), 2)]
        for i, j in progress(pairs, "second derivatives", len(pairs)):
            bend, other = (self._bend(lines[k], slopes[k], lines[m]) for k, m in ((i, j), (j, i)))
            if not is_zero(bend - other):
                raise ValueError(f"{NO_DERIVATIVE}: its second derivative would not be symmetric")
            if i < count:
                table[i, j] = table[j, i] = bend

    @cached_property
    def _probes(self) -> Any:
        """Two directions that favour no coordinates, one of them positive."""
        generator = np.random.default_rng(2011)
        P, Q = generator.integers(100, 1000, (2, *self.X.shape))
        return exact(P), exact(Q * generator.choice([-1, 1], self.X.shape))

    @cached_property
    def _is_analytic(self) -> bool:
        """Whether f is analytic at X in every direction, as on a plane like any other.

        In the formula on that plane the same functions meet the same values as in any other, and
        nothing vanishes or cancels that need not.
        """
        P, Q = self._probes
        s, t = parameters = _parameters(2)
        try:
            for found in self._jets_of(s * P + t * Q, parameters, 1):
                exact(found.first)
        except NOT_ANALYTIC:
            return False
        return True

    def _jets(self, directions: Sequence[Any], order: int) -> list[Jet]:
        """Return the jet of each entry of an analytic f, with a parameter for each direction."""
        if not self._is_analytic:
            raise NotImplementedError("f is not analytic at X")
        parameters = _parameters(len(directions))
        step = sum(t * Y for t, Y in zip(parameters, directions, strict=True))
        return self._jets_of(step, parameters, order)

    def _jets_of(self, step: Any, parameters: Sequence[Any], order: int) -> list[Jet]:
        jets = [jet(formula, parameters, order) for formula in self._near(step, parameters)]
        for here, found in zip(self._here, jets, strict=True):
            check_jump(here, exact(found.value)[()])
        return jets

    @cached_property
    def _slope_of_probe(self) -> Any:
        """The slope along a direction like any other, where such slopes add up."""
        P, Q = self._probes
        try:
            slope, other = self._slope(P), self._slope(Q)
        except ValueError as error:
            raise ValueError(f"{error}, along a direction that favours no entry of X") from error
        _check_sum(self._slope(P + Q), slope, other)
        return slope

    def _lawful_slope(self, Y: Any) -> Any:
        """Differentiate along Y where slopes add up, along lines and along curves."""
        P, _ = self._probes
        slope, other = self._slope(Y), self._slope_of_probe
        _check_sum(self._slope(Y + P), slope, other)
        _check_sum(self._slope(Y, P), slope)
        return slope

    def _slope(self, Y: Any, bend: Any = 0) -> Any:
        """Differentiate each entry of f along a line, or a curve, in the direction Y."""
        (t,) = parameters = _parameters(1)
        formulas = self._near(t * Y + t**2 * bend, parameters)
        pairs = zip(formulas, self._here, strict=True)
        return np.array([slope_of(formula, t, here) for formula, here in pairs], dtype=object)

    def _bend(self, Y: Any, slope: Any, Z: Any) -> Any:
        """Differentiate a number along Y, where it has this slope, and along Z."""
        s, t = parameters = _parameters(2)
        (formula,) = self._near(s * Y + t * Z, parameters)
        formula = with_sides(formula, (s,))  # for t other than zero
        along = slope_of(formula, s, formula.xreplace({s: exact(0)[()]}))
        return slope_of(along, t, slope)

    def _near(self, step: Any, parameters: Sequence[Any]) -> list[Any]:
        """Return a formula for each entry of f at X + step, for small enough parameters."""
        import sympy as sp

        value = _exact_value(self.f, self.X + step)
        if value.shape != self.shape:
            raise TypeError(
                f"f must return values of one shape; it returned {self.shape} and {value.shape}"
            )
        return [with_sides(sp.sympify(formula), parameters) for formula in value.flat]


def _exact_value(f: Function, X: Any) -> Any:
    """Evaluate f at a copy of X, a SymPy number where X has no index; check what it returns."""
    try:
        value = f(np.array(X, dtype=object, subok=True)[()])
    except (TypeError, ValueError) as error:
        if isinstance(error, ValueError) and "object arrays" not in str(error):  # SciPy's words
            raise
        raise TypeError(f"f must compute exactly when X is exact: {error}; {ADVICE}") from error
    if value is None:
        raise TypeError(
            "f must return a number or a matrix; it returned None: does it lack a return?"
        )
    entries = np.asarray(value, dtype=object)
    if not is_exact(entries):
        raise TypeError(f"f must compute exactly when X is exact; it returned {value!r}; {ADVICE}")
    return entries


def _parameters(count: int) -> list[Any]:
    """Make real symbols that are in no formula yet, as derivatives may be taken of derivatives."""
    import sympy as sp

    return [sp.Dummy("t", real=True) for _ in range(count)]


def _check_sum(total: Any, *summands: Any) -> None:
    if not all(map(is_zero, total - sum(summands))):
        raise ValueError(f"{NO_DERIVATIVE}: its slopes do not depend linearly on the direction")
