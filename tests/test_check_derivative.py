"""The Taylor remainder test: right candidates pass, wrong ones fail, whatever the numbers."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import matrices, some

from matderiv import (
    BilinearForm,
    LinearMap,
    TraceProduct,
    check_derivative,
    derivative,
    diagonal,
    exact,
    functional,
    gradient,
    identity,
    is_exact,
    lower_triangular,
    rank_one,
    sandwich,
    second_derivative,
    skew_symmetric,
    symmetric,
    transposition,
    vech,
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
        assert re.search(f"candidate is the (second )?derivative.*{test.order:.2f}", str(test))


@functions
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_wrong_gradients_fail(f, formula, scale):
    X = scale * X0
    G = formula(X)
    for wrong in (2 * G, G / 2, -G, 0 * G, 1.1 * G):
        test = check_derivative(f, X, wrong)
        assert not test
        assert abs(test.order - 1) < 0.1
        assert re.search(f"candidate is not the (second )?derivative.*{test.order:.2f}", str(test))
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
    assert len(test.remainders) == len(test.steps) >= 8
    assert np.allclose(np.divide(test.steps[:-1], test.steps[1:]), test.steps[0] / test.steps[1])
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
    largest = max(abs(place - 1) for place in places)
    inside = [2 * min(abs(p - 1) for p in places if p != 1) * 10**k for k in (4, 0)]
    test = check_derivative(defined_near_one(inside[0]), X, G)
    assert len(test.steps) == len(test.remainders) == 2
    assert max(test.steps) < 1e-20 * largest
    assert abs(test.order - 2) < 1e-5
    assert not check_derivative(defined_near_one(inside[0]), X, 2 * G)
    with pytest.raises(ValueError, match=r"^f\b.*around X"):
        check_derivative(defined_near_one(inside[1]), X, G)


def test_a_second_derivative_is_judged_by_the_accuracy_of_the_first():
    X = np.array([[1.0, 2.0]])
    G = 12 * np.array([[1.0, 0.0], [0.0, 4.0]])

    def candidate(error):
        return LinearMap((1, 2), (1, 2), lambda Y: Y @ G + error * Y)

    assert check_derivative(lambda X: np.sum(X**4), X, candidate(0))
    for error in (-1e-3, 1e-3):
        assert not check_derivative(lambda X: np.sum(X**4), X, candidate(error))


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.5, 1.0])
def test_at_a_corner_nothing_passes(slope):
    with pytest.raises(ValueError, match=r"^f\b.*two sides"):
        check_derivative(lambda X: np.abs(X).sum(), [[0.0]], [[slope]])
    assert not check_derivative(lambda X: abs(X).sum(), exact([[0]]), exact([[slope]]))


ONCE = {
    "x|x|": lambda X: np.sum(X * abs(X)),
    "one side": lambda X: np.sum(X * (X + abs(X))),
    "a power 3/2": lambda X: np.sum(
        abs(X) * sp.sqrt(abs(X[0, 0])) if is_exact(X) else abs(X) ** 1.5
    ),
}


@pytest.mark.parametrize("name", ONCE)
@pytest.mark.parametrize("kind", [exact, lambda M: np.array(M, dtype=float)])
def test_where_f_has_no_second_derivative_none_passes(name, kind):
    X = kind([[0, 0]])
    for factor in (0, 1, 2):
        with pytest.raises(ValueError, match=r"^f\b"):
            check_derivative(ONCE[name], X, factor * identity(1, 2))


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
    assert 0.9 < check_derivative(f, X, BilinearForm(2 * H.map)).order < 1.1


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


# What f's rounding hides, and what it must not be taken for.


def test_of_a_constant_nothing_passes_that_was_not_tested():
    for constant in (5.0, -1e20):
        nothing = check_derivative(lambda X, c=constant: c, X2, 0 * X2)
        assert not nothing
        assert math.isnan(nothing.order)
        assert re.search("nothing was tested.*rounding", str(nothing))
        wrong = check_derivative(lambda X, c=constant: c, X2, (1 + abs(constant)) * P2)
        assert (bool(wrong), round(wrong.order, 2)) == (False, 1)
    assert check_derivative(lambda X: 0.0, X2, 0 * X2).order == math.inf
    assert check_derivative(lambda X: exact(5)[()], exact(X2), exact(0 * X2)).order == math.inf
    assert not check_derivative(lambda X: exact(5)[()], exact(X2), exact(X2))


@pytest.mark.parametrize("constant", [10**16.5, 1e20])
def test_what_a_large_constant_hides_is_not_tested(constant):
    for candidate in (P2.T, 0 * P2):
        test = check_derivative(lambda X: constant + np.trace(P2 @ X), X2, candidate)
        assert math.isnan(test.order)
        assert not test


@functions
def test_candidates_need_not_be_right_to_the_last_digit(f, formula):
    for error in (1e-10, -1e-10):
        assert check_derivative(f, X0, (1 + error) * formula(X0))
    assert not check_derivative(f, X0, (1 + 1e-4) * formula(X0))


@pytest.mark.parametrize("seed", range(40))
def test_terms_that_cancel_at_one_step_deceive_nobody(seed):
    X = 1.5e-3 * np.random.default_rng(seed).standard_normal((2, 2))
    M = inv(np.eye(2) + X @ X.T)

    def f(X):
        return np.log(np.diag(np.linalg.cholesky(np.eye(2) + X @ X.T))).sum()

    def rule(Y):
        return M @ Y - M @ (Y @ X.T + X @ Y.T) @ M @ X

    assert check_derivative(f, X, M @ X)
    assert check_derivative(f, X, LinearMap((2, 2), (2, 2), rule))
    assert not check_derivative(f, X, LinearMap((2, 2), (2, 2), lambda Y: 0.99 * rule(Y)))


def stationary(X):
    return np.logaddexp(X, -X).sum()


@pytest.mark.parametrize("scale", [1e-12, 1e-8, 1e-4, 1.0])
def test_small_slopes_beside_a_large_curvature_are_told_apart(scale):
    X = scale * X2
    G = np.tanh(X)
    assert check_derivative(stationary, X, G)
    if scale > 1e-12:
        for wrong in (0 * G, 2 * G, -G, -100 * G):
            assert not check_derivative(stationary, X, wrong)
    assert not check_derivative(stationary, X, G + 1e-6)


@pytest.mark.parametrize(
    ("dtype", "offset"),
    [(np.float32, 0.0), (np.float64, 0.0), (np.float64, 1e3), (np.float64, 1e6)],
)
@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("name", ["quadratic", "log det", "norm"])
def test_noise_is_not_taken_for_an_order(name, scale, offset, dtype):
    f, formula, curve = {
        "quadratic": (lambda X: np.vdot(X, X), lambda X: 2 * X, lambda Y, Z: 2 * np.vdot(Y, Z)),
        "log det": (
            lambda X: np.linalg.slogdet(X)[1],
            lambda X: inv(X).T,
            lambda Y, Z: -np.trace(inv(X) @ Y @ inv(X) @ Z),
        ),
        "norm": (
            np.linalg.norm,
            lambda X: X / np.linalg.norm(X),
            lambda Y, Z: (
                (np.vdot(Y, Z) - np.vdot(X, Y) * np.vdot(X, Z) / np.vdot(X, X)) / np.linalg.norm(X)
            ),
        ),
    }[name]
    X = scale * X2
    unit = abs(np.vdot(formula(X), X))

    def shifted(W):
        return float(dtype(offset * unit) + f(np.asarray(W, dtype)))

    def form(factor):
        def rule(Y):
            entries = [factor * curve(Y, E) for E in np.eye(4).reshape(4, 2, 2)]
            return np.reshape(entries, (2, 2))

        return LinearMap((2, 2), (2, 2), rule).form

    assert check_derivative(shifted, X, formula(X))
    for wrong in (0, 2, -1):
        assert not check_derivative(shifted, X, wrong * formula(X))
    if dtype == np.float64:
        assert check_derivative(shifted, X, form(1))
        for wrong in (0, 2, -1):
            assert not check_derivative(shifted, X, form(wrong))


def test_entries_of_very_different_units_are_all_tested():
    S = np.array([[0.04, 12.0], [12.0, 4e4]])
    A = inv(S)
    G = A - A @ A

    def f(S):
        return np.linalg.slogdet(S)[1] + np.trace(inv(S))

    assert check_derivative(f, S, G)
    for place in np.ndindex(2, 2):
        wrong = G.copy()
        wrong[place] *= 1.01
        assert not check_derivative(f, S, wrong)


def test_small_entries_of_f_are_tested_beside_large_ones():
    units = np.diag([1e9, 1e-9])
    right = sandwich(units, np.eye(2))
    wrong = sandwich(units + np.diag([0, 1e-11]), np.eye(2))
    assert check_derivative(lambda X: units @ X, X2, right)
    assert not check_derivative(lambda X: units @ X, X2, wrong)


@pytest.mark.parametrize("power", [-200, 0, 400])
def test_exact_remainders_may_be_of_any_size(power):
    X = exact([[1, 2], [3, 5]]) * exact(10)[()] ** power

    def f(W):
        return np.trace(W @ W)

    assert abs(check_derivative(f, X, 2 * X.T).order - 2) < 1e-9
    for wrong in (0 * X, X, 2 * X + X[0, 0] / 10**9):
        assert abs(check_derivative(f, X, wrong).order - 1) < 1e-3


def test_exact_roots_are_tested_exactly():
    X = exact([[2, 1], [1, 3]])

    def f(W):
        return sp.sqrt(np.trace(W @ W.T))

    G = X / f(X)
    assert abs(check_derivative(f, X, G).order - 2) < 1e-6
    assert not check_derivative(f, X, G + exact([[0, 0], [0, sp.Rational(1, 10**20)]]))


@pytest.mark.parametrize("kind", [exact, np.asarray])
def test_a_value_of_shape_1x1_counts_as_a_number_but_for_a_map_to_such(kind):
    a, X = kind(X2[:, :1]), kind(X2)

    def f(W):
        return a.T @ W @ a

    assert check_derivative(f, X, a @ a.T)
    assert check_derivative(f, X, functional(a @ a.T))
    assert check_derivative(f, X, sandwich(a.T, a.T))
    assert check_derivative(f, X, 0 * identity(2, 2))
    assert not check_derivative(f, X, sandwich(a.T, 2 * a.T))


@pytest.mark.parametrize("shape", [(2, 2, 2), (1, 1, 1, 1, 1)])
def test_a_value_that_is_neither_a_number_nor_a_matrix_is_named_first(shape):
    if len(shape) == 3:
        with pytest.raises(ValueError, match=rf"^f\b.*matrix.*{re.escape(str(shape))}"):
            check_derivative(lambda X: np.ones(shape) * X[0, 0], X2, np.ones((3, 3)))
    else:  # one number
        assert check_derivative(lambda X: np.ones(shape) * X[0, 0], X2, np.eye(2)[:, :1] * [1, 0])


# What a candidate may be.


def cube(X):
    return np.sum(X * X * X)


POINTS = {
    "a number": 1.5,
    "a vector": np.array([1.5, -0.5, 2.0]),
    "a matrix": np.array([[1.5, -0.5], [2.0, 0.25]]),
    "a vector of one": np.array([1.5]),
    "one entry": np.array([[1.5]]),
}


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_gradients_and_hessians_of_every_space(name, kind):
    X = kind(POINTS[name])
    G, shape = 3 * X * X, np.shape(X)
    table = np.zeros(shape * 2, dtype=object)
    for place in np.ndindex(shape):
        table[place * 2] = 6 * X[place]
    table = exact(table) if kind is exact else table.astype(float)
    hessian = LinearMap(shape, shape, lambda Y: 6 * X * Y, exact=kind is exact).form
    right = [G, lambda X: 3 * X * X, functional(G), derivative(cube, X), lambda X: functional(G)]
    right += [hessian, second_derivative(cube, X), lambda X: hessian]
    wrong = [2 * G, lambda X: X, functional(-G), lambda X: 2 * derivative(cube, X)]
    wrong += [BilinearForm(2 * hessian.map), lambda X: BilinearForm(0 * hessian.map)]
    if shape:
        right += [table, lambda X: table, hessian.map]
        wrong += [2 * table, lambda X: 0 * table, -hessian.map]
    for candidate in right:
        assert abs(check_derivative(cube, X, candidate).order - 2) < 0.1
    for candidate in wrong:
        test = check_derivative(cube, X, candidate)
        assert (bool(test), test.flaw, round(test.order, 1)) == (False, "", 1)


def test_a_gradient_function_gets_a_copy_of_x_in_its_own_kind():
    def spoiling(X):
        X *= 2
        return X

    X = X0.copy()
    assert check_derivative(lambda X: np.vdot(X, X), X, spoiling)
    assert np.array_equal(X, X0)
    assert check_derivative(lambda X: np.vdot(X, X), [[1, 2], [3, 4]], lambda X: 2 * X)
    seen = []
    check_derivative(lambda X: np.vdot(X, X), exact([[1, 2]]), lambda X: seen.append(X) or 2 * X)
    assert is_exact(seen[0])


def test_jacobians_are_arrays_with_the_indices_of_f_before_those_of_x():
    x = np.array([0.5, 2.0])
    A = P[:, :2]
    for f, jacobian in (
        (lambda x: A @ x, A),
        (lambda x: A @ np.exp(x), A * np.exp(x)),
        (lambda x: np.array([x @ x]), 2 * x[None, :]),
        (lambda x: np.array([x @ x]), 2 * x),
        (lambda x: np.multiply.outer(x, x) * x[0], None),
    ):
        if jacobian is None:
            E = np.eye(2)
            jacobian = np.einsum("ik,j->ijk", E, x) + np.einsum("jk,i->ijk", E, x)
            jacobian = jacobian * x[0] + np.einsum("i,j,k->ijk", x, x, E[0])
        assert check_derivative(f, x, jacobian)
        assert not check_derivative(f, x, 1.01 * jacobian)
    square = P[:2, :2]
    assert check_derivative(lambda x: square @ x, x, square)
    assert not check_derivative(lambda x: square @ x, x, square.T)
    table = np.einsum("ik,lj->ijkl", P, Q)
    assert check_derivative(lambda X: P @ X @ Q, X0, table)
    assert not check_derivative(lambda X: P @ X @ Q, X0, np.einsum("ijkl->jikl", table))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_candidate_that_is_not_finite_along_the_direction_is_refused(bad):
    with pytest.raises(ValueError, match=r"^candidate\b.*finite"):
        check_derivative(np.trace, X2, LinearMap((2, 2), (), lambda Y: bad))


@pytest.mark.parametrize("candidate", [np.eye(9), np.ones(9), np.ones((3, 9)), np.ones((3, 3, 3))])
def test_an_array_that_does_not_say_which_index_is_which_is_refused_with_those_that_do(candidate):
    with pytest.raises(ValueError, match=r"^candidate\b.*\(3, 3\).*\(3, 3, 3, 3\)"):
        check_derivative(lambda X: np.trace(X @ X), X0, candidate)


# Within a subspace.


def likelihood(S):
    C = np.linalg.cholesky(S)
    return 2 * np.log(np.diag(C)).sum() + np.sum(inv(C) ** 2)


def one_triangle(S):
    return np.linalg.eigvalsh(S)[-1]


@pytest.mark.parametrize("seed", some(range(20), 5))
def test_a_function_of_one_triangle_has_its_symmetric_gradient_within(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    F = rng.standard_normal((n, n + 3)) * 10.0 ** rng.integers(-3, 4)
    S = F @ F.T
    A, v = inv(S), np.linalg.eigh(S)[1][:, -1:]
    for f, G in ((likelihood, A - A @ A), (one_triangle, v @ v.T)):
        J = symmetric(n)
        coordinates = J.adjoint(G)
        for candidate in (G, lambda S, G=G: G, functional(G), coordinates, functional(coordinates)):
            assert check_derivative(f, S, candidate, within=J)
        triangle = np.tril(2 * G) - np.diag(np.diag(G))
        assert check_derivative(f, S, triangle, within=J)  # the same on symmetric matrices
        for wrong in (
            2 * G - np.diag(np.diag(G)),
            np.diag(np.diag(G)),
            1.01 * G,
            G[0, 0] * vech(S),
        ):
            assert not check_derivative(f, S, wrong, within=J)
        assert not check_derivative(f, S, G)
        assert check_derivative(f, S, derivative(f, S, within=J), within=symmetric(n))


def test_hessians_within():
    F = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 1.5]])
    A, J = inv(F), symmetric(3)
    H = -sandwich(A, A)
    D = J.matrix("C")
    right = (H, H.form, H.form.restrict_to_symmetric(), D.T @ H.matrix("C") @ D)
    right += (second_derivative(log_det, F, within=J), H.matrix("C").reshape(3, 3, 3, 3))
    for candidate in right:
        assert check_derivative(log_det, F, candidate, within=J)
    wrong = (2 * H, BilinearForm(-H), D.T @ D, (2 * H).form.restrict_to_symmetric())
    for candidate in wrong:
        test = check_derivative(log_det, F, candidate, within=J)
        assert (bool(test), test.flaw) == (False, "")
    orthonormal = second_derivative(log_det, F, within=J).matrix()
    assert not check_derivative(log_det, F, orthonormal, within=J)


def log_det(S):
    return 2 * np.log(np.diag(np.linalg.cholesky(S))).sum()


@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_what_is_right_on_symmetric_matrices_alone_is_sent_there(kind):
    S, A = kind([[2, 1], [1, 3]]), kind([[7, 1], [2, 3]])
    for f, G, there in (
        (lambda W: np.trace(A @ W), A, True),  # not transposed
        (lambda W: np.trace(A @ W), 2 * A, False),
        (lambda W: W[1, 0] ** 2 + W[0, 0], kind([[1, 1], [1, 0]]), True),  # reads one triangle
    ):
        test = check_derivative(f, S, G)
        assert (test.passed, test.on_symmetric) == (False, there)
        assert ("within=symmetric" in str(test)) == there
    moved = kind([[2, 1], [2, 3]])
    assert not check_derivative(lambda W: np.trace(A @ W), moved, A).on_symmetric
    H = exact([[0, 1], [1, 0]])
    assert not check_derivative(lambda x: x[0] * x[1], kind([1, 1]), 2 * H).on_symmetric


SUBSPACES = {
    "symmetric": (symmetric(3), lambda M: (M + M.T) / 2),
    "skew": (skew_symmetric(3), lambda M: (M - M.T) / 2),
    "diagonal": (diagonal(3), lambda M: M * np.eye(3, dtype=int)),
    "lower": (lower_triangular(3), lambda M: M * np.tri(3, dtype=int)),
    "all": (identity(3, 3), lambda M: M),
}


@pytest.mark.parametrize("name", SUBSPACES)
@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_only_the_projection_of_a_gradient_counts_within(name, kind):
    J, project = SUBSPACES[name]
    X = project(kind([[6, 2, -4], [8, 10, 2], [4, -6, 8]]))
    M = kind([[1, 5, 2], [7, 3, 9], [4, 8, 6]])
    G = 3 * (X @ X).T + 2 * X

    def f(W):
        return np.trace(W @ W @ W) + np.vdot(W, W)

    across = M - project(M)
    assert check_derivative(f, X, G + across, within=J)
    assert not check_derivative(f, X, G + across + project(M), within=J)
    assert check_derivative(f, X, gradient(f, X, within=J), within=J)
    if name != "all":
        assert not check_derivative(f, X, G + across)


def test_a_candidate_on_a_subspace_is_one_there_only():
    D, H = (do(log_det, X2 @ X2.T, within=symmetric(2)) for do in (derivative, second_derivative))
    for candidate in (D, H):
        assert check_derivative(log_det, X2 @ X2.T, candidate, within=symmetric(2))
        for within in (None, lower_triangular(2)):
            with pytest.raises(ValueError, match=r"^candidate\b.*symmetric.*within="):
                check_derivative(log_det, np.eye(2), candidate, within=within)


@pytest.mark.parametrize(
    ("within", "error"), [(3, TypeError), (symmetric(3), ValueError), (np.eye(4), TypeError)]
)
def test_a_wrong_subspace_is_refused(within, error):
    with pytest.raises(error, match=r"^within\b"):
        check_derivative(np.trace, X2, np.eye(2), within=within)
    with pytest.raises(ValueError, match=r"^X must be symmetric"):
        check_derivative(np.trace, X2, np.eye(2), within=symmetric(2))


# The curve, and its straight piece.


@pytest.mark.parametrize("error", [0, 1e-2, 1e-4, 1e-6])
def test_the_order_is_the_slope_of_the_straight_piece_at_the_finest_steps(error):
    S = X0 @ X0.T
    test = check_derivative(log_det, S, (1 + error) * inv(S), within=symmetric(3))
    piece = [test.steps.index(step) for step in test.piece]
    assert piece == list(range(piece[0], piece[-1] + 1))
    assert len(piece) >= 6
    h, r = np.log([[test.steps[i] for i in piece], [test.remainders[i] for i in piece]])
    assert abs(np.polyfit(h, r, 1)[0] - test.order) < 0.1
    assert abs(test.order - (1 if error else 2)) < 0.05
    if error == 1e-6:  # at coarser steps the curve looks right
        assert piece[0] >= 3
        rise = np.diff(np.log(test.remainders[: piece[0]]))
        assert np.nanmin(rise / np.diff(np.log(test.steps[: piece[0]]))) > 1.5


def test_the_curve_is_that_of_the_entry_that_decides():
    L = sandwich(np.diag([1.0, 2.0]), np.eye(2))

    def f(X):
        return L(X) + 100 * X * X

    def wrong(Y):
        return L(Y) + 200 * X2 * Y + 1e-3 * Y * [[0, 0], [0, 1]]

    test = check_derivative(f, X2, LinearMap((2, 2), (2, 2), wrong))
    assert 0.9 < test.order < 1.1
    assert 1e-4 < test.remainders[-20] / test.steps[-20] < 2e-3


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 1e4, 1e8])
def test_an_error_of_one_percent_shows_in_single_precision(scale):
    X = np.float32(scale * X2).astype(float)

    def f(W):
        return float(np.float32(np.linalg.slogdet(W)[1]))

    assert check_derivative(f, X, inv(X).T)
    for factor in (0.99, 1.01):
        assert not check_derivative(f, X, factor * inv(X).T)


def test_a_straight_f_has_no_piece_and_an_exact_curve_is_straight():
    test = check_derivative(np.trace, X2, np.eye(2))
    assert (test.order, test.piece) == (np.inf, ())
    X = exact([[1, 2], [3, 4]])
    test = check_derivative(lambda W: np.trace(W @ W), X, 2 * X.T)
    assert test.piece == test.steps


# Linear, symmetric.

NOT_LINEAR = {
    "size": lambda Y: np.trace(abs(Y)),
    "largest": lambda Y: np.max(Y),
    "affine": lambda Y: np.trace(Y) + 1,
    "square": lambda Y: np.trace(Y * Y),
    "cube": lambda Y: np.trace(Y * Y * Y),
    "a cap": lambda Y: np.trace(Y) if np.trace(Y) > 0 else 0 * np.trace(Y),
}


@pytest.mark.parametrize("name", NOT_LINEAR)
@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_a_rule_that_is_not_linear_is_no_derivative_even_where_it_gives_the_slope(name, kind):
    X, rule = kind([[1, 2], [3, 4]]), NOT_LINEAR[name]
    candidate = LinearMap((2, 2), (), rule, exact=kind is exact)
    tests = [check_derivative(np.trace, X, candidate)]
    hessian = LinearMap((2, 2), (2, 2), lambda Y: rule(Y) * X, exact=kind is exact).form
    tests.append(check_derivative(lambda W: np.trace(W @ W), X, hessian))
    for test in tests:
        assert (bool(test), test.flaw) == (False, "linear")
        assert re.search("not the (second )?derivative.*not linear", str(test))
    if name in ("size", "a cap"):
        assert tests[0].order == np.inf
        assert "though" in str(tests[0])


@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_a_hessian_that_is_not_symmetric_is_named(kind):
    A, X = kind([[1, 2], [5, 3]]), kind([[1, 2], [3, 4]])

    def f(W):
        return np.trace(W.T @ A @ W)

    half = sandwich(2 * A, kind([[1, 0], [0, 1]]))
    for candidate in (half, half.form, half.matrix("C").reshape(2, 2, 2, 2)):
        test = check_derivative(f, X, candidate)
        assert (bool(test), test.flaw) == (False, "symmetric")
        assert re.search(r"not the (second )?derivative.*not symmetric, and.*1\.00", str(test))
    assert check_derivative(f, X, (half + half.adjoint) / 2)


def test_a_map_of_differences_is_as_linear_as_they_are():
    S = X0 @ X0.T

    def single(W):
        return np.float32(np.linalg.slogdet(W)[1])

    def rule(Y):
        return (log_det(S + 1e-5 * Y) - log_det(S - 1e-5 * Y)) / 2e-5

    D = derivative(single, S)
    for candidate in (D, 3 * D / 3, D @ transposition(3, 3)):
        assert not check_derivative(single, S, candidate).flaw
        assert candidate.check_adjoint()
    J = symmetric(3)
    assert check_derivative(log_det, S, LinearMap((3, 3), (), rule), within=J)

    def straight(W):
        return abs(np.trace(P @ W))

    H = second_derivative(straight, X0)  # zero, but for noise
    assert check_derivative(straight, X0, BilinearForm(2 * H.map))


def test_an_untested_candidate_is_told_when_it_is_not_linear():
    test = check_derivative(
        lambda X: 5.0, X2, LinearMap((2, 2), (), lambda Y: 1e-20 * np.sum(Y * Y))
    )
    assert (bool(test), test.flaw, math.isnan(test.order)) == (False, "linear", True)
    assert re.search("not linear.*no more than its rounding", str(test))


# Directions.


def test_directions_are_always_the_same_but_for_another_seed():
    def run(*args, **kwargs):
        return check_derivative(cube, X0, 3 * X0**2, *args, **kwargs)

    assert run() == run() == run(None)
    assert run(7) == run(rng=7) == run(rng=np.random.default_rng(7))
    assert run(7) != run() != run(8)
    generator = np.random.default_rng(1)
    assert run(generator) != run(generator)


@pytest.mark.parametrize("bad", ["abc", -1, 1.5, [[0.5]]])
def test_what_is_no_seed_is_refused(bad):
    with pytest.raises(TypeError, match=r"^rng\b"):
        check_derivative(np.trace, X0, np.eye(3), rng=bad)
    with pytest.raises(TypeError, match=r"^rng\b"):
        identity(2, 2).check_adjoint(bad)


# The picture.

PICTURES = {
    "right": lambda: check_derivative(cube, X0, 3 * X0**2),
    "wrong": lambda: check_derivative(cube, X0, X0),
    "of order 3": lambda: check_derivative(cube, 0 * X0, 0 * X0),
    "zero": lambda: check_derivative(np.trace, exact(X2), exact(np.eye(2))),
    "noise": lambda: check_derivative(np.trace, X2, np.eye(2)),
    "nothing": lambda: check_derivative(lambda X: 5.0, X2, 0 * X2),
    "small": lambda: check_derivative(lambda X: np.trace(X @ X), 1e-150 * X2, 1e-150 * X2),
    "large": lambda: check_derivative(lambda X: np.trace(X @ X), 1e150 * X2, 2.1e150 * X2.T),
    "huge": lambda: check_derivative(
        lambda X: np.trace(X @ X), exact(10)[()] ** 400 * exact(X2), 0 * exact(X2)
    ),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.filterwarnings("error")
def test_a_picture_shows_and_leaves_nothing_behind(name):
    mpl = pytest.importorskip("matplotlib")
    test, before = PICTURES[name](), mpl.rcParams.copy()
    picture = test.plot()._repr_svg_()
    assert "<svg" in picture
    if name == "right":
        assert picture == test.plot()._repr_svg_()
    assert mpl.rcParams.copy() == before


def test_the_picture_has_the_curve_and_the_slopes():
    pytest.importorskip("matplotlib")
    for name, slopes in (("right", [1, 2]), ("wrong", [1, 2]), ("of order 3", [1, 2, 3])):
        test = PICTURES[name]()
        lines = {line.get_label(): line for line in test.plot().get_lines()}
        for slope in slopes:
            x, y = np.log(lines.pop(f"slope {slope}").get_data())
            assert np.allclose(np.diff(y), slope * np.diff(x))
        assert np.array_equal(lines.pop("remainder").get_data(), [test.steps, test.remainders])
        ((_, marked),) = lines.items()
        assert tuple(marked.get_xdata()) == test.piece
    assert not PICTURES["zero"]().plot().get_lines()


@pytest.mark.parametrize("x", [22.0, 257.0, 275.0, 481.0, 514.0, 9700 / 7, 18500 / 7, 19300 / 7])
@pytest.mark.parametrize("factor", [1, 100])
def test_rounding_of_x_is_no_order(x, factor):
    def f(t):
        return np.sin(factor * t)

    slope = factor * np.cos(factor * x)
    assert check_derivative(f, x, slope)
    assert not check_derivative(f, x, 1.01 * slope)


def test_drawing_does_not_import_pyplot():
    pytest.importorskip("matplotlib")
    code = """
import sys
import numpy as np
from matderiv import check_derivative
test = check_derivative(np.trace, np.eye(2), np.eye(2))
assert "matplotlib" not in sys.modules
test.plot()
assert "matplotlib.pyplot" not in sys.modules"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


# The dot test.

MAPS = {
    "functional": lambda kind: functional(kind(A2)),
    "sandwich": lambda kind: sandwich(kind(A2)[:1], kind(B2)),
    "sum": lambda kind: transposition(2, 2) - 3 * sandwich(kind(A2), kind(B2)),
    "tensor": lambda kind: functional(kind(A2)).adjoint.tensor(rank_one(kind(A2), kind(B2))),
    "of vectors": lambda kind: rank_one(kind([1, 2]), kind([3, 4, 5])),
    "a subspace": lambda kind: skew_symmetric(3),
    "a derivative": lambda kind: derivative(lambda X: X @ X, kind(A2)),
    "a derivative within": lambda kind: derivative(np.trace, kind(A2), within=symmetric(2)),
    "a Hessian": lambda kind: second_derivative(lambda X: np.trace(X @ X), kind(A2)).map,
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("kind", [exact, lambda M: np.asarray(M, dtype=float)])
def test_adjoints_are_right(name, kind):
    L = MAPS[name](kind)
    for seed in (None, 1, np.random.default_rng(2)):
        test = L.check_adjoint(seed)
        assert test
        assert test.passed
        assert test.forth == pytest.approx(test.back) if not L.exact else test.forth == test.back
    assert L.check_adjoint(1) == L.check_adjoint(np.random.default_rng(1))


def test_a_dot_product_that_cancels_is_not_held_against_an_adjoint():
    Y = np.random.default_rng(2011).uniform(0.1, 1, (3, 3)).round(6)
    G = P - np.vdot(P, Y) / np.vdot(Y, Y) * Y
    test = functional(G).check_adjoint()
    assert test
    assert 0 < abs(test.forth - test.back) + abs(test.back) < 1e-14
    assert not LinearMap((3, 3), (), lambda Y: np.vdot(G, Y), lambda z: z * P).check_adjoint()


@pytest.mark.parametrize("error", [0, 1e-3, 1e-9])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_a_wrong_adjoint_fails(error, scale):
    def rule(Y):
        return scale * P @ Y

    def adjoint(Z):
        return scale * P.T @ Z + scale * error * Z

    test = LinearMap((3, 3), (3, 3), rule, adjoint).check_adjoint()
    assert bool(test) is (error < 1e-6)
    assert not LinearMap((3, 3), (3, 3), rule, rule).check_adjoint()
    exactly = LinearMap(
        (2, 2), (2, 2), lambda Y: A2 @ Y, lambda Z: A2 @ Z * sp.Rational(1 + 10**-9)
    )
    assert not LinearMap(
        (2, 2), (2, 2), exactly.rule, exactly.adjoint_rule, exact=True
    ).check_adjoint()


@pytest.mark.parametrize("p", [1.25, 1.4, 1.5, 1.75])
def test_a_remainder_of_an_order_between_one_and_two_falls(p):
    def f(x):
        return np.linalg.norm(x) ** p

    test = check_derivative(f, np.zeros(3), np.zeros(3))
    assert test
    assert test.order == pytest.approx(p, abs=0.01)
    assert not check_derivative(f, np.zeros(3), np.full(3, 1e-3))


def test_a_cusp_is_refused_before_it_is_tested():
    with pytest.raises(ValueError, match="two sides"):
        check_derivative(lambda x: np.linalg.norm(x) ** 0.9, np.zeros(3), np.zeros(3))


def test_candidates_in_single_precision_are_right_in_its_digits():
    X = np.random.default_rng(0).standard_normal((4, 4))
    G = np.linalg.inv(X).T.astype(np.float32)
    assert check_derivative(lambda X: np.linalg.slogdet(X)[1], X, G)
    assert check_derivative(
        lambda X: np.linalg.slogdet(X)[1], X, lambda X: np.linalg.inv(X).T.astype(np.float32)
    )
    assert not check_derivative(lambda X: np.linalg.slogdet(X)[1], X, np.float32(1.0001) * G)
    assert not check_derivative(lambda X: np.linalg.slogdet(X)[1], X, (1 + 1e-6) * G.astype(float))


def test_a_derivative_is_right_within_its_own_error():
    rng = np.random.default_rng(1)
    for _ in range(10):
        X = rng.standard_normal((6, 2))  # of which the diagonal stays 1, but for rounding

        def correlations(X):
            return np.corrcoef(X, rowvar=False)

        D = derivative(correlations, X)
        assert check_derivative(correlations, X, D)
        assert not check_derivative(correlations, X, D * 1.01)


def test_an_array_that_does_not_fit_is_named_by_its_shape():
    x = np.array([1.0, 2.0, 3.0])
    for candidate in (np.cos(x), np.cos, np.cos(x).tolist()):
        with pytest.raises(ValueError, match=r"shape \(3, 3\).*it is an array of shape \(3,\)"):
            check_derivative(np.sin, x, candidate)


def test_what_a_derivative_may_be_off_is_asked_along_the_very_direction():
    X = np.array([1.0, 1e-6])

    def scaled(c):
        return lambda x: np.float32(c) * np.float32(x[0]) ** 2 + abs(np.float32(x[1]))

    assert check_derivative(scaled(1), X, derivative(scaled(1), X))
    assert not check_derivative(scaled(1), X, derivative(scaled(1.1), X))


def test_a_test_says_which_derivative_it_compared_with():
    X = np.diag([1.0, 2.0])
    hessian = check_derivative(lambda X: np.sum(X**2), X, 2 * np.eye(2), within=diagonal(2))
    assert str(hessian).startswith("the candidate is the second derivative")
    gradient = check_derivative(lambda X: np.sum(X**2), X, 2 * X, within=diagonal(2))
    assert str(gradient).startswith("the candidate is the derivative")
    assert not check_derivative(np.trace, X, np.zeros((2, 2)), within=diagonal(2))


@pytest.mark.parametrize("size", [1.0, 0.1, 1e-2, 1e-4])
def test_values_that_jump_far_from_x(size):
    # from covariance to correlation: the ones on the diagonal change their sign far out
    S = size * np.array([[0.06, 0.01, 0.02], [0.01, 0.05, -0.01], [0.02, -0.01, 0.08]])

    def f(S):
        return S / np.sqrt(np.outer(np.diag(S), np.diag(S)))

    d, one = np.diag(S), np.eye(3)
    T = np.einsum("ik,jl,ij->ijkl", one, one, 1 / np.sqrt(np.outer(d, d)))
    for i in range(3):
        T[i, :, i, i] -= f(S)[i] / (2 * d[i])
        T[:, i, i, i] -= f(S)[:, i] / (2 * d[i])
    for within in (None, symmetric(3)):
        assert check_derivative(f, S, T, within=within)
        assert check_derivative(f, S, derivative(f, S, within=within), within=within)
        for place in [(0, 0, 0, 0), (0, 1, 0, 1)]:
            wrong = T.copy()
            wrong[place] += 0.01 / size
            assert not check_derivative(f, S, wrong, within=within)
    assert check_derivative(np.sign, S, np.zeros((3, 3, 3, 3)))


@pytest.mark.parametrize("small", [1e-12, 1e-13])
def test_an_entry_beside_which_every_step_is_large_is_no_obstacle(small):
    X = np.array([[1, small], [2, 1]])
    assert check_derivative(lambda X: np.sum(X**2), X, 2 * X)
    assert not check_derivative(lambda X: np.sum(X**2), X, X)


@pytest.mark.parametrize("small", [1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize("seed", range(3))
def test_entries_for_small_entries_of_x_count_as_well(small, seed):
    # shear beside small strain: the derivative's entries are large where those of X are small
    F = np.eye(3) + small * np.random.default_rng(seed).standard_normal((3, 3))

    def energy(F):
        J = np.log(np.linalg.det(F))
        return 4 * (np.trace(F.T @ F) - 3) - 8 * J + 6 * J**2

    V, J = np.linalg.inv(F).T, np.log(np.linalg.det(F))
    gradient = 8 * (F - V) + 12 * J * V
    H = 8 * np.eye(9).reshape(3, 3, 3, 3) + 12 * np.multiply.outer(V, V)
    H += (8 - 12 * J) * np.einsum("il,kj->ijkl", V, V)
    assert check_derivative(energy, F, gradient)
    assert check_derivative(energy, F, H)
    gradient[0, 1] *= 1.01
    H[0, 1, 1, 0] *= 1.01
    H[1, 0, 0, 1] *= 1.01
    assert not check_derivative(energy, F, gradient)
    assert not check_derivative(energy, F, H)
