"""What counts as an array here, decided once, at the door.

Inside the package there are arrays of two kinds. *Floats* (float64) compute fast. *Exact* arrays
hold SymPy numbers and symbols, and compute exactly through the same ``@``, ``reshape``,
``np.kron`` and ``np.trace``. Maps also leave other libraries' arrays (Dask, CuPy) as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import product
from math import prod
from numbers import Rational
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

Shape = tuple[int, ...]
Order = Literal["F", "C"]
Matrix = Any
"""Anything that `matrix` takes: nested lists, NumPy arrays, other libraries' arrays, exact ones."""

MAX_BYTES = 2 * 2**30

_complex_allowed = ContextVar("complex_allowed", default=False)


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


@contextmanager
def complex_allowed() -> Iterator[None]:
    """Let complex matrices through while the complex step evaluates a function."""
    token = _complex_allowed.set(True)
    try:
        yield
    finally:
        _complex_allowed.reset(token)


def is_foreign(value: Any) -> bool:
    """Whether `value` is another library's array (Dask, CuPy, JAX), to be left as it is."""
    return not isinstance(value, np.ndarray) and (
        hasattr(value, "__array_function__") or hasattr(value, "__array_namespace__")
    )


def real_array(value: Any, name: str, *, look: bool = True, moves: bool = False) -> Any:
    """Return `value` as floats, as an exact array, or as another library's array.

    With `look` its entries are looked at too, which costs a pass over them. What only moves
    entries takes complex ones.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be masked; fill its gaps first: {name}.filled(...)")
    if hasattr(value, "tocsr"):
        raise TypeError(f"{name} must be dense; it is sparse: take {name}.toarray()")
    try:
        array = value if is_foreign(value) else np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length") from error
    kind = array.dtype.kind
    if kind not in "buifcO":
        raise TypeError(f"{name} must hold real numbers; its entries are of type {array.dtype}")
    if 0 in array.shape:
        raise ValueError(f"{name} must have at least one entry; its shape is {array.shape}")
    if kind == "O":
        return exact_array(array, name)
    if kind == "c" and not (moves or _complex_allowed.get()):
        raise TypeError(
            f"{name} must be real; it holds complex numbers: take {name}.real where its imaginary "
            "part is zero, else stack real and imaginary parts"
        )
    if kind in "ui" and not is_foreign(value):
        _check_integers(array, name)
    if look and not is_foreign(value) and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    wanted = np.dtype(complex if kind == "c" else float)
    return array if array.dtype == wanted else array.astype(wanted)


def _check_integers(array: Any, name: str) -> None:
    if array.max() > 2**53 or array.min() < -(2**53):
        raise ValueError(
            f"{name} holds integers too large to be floats exactly; make it exact: exact({name})"
        )


def exact_array(value: Any, name: str) -> ExactArray:
    """Return `value` as an exact array, whatever numbers it holds."""
    try:
        return exact(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from error


def matrix(value: Any, name: str, shape: Shape | None = None, *, moves: bool = False) -> Any:
    """Return `value` as a matrix, of the given shape where there is one."""
    array = real_array(value, name, moves=moves)
    if array.ndim != 2:
        advice = "; flatten it to a matrix first" if array.ndim == 4 else ""
        raise ValueError(
            f"{name} must be a matrix, with two indices; its shape is {array.shape}{advice}"
        )
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}; its shape is {array.shape}")
    return array


def square(value: Any, name: str, *, moves: bool = False) -> Any:
    """Return `value` as a square matrix."""
    array = matrix(value, name, moves=moves)
    if array.shape[0] != array.shape[1]:
        raise ValueError(f"{name} must be square; its shape is {array.shape}")
    return array


def alike(*arrays: Any) -> tuple[Any, ...]:
    """Return matrices of one kind: all exact where one of them is; as copies that stay."""
    if any(isinstance(array, ExactArray) for array in arrays):
        arrays = tuple(exact(array) for array in arrays)
    return tuple(frozen(array) for array in arrays)


def frozen(array: Any) -> Any:
    """Return a copy that nobody can change, so that what is made of it is a value."""
    if not isinstance(array, np.ndarray):
        return array
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def check_order(order: Any) -> None:
    """Refuse an order other than "F" and "C"."""
    if order not in ("F", "C"):
        raise ValueError(f'order must be "F" (by columns) or "C" (by rows); it is {order!r}')


def size(value: Any, name: str) -> int:
    """Return `value` as a positive integer."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{name} must be a positive integer; it is {value!r}")
    return int(value)


def matrix_shape(value: Any, name: str) -> tuple[int, int]:
    """Return `value` as the shape of a matrix."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} must be two positive integers; it is {value!r}")
    return size(value[0], name), size(value[1], name)


def check_memory(shape: Shape, what: str, advice: str, max_bytes: float = MAX_BYTES) -> None:
    """Refuse to write down a dense matrix by accident."""
    needed = 8 * prod(shape)
    if needed > max_bytes:
        raise MemoryError(
            f"{what} is {' × '.join(f'{length:,}' for length in shape)}: "
            f"{needed / 2**30:,.1f} GiB, above the limit of {max_bytes / 2**30:,.1f} GiB; {advice}"
        )
