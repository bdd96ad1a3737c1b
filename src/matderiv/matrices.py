"""What counts as a matrix here: real, finite, with two indices, of floats or of exact numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from matderiv.arguments import Shape
from matderiv.exactness import ExactArray, exact

Matrix = Any
"""Anything that `matrix` takes: nested lists, NumPy arrays, other libraries' arrays, exact ones."""

_complex_allowed = ContextVar("complex_allowed", default=False)


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


def real_array(value: Any, name: str, *, look: bool = True) -> Any:
    """Return `value` as an array of floats or of exact numbers; integers become floats.

    With `look` the entries are looked at too, which costs a pass over them.
    """
    foreign = is_foreign(value)
    try:
        array = value if foreign else np.asanyarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of equal length") from error
    kind = array.dtype.kind
    if kind not in "buifcO":
        raise TypeError(f"{name} must hold real numbers; its entries are of type {array.dtype}")
    if kind == "c" and not _complex_allowed.get():
        raise TypeError(f"{name} must be real; it holds complex numbers")
    if array.size == 0:
        raise ValueError(f"{name} must have at least one entry; its shape is {array.shape}")
    if foreign:
        return array.astype(float) if kind in "bui" else array
    if isinstance(array, np.matrix):  # its `*` and its indexing are not an array's
        array = np.asarray(array)
    if kind == "O":
        return exact_array(array, name)
    if kind in "bui":
        return _integers_as_floats(array, name)
    if look and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    return array


def exact_array(value: Any, name: str) -> ExactArray:
    """Return `value` as an exact array, whatever numbers it holds."""
    try:
        return exact(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from error


def _integers_as_floats(array: Any, name: str) -> Any:
    if array.max() > 2**53 or array.min() < -(2**53):
        raise ValueError(
            f"{name} holds integers too large to be floats exactly; make it exact: exact({name})"
        )
    return array.astype(float)


def matrix(value: Any, name: str, shape: Shape | None = None) -> Any:
    """Return `value` as a matrix, of the given shape where there is one."""
    array = real_array(value, name)
    if array.ndim != 2:
        advice = "; flatten it to a matrix first" if array.ndim == 4 else ""
        raise ValueError(
            f"{name} must be a matrix, with two indices; its shape is {array.shape}{advice}"
        )
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}; its shape is {array.shape}")
    return array


def square(value: Any, name: str) -> Any:
    """Return `value` as a square matrix."""
    array = matrix(value, name)
    if array.shape[0] != array.shape[1]:
        raise ValueError(f"{name} must be square; its shape is {array.shape}")
    return array


def length(value: Any) -> float:
    """Return the Frobenius norm of an array or a number, also where squares would overflow."""
    sizes = np.abs(np.asarray(value, dtype=float))
    largest = float(np.max(sizes))
    if largest == 0 or not np.isfinite(largest):
        return largest
    return float(largest * np.linalg.norm(sizes / largest))


def is_by_columns(array: Any) -> bool:
    """Whether a NumPy array lies in memory by columns, and not by rows as well."""
    return (
        isinstance(array, np.ndarray) and array.flags.f_contiguous and not array.flags.c_contiguous
    )


def frozen(array: Any) -> Any:
    """Return a copy that nobody can change, so that what is made of it is a value."""
    if not isinstance(array, np.ndarray):
        return array
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def alike(*arrays: Any) -> tuple[Any, ...]:
    """Return matrices of one kind: all exact where one of them is; as copies that stay."""
    if any(isinstance(array, ExactArray) for array in arrays):
        arrays = tuple(exact(array) for array in arrays)
    return tuple(frozen(array) for array in arrays)
