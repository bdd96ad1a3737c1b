"""Numbers and vectors as X and as values, against closed forms: exact and floats, both orders."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, assert_same, examples

from matderiv import (
    derivative,
    diagnose,
    directional_derivative,
    exact,
    functional,
    gradient,
    is_exact,
    second_derivative,
)

kinds = st.sampled_from(["exact", "float"])
CLOSE = 1e-7


@st.composite
def problems(draw):
    """Draw A (m, n), B (n, n), x (n,), y (n,) and z (n,) of one kind."""
    kind, m, n = draw(kinds), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return [draw(arrays(shape, kind)) for shape in ((m, n), (n, n), (n,), (n,), (n,))]


@examples(20)
@given(problems())
def test_numbers_by_vectors(drawn):
    A, B, x, y, z = drawn
    for f, G, H in (
        (lambda v: v @ B @ v, (B + B.T) @ x, B + B.T),
        (lambda v: np.sum((A @ v - A @ y) ** 2), 2 * A.T @ A @ (x - y), 2 * A.T @ A),
        (lambda v: np.sum(v**3), 3 * x**2, 6 * np.diag(x)),
    ):
        found = gradient(f, x)
        assert found.shape == x.shape
        assert is_exact(found) == is_exact(x)
        assert_same(found, G, CLOSE)
        assert_same(directional_derivative(f, x, y), G @ y, CLOSE)
        form = second_derivative(f, x)
        assert_same(form(y, z), y @ H @ z, 1e-5)
        for order in "FC":
            assert_same(derivative(f, x).matrix(order), G[None], CLOSE)
            assert_same(form.matrix(order), H, 1e-5)
        assert_same(form.tensor, H, 1e-5)
        assert_same(form.map(y), H @ y, 1e-5)


@examples(20)
@given(problems())
def test_vectors_and_matrices_by_vectors_and_back(drawn):
    A, B, x, y, z = drawn
    n = len(x)
    D = derivative(lambda v: A @ v, x)
    assert (D.domain, D.codomain) == (x.shape, A.shape[:1])
    assert_same(D.matrix("F"), A, CLOSE)
    assert_same(D.adjoint(A @ y), A.T @ A @ y, CLOSE)
    outer = derivative(lambda v: np.multiply.outer(v, y), x)
    assert_same(outer(z), np.multiply.outer(z, y), CLOSE)
    assert_same(outer.matrix("C"), np.kron(np.eye(n, dtype=int), y[:, None]), CLOSE)
    assert_same(outer.matrix("F"), np.kron(y[:, None], np.eye(n, dtype=int)), CLOSE)
    times = derivative(lambda X: X @ y, B)
    assert_same(times(B + B.T), (B + B.T) @ y, CLOSE)
    assert_same(times.matrix("C"), np.kron(np.eye(n, dtype=int), y[None]), CLOSE)
    assert_same(times.matrix("F"), np.kron(y[None], np.eye(n, dtype=int)), CLOSE)
    assert_same(times.adjoint(z), np.multiply.outer(z, y), CLOSE)


@pytest.mark.parametrize("x", [exact(3)[()], sp.Rational(1, 2), 3, 0.7, np.float32(2), [1.5][0]])
def test_a_number_may_be_x(x):
    assert_same(gradient(lambda t: t**3, x), 3 * x**2, CLOSE)
    assert np.shape(gradient(lambda t: t**3, x)) == ()
    assert_same(second_derivative(lambda t: t**3, x)(1, 1), 6 * x, 1e-5)
    assert_same(second_derivative(lambda t: t**3, x).matrix(), np.reshape(6 * x, (1, 1)), 1e-5)
    D = derivative(lambda t: np.array([t, t**2]), x)
    assert_same(D(1), np.array([1, 2 * x]), CLOSE)
    assert_same(D.adjoint([1, 1]), 1 + 2 * x, CLOSE)
    assert diagnose(lambda t: t**3, x, 3 * x**2)


@pytest.mark.parametrize("convert", [exact, np.array])
@pytest.mark.parametrize("shape", [(1,), (1, 1)])
def test_values_of_one_entry_are_numbers_where_a_number_is_wanted(convert, shape):
    x = convert([[1], [2]])

    def f(X):
        return (X.T @ X).reshape(shape)

    assert_same(gradient(f, x), 2 * x, CLOSE)
    assert_same(second_derivative(f, x).matrix(), 2 * np.eye(2, dtype=int), 1e-5)
    assert derivative(f, x).codomain == shape
    assert diagnose(f, x, 2 * x)
    assert diagnose(f, x, 2 * np.eye(2))


@pytest.mark.parametrize("convert", [exact, np.array])
@pytest.mark.parametrize("value", [(1,), (1, 1)])
@pytest.mark.parametrize("x", [[3, 1], [[1], [2]], [[1, 2], [3, 5]]])
def test_derivatives_of_a_value_of_one_entry_may_have_its_indices(convert, value, x):
    x = convert(x)

    def f(X):
        return np.sum(X**3).reshape(value) if convert is np.array else np.full(value, np.sum(X**3))

    H = np.diag(6 * x.reshape(-1)).reshape(2 * x.shape)
    for true in (3 * x**2, convert(H)):
        assert diagnose(f, x, true.reshape(value + true.shape))
        assert diagnose(f, x, 2 * true.reshape(value + true.shape)).scale == 2
        assert not diagnose(f, x, true.reshape(value + true.shape) + 1)


def test_functionals_of_vectors():
    D = functional([1.0, 2.0])
    assert D([3, 4]) == 11
    assert np.array_equal(D.adjoint(2), [2, 4])


# Diagnosis.

A = np.array([[2.0, 1.0, 0.5], [0.25, 3.0, 1.5]])
y, b = np.array([1.5, 0.75]), np.array([0.5, -1.25, 2.0])


@pytest.mark.parametrize(
    ("candidate", "layout"),
    [
        (2 * A.T @ (A @ b - y), "i"),
        ((2 * A.T @ (A @ b - y))[:, None], "i,"),
        ((2 * A.T @ (A @ b - y))[None], ",i"),
        (2 * A.T @ A, "i,j"),
    ],
)
def test_least_squares_is_recognised_in_every_shape(candidate, layout):
    found = diagnose(lambda v: np.sum((y - A @ v) ** 2), b, candidate)
    assert found
    assert found.layouts[0] == layout
    halved = diagnose(lambda v: np.sum((y - A @ v) ** 2), b, candidate / 2)
    assert (halved.verdict, halved.slip) == ("scaled", "a factor 1/2")
    assert_same(halved.repair(), np.atleast_2d(np.squeeze(candidate)))


def test_jacobians_of_vectors_by_vectors_have_two_layouts():
    found = diagnose(lambda v: A @ v, b, A)
    assert found
    assert "numerator layout" in str(found)
    found = diagnose(lambda v: A @ v, b, A.T)
    assert found.slip == "transposed"
    assert "denominator layout" in str(found)


def test_a_vector_that_broadcasts_against_a_column_is_named():
    column = b[:, None]
    right = 2 * A.T @ (A @ column - y[:, None])

    def trap(v):
        return np.sum((y - A @ v) ** 2)

    for candidate in (right, right / 2):
        found = diagnose(trap, column, candidate)
        assert found.verdict == "no match"
        assert "at the vector X[:, 0], where the candidate is right" in found.broadcasting
        assert "take X as a vector, or y[:, None]" in found.broadcasting
    exactly = diagnose(lambda v: np.sum((v - v.T) ** 2), exact(column), exact(column))
    assert exactly.broadcasting.endswith("may make a matrix in one of the two")
    assert diagnose(trap, b, right)
    assert diagnose(lambda v: np.sum((y[:, None] - A @ v) ** 2), column, right)


def test_where_f_is_right_at_a_column_it_is_not_blamed():
    column, data = b[:, None], y[:, None]
    wrong = 2 * A.T @ (A @ column - data) * [[1.01], [1], [1]]
    found = diagnose(lambda v: np.sum((data - A @ v) ** 2), column, wrong)
    assert found.broadcasting.endswith(
        "a column beside a vector may make a matrix in one of the two"
    )
    for words in ("take X", "y[", "3×3"):
        assert words not in found.broadcasting


def test_without_such_a_trap_nothing_is_said_of_it():
    column, wrong = b[:, None], b[:, None] + 7
    for f in (
        lambda v: np.sum((y[:, None] - A @ v.reshape(-1, 1)) ** 2),
        lambda v: np.sum(v[:, 0] ** 2),  # takes columns only
        lambda v: np.array([np.sum(v), np.nan][v.ndim == 1]),
    ):
        found = diagnose(f, column, wrong)
        assert found.verdict == "no match"
        assert "broadcasting" not in str(found)
    matrix_valued = diagnose(lambda v: v @ v.T if v.ndim == 2 else v, column, np.ones((9, 3)))
    assert "broadcasting" not in str(matrix_valued)
    square = diagnose(lambda X: np.sum(X**2), np.outer(b, b), np.eye(3))
    assert "broadcasting" not in str(square)
