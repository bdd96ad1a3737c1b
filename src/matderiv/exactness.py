"""Exact and symbolic matrices.

A matrix in this package is a NumPy array of one of two kinds. *Floats* compute fast. *Exact*
arrays hold SymPy numbers and symbols, and compute exactly through the same ``@``, ``reshape``,
``np.kron`` and ``np.trace``.
"""

from __future__ import annotations

from itertools import product
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from matderiv.arguments import matrix_shape


class ExactArray(np.ndarray):
    """A NumPy array of SymPy numbers; made by `exact`, shown as LaTeX in a notebook."""

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Give reductions as SymPy numbers, comparisons as plain arrays."""
        if return_scalar:
            return array[()]
        return array.view(ExactArray) if array.dtype == object else np.asarray(array)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Give a plain array of another type."""
        return np.asarray(self).astype(dtype, *args, **kwargs)

    def __repr__(self) -> str:
        return f"exact({np.array2string(np.asarray(self), separator=', ', prefix='exact(')})"

    def _repr_latex_(self) -> str | None:
        import sympy as sp

        if self.ndim not in (1, 2):
            return None
        shown = tuple(self) if self.ndim == 1 else sp.Matrix(self)
        return rf"$\displaystyle {sp.latex(shown, fold_short_frac=True)}$"


def exact(array_like: ArrayLike) -> ExactArray:
    """Make an exact array: each entry becomes the SymPy number that it is.

    Parameters
    ----------
    array_like
        Integers, fractions, floats and SymPy expressions, of any shape. A float becomes the
        rational number that it is, to the last bit.

    Returns
    -------
    ExactArray
        An array of the same shape with dtype ``object``.

    Raises
    ------
    TypeError
        For an entry that is not a real number (complex, a string, a list in a ragged array).
    ValueError
        For NaN or infinity, and for an empty array.

    Examples
    --------
    >>> A = exact([[7, 1], [1, 3]])
    >>> A @ A / 4
    exact([[25/2, 5/2],
           [5/2, 5/2]])
    >>> exact([0.5, 0.1])
    exact([1/2, 3602879701896397/36028797018963968])
    """
    entries = np.array(array_like, dtype=object)
    if entries.size == 0:
        raise ValueError(
            f"an exact array has at least one entry; this one has shape {entries.shape}"
        )
    numbers = np.empty(entries.size, dtype=object)
    numbers[:] = [_number(entry) for entry in entries.flat]
    return numbers.reshape(entries.shape).view(ExactArray)


def _number(entry: Any) -> Any:
    """Return one entry as an exact SymPy number or expression."""
    import sympy as sp

    if isinstance(entry, sp.Rational):
        return entry
    if isinstance(entry, (bool, np.bool_, int, np.integer)):
        return sp.Integer(int(entry))
    if isinstance(entry, Rational):
        return sp.Rational(entry.numerator, entry.denominator)
    if isinstance(entry, (float, np.floating)):
        if not np.isfinite(entry):
            raise ValueError(f"an exact array holds finite numbers; this one got {entry}")
        return sp.Rational(*entry.as_integer_ratio())
    if not isinstance(entry, sp.Expr):
        raise TypeError(
            "an exact array holds real numbers or SymPy expressions, in rows of equal length; "
            f"this one got the entry {entry!r}"
        )
    if entry.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise ValueError(f"an exact array holds finite numbers; this one got {entry}")
    if entry.has(sp.I) or (not _is_rational_formula(entry) and entry.is_real is False):
        raise TypeError(f"an exact array holds real numbers; this one got {entry}")
    return entry.xreplace({number: sp.Rational(number) for number in entry.atoms(sp.Float)})


def _is_rational_formula(entry: Any) -> bool:
    """Whether an expression is made of real symbols by + − × ÷ alone, hence real; fast to tell."""
    import sympy as sp

    parts = entry.atoms(sp.Symbol, sp.Pow, sp.core.function.Application)
    return all(
        part.exp.is_Integer if part.is_Pow else part.is_Symbol and part.is_real for part in parts
    )


def symbolic(name: str, shape: tuple[int, int]) -> ExactArray:
    """Make a matrix of real SymPy symbols, with the matrix notation's own indices, from 1.

    Parameters
    ----------
    name
        The letter of the entries.
    shape
        Rows and columns.

    Raises
    ------
    TypeError
        When `name` is not a non-empty string.
    ValueError
        When `shape` is not two positive integers.

    Examples
    --------
    >>> symbolic("x", (2, 2))
    exact([[x11, x12],
           [x21, x22]])
    """
    import sympy as sp

    if not (isinstance(name, str) and name):
        raise TypeError(f"name must be a non-empty string; it is {name!r}")
    rows, columns = matrix_shape(shape, "shape")
    comma = "" if max(rows, columns) < 10 else "_"
    symbols = np.empty((rows, columns), dtype=object)
    for i, j in product(range(rows), range(columns)):
        symbols[i, j] = sp.Symbol(f"{name}{i + 1}{comma}{j + 1}", real=True)
    return symbols.view(ExactArray)


def is_exact(array: Any) -> bool:
    """Whether every entry is an exact number or expression: no floating point anywhere.

    Examples
    --------
    >>> is_exact(exact([[0.5]])), is_exact(np.array([[0.5]])), is_exact(exact([[1]]) * 0.5)
    (True, False, False)
    """
    if getattr(array, "dtype", np.dtype(object)) != np.dtype(object):
        return False  # without looking at the entries, which may be far away
    entries = np.asarray(array)
    if entries.dtype != object:
        return False
    import sympy as sp

    return all(
        isinstance(entry, Rational) or (isinstance(entry, sp.Expr) and not entry.has(sp.Float))
        for entry in entries.flat
    )
