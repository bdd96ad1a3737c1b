"""Derivatives of functions of a number, vector or matrix, as linear maps and bilinear forms.

The function f takes such an X and returns a number, vector or matrix; it is ordinary NumPy code.
With an exact X it is differentiated exactly. With floats, by the complex step (Squire and Trapp,
1998) where central differences confirm it, else by those. A function that is written for JAX,
PyTorch or autograd may be differentiated by these instead. Within a subspace, such as the symmetric
matrices, only its elements count as X and as directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from matderiv import arrays
from matderiv.arrays import MAX_BYTES, SPACE, Array, Matrix, Order, Value, is_exact
from matderiv.coordinates import Basis, unfold
from matderiv.engines import Engine, Function, SecondEngine, as_number, point
from matderiv.engines.autodiff import AutodiffEngine, library_of
from matderiv.engines.exact import ExactEngine
from matderiv.engines.floats import FloatEngine
from matderiv.maps import BilinearForm, LinearMap
from matderiv.subspaces import Subspace


class Derivative(LinearMap):
    """The derivative of a function at a point, made by `derivative`.

    ``method`` says how it is computed: "exact", "complex step", "central differences", or which
    library's own derivative it is. ``error`` estimates how far D(Y) may be off for a Y of length 1,
    entry by entry, in the units of f's values; 0 for exact ones, and for those of a library, which
    are taken at its word.

    Within a ``subspace`` it takes its elements, and refuses others; its adjoint projects gradients
    onto it.
    """

    engine: Engine
    subspace: Subspace | None = None

    @property
    def method(self) -> str:
        """How it is computed."""
        return self.engine.method

    @property
    def error(self) -> float:
        """The estimated error of D(Y) for a Y of length 1."""
        return float(self.engine.error * (self.subspace.longest if self.subspace else 1))

    def _apply(self, Y: Any) -> Any:
        Y = self.subspace.coordinates(Y, "Y") if self.subspace else Y
        return self.engine.slopes([Y])[0].reshape(self.codomain)

    def _apply_adjoint(self, Z: Any) -> Any:
        G = self.engine.pull(Z)
        return self.subspace.project(G) if self.subspace else G

    def _matrix(self, order: Order) -> Any:
        slopes, _ = self.engine.slopes(Basis(self.engine.X.shape, order, self.exact))
        M = np.stack([unfold(slope, order) for slope in slopes]).T
        return self.subspace.solved(M) @ self.subspace.J.matrix(order).T if self.subspace else M

    def matrix(
        self, order: Order = "F", max_bytes: float = MAX_BYTES, coordinates: str | None = None
    ) -> Array:
        """Write the map in coordinates.

        Parameters
        ----------
        order, max_bytes
            As in `matderiv.LinearMap.matrix`. Within a subspace its rows are projected gradients.
        coordinates
            Those of the subspace instead: "orthonormal", or its "own", on symmetric and on lower
            triangular matrices "vech".

        Returns
        -------
        array of shape (entries of the codomain, entries of the domain or dimension of the subspace)

        Raises
        ------
        ValueError, MemoryError
            As `matderiv.LinearMap.matrix`, and when ``coordinates`` are none of these.
        """
        if coordinates is None:
            return super().matrix(order, max_bytes)
        if self.subspace is None:
            raise ValueError(f"coordinates {coordinates!r} take a derivative within a subspace")
        by_coordinates = Derivative(self.subspace.J.domain, self.codomain, self.engine)
        W = self.subspace.change(coordinates, self.exact)
        return by_coordinates.matrix(order, max_bytes) @ W

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"Df(X)[{Y}]"

    def __repr__(self) -> str:
        where = f"{self.subspace} of " if self.subspace else ""
        said = super().__repr__().replace("LinearMap from ", f"Derivative from {where}", 1)
        return f"{said}, {self.engine}"


class Hessian(LinearMap):
    """The map of a second derivative, ⟨H(Y), Z⟩ = D²f(X)[Y, Z]; its adjoint is the same map."""

    engine: SecondEngine

    def _inner(self, Y: Any, Z: Any) -> Any:
        return self.engine.second_slopes([Y], [Z])[0][0, 0]

    def _apply(self, Y: Any) -> Any:
        return self.engine.product(Y)

    def _matrix(self, order: Order) -> Any:
        basis = list(Basis(self.domain, order, self.exact))
        return self.engine.second_slopes(basis, basis)[0]

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"D²f(X)[{Y}, ·]"


def derivative(
    f: Function, X: Matrix, *, within: LinearMap | None = None, engine: str | None = None
) -> Derivative:
    """Differentiate f at X: the linear map Y ↦ Df(X)[Y].

    Parameters
    ----------
    f
        Takes an array shaped like `X`, returns a number, a vector or a matrix. It gets a copy of
        its argument.
    X
        A number, a vector of shape (n,) or a matrix of shape (m, n): exact for an exact derivative,
        floats for a fast one.
    within
        A subspace of the space of X, in which X and all directions are: `symmetric`,
        `skew_symmetric`, `diagonal` or `lower_triangular` of its size, or another injective
        `LinearMap` J from coordinates. Floats may be off by their rounding.
    engine
        "jax", "torch" or "autograd" for an f that is written for this library: its own derivatives
        are then taken, in double precision, where it is installed.

    Returns
    -------
    Derivative
        A `LinearMap` from the space of X to the space of f's values, with its ``method`` and
        ``error``; from the subspace, where there is one. Applying it evaluates f a few times; its
        ``matrix()`` takes as many applications as X has entries, or fewer.

    Raises
    ------
    TypeError
        When f is not callable, or returns complex or inexact numbers where it should not; when it
        is not written for the library of `engine`, or not in double precision.
    ValueError
        When `X` is not real and finite, or not in the subspace; when f returns an array of more
        than two indices, or is not finite; when f has no derivative at `X` that could be confirmed;
        when there is no such engine.
    ImportError
        When the library of `engine` is not installed.

    Notes
    -----
    The Fréchet derivative: Magnus and Neudecker (2019), chapter 5; claim W2 of the thread. Within
    the image of J it is the chain rule, D(f∘J) = Df∘J. Where a library says that the derivative is
    zero, differences must confirm it.

    Examples
    --------
    >>> from matderiv import exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> D = derivative(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]))
    >>> D([[0, 1], [0, 0]]), D.method
    (3, 'exact')
    >>> derivative(np.linalg.norm, [[3.0, 4.0]]).method
    'central differences'

    A vector as X and as value, and symmetric matrices in the coordinates vech:

    >>> derivative(lambda x: A @ x, exact([1, 2])).matrix()
    exact([[1, 2],
           [3, 4]])
    >>> from matderiv import symmetric
    >>> D = derivative(lambda S: np.trace(A @ S), exact([[2, 1], [1, 2]]), within=symmetric(2))
    >>> D.matrix(), D.matrix(coordinates="vech")
    (exact([[1, 5/2, 5/2, 4]]), exact([[1, 5, 4]]))

    A function for autograd:

    >>> import autograd.numpy as anp
    >>> derivative(lambda X: anp.linalg.det(X), [[1.0, 2.0], [3.0, 4.0]], engine="autograd")
    Derivative from R^(2×2) to R: Y ↦ Df(X)[Y], autograd's own derivative
    """
    at, subspace = problem(f, X, "derivative(f, X)", within, engine, number=False)
    return Derivative(subspace.J.codomain if subspace else at.X.shape, at.shape, at, subspace)


def directional_derivative(
    f: Function, X: Matrix, Y: Matrix, *, within: LinearMap | None = None, engine: str | None = None
) -> Value:
    """Differentiate f at X in the direction Y: the limit of (f(X + tY) − f(X)) / t.

    Parameters
    ----------
    f, X, within, engine
        As in `derivative`.
    Y
        An array shaped like `X`, in the subspace where there is one.

    Returns
    -------
    number or array shaped like f's values

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when `Y` is not real, finite and shaped like `X`.

    Examples
    --------
    >>> from matderiv import symbolic, exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> directional_derivative(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]),
    ...                        symbolic("y", (2, 2)))
    y11 + 3*y12 + 2*y21 + 4*y22
    """
    return derivative(f, X, within=within, engine=engine)(arrays.real_array(Y, "Y", SPACE))


def gradient(
    f: Function, X: Matrix, *, within: LinearMap | None = None, engine: str | None = None
) -> Value:
    """Find the gradient of f at X: the G shaped like X with Df(X)[Y] = ⟨G, Y⟩ for every Y.

    Parameters
    ----------
    f, X, within, engine
        As in `derivative`; f returns a number, or an array of one.

    Returns
    -------
    array shaped like `X`
        Its (i, j) entry is the partial derivative ∂f/∂x_ij. Within a subspace it is the one in the
        subspace, the orthogonal projection of the gradient on all matrices.

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when f returns an array of several numbers.

    Examples
    --------
    >>> from matderiv import exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> gradient(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]))
    exact([[1, 3],
           [2, 4]])
    >>> gradient(lambda x: x @ x, exact([1, 2, 3]))
    exact([2, 4, 6])
    >>> from matderiv import symmetric
    >>> gradient(lambda S: np.trace(A @ S), exact([[0, 0], [0, 0]]), within=symmetric(2))
    exact([[1, 5/2],
           [5/2, 4]])
    """
    at, subspace = problem(f, X, "gradient(f, X)", within, engine, number=True)
    G = at.pull(1)
    return subspace.project(G) if subspace else G[()]


def second_derivative(
    f: Function, X: Matrix, *, within: LinearMap | None = None, engine: str | None = None
) -> BilinearForm:
    """Differentiate f twice at X: the bilinear form (Y, Z) ↦ D²f(X)[Y, Z].

    Parameters
    ----------
    f, X, within, engine
        As in `derivative`; f returns a number, or an array of one.

    Returns
    -------
    BilinearForm
        Symmetric. Its values are exact for an exact `X`. For floats they are slopes of slopes, or
        second differences, with the ``error`` that it estimates. Within a subspace it takes
        elements of this, and its ``matrix`` is in the subspace's coordinates.

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when f returns an array of several numbers.

    Notes
    -----
    Within the image of J it is the Hessian J*HJ, as J is linear. With `engine`, the form's ``map``
    is the library's Hessian-vector product; it must be how the library's gradient changes.

    Examples
    --------
    >>> H = second_derivative(lambda X: np.trace(X @ X), [[1.0, 2.0], [3.0, 4.0]])
    >>> bool(np.isclose(H([[0, 1], [0, 0]], [[0, 0], [1, 0]]), 2))
    True
    >>> from matderiv import exact, symmetric
    >>> H = second_derivative(np.linalg.norm, [[3.0, 4.0], [4.0, 1.0]], within=symmetric(2))
    >>> H.method, H.error < 1e-6
    ('central differences', True)
    >>> S = exact([[3, 1], [1, 2]])
    >>> second_derivative(lambda S: np.trace(S @ S), S, within=symmetric(2)).matrix(
    ...     coordinates="vech")
    exact([[2, 0, 0],
           [0, 4, 0],
           [0, 0, 2]])
    """
    first, subspace = problem(f, X, "second_derivative(f, X)", within, engine, number=True)
    second = first.twice()
    return BilinearForm(Hessian(second.X.shape, second.X.shape, second), subspace)


def problem(
    f: Function, X: Any, call: str, within: Any, library: str | None, number: bool | None
) -> tuple[Engine, Subspace | None]:
    """Return the engine that differentiates f, and the subspace within which it does.

    If f may or must return a `number`, which `None` and `True` say, arrays of one count as such. A
    library's own derivatives are taken, if one is named; `call` shows where f and X belong.
    """
    if not callable(f):
        raise TypeError(f"f must be a function; it is {f!r}; the order is {call}")
    X, subspace = point(X, call), None
    X = X if library is None else np.asarray(X, dtype=float)
    if within is not None:
        subspace = Subspace.of(within, X, rounds=library is not None)
        f = partial(subspace.after, f, library_of(library).array if library else None)
        X = arrays.frozen(subspace.coordinates(X, "X"))
    f = partial(as_number, f, library is None) if number is not False else f
    kind: Any = ExactEngine if is_exact(X) else FloatEngine
    with sent_to_its_engine(library):
        engine: Engine = kind(f, X) if library is None else AutodiffEngine(f, X, library)
    if len(engine.shape) > (0 if number else 2):
        wanted = "number" if number else SPACE
        raise ValueError(f"f must return a {wanted}; it returned an array of shape {engine.shape}")
    return engine, subspace


@contextmanager
def sent_to_its_engine(library: Any) -> Iterator[None]:
    """Add to what PyTorch raises where it is given arrays of NumPy's how to name it."""
    try:
        yield
    except TypeError as error:
        if library is None and "Tensor" in str(error):
            error.add_note('is it written for PyTorch? Then take engine="torch"')
        raise
