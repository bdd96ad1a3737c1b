"""How a derivative is computed: one protocol, with engines for floats, exact numbers, libraries.

An engine is bound to a function and a point. It differentiates along many directions at once, and
says of every number how far to trust it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from math import floor, log10, prod
from typing import Any, TypeVar

import numpy as np

from matderiv import arrays
from matderiv.arrays import Array, Shape, is_exact
from matderiv.coordinates import Basis

Function = Callable[[Any], Any]
Item = TypeVar("Item")

DIGITS = 15  # that every double has
SINGLE = 4e-6  # what computing in single precision may change, beside what is large
NO_DERIVATIVE = "f has no derivative at X that could be confirmed"
NOTHING = "f must return a number or an array; it returned None: does it lack a return?"


def progress(items: Iterable[Item], what: str) -> Iterable[Item]:
    """Yield the items; show a bar after two seconds, where tqdm is installed and somebody watches.

    Examples
    --------
    >>> sum(progress([1, 2, 3], "the sum"))
    6
    """
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    IPython: Any = sys.modules.get("IPython")
    in_notebook = hasattr(IPython and IPython.get_ipython(), "kernel")
    # None: silent where no terminal shows it
    return tqdm(items, desc=what, delay=2.0, disable=False if in_notebook else None, leave=False)


class Trusted:
    """What computes derivatives at X, and says how far to trust them.

    ``method`` says how they are computed; ``error`` is their largest error along directions of
    length 1, as estimated, or zero, and ``size`` how large they are.
    """

    X: Any
    method: str
    error: float = 0.0
    size: float = 1.0

    def __str__(self) -> str:
        """Say how derivatives are computed, and in how many digits."""
        if self.error == 0:
            return self.method
        if self.error < self.size:
            return f"{self.method}, {min(floor(log10(self.size / self.error)), DIGITS)} digits"
        return f"{self.method}, zero within {self.error:.0e}"


class Engine(Trusted):
    """A function at a point, ready to be differentiated.

    ``here`` is the function's value at X. An engine that knows f by its values, from which a
    derivative can be checked, says what `check_derivative` needs: they are known up to ``noise``
    and, beside their size, ``rounding``; ``units`` are the sizes of X's entries, and ``steps`` ever
    smaller ones, in terms of these.
    """

    here: Any

    @property
    def shape(self) -> Shape:
        """The shape of f's values."""
        return self.here.shape

    def near(self, W: Any) -> Any:
        """Return f at a point next to X: NaN, or an error, where it is not defined."""
        raise NotImplementedError

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, of shape (k, *shape), and their errors."""
        raise NotImplementedError

    def pull(self, Z: Any) -> Any:
        """Apply the adjoint of the derivative; by the slopes along all unit elements."""
        slopes, _ = self.slopes(Basis(self.X.shape, "C", is_exact(self.X)))
        return np.reshape(slopes.reshape(self.X.size, -1) @ np.ravel(Z), self.X.shape)

    def twice(self) -> SecondEngine:
        """Return the engine for second derivatives of a number."""
        raise NotImplementedError


class SecondEngine(Trusted):
    """The same as `Engine` for second derivatives of a number."""

    def second_slopes(self, directions: Sequence[Any], others: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along k directions and m others, (k, m), and errors.

        Others that are the directions themselves, the same object, are known to make it symmetric.
        """
        raise NotImplementedError

    def product(self, Y: Any) -> Any:
        """Apply the Hessian; by the second derivatives along Y and all unit elements."""
        basis = list(Basis(self.X.shape, "C", is_exact(self.X)))
        return np.reshape(self.second_slopes([Y], basis)[0], self.X.shape)


def as_number(f: Function, of_numpy: bool, X: Any) -> Any:
    """Return the value of f as a number, if it is an array of one, or a list, a table, a matrix."""
    value = f(X)
    if of_numpy and value is not None:
        arrays.must_be_whole(value, "f(X)")
        with suppress(ValueError, RuntimeError):  # what is no array is refused by name
            value = np.asarray(value)
    shape = getattr(value, "shape", ())
    return value.reshape(())[()] if shape and prod(shape) == 1 else value


def point(X: Any, call: str) -> Array:
    """Return X as an array of floats or of exact numbers that nobody can change."""
    if callable(X):
        raise TypeError(f"X must be an array, not a function; the order is {call}")
    if isinstance(X, np.matrix) or getattr(X, "is_Matrix", False):
        way = "np.asarray(X)" if isinstance(X, np.matrix) else "exact(X)"
        way = f"take {way}, and @ for products in f"
        why = f"* multiplies a {type(X).__name__} by matrices and an array by entries"
        raise TypeError(f"X must be an array: {why}, so f would change its meaning; {way}")
    X = np.asarray(X) if arrays.is_foreign(X) else X
    return arrays.frozen(arrays.real_array(X, "X", arrays.SPACE))
