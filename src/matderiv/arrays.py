"""What counts as an array here, decided once, at the door.

Inside the package there are arrays of two kinds. *Floats* (float64) compute fast. *Exact* arrays
hold SymPy numbers and symbols, and compute exactly through the same ``@``, ``reshape``,
``np.kron`` and ``np.trace``. Maps also leave other libraries' arrays as they are: those that follow
NumPy's protocols (Dask), and in double precision those of the array API standard (JAX, CuPy).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import prod
from numbers import Rational
from typing import Any, Literal, Protocol, SupportsFloat

import numpy as np
from numpy.typing import NDArray


class SupportsArray(Protocol):
    """An array of NumPy's, or of another library."""

    def __array__(self) -> Any: ...


Shape = tuple[int, ...]
Order = Literal["F", "C"]
Matrix = SupportsArray | SupportsFloat | list[Any] | tuple[Any, ...]  # what comes in, numbers too
Array = NDArray[Any]  # what comes out: floats, exact numbers, integers where entries only move
Number = np.float64 | Any  # SymPy's have no types
Value = Array | Any  # an array or a number, by the shape of what came in
Door = Literal["seen", "stays", "unseen", "moved", "exact"]

MAX_BYTES = 2 * 2**30
SPACE = "number, vector or matrix"
SHAPES = {"mn": "be a matrix", "nn": "be square", "ijkl": "have four indices"}
SHAPES[SPACE] = f"be a {SPACE}"

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

        shown = {1: tuple, 2: sp.Matrix}.get(self.ndim)
        return shown and rf"$\displaystyle {sp.latex(shown(self), fold_short_frac=True)}$"


def exact(array_like: Matrix) -> ExactArray:
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
    return real_array(array_like, "an exact array", door="exact")


def _number(entry: Any, name: str) -> Any:
    """Return one entry as an exact SymPy number or expression."""
    import sympy as sp

    if isinstance(entry, sp.Rational):
        return entry
    entry = entry.item() if isinstance(entry, np.generic) else entry
    if hasattr(entry, "as_integer_ratio"):
        with suppress(OverflowError, ValueError):
            return sp.Rational(*entry.as_integer_ratio())
        entry = sp.nan  # or infinity
    if not isinstance(entry, sp.Expr):
        raise TypeError(f"{name} must hold real numbers, in rows of equal length; not {entry!r}")
    if entry.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise ValueError(f"{name} must be finite; it holds {entry}")
    if entry.has(sp.I) or entry.is_real is False:
        raise TypeError(f"{name} must hold real numbers; it holds {entry}")
    return entry.xreplace({number: sp.Rational(number) for number in entry.atoms(sp.Float)})


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
    rows, columns = (range(1, length + 1) for length in matrix_shape(shape, "shape"))
    comma = "" if max(*rows, *columns) < 10 else "_"
    return exact([[sp.Symbol(f"{name}{i}{comma}{j}", real=True) for j in columns] for i in rows])


def is_exact(array: Matrix) -> bool:
    """Whether every entry is an exact number or expression: no floating point anywhere.

    NumPy's integers do not count, nor what becomes these, such as 3: they are taken as floats.

    Examples
    --------
    >>> is_exact(exact([[0.5]])), is_exact(np.array([[0.5]])), is_exact(exact([[1]]) * 0.5)
    (True, False, False)
    """
    array = array if hasattr(array, "dtype") else np.asarray(array)
    if array.dtype != object:
        return False  # without looking at the entries, which may be far away
    import sympy as sp

    return all(
        isinstance(entry, Rational) or (isinstance(entry, sp.Expr) and not entry.has(sp.Float))
        for entry in np.asarray(array).flat
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
    """Whether `value` is another library's array by NumPy's protocol, to be left as it is."""
    return not isinstance(value, np.ndarray) and hasattr(type(value), "__array_function__")


def namespace(*values: Any) -> Any:
    """Return the functions for arrays that meet: another library's by the standard, or NumPy's.

    NumPy's are also those for exact arrays, and by NumPy's protocol for Dask's.
    """
    others = [value for value in values if not isinstance(value, (np.ndarray, np.generic))]
    others = [value for value in others if hasattr(type(value), "__array_namespace__")]
    if not others or any(isinstance(value, ExactArray) for value in values):
        return np
    return others[0].__array_namespace__()


def moved(array: Any, xp: Any) -> Any:
    """Return an array as one for a library's functions, given by its namespace."""
    stays = namespace(array) is xp or (xp is np and is_foreign(array))
    return array if stays else xp.asarray(np.asarray(array))


def real_array(value: Any, name: str, shape: Shape | str = "", door: Door = "seen") -> Any:
    """Return `value` as floats, as an exact array, or as another library's array.

    Parameters
    ----------
    value, name
        What came in, and as which argument.
    shape
        What its shape must be, or its name in `SHAPES`; "" for any.
    door
        Where it came in: "seen" looks at every entry, which costs a pass over them, "unseen" does
        not, "moved" takes complex ones too, as they are only moved, "exact" makes them exact.
        "stays" is "seen" for what maps are made of: like "unseen", it leaves arrays in double
        precision in their library, if that follows the array API standard.
    """
    must_be_whole(value, name)
    xp = _home(value) if door in ("stays", "unseen") else np
    try:
        array = value if xp is not np or is_foreign(value) else np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length") from error
    except (RuntimeError, TypeError) as error:  # PyTorch's, of a tensor that records, or is sparse
        raise TypeError(f"{name} must be an array of NumPy, or become one: {error}") from error
    kind = "f" if xp is not np else array.dtype.kind
    if kind not in "buifcO":
        raise TypeError(f"{name} must hold real numbers; its entries are of type {array.dtype}")
    if kind == "c" and not (door == "moved" or _complex_allowed.get()):
        way = "take .real where its imaginary part is zero, else stack real and imaginary parts"
        way += ", of a Hermitian matrix as [[Re, -Im], [Im, Re]]"
        raise TypeError(f"{name} must be real; it holds complex numbers: {way}")
    if kind == "O" and all(isinstance(entry, float) for entry in array.flat):
        array, kind = array.astype(float), "f"
    if door == "exact" or kind == "O":
        array = np.array(value, dtype=object).view(ExactArray)
        array[...] = np.reshape([_number(entry, name) for entry in array.flat], array.shape)
    else:
        array = array if xp is not np else _floats(array, value, name)
        if not (door == "unseen" or is_foreign(array) or is_finite(array, xp)):
            raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    if 0 in array.shape or not _fits(array.shape, shape):
        wanted = SHAPES.get(str(shape), f"have the shape {shape}")
        wanted = "have at least one entry" if 0 in array.shape else wanted
        advice = "; flatten it to a matrix first" if array.ndim == 4 else ""
        raise ValueError(f"{name} must {wanted}; its shape is {array.shape}{advice}")
    return array


def must_be_whole(value: Any, name: str) -> None:
    """Refuse arrays that leave out entries."""
    if isinstance(value, np.ma.MaskedArray) or hasattr(value, "tocsr"):
        way = f"take {name}.filled(...) or {name}.toarray()"
        raise TypeError(f"{name} must be neither masked nor sparse: {way}")


def _fits(shape: Shape, wanted: Shape | str) -> bool:
    """Whether a shape is the one wanted, or one of those: equal letters stand for equal lengths."""
    if isinstance(wanted, str) and len(wanted) == len(shape):
        wanted = tuple(map(dict(zip(wanted, shape, strict=True)).__getitem__, wanted))
    return wanted in ("", shape) or (wanted == SPACE and len(shape) < 3)


def is_finite(floats: Any, xp: Any = np) -> bool:
    """Whether no entry of an array is NaN or infinite."""
    return bool(xp.all(xp.isfinite(floats)))


def is_symmetric(X: Any) -> bool:
    """Whether an array is a symmetric matrix, of a size at which others are not."""
    return bool(X.ndim == 2 and X.size > 1 and np.array_equal(X, X.T))


def _home(value: Any) -> Any:
    """Return the library where an array is in double precision, if it computes in it; or NumPy."""
    xp = namespace(value)
    has_doubles = xp is not np and "float64" in xp.__array_namespace_info__().dtypes()
    return xp if has_doubles and value.dtype == xp.float64 else np


def _floats(array: Any, value: Any, name: str) -> Any:
    """Return an array in double precision; refuse integers that it rounds."""
    wanted = np.dtype(complex if array.dtype.kind == "c" else float)
    floats = array if array.dtype == wanted else array.astype(wanted)
    if is_foreign(value) or (array.dtype.kind not in "ui" and hasattr(value, "dtype")):
        return floats
    large = abs(floats) >= 2**53  # lists may hold integers, too
    if large.any() and np.any(np.array(value, dtype=object)[large] != floats.astype(object)[large]):
        raise ValueError(f"{name} holds integers that floats would round; take exact({name})")
    return floats


def alike(*arrays: Any) -> tuple[Array, ...]:
    """Return arrays of one library, all exact where one of them is; as copies that stay."""
    exactly, xp = any(array.dtype == object for array in arrays), namespace(*arrays)
    return tuple(frozen(exact(array) if exactly else moved(array, xp)) for array in arrays)


def frozen(array: Any) -> Any:
    """Return a copy that nobody can change, so that what is made of it is a value."""
    array = own(array, "C")  # by rows, however it lay in memory
    if isinstance(array, np.ndarray):
        array.setflags(write=False)
    return array


def own(array: Any, order: Literal["C", "K"] = "K") -> Any:
    """Return a copy that lies in memory as the array does: what is handed out is no view."""
    if isinstance(array, np.ndarray):
        return array.copy(order)
    return array if (xp := namespace(array)) is np else xp.asarray(array, copy=True)


def dot(A: Any, B: Any) -> Any:
    """Return ⟨A, B⟩; unlike `numpy.vdot`, it conjugates no symbols."""
    return np.ravel(A) @ np.ravel(B)


def scales(sizes: Any, doubts: Any = -1.0) -> Any:
    """Return what entries of these sizes are compared with: the largest of their rows and columns.

    Those may have units. Where they are zero within their doubts, the largest of all counts.
    """
    table = sizes.reshape(prod(sizes.shape[: sizes.ndim // 2]), -1)
    off = np.broadcast_to(doubts, sizes.shape).reshape(table.shape)
    sides = ((np.max(table, axis), np.max(off, axis)) for axis in (1, 0))
    tops = (np.sqrt(np.where(top > doubt, top, np.max(table))) for top, doubt in sides)
    return np.multiply.outer(*tops).reshape(sizes.shape)


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
    gib, limit = 8 * prod(shape) / 2**30, max_bytes / 2**30
    if gib > limit:
        size = " × ".join(f"{length:,}" for length in shape)
        limits = f"{gib:,.1f} GiB, above the limit of {limit:,.1f} GiB"
        raise MemoryError(f"{what} is {size}: {limits}; {advice}")
