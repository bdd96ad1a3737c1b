"""Derivatives by JAX, PyTorch and autograd: theirs, as our maps, in double precision.

All that is asked of a library is the reverse mode, the adjoint of the derivative, for functions
that may hold a reverse mode themselves. The derivative is the adjoint of its adjoint, and the
second derivative that of the gradient (Griewank and Walther, 2008, chapters 3 and 5). First
derivatives are taken at a library's word, but for zero; `check_derivative` tests them. Where a
reverse mode is itself differentiated, which libraries may do without a word where they cannot, the
outcome is compared: with the adjoint, or with the gradient's change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from math import prod
from operator import length_hint
from typing import Any, NamedTuple

import numpy as np

from matderiv.arrays import Shape, is_finite, is_symmetric
from matderiv.coordinates import Basis
from matderiv.engines import NO_DERIVATIVE, Engine, Function, SecondEngine, progress
from matderiv.engines.floats import ABSENT, FloatEngine, must_be_one, real

AGREE = 1e-6  # a derivative and its adjoint, beside the terms of their inner products
NEAR, ROUNDED = 1e-3, 1e-13  # a gradient's change and the Hessian; and the gradients themselves
NEGLIGIBLE = 1e-9  # derivatives that are smaller beside f may be rounding
AS_IT_IS = "as a function of NumPy's arrays, without engine, f is differentiated as it is"
STEPS = 10.0 ** np.arange(-4, -13, -2)  # in terms of X's entries; at one of them they must agree

Pull = Callable[[Any], Any]


class Library(NamedTuple):
    """How a library is spoken to: its reverse mode, its arrays, and what it must be told."""

    name: str
    reverse: Callable[[Function, Any], tuple[Any, Pull]]
    array: Callable[[Any], Any]
    settings: Callable[[], AbstractContextManager[Any]] = nullcontext
    plain: Callable[[Any], Any] = np.asarray
    drawn: Callable[[], bytes] = bytes  # the state of its random numbers, if there is one

    def call(self, f: Function, X: Any) -> Any:
        """Call a function of the library's arrays."""
        with self.settings():
            return f(self.array(X))

    def value(self, f: Function, X: Any) -> Any:
        """Return what a function of the library's arrays gives, for NumPy."""
        return self.plain(self.call(f, X))


def _jax() -> Library:
    import jax

    def reverse(f: Function, X: Any) -> tuple[Any, Pull]:
        value, back = jax.vjp(f, X)
        return value, lambda Z: back(Z)[0]

    return Library("JAX", reverse, jax.numpy.asarray, lambda: jax.enable_x64(True))


def _torch() -> Library:
    import torch

    def reverse(f: Function, X: Any) -> tuple[Any, Pull]:
        inner = X.requires_grad
        value = f(X.requires_grad_())
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"it returned {value!r}, which is no tensor")
        if not value.requires_grad:
            value = value + 0 * X.sum()  # a constant

        def pull(Z: Any) -> Any:
            again = inner or Z.requires_grad
            keep = {"retain_graph": True, "create_graph": again, "materialize_grads": True}
            inner_product = (value * Z).sum()  # PyTorch given a Z apart imports SymPy: two seconds
            return torch.autograd.grad(inner_product, X, **keep)[0]

        return value, pull

    def drawn() -> bytes:
        return bytes(torch.get_rng_state().numpy())

    def plain(T: Any) -> Any:
        return T.detach().numpy() if isinstance(T, torch.Tensor) else T

    return Library("PyTorch", reverse, torch.tensor, torch.enable_grad, plain, drawn)


def _autograd() -> Library:
    from autograd import make_vjp

    return Library("autograd", lambda f, X: make_vjp(f)(X)[::-1], np.asarray)


LIBRARIES = {"jax": _jax, "torch": _torch, "autograd": _autograd}


def _direction(X: Any) -> Any:
    """Draw a direction that favours no coordinates, in the sizes of X's entries."""
    largest = np.max(np.abs(X)) or 1.0
    return _random(np.shape(X)) * np.where(np.abs(X) < ABSENT * largest, largest, np.abs(X))


def _random(shape: Shape) -> Any:
    return np.random.default_rng(2011).uniform(0.5, 1, shape)


def library_of(engine: str) -> Library:
    """Return the library of that name, imported now."""
    if not isinstance(engine, str) or engine not in LIBRARIES:
        raise ValueError(f"engine must be None or one of {', '.join(LIBRARIES)}; it is {engine!r}")
    try:
        return LIBRARIES[engine]()
    except ImportError as error:
        raise ImportError(f"engine={engine!r} needs the package {engine}: {error}") from error


class AutodiffEngine(Engine, SecondEngine):
    """A function that a library differentiates, at a point; see `Engine` and `SecondEngine`.

    Where the derivative is zero, f must stand still as well: a value that was taken out of the
    library's sight, and many a corner, look like that.
    """

    def __init__(self, f: Function, X: Any, engine: str) -> None:
        self.f, self.X, self.engine, self.library = f, X, engine, library_of(engine)
        self.method = f"{self.library.name}'s own derivative"
        drawn = self.library.drawn()
        self.here, self._pull = self.reverse(f, X)
        must_be_one(self.here, self.here if self.library.drawn() == drawn else self.near(X))
        self._weights = _random(self.shape) if self.shape else np.ones(())
        self._some = self._pull(self._weights)
        if not np.count_nonzero(self._some):
            self._check_zero()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.f, self.X, self.engine)

    def reverse(self, f: Function, X: Any) -> tuple[Any, Pull]:
        """Evaluate f at X, and return with it the adjoint of its derivative there.

        What that holds is freed with it: it does not hold the engine.
        """
        library, precision = self.library, f"in double precision with engine={self.engine!r}"
        written = f"f must be written for {library.name}, {precision}"

        def asked(question: Callable[[], Any]) -> Any:
            try:
                with library.settings():
                    return question()
            except Exception as error:  # whatever a library raises
                raise TypeError(f"{written}; it raised {type(error).__name__}: {error}") from error

        value, back = asked(lambda: library.reverse(f, library.array(X)))
        if "float64" not in str(getattr(value, "dtype", "float64")):
            raise TypeError(f"{written}; it returned {value.dtype}: {AS_IT_IS}")

        def pull(Z: Any) -> Any:
            found = np.array(asked(lambda: library.plain(back(library.array(Z)))), dtype=float)
            if not is_finite(found):
                said = f"{library.name} gives NaN or infinity"
                raise ValueError(f"{NO_DERIVATIVE}: {said}; {AS_IT_IS}")
            return found

        return real(value if value is None else library.plain(value)), pull

    def near(self, W: Any) -> Any:
        """Return f at a point next to X; where it is not defined, whatever it gives or raises."""
        return np.array(self.library.value(self.f, W), dtype=float)

    def pull(self, Z: Any) -> Any:
        """Apply the adjoint of the derivative."""
        return Z * self._some if self.shape == () else self._pull(Z)

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, of shape (k, *shape), and their errors.

        These are zero, but where all that is left beside f may be rounding: there they are ten
        times what a unit in the last place of X changes.
        """
        values, errors = self._along(directions), np.zeros(())
        size = np.max(np.abs(self.here)) / (np.max(np.abs(self.X)) or 1.0)
        if 0 < np.max(np.abs(values)) <= NEGLIGIBLE * size:
            with suppress(TypeError, ValueError):  # f is not defined there
                beside = AutodiffEngine(self.f, np.nextafter(self.X, np.inf), self.engine)
                errors = 10 * np.max(np.abs(values - beside._along(directions)))
        return values, np.broadcast_to(errors, values.shape)

    def _along(self, directions: Iterable[Any]) -> Any:
        if prod(self.shape) <= length_hint(directions) or not self._push:
            units = progress(Basis(self.shape), "derivatives")
            rows = np.stack([np.ravel(self.pull(Z)) for Z in units])
            found = [rows @ np.ravel(Y) for Y in directions]
        else:
            found = [self._push(Y) for Y in progress(directions, "derivatives")]
        return np.reshape(found, (-1, *self.shape))

    @cached_property
    def _push(self) -> Pull | None:
        """The derivative itself: the adjoint of its adjoint, if the library has it."""
        f, X, library = self.f, self.X, self.library

        def adjoint(Z: Any) -> Any:
            return library.reverse(f, library.array(X))[1](Z)

        def agrees(Y: Any) -> bool:
            forth, back = push(Y) * self._weights, Y * self._some
            size = np.sum(np.abs(forth)) + np.sum(np.abs(back))
            return bool(abs(np.sum(forth) - np.sum(back)) <= AGREE * size)

        try:
            push = self.reverse(adjoint, np.zeros(self.shape))[1]
            return push if agrees(_direction(X)) and agrees(_random(np.shape(X))) else None
        except TypeError:  # it cannot differentiate its own reverse mode
            return None

    def twice(self) -> AutodiffEngine:
        """Return the engine for second derivatives: itself, if its gradient changes like that."""
        self._confirm()
        return self

    @cached_property
    def _product(self) -> Pull:
        """The Hessian: the derivative of the gradient."""
        f, library = self.f, self.library

        def gradient(W: Any) -> Any:
            return library.reverse(f, W)[1](library.array(np.ones(())))

        return self.reverse(gradient, self.X)[1]

    def _check_zero(self) -> None:
        """Refuse a derivative of zero where f has another, or none."""
        slopes, errors = FloatEngine(self.near, self.X).slopes([_direction(self.X)])
        if np.any(np.abs(slopes) > 10 * errors):
            said = f"{self.library.name} says that it is zero, and f changes"
            asked = "is a value taken out of its sight (detach, stop_gradient, NumPy's functions)?"
            raise ValueError(f"{NO_DERIVATIVE}: {said}; {asked}")

    def _confirm(self) -> None:
        """Refuse a Hessian that is not how the gradient changes, on both sides of X."""
        X, Y = self.X, _direction(self.X)
        here, found = self.pull(1), self.product(Y)

        def gradient(W: Any) -> Any:
            return self.reverse(self.f, W)[1](np.ones(()))

        def agrees(step: float) -> bool:
            there = gradient(X + step * Y)
            rounding = ROUNDED * np.fmax(np.abs(there), np.abs(here))
            gap = np.abs(there - here - step * found)
            seen = np.max(np.abs(Y * rounding)) <= NEAR * np.max(np.abs(Y * step * found))
            seen |= abs(step) == STEPS[0] and np.array_equal(there, here)
            return bool(seen and np.all(gap <= rounding + NEAR * np.abs(step * found)))

        with suppress(TypeError, ValueError):  # f is not defined there
            if any(agrees(step) and agrees(-step) for step in STEPS):
                return
        slopes, errors = FloatEngine(gradient, X).slopes([Y])
        if np.any(np.abs(slopes - found) > 10 * errors + AGREE * np.abs(slopes)):
            said = f"{self.library.name} gives a second derivative that is not its gradient's"
            asked = "can it differentiate that (custom rules, NumPy's functions)?"
            if is_symmetric(X):
                asked += f" If f is of symmetric X only, take within=symmetric({len(X)})"
            raise ValueError(f"{NO_DERIVATIVE}: {said}; {asked}")

    def product(self, Y: Any) -> Any:
        """Apply the Hessian."""
        return self._product(Y)

    def second_slopes(self, directions: Sequence[Any], others: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along k directions and m others, (k, m), and errors.

        Along the directions themselves, the errors are what the table lacks in symmetry.
        """
        lines = progress(directions, "second derivatives")
        products = np.array([np.ravel(self.product(Y)) for Y in lines])
        table = products @ np.array([np.ravel(Z) for Z in others]).T
        if others is not directions:
            return table, np.zeros(table.shape)
        return (table + table.T) / 2, np.abs(table - table.T)
