"""f(X) = tr(AX) tr(BX): two Hessians, eigenvalues, angle, and the thread's example exactly."""

import copy
import math
import pickle
from dataclasses import FrozenInstanceError
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import (
    assert_same,
    coordinates,
    differ,
    examples,
    inner,
    matrices,
    orders,
    symmetric_pairs,
)

from matderiv import (
    TraceProduct,
    commutation_matrix,
    derivative,
    exact,
    functional,
    gradient,
    is_exact,
    rank_one,
    second_derivative,
    vec,
)

A = exact([[7, 1], [1, 3]])
B = exact([[5, 2], [2, 1]])
f = TraceProduct(A, B)

# Typed from the thread, order of the coordinates x11, x12, x21, x22.
D = [[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]]
E = [[70, 19, 19, 4], [19, 22, 4, 7], [19, 4, 22, 7], [4, 7, 7, 6]]
x = sp.Symbol("x")
root = 2 * sp.sqrt(510)


def whose_hessian_is_e(A, B):
    return lambda X: (np.trace(A @ X @ B @ X.T) + np.trace(B @ X @ A @ X.T)) / 2


# Any A and B.


@given(matrices("nn", "nn", "nn"))
def test_the_function_its_gradient_and_its_hessian(spaces):
    A, B, X = spaces
    f = TraceProduct(A, B)
    assert_same(f(X), np.trace(A @ X) * np.trace(B @ X))
    assert_same(f.gradient(X), A.T * np.trace(B @ X) + B.T * np.trace(A @ X), 1e-7)
    assert_same(f.hessian(X), np.trace(A @ X) * B.T + np.trace(B @ X) * A.T, 1e-7)
    assert_same(f.false_hessian(X), A.T @ X @ B + B.T @ X @ A, 1e-7)


@pytest.mark.claim("thm-leibniz")
@examples(15)
@given(matrices("nn", "nn", "nn", "nn", largest=2))
def test_they_are_what_differentiation_finds(spaces):
    A, B, X, Y = spaces
    f = TraceProduct(A, B)
    scale = 1.0 if is_exact(A) else 1 + np.abs(f.hessian.matrix()).max()
    assert_same(f.gradient(X), gradient(f, X), 1e-7)
    assert_same(f.hessian(Y), derivative(f.gradient, X)(Y), 1e-7)
    assert_same(f.hessian.matrix(), second_derivative(f, X).matrix(), 1e-6 * scale)


def test_without_transposes_the_gradient_is_wrong_unless_a_and_b_are_symmetric():
    A, B, X = (
        exact(np.reshape(entries, (2, 2))) for entries in ([1, 2, 3, 4], [0, 1, 0, 0], [1] * 4)
    )
    G = TraceProduct(A, B).gradient(X)
    assert differ(G, A * np.trace(B @ X) + B * np.trace(A @ X))
    A, B = A + A.T, B + B.T
    assert not differ(
        TraceProduct(A, B).gradient(X), A * np.trace(B @ X) + B * np.trace(A @ X)
    )  # fmt: skip


@pytest.mark.claim("thm-two-hessians")
@given(matrices("nn", "nn"), orders)
def test_the_hessian_is_p_times_q_transposed_and_the_other_way_round(spaces, order):
    A, B = spaces
    f = TraceProduct(A, B)
    p, q = coordinates(A.T, order), coordinates(B.T, order)
    assert_same(f.hessian.matrix(order), np.outer(p, q) + np.outer(q, p))
    P, Q = A.T, B.T
    assert_same(f.false_hessian.matrix(order), np.kron(P, Q) + np.kron(Q, P))


@pytest.mark.claim("thm-two-hessians")
@given(symmetric_pairs())
def test_for_symmetric_a_and_b_the_false_hessian_is_a_kron_b_plus_b_kron_a(pair):
    A, B = pair
    assert_same(TraceProduct(A, B).false_hessian.matrix(), np.kron(A, B) + np.kron(B, A))


@pytest.mark.claim("thm-two-hessians")
@examples(10)
@given(matrices("nn", "nn", "nn", kinds=("exact",), largest=2))
def test_the_false_hessian_is_the_hessian_of_another_function(spaces):
    A, B, X = spaces
    A, B = A + A.T, B + B.T
    H = second_derivative(whose_hessian_is_e(A, B), X)
    assert_same(H.matrix("C"), TraceProduct(A, B).false_hessian.matrix("C"))
    n = len(A)
    mixed = TraceProduct(A, B).false_hessian.matrix() @ commutation_matrix(n, n)
    H = second_derivative(lambda W: np.trace(A @ W @ B @ W), X)
    assert_same(H.matrix("F"), mixed)


@pytest.mark.claim("thm-two-hessians")
@given(matrices("nn", "nn", "nn", kinds=("exact",)))
def test_the_quadratic_forms_of_the_two(spaces):
    A, B, Y = spaces
    A, B = A + A.T, B + B.T
    f = TraceProduct(A, B)
    assert inner(Y, f.hessian(Y)) == 2 * np.trace(A @ Y) * np.trace(B @ Y)
    form = np.trace(Y.T @ A @ Y @ B) + np.trace(Y.T @ B @ Y @ A)
    assert inner(Y, f.false_hessian(Y)) == form


@pytest.mark.claim("thm-two-hessians")
@given(symmetric_pairs())
def test_both_have_the_same_entries_rearranged_by_exchanging_two_indices(pair):
    A, B = pair
    n = len(A)
    f = TraceProduct(A, B)
    true, false = (H.matrix("C").reshape(n, n, n, n) for H in (f.hessian, f.false_hessian))
    assert_same(false, true.transpose(0, 2, 1, 3))


# Eigenvalues and the angle.


@pytest.mark.claim("thm-eigenvalues")
@given(matrices("nn", "nn", kinds=("exact",)))
def test_the_eigenvalues_are_the_inner_product_minus_and_plus_the_product_of_norms(spaces):
    A, B = spaces
    f = TraceProduct(A, B)
    values = f.eigenvalues()
    aa, bb, ab = np.vdot(A, A), np.vdot(B, B), np.vdot(A, B)
    assert len(values) == A.size
    if A.size == 1:
        assert list(values) == [2 * ab]
    else:
        assert values[0] == ab - sp.sqrt(aa * bb)
        assert values[-1] == ab + sp.sqrt(aa * bb)
        assert all(value == 0 for value in values[1:-1])
    characteristic = sp.Matrix(f.hessian.matrix()).charpoly(x).as_expr()
    assert sp.expand(characteristic - sp.prod([x - value for value in values])) == 0


@pytest.mark.claim("thm-eigenvalues")
@given(matrices("nn", "nn", kinds=("float",)))
def test_the_eigenvalues_are_those_that_numpy_finds(spaces):
    A, B = spaces
    f = TraceProduct(A, B)
    scale = 1 + np.linalg.norm(A) * np.linalg.norm(B)
    assert_same(f.eigenvalues() / scale, np.linalg.eigvalsh(f.hessian.matrix()) / scale, 1e-12)


@given(matrices("nn", kinds=("float",)), st.integers(-7, 7))
def test_eigenvalues_ascend_for_parallel_a_and_b_too(A, factor):
    values = TraceProduct(A, A * factor / 3).eigenvalues()
    assert np.all(np.diff(values) >= 0)


@pytest.mark.claim("thm-eigenvalues")
@given(symmetric_pairs())
def test_one_eigenvalue_is_negative_unless_a_and_b_are_parallel(pair):
    A, B = (exact(M) for M in pair)
    parallel = np.vdot(A, B) ** 2 == np.vdot(A, A) * np.vdot(B, B)
    least = TraceProduct(A, B).eigenvalues()[0]
    assert least < 0 or parallel
    if parallel and len(A) > 1:
        assert least == min(0, 2 * np.vdot(A, B))


@given(matrices("nn", "nn"))
def test_the_angle_is_that_between_a_and_b(spaces):
    A, B = spaces
    assume(np.any(A != 0) and np.any(B != 0))
    angle = TraceProduct(A, B).angle
    lengths = [math.sqrt(float(np.vdot(M, M))) for M in spaces]
    assert 0 <= angle <= sp.pi
    assert math.isclose(
        math.cos(angle) * math.prod(lengths), float(np.vdot(A, B)), rel_tol=1e-9, abs_tol=1e-9
    )
    assert is_exact(angle) == is_exact(A)
    assert TraceProduct(A, A).angle == 0
    assert abs(TraceProduct(A, -A).angle - math.pi) < 1e-15


def with_many_digits(A, B):
    """Return the angle and the two eigenvalues that are not zero, from the definition."""
    a, b, ab = (
        mpmath.fdot(*pair) for pair in ((A.flat, A.flat), (B.flat, B.flat), (A.flat, B.flat))
    )
    lengths = mpmath.sqrt(a * b)
    return mpmath.acos(ab / lengths), ab - lengths, ab + lengths


@examples(300)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(-12, 0),
    st.sampled_from([-1, 1]),
    st.floats(-200, 200),
    st.floats(-100, 100),
)
def test_angle_and_eigenvalues_lose_no_digits(seed, opening, side, scale, other):
    A, C = np.random.default_rng(seed).standard_normal((2, 3, 3))
    B = (side * A + 10**opening * C) * 10.0**other
    A *= 10.0**scale
    f = TraceProduct(A, B)
    with mpmath.workdps(60):
        angle, least, largest = with_many_digits(A, B)
        assert abs(f.angle - angle) < 1e-15
        values = f.eigenvalues()
        assert abs(values[0] / least - 1) < 1e-15 / mpmath.sin(angle / 2)
        assert abs(values[-1] / largest - 1) < 1e-15 / mpmath.cos(angle / 2)


def test_a_tiny_angle():
    K = np.array([[0.0, 1.0], [-1.0, 0.0]])
    f = TraceProduct(np.eye(2), np.eye(2) + 1e-9 * K)
    assert math.isclose(f.angle, 1e-9, rel_tol=1e-6)
    assert math.isclose(f.eigenvalues()[0], -1e-18, rel_tol=1e-6)
    exactly = TraceProduct(exact(f.A), exact(f.B))
    assert math.isclose(exactly.angle, f.angle, rel_tol=1e-6)
    assert math.isclose(exactly.eigenvalues()[0], f.eigenvalues()[0], rel_tol=1e-6)


def test_angles_in_closed_form():
    E, F = exact([[1, 0], [0, 0]]), exact([[1, 1], [0, 0]])
    assert TraceProduct(E, F).angle == sp.pi / 4
    assert TraceProduct(E, -F).angle == 3 * sp.pi / 4
    assert TraceProduct(E, E[::-1]).angle == sp.pi / 2
    assert TraceProduct(F, 2 * F).angle == 0
    assert TraceProduct(F, -2 * F).angle == sp.pi
    roots = exact([[sp.sqrt(2), 1], [1, sp.cbrt(2)]])
    assert TraceProduct(roots, roots * (1 + sp.cbrt(2))).angle == 0


@pytest.mark.parametrize("convert", [np.array, exact])
def test_zero_makes_no_angle_and_no_eigenvalue(convert):
    f = TraceProduct(convert([[0, 0], [0, 0]]), convert([[1, 2], [3, 4]]))
    with pytest.raises(ValueError, match="zero"):
        f.angle  # noqa: B018
    assert [f"{float(value)}" for value in f.eigenvalues()] == ["0.0"] * 4


@pytest.mark.claim("thm-eigenvalues")
@examples(15)
@given(symmetric_pairs())
def test_the_worst_direction_is_a_over_its_norm_minus_b_over_its_norm(pair):
    A, B = (np.asarray(M, dtype=float) for M in pair)
    a, b = np.linalg.norm(A), np.linalg.norm(B)
    assume(a > 0 and b > 0)
    f = TraceProduct(A, B)
    worst, best = A / a - B / b, A / a + B / b
    assert_same(f.hessian(worst), (np.vdot(A, B) - a * b) * worst, 1e-7)
    assert_same(f.hessian(best), (np.vdot(A, B) + a * b) * best, 1e-7)
    assert math.isclose(np.vdot(A, B) - a * b, -a * b * (1 - math.cos(f.angle)), abs_tol=1e-6)


@given(matrices("nn", "nn", kinds=("exact",)))
def test_for_orthogonal_a_and_b_the_difference_is_a_direction_of_descent(spaces):
    A, B = spaces
    A, B = A + A.T, B + B.T
    assume(np.any(A != 0))
    B = B - A * np.vdot(A, B) / np.vdot(A, A)
    assert np.trace(A @ B) == 0
    Y = A - B
    assert inner(Y, TraceProduct(A, B).hessian(Y)) == -2 * np.vdot(A, A) * np.vdot(B, B)


def test_for_orthogonal_positive_semidefinite_a_and_b_too():
    A, B = exact([[4, 2, 0], [2, 1, 0], [0, 0, 0]]), exact([[1, -2, 0], [-2, 4, 0], [0, 0, 3]])
    assert np.trace(A @ B) == 0
    H = second_derivative(TraceProduct(A, B), exact(np.zeros((3, 3))))
    assert H(A - B, A - B) == -2 * np.vdot(A, A) * np.vdot(B, B) == -2 * 25 * 34


# The thread's example.


@pytest.mark.claim("thm-thread-example")
@pytest.mark.parametrize("order", ["F", "C"])
def test_the_entries_of_both_hessians(order):
    assert_same(f.hessian.matrix(order), exact(D))
    assert_same(f.false_hessian.matrix(order), exact(E))
    assert_same(second_derivative(f, exact([[1, 2], [3, 4]])).matrix(order), exact(D))
    X = exact([[1, 2], [3, 4]])
    assert_same(second_derivative(whose_hessian_is_e(A, B), X).matrix(order), exact(E))
    floats = TraceProduct(A.astype(float), B.astype(float))
    assert_same(floats.hessian.matrix(order), np.array(D, dtype=float))
    assert_same(floats.false_hessian.matrix(order), np.array(E, dtype=float))
    assert D != E


@pytest.mark.claim("thm-charpolys")
def test_the_characteristic_polynomials():
    d, e = (sp.Matrix(H.matrix()).charpoly(x).as_expr() for H in (f.hessian, f.false_hessian))
    assert sp.factor(d) == x**2 * (x**2 - 84 * x - 276)
    assert sp.factor(e) == (x - 18) * (x**3 - 102 * x**2 + 1560 * x - 1440)


@pytest.mark.claim("thm-charpolys")
@pytest.mark.claim("thm-thread-example")
def test_the_eigenvalues():
    assert list(f.eigenvalues()) == [42 - root, 0, 0, 42 + root]
    assert sp.Matrix(f.hessian.matrix()).eigenvals() == {0: 2, 42 - root: 1, 42 + root: 1}
    assert_same(np.linalg.eigvalsh(np.array(D)), [-3.1663591625, 0, 0, 87.16635916], 1e-8)
    assert_same(np.linalg.eigvalsh(np.array(E)), [0.98603334, 17.483378, 18, 83.530588], 1e-7)
    assert sp.Matrix(f.false_hessian.matrix()).rank() == 4
    assert sp.Matrix(f.hessian.matrix()).rank() == 2


@pytest.mark.claim("thm-thread-example")
def test_35_and_27_with_mean_31_and_32_at_the_midpoint():
    X0, X1 = exact([[1, 0], [0, 0]]), exact([[0, 0], [0, 3]])
    assert (f(X0), f(X1), (f(X0) + f(X1)) / 2, f((X0 + X1) / 2)) == (35, 27, 31, 32)
    floats = TraceProduct([[7, 1], [1, 3]], [[5, 2], [2, 1]])
    assert (floats([[1, 0], [0, 0]]), floats([[0, 0], [0, 3]])) == (35, 27)
    assert floats([[0.5, 0], [0, 1.5]]) == 32


@pytest.mark.claim("thm-thread-example")
def test_the_angle_and_the_worst_direction():
    assert sp.simplify(sp.cos(f.angle) - 7 * sp.sqrt(510) / 170) == 0
    assert round(math.degrees(f.angle), 2) == 21.58
    assert (np.vdot(A, B), np.vdot(A, A), np.vdot(B, B)) == (42, 60, 34)
    worst = A / sp.sqrt(60) - B / sp.sqrt(34)
    for image, expected in zip(f.hessian(worst).flat, ((42 - root) * worst).flat, strict=True):
        assert sp.simplify(image - expected) == 0
    quotient = inner(worst, f.hessian(worst)) / inner(worst, worst)
    assert sp.simplify(quotient - (42 - root)) == 0


@pytest.mark.claim("thm-thread-example")
def test_on_symmetric_matrices_the_true_form_stays_indefinite_and_the_false_one_positive():
    X = exact([[0, 0], [0, 0]])
    true = second_derivative(f, X).restrict_to_symmetric()
    false = second_derivative(whose_hessian_is_e(A, B), X).restrict_to_symmetric()
    for order in "FC":
        d, e = (sp.Matrix(H.matrix(order)).charpoly(x).as_expr() for H in (true, false))
        assert sp.factor(d) == x * (x**2 - 84 * x - 276)
        assert sp.factor(e) == x**3 - 102 * x**2 + 1560 * x - 1440
    third = second_derivative(lambda W: np.trace(A @ W @ B @ W), X).restrict_to_symmetric()
    assert_same(third.matrix(), false.matrix())
    numeric = np.linalg.eigvalsh(false.matrix().astype(float))
    assert_same(numeric, [0.986, 17.48, 83.53], 1e-3)


def test_the_factor_two_and_the_half_are_wrong():
    Y = exact([[1, 2], [3, 5]])
    difference = f(Y) + f(-Y) - 2 * f(0 * Y)
    assert inner(Y, f.hessian(Y)) == difference == 2 * f(Y)
    halved = rank_one(A.T, B.T)
    assert inner(Y, halved(Y)) == difference / 2
    assert differ(f.hessian.matrix(), 2 * halved.matrix()) or np.all(A == B)


def test_a_transposed_b_plus_b_transposed_a_of_columns_is_a_number():
    a, b = vec(A)[:, None], vec(B)[:, None]
    assert (a.T @ b + b.T @ a).shape == (1, 1)
    assert_same(a @ b.T + b @ a.T, exact(D))


@pytest.mark.claim("thm-leibniz")
def test_the_row_of_the_second_derivative_on_the_tensor_product():
    alpha, beta = functional(A.T), functional(B.T)
    form = alpha.tensor(beta) + beta.tensor(alpha)
    assert form.matrix().shape == (1, 16)
    assert_same(form.matrix().reshape(4, 4), exact(D))
    Y, Z = exact([[1, 2], [3, 4]]), exact([[0, 1], [1, 1]])
    assert form(np.multiply.outer(Y, Z)) == second_derivative(f, Y)(Y, Z)


# Kinds of numbers.


def test_large_integers_do_not_overflow():
    large = TraceProduct(np.full((2, 2), 2**40), np.full((2, 2), 2**40))
    X = np.full((2, 2), 2**40)
    assert large(X) == 16 * 2.0**160
    assert_same(large.gradient(X), np.full((2, 2), 8 * 2.0**120))
    assert_same(large.hessian.matrix(), np.full((4, 4), 2 * 2.0**80))
    assert TraceProduct(exact([[2**70 + 1]]), [[1]])([[3]]) == 9 * (2**70 + 1)


def test_one_exact_matrix_makes_everything_exact():
    half = Fraction(1, 2)
    for mixed in (TraceProduct(A, [[0.5, 0], [0, 1]]), TraceProduct([[0.5, 0], [0, 1]], A)):
        assert is_exact(mixed.A)
        assert is_exact(mixed.B)
        assert mixed([[half, 0], [0, half]]) == mixed([[0.5, 0], [0, 0.5]]) == Fraction(15, 4)
        assert is_exact(mixed.gradient([[0.5, 0], [0, 1]]))


def test_it_does_not_change_with_the_matrices_it_was_made_of():
    A, B = np.eye(2), np.eye(2)
    f = TraceProduct(A, B)
    A[0, 0] = B[0, 0] = 100.0
    with pytest.raises(ValueError, match="read-only"):
        f.A[0, 0] = 100.0
    assert f(np.eye(2)) == 4
    assert_same(f.hessian.matrix()[0, 0], 2.0)


def test_its_matrices_cannot_be_changed():
    f = TraceProduct(np.eye(2), np.eye(2))
    for matrix in (f.A, f.B):
        with pytest.raises(ValueError, match="read-only"):
            matrix[0, 0] = 5


def test_it_cannot_be_given_others():
    f = TraceProduct(np.eye(2), np.eye(2))
    with pytest.raises(FrozenInstanceError):
        f.A = 2 * f.A


@pytest.mark.parametrize("again", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
@pytest.mark.parametrize("f", [f, TraceProduct([[1, 2], [3, 4]], [[0.5, 0], [1, 1]])])
def test_it_pickles_and_stays_as_it_is(again, f):
    g = again(f)
    assert type(g) is TraceProduct
    assert np.all(g.A == f.A)
    assert np.all(g.B == f.B)
    assert is_exact(g.A) == is_exact(f.A)
    with pytest.raises(ValueError, match="read-only"):
        g.A[0, 0] = 5


def test_exact_eigenvalues_come_as_an_exact_array():
    f = TraceProduct(exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]]))
    assert repr(f.eigenvalues()) == "exact([42 - 2*sqrt(510), 0, 0, 42 + 2*sqrt(510)])"


def test_symbols_that_need_not_be_real_are_not_conjugated():
    a, b = sp.symbols("a b")
    f = TraceProduct([[a, 0], [0, 1]], [[b, 0], [0, 1]])
    X = exact([[1, 0], [0, 2]])
    assert sp.expand(f(X) - (a + 2) * (b + 2)) == 0
    assert sp.expand(np.trace(f.gradient(X).T @ X) - 2 * f(X)) == 0  # Euler
    assert not f.eigenvalues()[0].has(sp.conjugate)
