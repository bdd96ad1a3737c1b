"""The Taylor remainder test: right candidates pass, wrong ones fail, whatever the numbers."""

import math
import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import matrices

from matderiv import (
    BilinearForm,
    LinearMap,
    TraceProduct,
    check_derivative,
    derivative,
    exact,
    functional,
    gradient,
    rank_one,
    sandwich,
    second_derivative,
    transposition,
)

rng = np.random.default_rng(5)
P, Q = rng.standard_normal((2, 3, 3))
X0 = rng.standard_normal((3, 3)) + 3 * np.eye(3)
X2, P2 = X0[:2, :2], P[:2, :2]
inv = np.linalg.inv

# (name, f, its gradient as a formula)
FUNCTIONS = {
    "tr(PX)": (lambda X: np.trace(P @ X), lambda X: P.T),
    "tr(X'PX)": (lambda X: np.trace(X.T @ P @ X), lambda X: (P + P.T) @ X),
    "tr(X^3)": (lambda X: np.trace(X @ X @ X), lambda X: 3 * (X @ X).T),
    "log det": (lambda X: np.linalg.slogdet(X)[1], lambda X: inv(X).T),
    "norm": (np.linalg.norm, lambda X: X / np.linalg.norm(X)),
    "sum |X|": (lambda X: np.abs(X).sum(), np.sign),
    "1e6 + tr(PX)": (lambda X: 1e6 + np.trace(P @ X), lambda X: P.T),
    "1e-6 tr(X'X)": (lambda X: 1e-6 * np.vdot(X, X), lambda X: 2e-6 * X),
}
functions = pytest.mark.parametrize(("f", "formula"), FUNCTIONS.values(), ids=FUNCTIONS)


@functions
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_gradient_passes_as_a_matrix_as_a_functional_and_as_computed(f, formula, scale):
    X = scale * X0
    for candidate in (formula(X), functional(formula(X)), derivative(f, X), gradient(f, X)):
        test = check_derivative(f, X, candidate)
        assert test
        assert test.passed
        assert test.order > 1.9
        assert re.search(f"candidate is the derivative.*{test.order:.2f}", str(test))


@functions
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_wrong_gradients_fail(f, formula, scale):
    X = scale * X0
    G = formula(X)
    for wrong in (2 * G, G / 2, -G, 0 * G, 1.1 * G):
        test = check_derivative(f, X, wrong)
        assert not test
        assert abs(test.order - 1) < 0.1
        assert re.search(f"candidate is not the derivative.*{test.order:.2f}", str(test))
    if not np.allclose(G, G.T, atol=0):
        assert not check_derivative(f, X, G.T)


@given(matrices("nm", "mn"))
def test_for_tr_ax_a_transposed_passes_and_a_fails_unless_they_are_equal(spaces):
    A, X = spaces

    def f(W):
        return np.trace(A @ W)

    assert check_derivative(f, X, A.T)
    if A.shape == X.shape:
        assert bool(check_derivative(f, X, A)) == bool(np.all(A == A.T))


@pytest.mark.claim("thm-remainder")
@functions
def test_the_remainder_falls_like_the_square_of_the_step_where_the_slope_is_right(f, formula):
    G, Y = formula(X0), rng.standard_normal((3, 3))
    across = np.vdot(G, Y) / np.vdot(Y, Y) * Y  # as steep as G along Y, yet another gradient

    def remainder(wrong, step):
        return abs(f(X0 + step * Y) - f(X0) - step * np.vdot(wrong, Y))

    size = abs(f(X0)) + np.linalg.norm(G)
    for right in (G, across):
        assert remainder(right, 1e-2) <= 0.03 * size
        assert remainder(right, 1e-3) <= 0.011 * remainder(right, 1e-2) + 1e-15 * size
    for wrong in (2 * G, -G, 0 * G):
        missed = abs(np.vdot(G - wrong, Y))
        assert missed > 0
        assert remainder(wrong, 1e-5) / 1e-5 == pytest.approx(missed, rel=1e-2)


def test_maps_to_matrices():
    for f, right in (
        (lambda X: P * np.trace(Q @ X), rank_one(P, Q.T)),
        (lambda X: P @ X @ Q, sandwich(P, Q.T)),
        (lambda X: X.T, transposition(3, 3)),
        (lambda X: P[:2] @ X, sandwich(P[:2], np.eye(3))),
    ):
        assert check_derivative(f, X0, right)
        assert check_derivative(f, X0, derivative(f, X0))
        assert not check_derivative(f, X0, -right)
    assert not check_derivative(lambda X: P * np.trace(Q @ X), X0, sandwich(P, Q.T))
    assert not check_derivative(lambda X: P @ X @ Q, X0, sandwich(P, Q))


def test_remainders_and_steps_are_reported():
    test = check_derivative(lambda X: np.vdot(X, X), X0, 2 * X0)
    assert np.allclose(test.steps, 10.0 ** -np.arange(1, 9), rtol=1e-12)
    assert len(test.remainders) == 8
    ratios = np.array(test.remainders[:3]) / np.array(test.steps[:3]) ** 2
    assert np.allclose(ratios, ratios[0], rtol=1e-4)
    assert test.remainders[0] > 0


A2, B2 = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])


@pytest.mark.claim("thm-two-hessians")
@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_the_hessian_passes_and_the_false_hessian_fails(kind):
    f = TraceProduct(kind(A2), kind(B2))
    X = kind([[1, 2], [0, 3]])
    assert check_derivative(f, X, f.hessian)
    assert check_derivative(f, X, second_derivative(f, X))
    for wrong in (
        f.false_hessian,
        2 * f.hessian,
        -f.hessian,
        f.false_hessian @ transposition(2, 2),
    ):
        assert not check_derivative(f, X, wrong)
    assert check_derivative(f, X, f.gradient(X))
    assert not check_derivative(f, X, 2 * f.gradient(X))


@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.trace(X @ X @ X),
        lambda X: np.vdot(X, X) ** 2,
        np.linalg.norm,
        lambda X: np.linalg.slogdet(X)[1],
        lambda X: np.sum(X * np.abs(X)),
        lambda X: np.trace(P2 @ X),
    ],
)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_second_derivatives_pass_and_their_multiples_fail(f, scale):
    X = scale * X2
    H = second_derivative(f, X)
    assert check_derivative(f, X, H)
    if np.any(np.abs(H.matrix()) > 1e-6):
        wrong = second_derivative(lambda W: 1.1 * f(W), X)
        assert not check_derivative(f, X, wrong)


def test_exact_candidates_are_tested_without_rounding():
    X = exact([[1, 2], [3, 4]])

    def f(W):
        return np.trace(W @ W @ W)

    G = gradient(f, X)
    test = check_derivative(f, X, G)
    assert test
    assert abs(test.order - 2) < 1e-5
    for place in np.ndindex(2, 2):
        wrong = G.copy()
        wrong[place] += sp.Rational(1, 10**4)
        assert not check_derivative(f, X, wrong)
    linear = check_derivative(lambda W: np.trace(A2 @ W), X, A2.T)
    assert linear.order == math.inf
    assert set(linear.remainders) == {0.0}


def test_an_inexact_candidate_at_an_exact_point_is_tested_in_floats():
    X = exact([[1, 2], [3, 4]])
    assert check_derivative(lambda W: np.vdot(W, W), X, 2 * np.array([[1.0, 2], [3, 4]]))
    assert not check_derivative(lambda W: np.vdot(W, W), X, np.array([[1.0, 2], [3, 4]]))
    assert check_derivative(lambda W: np.trace(A2 @ W) / 3, X, np.array([[7.0, 1], [1, 3]]) / 3)


@pytest.mark.parametrize("x", [1e-9, 1e-3, 1e9])
def test_steps_are_as_small_as_x_asks_for(x):
    for log in (np.log, math.log):
        for right, verdict in ((1 / x, True), (5 / x, False), (-1 / x, False)):
            test = check_derivative(lambda X, log=log: log(X[0, 0]), [[x]], [[right]])
            assert bool(test) is verdict


def test_points_near_the_edge_of_the_domain():
    X = [[1e-3, 1.0]]
    for log in (lambda X: np.log(X).sum(), lambda X: sum(math.log(x) for x in X.flat)):
        assert check_derivative(log, X, [[1e3, 1.0]])
        assert not check_derivative(log, X, [[1e3, 2.0]])


def test_a_function_that_is_nowhere_else_defined_is_not_passed():
    def f(X):
        return 0.0 if np.all(X == 1) else np.nan

    with pytest.raises(ValueError, match="f"):
        check_derivative(f, [[1.0]], [[0.0]])


def defined_near_one(least):
    """Make X ↦ x₁₁³ where |x₁₁ − 1| is not above a number, and undefined elsewhere."""

    def f(X):
        if abs(X[0, 0] - 1) > least:
            raise ValueError("outside")
        return X[0, 0] ** 3

    return f


def test_two_steps_inside_of_the_domain_are_enough_and_one_is_not():
    X, G = exact([[1]]), exact([[3]])
    places = []
    check_derivative(lambda W: places.append(W[0, 0]) or W[0, 0] ** 3, X, G)
    first = 10 * max(abs(float(place - 1)) for place in places)
    test = check_derivative(defined_near_one(1.1e-7 * first), X, G)
    assert np.isfinite(test.remainders).tolist() == [False] * 6 + [True] * 2
    assert abs(test.order - 2) < 1e-5
    assert not check_derivative(defined_near_one(1.1e-7 * first), X, 2 * G)
    with pytest.raises(ValueError, match=r"^f\b.*around X"):
        check_derivative(defined_near_one(1.1e-8 * first), X, G)


def test_a_second_derivative_is_judged_by_the_accuracy_of_the_first():
    X = np.array([[1.0, 2.0]])
    G = 12 * np.array([[1.0, 0.0], [0.0, 4.0]])

    def candidate(error):
        return LinearMap((1, 2), (1, 2), lambda Y: Y @ G + error * Y)

    assert check_derivative(lambda X: np.sum(X**4), X, candidate(0))
    for error in (-1e-3, 1e-3):
        assert not check_derivative(lambda X: np.sum(X**4), X, candidate(error))


def test_at_a_corner_nothing_passes():
    for slope in (-1.0, 0.0, 0.5, 1.0):
        assert not check_derivative(lambda X: np.abs(X).sum(), [[0.0]], [[slope]])


def test_nothing_is_changed():
    X, G = X0.copy(), P.T.copy()

    def f(W):
        W *= 2
        return np.trace(P @ W) / 2

    assert check_derivative(f, X, G)
    assert np.array_equal(X, X0)
    assert np.array_equal(G, P.T)


@pytest.mark.parametrize("kind", ["exact", "complex step", "central differences"])
def test_the_second_derivative_of_a_small_function_passes_and_its_double_fails(kind):
    def f(X):
        return abs(np.sum(X)) ** 3 if kind == "central differences" else np.sum(X**3)

    X = exact([[1, 2]]) if kind == "exact" else np.array([[1.0, 2.0]])
    H = second_derivative(f, X)
    assert H.method == kind
    assert 1.9 < check_derivative(f, X, H).order < 2.1
    double = BilinearForm(X.shape, lambda Y, Z: 2 * H(Y, Z), "by hand", exact=H.exact)
    assert 0.9 < check_derivative(f, X, double).order < 1.1


def test_the_second_derivative_of_a_quadratic_function_has_no_remainder():
    def f(X):
        return abs(np.sum(X)) ** 2

    X = np.array([[1.0, 2.0]])
    H = second_derivative(f, X)
    assert H.method == "central differences"
    assert check_derivative(f, X, H).order == np.inf


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_matrices_whose_squares_overflow_are_tested(scale):
    X = scale * np.array([[1.0, 2.0], [3.0, 4.0]])
    assert check_derivative(np.trace, X, np.eye(2))
    assert not check_derivative(np.trace, X, np.ones((2, 2)))
