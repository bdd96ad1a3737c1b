"""Exact derivatives, from the formula that f gives of an X of symbols.

One pass through it finds all derivatives where it is analytic at X. It meets the same functions at
the same values as any formula around X, and nothing in it vanishes or cancels that need not: where
it is analytic, f is. Where |·|, max or min have a corner at X, f is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from matderiv.arrays import ExactArray, Shape, exact, is_exact, real_array
from matderiv.engines import NO_DERIVATIVE, NOTHING, Engine, Function, SecondEngine, progress
from matderiv.engines.expressions import is_zero, jets, magnitude, shortest

INEXACT = "f must compute exactly when X is exact"
ADVICE = "use SymPy's functions and exact constants, or make X a matrix of floats"


class ExactEngine(Engine, SecondEngine):
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
    noise = rounding = 0
    units = scale = 1

    def __init__(self, f: Function, X: ExactArray) -> None:
        self.f, self.X = f, X
        self.here = self.near(X)

    @property
    def steps(self) -> list[Any]:
        """Ever smaller steps, in terms of X's size."""
        largest = max(map(magnitude, self.X.flat))
        power = round(largest) if largest > -np.inf else 0
        return [exact(10)[()] ** (power - k) for k in range(1, 33, 4)]

    def near(self, W: Any) -> Any:
        """Return f at a point next to X."""
        return real_array(self._value(W), "f at an exact X", door="exact")

    def _value(self, W: Any) -> Any:
        """Evaluate f at a copy, a SymPy number where it has no index; check what it returns."""
        try:
            value = self.f(np.array(W, dtype=object, subok=True)[()])
        except (TypeError, ValueError) as error:
            if isinstance(error, ValueError) and "object arrays" not in str(error):  # SciPy's words
                raise
            raise TypeError(f"{INEXACT}: {error}; {ADVICE}") from error
        if value is None:
            raise TypeError(NOTHING)
        entries = np.asarray(value, dtype=object)
        if not is_exact(entries):
            raise TypeError(f"{INEXACT}; it returned {value!r}; {ADVICE}")
        return entries

    def twice(self) -> ExactEngine:
        """Return the engine for second derivatives: itself."""
        return self

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, of shape (k, *shape), and zeros.

        Raises
        ------
        ValueError
            When f is not known to be analytic at X.
        """
        return _combined(progress(directions, "derivatives"), self._first, self.shape)

    def second_slopes(self, directions: Sequence[Any], others: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along k directions and m others, (k, m), and zeros.

        Raises
        ------
        ValueError
            When f is not known to be analytic at X.
        """
        columns = np.stack([_along(Z, self._second) for Z in others], 1)
        return _combined(directions, columns, (len(others),))

    @cached_property
    def _first(self) -> Any:
        """The derivatives by each entry of X, of each entry of f."""
        return self._table(order=1)

    @cached_property
    def _second(self) -> Any:
        """The second derivatives by each two entries of X."""
        return self._table(order=2)

    def _table(self, order: int) -> Any:
        symbols, formulas = self._formulas
        unit = np.identity(self.X.size, dtype=object)
        values, table = jets(formulas, symbols, self.X.flat, unit, order)
        for here, value in zip(self.here.flat, values, strict=True):
            if not is_zero(value - here):
                unreal = [str(symbol) for symbol in here.free_symbols if not symbol.is_real]
                way = f"; declare {', '.join(unreal)} real" if unreal else ""
                raise ValueError(f"{NO_DERIVATIVE}: it is {here} at X, and {value} near X{way}")
        return table

    @cached_property
    def _formulas(self) -> tuple[Any, Any]:
        """Symbols for the entries of X, and the formulas that f gives of them."""
        import sympy as sp

        symbols = exact([sp.Dummy("x", real=True) for _ in range(self.X.size)])
        value = self._value(symbols.reshape(self.X.shape))
        if value.shape != self.shape:
            shapes = f"{self.shape} and {value.shape}"
            raise TypeError(f"f must return values of one shape; it returned {shapes}")
        formulas = [sp.sympify(formula) for formula in value.flat]
        powers = [power.exp for formula in formulas for power in formula.atoms(sp.Pow)]
        if not any(entry.free_symbols for entry in [*self.X.flat, *powers]):  # SymPy would be slow
            self._must_hold_nearby(symbols, formulas)
        return symbols, formulas

    def _must_hold_nearby(self, symbols: Any, formulas: Any) -> None:
        """Refuse formulas that are not f's beside X, as f asked what their symbols are."""
        step = exact(np.random.default_rng(2011).integers(100, 1000, self.X.shape)) * self.steps[2]
        for W in map(exact, (self.X + step, self.X - step)):
            try:
                values = self._value(W)
                found, _ = jets(formulas, symbols, W.flat, 0 * W.reshape(-1, 1), order=1)
            except Exception:  # whatever f raises where it is not defined
                continue
            if any(not gap.free_symbols and not is_zero(gap) for gap in found - np.ravel(values)):
                said = "its formula is another beside X; does it ask for signs (is_positive)?"
                way = "SymPy's Abs, Max and Min can be differentiated"
                raise ValueError(f"{NO_DERIVATIVE}: {said} {way}")


def _combined(directions: Iterable[Any], table: Any, shape: Shape) -> tuple[Any, Any]:
    """Return the derivatives along directions, in their shortest form, and errors of zero."""
    found = exact([_along(Y, table) for Y in directions])
    values = exact([shortest(entry) for entry in found.flat]).reshape(-1, *shape)
    return values, np.zeros(values.shape)


def _along(Y: Any, table: Any) -> Any:
    """Combine the rows of a table, one for each entry of X, as a direction says."""
    places = np.flatnonzero(Y)
    return np.tensordot(np.ravel(Y)[places], table[places], 1)
