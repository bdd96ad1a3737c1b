"""Derivatives of functions of a matrix, as linear maps and bilinear forms.

The function f takes a matrix X of shape (m, n) and returns a number or a matrix; it is ordinary
NumPy code. With an exact X it is differentiated exactly. With floats, by the complex step
(Squire and Trapp, 1998), which is checked against central differences and given up for them where
the two disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from matderiv.arguments import Order, Shape
from matderiv.bilinear import BilinearForm
from matderiv.coordinates import fold
from matderiv.dense import coordinates_of
from matderiv.engines import (
    Function,
    check_places,
    complex_step,
    complex_steps,
    confirmed,
    differences,
    differences_along,
    prepared,
    probes,
    second_table,
    settled,
)
from matderiv.exact_engine import (
    exact_derivative,
    exact_second,
    exact_second_table,
    exact_slopes,
)
from matderiv.exactness import exact, is_exact
from matderiv.maps import LinearMap, functional
from matderiv.matrices import Matrix, length, matrix
from matderiv.slopes import rounded


@dataclass(frozen=True, eq=False, repr=False)
class Derivative(LinearMap):
    """The derivative of a function at a point, made by `derivative`.

    ``method`` says how it is computed: "exact", "complex step" or "central differences".
    """

    method: str = "exact"


def derivative(f: Function, X: Matrix) -> Derivative:
    """Differentiate f at X: the linear map Y ↦ Df(X)[Y].

    Parameters
    ----------
    f
        Takes a matrix shaped like `X`, returns a number or a matrix. It gets a copy of its
        argument.
    X
        A matrix of shape (m, n): exact for an exact derivative, floats for a fast one.

    Returns
    -------
    Derivative
        A `LinearMap` from R^{m×n} to the space of f's values, with its ``method``. Applying it
        evaluates f a few times; its ``matrix()`` takes m n applications, or fewer of an exact one,
        and is refused where it would take minutes.

    Raises
    ------
    TypeError
        When f is not callable, or returns complex or inexact numbers where it should not.
    ValueError
        When `X` is not a real finite matrix; when f returns neither a number nor a matrix, or is
        not finite; when f has no derivative at `X` that could be confirmed.

    Notes
    -----
    The Fréchet derivative: Magnus and Neudecker (2019), chapter 5; claim W2 of the thread.

    Examples
    --------
    >>> from matderiv import exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> D = derivative(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]))
    >>> D([[0, 1], [0, 0]]), D.method
    (3, 'exact')
    >>> derivative(np.linalg.norm, [[3.0, 4.0]]).method
    'central differences'
    """
    X, values = prepared(f, X)
    shape = np.shape(values(X))
    if is_exact(X):
        return _exact(values, X, shape)
    Y, Z = probes(X.shape, 2)
    directions = (Y, np.flip(Y), Z)
    rule, method = confirmed(
        lambda Y: complex_step(f, X, Y),
        lambda Y: differences(lambda W: rounded(values(W)), X, Y),
        law=[*((1, (Y,)) for Y in directions), (-1, (sum(directions),))],
    )
    return Derivative(
        X.shape, shape, lambda Y: settled(rule(Y)), formula="Y ↦ Df(X)[Y]", method=method
    )


def _exact(values: Function, X: Any, shape: Shape) -> Derivative:
    def written_down(order: Order) -> Any:
        slopes = exact_slopes(values, X, order)
        return exact(np.stack([coordinates_of(slope, order) for slope in slopes], axis=1))

    return Derivative(
        X.shape,
        shape,
        lambda Y: exact_derivative(values, X, exact(Y)),
        lambda Z: fold(written_down("C").T @ coordinates_of(Z, "C"), X.shape, "C"),
        written_down,
        "Y ↦ Df(X)[Y]",
        exact=True,
    )


def directional_derivative(f: Function, X: Matrix, Y: Matrix) -> Any:
    """Differentiate f at X in the direction Y: the limit of (f(X + tY) − f(X)) / t.

    Parameters
    ----------
    f, X
        As in `derivative`.
    Y
        A matrix shaped like `X`.

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when `Y` is not a real finite matrix shaped like `X`.

    Examples
    --------
    >>> from matderiv import symbolic, exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> directional_derivative(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]),
    ...                        symbolic("y", (2, 2)))
    y11 + 3*y12 + 2*y21 + 4*y22
    """
    D = derivative(f, X)
    return D(matrix(Y, "Y"))


def gradient(f: Function, X: Matrix) -> Any:
    """Find the gradient of f at X: the matrix G with Df(X)[Y] = ⟨G, Y⟩ for every Y.

    Parameters
    ----------
    f, X
        As in `derivative`; f returns a number.

    Returns
    -------
    array shaped like `X`
        Its (i, j) entry is the partial derivative ∂f/∂x_ij.

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when f returns a matrix.

    Examples
    --------
    >>> from matderiv import exact
    >>> A = exact([[1, 2], [3, 4]])
    >>> gradient(lambda X: np.trace(A @ X), exact([[0, 0], [0, 0]]))
    exact([[1, 3],
           [2, 4]])
    """
    D = derivative(f, X)
    if D.codomain:
        raise ValueError(f"f must return a number; it returned a matrix of shape {D.codomain}")
    return D.adjoint(1)


def second_derivative(f: Function, X: Matrix) -> BilinearForm:
    """Differentiate f twice at X: the bilinear form (Y, Z) ↦ D²f(X)[Y, Z].

    Parameters
    ----------
    f, X
        As in `derivative`; f returns a number.

    Returns
    -------
    BilinearForm
        Symmetric. Its value is exact for an exact `X`; for floats, the difference quotient of a
        first derivative.

    Raises
    ------
    TypeError, ValueError
        As `derivative`, and when f returns a matrix.

    Examples
    --------
    >>> H = second_derivative(lambda X: np.trace(X @ X), [[1.0, 2.0], [3.0, 4.0]])
    >>> bool(np.isclose(H([[0, 1], [0, 0]], [[0, 0], [1, 0]]), 2))
    True
    """
    X, values = prepared(f, X)
    shape = np.shape(values(X))
    if shape:
        raise ValueError(f"f must return a number; it returned a matrix of shape {shape}")
    if is_exact(X):
        return BilinearForm(
            X.shape,
            lambda Y, Z: exact_second(values, X, Y, Z),
            "exact",
            exact=True,
            table_rule=partial(exact_second_table, values, X),
        )
    Y, Z = probes(X.shape, 2)
    rule, method = confirmed(
        lambda Y, Z: differences(lambda W: complex_step(f, W, Y), X, Z),
        lambda Y, Z: differences(lambda W: differences(lambda V: rounded(values(V)), W, Y), X, Z),
        law=[(1, (Y, Z)), (-1, (Z, Y))],
    )
    fast, sure = partial(complex_steps, f), partial(differences_along, values)
    first = fast if method == "complex step" else sure
    return BilinearForm(
        X.shape,
        lambda Y, Z: rule(Y, Z).value,  # alone, rounding noise about 0 would seem unsettled
        method,
        table_rule=partial(second_table, first, X),
    )


@dataclass(frozen=True)
class TaylorTest:
    """What `check_derivative` found: the Taylor remainder at ever smaller steps.

    ``order`` is its observed order in the step, infinite where it vanishes; a derivative's is at
    least 2, anything else's is 1. As a truth value, whether the candidate passed.
    """

    steps: tuple[float, ...]
    remainders: tuple[float, ...]
    order: float

    @property
    def passed(self) -> bool:
        """Whether the remainder falls faster than the step."""
        return self.order > 1.5

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "the candidate is" if self.passed else "the candidate is not"
        return f"{verdict} the derivative: its Taylor remainder has the order {self.order:.2f}"


def check_derivative(f: Function, X: Matrix, candidate: Any) -> TaylorTest:
    """Test a candidate for the derivative of f at X by its Taylor remainder.

    Parameters
    ----------
    f, X
        As in `derivative`. An exact `X` of numbers and an exact candidate are tested without
        rounding.
    candidate
        For the first derivative a `LinearMap`, or the gradient as a matrix shaped like `X`. For
        the second derivative of a number a `BilinearForm`, or the Hessian as a `LinearMap` from
        matrices shaped like `X` to themselves; then the test is that of Df along a fixed direction.

    Returns
    -------
    TaylorTest
        The remainders of g(X ± hY) − g(X) ∓ h·candidate(Y), their order, and the verdict.

    Raises
    ------
    TypeError
        When `candidate` is none of these. A raw matrix of n⁴ numbers is refused: it does not say
        in which order it is written.
    ValueError
        When its shapes do not fit; otherwise as `derivative`.

    Examples
    --------
    >>> A = np.array([[7.0, 1.0], [2.0, 3.0]])
    >>> print(check_derivative(lambda X: np.trace(A @ X @ X), np.eye(2), functional(A)))
    the candidate is not the derivative: its Taylor remainder has the order 1.00
    """
    check_places("check_derivative(f, X, candidate)", X=X)
    X, values = prepared(f, X)
    shape = np.shape(values(X))
    Y, Z = probes(X.shape, 2)
    if is_exact(X):
        if any(entry.free_symbols for entry in X.flat):
            raise ValueError("X must hold numbers, not symbols: a remainder has a size")
        Y, Z = exact(np.round(Y, 6)), exact(np.round(Z, 6))
    Y = Y * (exact(10)[()] if is_exact(X) else 10.0) ** round(np.log10(length(X) or 1.0))
    linear, second = _as_map(candidate, X.shape, shape, Z)
    slope = linear(Y)
    if is_exact(X) and not is_exact(slope):
        return check_derivative(f, np.asarray(X, dtype=float), candidate)
    if not second:
        return _taylor_test(values, slope, X, Y, 1e-13)
    accuracy = 1e-8 if derivative(f, X).method == "central differences" else 1e-13
    return _taylor_test(lambda W: derivative(f, W)(Z), slope, X, Y, accuracy)


def _as_map(candidate: Any, domain: Any, codomain: Any, Z: Any) -> tuple[Function, bool]:
    """Return the candidate as a map of Y, and whether it is of a second derivative along Z."""
    if isinstance(candidate, BilinearForm):
        if codomain or candidate.shape != domain or candidate.symmetric:
            raise ValueError(
                f"candidate must be a form on matrices of shape {domain}, and f return a number; "
                f"it is a {candidate}, and f returns values of shape {codomain}"
            )
        return lambda Y: candidate(Y, Z), True
    if not isinstance(candidate, LinearMap):
        try:
            gradient_shaped = codomain == () and np.shape(candidate) == domain
        except ValueError:  # rows of different lengths
            gradient_shaped = False
        if not gradient_shaped:
            raise TypeError(
                "candidate must be a LinearMap, a BilinearForm or, for a function that returns a "
                f"number, its gradient, of shape {domain}"
            )
        candidate = functional(matrix(candidate, "candidate"))
    if candidate.domain == domain and candidate.codomain == codomain:
        return candidate, False
    if codomain == () and candidate.domain == candidate.codomain == domain:
        return lambda Y: np.vdot(candidate(Y), Z), True
    raise ValueError(
        f"candidate must map {domain} to {codomain}, the shapes of X and f(X); {candidate}"
    )


def _taylor_test(g: Function, slope: Any, X: Any, Y: Any, accuracy: float) -> TaylorTest:
    """Measure g(X ± hY) − g(X) ∓ h·slope, the larger of the two; g is right up to `accuracy`."""
    exactly = is_exact(X)
    steps = [exact(10) ** -k if exactly else 10.0**-k for k in range(1, 9)]
    slope = slope if exactly else np.asarray(slope, dtype=float)
    start = g(X)

    def remainder(step: Any) -> float:
        try:
            with np.errstate(all="ignore"):
                return length(g(X + step * Y) - start - step * slope)
        except (ArithmeticError, ValueError):  # X + step Y is outside of g's domain
            return np.nan

    remainders = [float(np.maximum(remainder(step), remainder(-step))) for step in steps]
    if np.isfinite(remainders).sum() < 2:
        raise ValueError("f must be defined around X; next to X it is not finite")
    noise = 0.0 if exactly else accuracy * (length(start) + length(slope))
    seen = [remainder for remainder in remainders if remainder > noise]
    order = float(np.log10(seen[-2] / seen[-1])) if len(seen) > 1 else np.inf
    return TaylorTest(tuple(float(step) for step in steps), tuple(remainders), order)
