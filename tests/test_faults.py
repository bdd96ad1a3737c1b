"""The faults of the first design, each as a kind: what is right comes from outside the package."""
# ruff: noqa: E731

import contextvars
import pickle
import re
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial
from itertools import permutations

import mpmath
import numpy as np
import pytest
import scipy.sparse
import sympy as sp
from scipy.special import gammaln
from strategies import some

import matderiv as md
from matderiv import (
    TraceProduct,
    check_derivative,
    definiteness,
    derivative,
    diagnose,
    exact,
    functional,
    gradient,
    is_exact,
    sandwich,
    second_derivative,
    transposition,
)  # fmt: skip

mp = mpmath.mp.clone()
mp.dps = 60

X22, EPS, TEN = np.array([[1.0, 2.0], [3.0, 5.0]]), np.finfo(float).eps, sp.Integer(10)
FLOATS_AND_EXACT = {"floats": X22, "exact": exact(X22)}
REASONS = r"only good to|do not settle|two sides differ|not defined on both sides"


def each(name, values):
    """Parametrize, with names that people can read."""
    named = values if isinstance(values, dict) else {}
    names = list(named) or [getattr(value, "__name__", str(value)) for value in values]
    ids = [text.encode("ascii", "replace").decode() for text in names]  # mutmut finds no others
    return pytest.mark.parametrize(name, named.values() or values, ids=ids)


scales, seeds = each("scale", [1e-8, 1e-3, 1.0, 1e8]), each("seed", range(3))
shapes, made_of = each("shape", [(2, 2), (3, 3), (2, 3)]), each("X", FLOATS_AND_EXACT)


def draw(shape, seed=0):
    """Give a matrix like any other, with entries from 0.3 to 1 and both signs."""
    rng = np.random.default_rng(seed + 100 * sum(shape))
    return rng.uniform(0.3, 1, shape) * rng.choice([-1, 1], shape)


def covariance(n, seed):
    return draw((n, n), seed) @ draw((n, n), seed).T + np.eye(n)


def precise(X):
    return np.vectorize(mp.mpf, otypes=[object])(np.asarray(X, float))


def inverse(X):
    """Invert with 60 digits."""
    return np.array((mp.matrix(precise(X).tolist()) ** -1).tolist()).reshape(X.shape)


def table(form, shape):
    """Write a bilinear form, given by its formula, down in order C."""
    units = np.eye(int(np.prod(shape)), dtype=int).reshape(-1, *shape)
    return np.array([[form(Y, Z) for Z in units] for Y in units]).astype(float)


def close(found, true, relative=1e-6, unit=1.0, error=np.inf):
    """Whether all entries are right beside the largest, in units; and no worse than ten errors."""
    found, true = np.asarray(found, float), np.asarray(true, float)
    gaps, size = np.abs(found - true), np.max(np.abs(true * unit))
    small = np.max(gaps * unit) <= relative * size
    return found.shape == true.shape and small and np.max(gaps) <= 10 * error + 8 * EPS * size


def right(f, X, true, order=1, **how):
    made = (derivative if order == 1 else second_derivative)(f, X)
    found = made.adjoint(1) if order == 1 else made.matrix("C")
    assert close(found, true, error=made.error, **how), (found, true, made.error)


def right_or_refused(f, X, true, order=1, **how):
    try:
        right(f, X, true, order, **how)
    except ValueError as error:
        assert re.search(REASONS, str(error)), error  # noqa: PT017


def slogdet(X):
    return np.linalg.slogdet(X)[1]


def slogdet_curve(X, Y, Z):
    return -np.trace(inverse(X) @ Y @ inverse(X) @ Z)


def square_sum(X):
    return np.sum(X * X)


def single(X):
    return float(np.sum(np.asarray(X, np.float32) ** 2))


# --- Silently wrong, or a crash, in ordinary use --------------------------------------------------

IN_SINGLE = {  # with gradients, and with Hessians, of the entries in a row
    "squares": (lambda W: np.sum(W**2), lambda X: 2 * X, lambda x: 2 * np.eye(len(x))),
    "powers": (lambda W: np.sum(W**4), lambda X: 4 * X**3, lambda x: np.diag(12 * x**2)),
    "norm": (
        lambda W: np.sqrt(np.sum(W**2)),
        lambda X: X / np.linalg.norm(X),
        lambda x: (np.eye(len(x)) - np.outer(x, x) / (x @ x)) / np.linalg.norm(x),
    ),
}


@scales
@shapes
@each("functions", IN_SINGLE)
@each("hidden", [float, lambda value: value])
def test_row_1_single_precision_shown_or_hidden(functions, hidden, shape, scale):
    (f, slope, curve), X = functions, scale * draw(shape)
    loss = lambda W: hidden(f(np.asarray(W, np.float32)))
    right(loss, X, slope(X), relative=1e-3)
    right_or_refused(loss, X, curve(X.ravel()), order=2, relative=1e-2)


COARSE = {"half": np.float16, "decimals": lambda y: round(y, 3), "digits": lambda y: f"{y:.4g}"}


@each("coarse", COARSE)
@shapes
def test_row_1_values_in_still_coarser_steps_are_not_taken_for_constant(coarse, shape):
    f = lambda W: float(coarse(float(np.sum(np.real(W) ** 2))))
    right_or_refused(f, draw(shape), 2 * draw(shape), relative=0.05)


@each("scale", [1e-8, 1e-6, 1e-3, 1, 1e4])
@shapes
def test_row_2_steps_suit_x_and_one(shape, scale):
    X = scale * draw(shape)
    true = 2 * inverse(precise(X) @ precise(X).T + np.eye(len(X), dtype=int)) @ precise(X)
    right(lambda W: slogdet(np.eye(len(W)) + W @ W.T), X, true, relative=1e-5)
    right(lambda W: 1 + np.sum(np.abs(W) ** 2), X, 2 * X, relative=1e-5)


@each("n", [2, 3])
@each("condition", [1e2, 1e4, 1e6])
@seeds
def test_row_3_hessians_of_ill_conditioned_matrices(n, condition, seed):
    U, _, V = np.linalg.svd(draw((n, n), seed))
    itself = np.array([[-0.7, -0.2], [-1.4, -0.3995]])
    for X in (itself, (U * np.geomspace(1, 1 / condition, n)) @ V):
        true = table(partial(slogdet_curve, X), X.shape)
        right_or_refused(slogdet, X, true, order=2, relative=1e-3)


@each("power", range(0, 15, 2))
@each("dtype", [np.float64, np.float32])
@shapes
def test_row_4_large_constants_added(shape, power, dtype):
    if dtype(10**power) != dtype(10**power) + dtype(0.1):  # else f is a constant indeed
        f = lambda X: dtype(10**power) + np.linalg.norm(dtype(np.real(X)))
        right_or_refused(f, draw(shape), draw(shape) / np.linalg.norm(draw(shape)), relative=5e-3)


@each("weight", [1.0, 1e-2, 1e-4, 1e-6])
@shapes
def test_row_5_small_terms_that_are_not_analytic_do_not_vanish(shape, weight):
    X, few = draw(shape), 0.01 * weight
    bent = np.diag(12 * X.ravel() ** 2) + 2 * weight * np.eye(X.size)
    right(lambda X: (X**4).sum() + weight * np.linalg.norm(X) ** 2, X, bent, 2, relative=few)
    true = 4 * X**3 + weight * np.sign(X)
    right(lambda X: (X**4).sum() + weight * np.abs(X).sum(), X, true, relative=few)


@each("k", [3.0, 300.0, 1e4])
def test_row_6_an_entry_may_bend_far_less_than_others(k):
    X, E, d = np.diag([1, 1 / k]), np.diag([1.0, 0.0]), np.array([1, k**0.5, k**0.5, k])
    K, one = inverse(X), np.eye(2, dtype=int)
    curve = lambda Y, Z: np.trace(Y @ K @ Z @ K @ (K - one) + Z @ K @ Y @ K @ K)
    H = second_derivative(lambda S: slogdet(S) + np.trace(np.linalg.inv(S)), X)
    assert H(E, E) == pytest.approx(1, rel=1e-5)
    assert close(H.matrix("C"), table(curve, (2, 2)), 1e-4, unit=1 / np.outer(d, d))


def mirrored(curve, S, Y, Z):
    """Evaluate the form of a function that reads the lower triangle alone."""
    return curve(S, *(np.tril(M) + np.tril(M, -1).T for M in (Y, Z)))


def norm_curve(S, Y, Z):
    return (np.vdot(Y, Z) - np.vdot(S, Y) * np.vdot(S, Z) / np.vdot(S, S)) / np.linalg.norm(S)


BY_DIFFERENCES = {
    "slogdet": (slogdet, slogdet_curve),
    "norm": (np.linalg.norm, norm_curve),
    "Cholesky": (lambda S: slogdet(np.linalg.cholesky(S)) * 2, partial(mirrored, slogdet_curve)),
    "eigvalsh": (lambda S: np.log(np.linalg.eigvalsh(S)).sum(), partial(mirrored, slogdet_curve)),
    "one row": (lambda S: np.linalg.norm(S[0]), lambda S, Y, Z: norm_curve(S[0], Y[0], Z[0])),
}


@each("functions", BY_DIFFERENCES)
@each("n", [2, 3])
@each("scale", [1e-6, 1, 1e6])
@each("seed", some(range(2), 1))
def test_row_7_true_hessians_are_recognised(functions, n, scale, seed):
    (f, curve), S = functions, scale * covariance(n, seed)
    true = table(partial(curve, S), (n, n))
    assert diagnose(f, S, true).verdict == "representation"
    assert diagnose(f, S, 1.01 * true).verdict == "scaled"
    true[0, 0] *= 1.01
    assert diagnose(f, S, true).verdict == "no match"


@each("small", [9e-7, 1e-7, 1e-16, 1e-300])
@each("power", [1, 2])
def test_row_8_small_entries_where_there_should_be_none(small, power):
    found = diagnose(lambda X: X[0, 0] ** power / power, np.eye(2), [[1, small], [small, small]])
    assert found.verdict == ("no match" if small > 1e-8 else "representation"), found


@each("scale", [1e-6, 1e-4, 1e-3, 1, 1e8])
@shapes
@seeds
def test_row_9_zero_is_recognised(shape, scale, seed):
    A, X = draw(shape[::-1], seed + 1), scale * draw(shape, seed)
    zero = np.zeros((X.size, X.size))
    assert diagnose(lambda X: np.trace(A @ X), X, zero)
    assert not diagnose(lambda X: np.trace(A @ X), X, zero + 1)


@scales
@seeds
def test_row_9_so_is_rounding_at_a_least_squares_solution(scale, seed):
    A, B = draw((7, 3), seed), scale * draw((7, 2), seed)
    W, f = np.linalg.lstsq(A, B)[0], lambda W: np.sum((A @ W - B) ** 2)
    assert diagnose(f, W, 2 * A.T @ (A @ W - B))
    assert not diagnose(f, W, 2 * A.T @ (A @ W + B))


@each("large", [10**k for k in (2, 4, 6, 8, 10)])
@each("made", [np.asarray, exact])
def test_row_10_entries_are_compared_one_by_one(large, made):
    D, X = made([[large, 1], [1, 1]]), made([[1, 2], [3, 5]])
    wrong, true = made(np.diag([large, -1, -1, -1])), made(np.diag([large, 1, 1, 1]))
    found = [diagnose(lambda X: (D * X**2).sum() / 2, X, M).verdict for M in (wrong, true)]
    unknown = [["cannot tell"] * 2] if large > 1e6 and made is np.asarray else []
    assert found in [["no match", "representation"], *unknown]


@each("k", [12, 30, 400])
def test_row_11_exact_least_eigenvalues_are_exact(k):
    least, X = -1 / TEN**k, exact([[1, 2, 3]])
    f = lambda X: (X[0, 0] ** 2 + least * X[0, 2] ** 2) / 2
    found = diagnose(f, X, exact(np.diag([1, 0, least])))
    assert found.verdict == "representation"
    assert found.true.least == found.candidate.least == least
    assert str(found).lower().count(f"e-{k}") == 2, found


@scales
def test_row_12_a_check_does_not_pass_what_is_wrong(scale):
    f, Z = lambda X: np.logaddexp(X, -X).sum(), scale * X22
    assert not check_derivative(f, Z, -100 * np.tanh(Z))
    assert check_derivative(f, Z, np.tanh(Z))


@each("power", [-400, -200, -8, 0, 8, 200, 400])
def test_row_12_nor_an_exact_one(power):
    X = exact(X22) * TEN**power
    verdicts = [check_derivative(lambda X: np.trace(X @ X), X, M) for M in (0 * X, X, 2 * X.T)]
    assert list(map(bool, verdicts)) == [False, False, True]


FOREIGN = {  # each with the way out that must be named
    "np.matrix": (np.matrix, r"np\.asarray"),
    "SymPy": (lambda X: sp.Matrix(X.astype(int).tolist()), r"exact\("),
    "SymPy, immutable": (lambda X: sp.ImmutableMatrix(X.astype(int).tolist()), r"exact\("),
    "masked": (lambda X: np.ma.masked_less(X, 1.5), "filled"),
    "sparse": (scipy.sparse.csr_array, "toarray"),
    "sparse matrix": (scipy.sparse.coo_matrix, "toarray"),
}
CALLS = {
    "derivative": derivative,
    "gradient": gradient,
    "second_derivative": second_derivative,
    "check_derivative": lambda f, X: check_derivative(f, X, 2 * X22),
    "diagnose": lambda f, X: diagnose(f, X, 2 * exact(X22)),
}
calls = each("call", CALLS)


@calls
@each("foreign", FOREIGN)
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_row_13_arrays_that_would_change_what_f_means_are_refused_with_the_way_out(foreign, call):
    made, way = foreign
    with pytest.raises(TypeError, match=rf"^X must .*{way}"):
        call(lambda X: (X * X).trace(), made(X22))


@shapes
@scales
@each("made", [np.asarray, exact])
def test_row_14_a_1x1_value_is_a_number(shape, scale, made):
    a, b, X = map(made, (draw((shape[0], 1)), draw((shape[1], 1)), scale * draw(shape)))
    found = diagnose(lambda X: a.T @ X @ b, X, a @ b.T)
    said = (found.verdict, found.layouts[0], found.subject)
    assert said == ("representation", "i,j", "first derivative")
    assert close(gradient(lambda X: a.T @ X @ b, X), a @ b.T)


@each("ratio", [1, 1e1, 1e2, 1e3])
@each("n", [2, 3])
@seeds
def test_row_15_covariances_in_different_units(n, ratio, seed):
    d = np.geomspace(1 / ratio, ratio, n) ** 0.5
    unit, f = np.outer(d, d), lambda S: slogdet(S) + np.trace(np.linalg.inv(S))
    for S in (covariance(n, seed) * unit, np.array([[0.04, 12.0], [12.0, 4e4]])):
        unit = np.sqrt(np.outer(np.diag(S), np.diag(S)))
        assert close(gradient(f, S), inverse(S) - inverse(S) @ inverse(S), 1e-5, unit)


# --- Corners and resources ------------------------------------------------------------------------

r2, x = sp.sqrt(2), sp.Symbol("x", real=True)
WRITTEN_TWICE = {  # in the gradient of CX, or in the Hessian of CX²
    "a square": ((1 + r2) ** 2, 3 + 2 * r2, 2),
    "a nested root": (sp.sqrt(3 + 2 * r2), 1 + r2, 1),
    "a polynomial": ((x + 1) ** 3, x**3 + 3 * x**2 + 3 * x + 1, 2),
    "a quotient": ((x**2 - 1) / (x - 1), x + 1, 1),
    "functions": (sp.cos(x) ** 2 + sp.sin(x) ** 2, sp.Integer(1), 1),
    "huge": (TEN**400 * (1 + r2) ** 2, TEN**400 * (3 + 2 * r2), 1),
}


@each("case", WRITTEN_TWICE)
def test_exact_numbers_are_equal_however_they_are_written(case):
    C, candidate, X, power = (
        exact([case[:1] * 2]),
        exact([[case[1], case[0]]]),
        exact([[1, 0]]),
        case[2],
    )
    shaped = [lambda M: M, lambda M: np.diag(M[0])][power - 1]
    assert diagnose(lambda X: (C * X**power).sum() / power, X, shaped(candidate))
    wrong = shaped(candidate + exact([[1 / TEN**50, 0]]))
    assert diagnose(lambda X: (C * X**power).sum() / power, X, wrong).verdict == "no match"


@each("power", [-400, -200, 200, 400])
def test_huge_and_tiny_exact_numbers_are_like_others(power):
    c, X = TEN**power, exact(X22)
    A, B = c * exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    f, true = TraceProduct(A, B), exact(np.outer(A, B) + np.outer(B, A))
    found, wrong = diagnose(f, X, true), diagnose(f.__call__, X, np.kron(A, B) + np.kron(B, A))
    assert found.true.least == f.eigenvalues()[0] == c * (42 - 2 * sp.sqrt(510))
    assert (found.verdict, wrong.verdict) == ("representation", "rearrangement")
    assert str(wrong.candidate).startswith("positive definite")
    assert str(wrong.true).startswith(definiteness(true).verdict)
    assert (bool(f.convexity()), bool(TraceProduct(A, A).convexity())) == (False, True)
    assert all(map(str, (found, wrong, f.angle, true, found._repr_html_(), true._repr_latex_())))


def root_of_det(X):
    return sp.sqrt(abs(X[0, 0] * X[1, 1] - X[0, 1] * X[1, 0]))


NOWHERE = {
    "√|det| at rank 1": (root_of_det, [[1, 2], [2, 4]]),
    "√|det| at 0": (root_of_det, [[0, 0], [0, 0]]),
    "∛det": (lambda X: sp.cbrt(root_of_det(X) ** 2), [[1, 2], [2, 4]]),
    "|tr|": (lambda X: abs(X[0, 0] + X[1, 1]), [[1, 5], [7, -1]]),
    "norm": (lambda X: sp.sqrt((X**2).sum()), [[0, 0], [0, 0]]),
    "largest": (lambda X: sp.Max(*X.flat), [[1, 1], [0, 0]]),
}


@each("case", NOWHERE)
def test_exact_functions_without_a_derivative_are_refused(case):
    f, X = case
    for call in (gradient, lambda f, X: derivative(f, X)(exact([[0, 0], [0, 1]]))):
        with pytest.raises(ValueError, match=r"^f has no derivative at X"):
            call(f, exact(X))


sizes = each("c", [1e-290, 1e-100, 1e100, 1e290])


@sizes
@each("f", [square_sum, np.linalg.norm, slogdet, lambda X: X @ X])
@pytest.mark.filterwarnings("error")
def test_derivatives_are_homogeneous_in_the_direction(f, c):
    D, Y = derivative(f, X22), draw((2, 2))
    assert close(D(c * Y) / c, D(Y), 1e-12)


@sizes
@each("f", [square_sum, np.linalg.norm, slogdet])
@pytest.mark.filterwarnings("error")
def test_second_derivatives_are_homogeneous_in_both_directions(f, c):
    H, Y = second_derivative(f, X22), draw((2, 2))
    assert close([H(c * Y, Y.T) / c, H(c * Y, Y.T / c)], [H(Y, Y.T)] * 2)


@each("epsilon", [1e-12, 1e-9, 1e-3, 1])
@each("scale", [1e-150, 1, 1e150])
@each("sign", [1, -1])
def test_angles_and_eigenvalues_of_trace_products_lose_no_digits(epsilon, scale, sign):
    A, B = scale * np.eye(2), sign * (np.eye(2) + epsilon * np.array([[0, 1], [-1, 0]])) / scale
    (P, Q), f = map(precise, (A, B)), TraceProduct(A, B)
    inner, sizes = np.vdot(P, Q), mp.sqrt(np.vdot(P, P) * np.vdot(Q, Q))
    angle = mp.atan2(mp.sqrt(sizes**2 - inner**2), inner)
    extremes = f.eigenvalues()[[0, -1]]
    assert f.angle == pytest.approx(float(angle), rel=1e-14)
    assert extremes == pytest.approx([float(inner - sizes), float(inner + sizes)], rel=1e-13, abs=0)


def test_exact_and_float_maps_mix_to_floats_and_say_so():
    L, M, S = functional(exact(X22)), functional(X22), sandwich(X22, X22)
    for mixed in (L + M, M + L, sum([L, M, L]), L - M, L @ S, L / 2 + M):
        assert not mixed.exact
        assert mixed.matrix().dtype == np.asarray(mixed(X22)).dtype == float
    for half in (Fraction(1, 2) * S, S / 2, S * sp.Rational(1, 2), sum([S, S]) / 4):
        assert (half(X22).dtype, half.matrix().dtype) == (float, float)
        assert close(half(X22), X22 @ X22 @ X22.T / 2)
    for half in (Fraction(1, 2) * L, L / 2, L * sp.Rational(1, 2), transposition(2, 2) / 2):
        assert is_exact(half(exact(X22)))
    M = exact([[2, 1], [1, 2]]) * 0.5
    assert definiteness(M).verdict == "positive definite"


class Outside(Exception):
    """What somebody's own code raises."""


@each("kind", [AssertionError, KeyError, Outside, ZeroDivisionError])
@each("margin", [0.5, 1e-3])
def test_f_may_raise_anything_outside_its_domain(kind, margin):
    def f(S):
        if np.min(np.real(S)) < 1 - margin:
            raise kind("outside")
        return np.log(S).sum() + slogdet(S)

    true, curve = 1 / X22 + np.linalg.inv(X22).T, partial(slogdet_curve, X22)
    both = table(lambda Y, Z: curve(Y, Z) - np.sum(Y * Z / X22**2), (2, 2))
    right(f, X22, true)
    right(f, X22, both, order=2, relative=1e-4)
    assert diagnose(f, X22, true)
    assert check_derivative(f, X22, true)
    with pytest.raises(ValueError, match=rf"both sides.*{kind.__name__}"):
        gradient(f, X22 - margin)


def test_threads_leave_nothing_behind():
    def hasty(pause, W):
        time.sleep(pause * np.iscomplexobj(W))  # so that imaginary parts are discarded at all times
        return np.sum(np.asarray(W, float) ** 2)

    cases = [(partial(hasty, k / 500), 2 * X22) for k in range(4)] + [(single, 2 * X22)]
    cases += [(slogdet, np.linalg.inv(X22).T), (np.linalg.norm, X22 / np.linalg.norm(X22))]
    cases += [(lambda X: np.array(X, dtype=float)[0, 0] ** 3, [[3, 0], [0, 0]])]
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        inside = list(warnings.filters)
        with ThreadPoolExecutor(len(cases)) as pool:
            found = list(pool.map(lambda c: [gradient(c[0], X22) for _ in range(5)], cases))
        assert list(warnings.filters) == inside
    assert list(warnings.filters) == before
    assert all(close(G, c[1], 1e-3) for c, Gs in zip(cases, found, strict=True) for G in Gs)
    assert {str(warning.message) for warning in caught} == set()


SHADY = {  # functions that make NumPy warn next to X, or for complex numbers
    "roots": (lambda X: np.sqrt(X - 0.999).sum(), 0.5 / np.sqrt(X22 - 0.999)),
    "logs": (lambda X: np.log(X - 0.5).sum(), 1 / (X22 - 0.5)),
    "all NaN": (lambda X: np.nanmax(np.where(X.real > 0, X, np.nan) ** 2), [[0, 0], [0, 10]]),
    "overflow": (lambda X: np.log(np.exp(140 * X).sum()), [[0, 0], [0, 140]]),
    "single": (single, 2 * X22),
    "casts": (lambda X: np.sum(X**2) + np.floor(np.asarray(X, float) + 0.5).sum(), 2 * X22),
}


@pytest.mark.filterwarnings("error")
@each("case", SHADY)
def test_no_warning_escapes(case):
    f, true = case
    right(f, X22, true, relative=1e-3)
    second_derivative(f, X22).matrix()
    assert diagnose(f, X22, true)
    assert check_derivative(f, X22, true)


def test_nor_from_a_fresh_interpreter():
    code = """
import numpy as np
from matderiv import *
X, f = np.eye(2), lambda X: float(np.sum(np.asarray(X, np.float32) ** 2))
gradient(f, X), second_derivative(np.linalg.norm, X).matrix(), check_derivative(f, X, 2 * X)
print(diagnose(lambda X: np.linalg.slogdet(X)[1], X, np.eye(4)), TraceProduct(X, X).convexity())
print(diagnose(TraceProduct(exact(X), exact(X)), X, np.eye(4)), definiteness(X))"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def pickled():
    for X in FLOATS_AND_EXACT.values():
        L, D, H = sandwich(X, X), derivative(square_sum, X), second_derivative(square_sum, X)
        yield from (functional(X), L, L.adjoint, L + 2 * L, L @ transposition(2, 2), L.tensor(L))
        yield from (md.rank_one(X, X), md.identity(2, 2), md.entrywise(X))
        yield from (D, D.adjoint, H, L.form, H.restrict_to_symmetric())
        yield from (TraceProduct(X, X).hessian, TraceProduct(X, X22).false_hessian)
    yield from (derivative(np.linalg.norm, X22), second_derivative(slogdet, X22))


@each("made", list(pickled()))
def test_maps_and_forms_pickle(made):
    again = pickle.loads(pickle.dumps(made))
    assert (type(again), repr(again), again.exact) == (type(made), repr(made), made.exact)
    assert np.all(again.matrix() == made.matrix())


@made_of
def test_what_is_found_pickles(X):
    f, S = pickle.loads(pickle.dumps(TraceProduct(X, X.T))), X @ X.T
    found = (definiteness(S), diagnose(f, X, np.kron(X, X)), diagnose(slogdet, X22, np.eye(4)))
    for made in (*found, f.convexity(), check_derivative(square_sum, X, 2 * X)):
        again = pickle.loads(pickle.dumps(made))
        assert (str(again), bool(again)) == (str(made), bool(made))
    assert pickle.loads(pickle.dumps(definiteness(S))).verify()


@made_of
def test_small_things(X):
    assert not diagnose(square_sum, X, X + 1)
    assert not diagnose(square_sum, X, 3 * X)
    for order in "CF":
        assert not np.shares_memory(md.vec(X, order), X)
        assert not np.shares_memory(md.unvec(X.ravel(), (2, 2), order), X)
    verdicts = [diagnose(square_sum, 0 * X[:1, :1] + 3, X[:1, :1] * k).verdict for k in (6, 2, 5)]
    assert verdicts == ["representation", "representation", "scaled"]  # 1×1: gradient or Hessian


class Shifted(TraceProduct):
    def __call__(self, X):
        return super().__call__(X) + np.sum(X * X)


@made_of
def test_a_subclass_of_trace_product_is_diagnosed_by_its_own_formula(X):
    f = Shifted(X, X.T)
    assert diagnose(f, X, f.hessian.matrix() + 2 * np.eye(4, dtype=int))
    assert not diagnose(f, X, f.hessian.matrix())


# --- Functions that misbehave, and state ----------------------------------------------------------


@calls
@each("noise", [1.0, 1e-2])
def test_random_functions_are_named_as_such(call, noise):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match=r"^f must .*random"):
        call(lambda X: square_sum(X) * (1 + noise * rng.uniform()), X22)


@calls
@made_of
def test_functions_that_return_nothing_are_named_as_such(call, X):
    with pytest.raises(TypeError, match=r"^f .*None"):
        call(lambda X: None, X)


@made_of
def test_functions_may_change_their_argument(X):
    def f(W):
        W *= W
        W[0, 0] += 1
        return W.sum()

    assert close(gradient(f, X), 2 * X22)
    assert close(second_derivative(f, X).matrix(), 2 * np.eye(4))
    assert diagnose(f, X, 2 * X)
    assert check_derivative(f, X, 2 * X)
    assert X.tolist() == [[1, 2], [3, 5]]


@calls
def test_functions_that_warn_keep_their_warnings(call):
    def f(X):
        warnings.warn("mind the gap", UserWarning, stacklevel=1)
        return square_sum(X)

    with pytest.warns(UserWarning, match="mind the gap"):
        assert call(f, X22) is not None


def state():
    held = [(str(variable), str(value)) for variable, value in contextvars.copy_context().items()]
    return list(warnings.filters), np.geterr(), sorted(held), str(np.get_printoptions())


def ends(after, end, seen, W):
    """Sum squares, but end the program at one of the calls."""
    seen.append(W)
    if len(seen) == after:
        raise end
    return square_sum(W)


@calls
@made_of
@each("end", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_ends_at_once_and_no_state_is_left(call, X, end):
    before = state()
    for after in (1, 2, 3, 30, 80, 1000):
        counted = []
        try:
            made = call(partial(ends, after, end, counted), X)
            str(made), getattr(made, "matrix", bool)()
        except end:
            assert len(counted) == after
        else:
            assert len(counted) < after
        assert state() == before
    with pytest.raises((TypeError, ValueError)):
        call(lambda X: np.full((2, 2, 2), np.nan), X)
    assert state() == before
    with pytest.raises(TypeError, match="real"):  # as complex numbers are not let through
        functional(1j * X22)


# --- Silently wrong, found later ------------------------------------------------------------------

EDGES = {  # functions of the distance d from where they end, with first and second derivatives by d
    "log": (lambda x: np.log(x - 1), lambda d: 1 / d, lambda d: -1 / d**2),
    "root": (lambda x: np.sqrt(x - 1), lambda d: d**-0.5 / 2, lambda d: -(d**-1.5) / 4),
    "pole": (lambda x: 1 / (x - 1), lambda d: -1 / d**2, lambda d: 2 / d**3),
}


@each("functions", EDGES)
@each("power", range(-11, -2))
@each("seed", some(range(4), 1))
@each("seen", [np.real, np.asarray])
def test_the_steps_are_those_that_floats_take(functions, power, seed, seen):
    f, slope, curve = functions
    X = 1 + 10.0**power * np.random.default_rng(seed).uniform(0.3, 1, 3)
    for x, look in ((X[0], np.atleast_2d), (X, np.diag)):
        loss = lambda W: np.sum(f(seen(W)))
        right_or_refused(loss, x, slope(x - 1), relative=1e-3)
        right_or_refused(loss, x, look(curve(x - 1)), order=2, relative=1e-2)


@each("k", [1e3, 1e6, 1e9, 1.7e9])
@each("seen", [np.real, np.asarray])
def test_so_are_those_of_a_large_argument(k, seen):
    x = k + 0.03
    right(lambda t: np.sin(10 * (seen(t) - k)), x, 10 * np.cos(10 * (x - k)), relative=1e-8)
    curve = -100 * np.sin(10 * (x - k))
    right(lambda t: np.sin(10 * (seen(t) - k)), x, [[curve]], order=2, relative=1e-6)


CUSPS = {  # each a function of t next to 0, like |t|^p or steeper than all with p > 1
    **{f"power {p:.2f}": partial(lambda p, t: np.abs(t) ** p, p) for p in np.arange(0.1, 1, 0.05)},
    "logarithm": lambda t: np.abs(t) * np.log(np.abs(t) or 1.0),
    "oscillation": lambda t: t.real * np.sin(1 / (t.real or 1.0)),
}
AROUND = {  # with a point where t is 0, and the derivative of what does not depend on t
    "alone": (lambda cusp, x: cusp(x), 0.0, 0.0),
    "on a slope": (lambda cusp, x: 3 * x.real + cusp(x), 0.0, 3.0),
    "beside": (lambda cusp, x: x[0].real ** 2 + cusp(x[1]), np.array([1.0, 0.0]), [2.0, 0.0]),
    "norm": (lambda cusp, x: cusp(np.linalg.norm(x)), np.zeros(3), np.zeros(3)),
    "moved": (lambda cusp, x: x[0].real ** 2 + cusp(x[1] - 0.3), np.array([1.0, 0.3]), [2.0, 0.0]),
}


@each("cusp", CUSPS)
@each("around", AROUND)
def test_cusps_have_no_derivative(cusp, around):
    f, X, _ = around
    with pytest.raises(ValueError, match=REASONS):
        derivative(partial(f, cusp), X)


@each("power", [1.2, 1.5, 1.8, 2, 2.5, 3, 4])
@each("around", AROUND)
def test_flatter_than_that_they_have_one(power, around):
    f, X, true = around
    right(partial(f, lambda t: np.abs(t) ** power), X, true, relative=1e-5)


@each("power", np.arange(1.1, 2, 0.1).round(2))
@each("sides", [np.abs, np.sign])
@each("slope", [0, 1])
def test_a_corner_of_the_slope_has_no_second_derivative(power, sides, slope):
    f = lambda x: slope * x.real + sides(x.real) * np.abs(x.real) ** (power - (sides is np.abs))
    with pytest.raises(ValueError, match=REASONS):
        second_derivative(f, 0.0)


LOG = float(np.log(3.7))
CANCELLING = {  # with the first terms of the series of f' and f'', and the least |x| that says much
    "cosine": (lambda x: (1 - np.cos(x)) / x**2, lambda x: (-x / 12, -1 / 12), -7),
    "root": (
        lambda x: (np.sqrt(1 + x) - 1) / x,
        lambda x: ((x - 1) / 8, (1 - 15 * x / 8) / 8),
        -12,
    ),
    "exp": (lambda x: (np.exp(x) - 1) / x, lambda x: (1 / 2 + x / 3, 1 / 3 + x / 4), -12),
    "log": (lambda x: np.log(1 + x) / x, lambda x: (-1 / 2 + 2 * x / 3, 2 / 3 - 3 * x / 2), -12),
    "sines": (lambda x: (np.sinh(x) - np.sin(x)) / x**3, lambda x: (x**3 / 630, x**2 / 210), -6),
    "Box-Cox": (
        lambda x: (3.7**x - 1) / x,
        lambda x: (LOG**2 * (1 / 2 + x * LOG / 3), LOG**3 * (1 / 3 + x * LOG / 4)),
        -12,
    ),
}


@each("function", CANCELLING)
@each("seed", some(range(30), 15))
@each("seen", [np.real, np.asarray])
def test_plateaus_that_cancellation_leaves_are_no_slope(function, seed, seen):
    f, series, least = function
    rng = np.random.default_rng(seed)
    x = rng.choice([-1, 1]) * 10 ** rng.uniform(least, -4)
    for D, true in zip((derivative, second_derivative), series(x), strict=True):
        try:
            found = D(lambda x: f(seen(x)), x)
        except ValueError as error:
            assert re.search(REASONS, str(error)), error  # noqa: PT017
        else:
            gap = abs(found.matrix()[0, 0] - true)
            assert gap <= 1e-2
            assert gap <= 10 * found.error + 1e-7


@each("waves", [1.0, 1e8, 1e13])
def test_plateaus_are_seen_in_each_entry_by_itself(waves):
    x = 3e-7
    wave = lambda W: np.sin(waves * (W - x)) / waves
    f = lambda W: np.array([wave(W), (np.exp(W) - 1) / W, W**2, (3.7**W - 1) / W])
    true = [1.0, 1 / 2 + x / 3, 2 * x, LOG**2 * (1 / 2 + x * LOG / 3)]
    found = derivative(lambda W: f(np.real(W)), x)
    small = 1e-4 if waves == 1 else np.inf  # one window of steps serves all entries
    assert np.max(np.abs(found.matrix().ravel() - true)) <= min(10 * found.error, small)


FEATURES = {  # as steep as plateaus, but continuous, with derivatives at 0
    "oscillation": (lambda x: np.sin(1e6 * x), 1e6),
    "saturation": (lambda x: np.tanh(1e8 * x), 1e8),
    "a corner near by": (lambda x: np.maximum(x, -1e-9) + np.maximum(x, 1e-8), 1.0),
}


@each("function", FEATURES)
@each("place", [0.0, 0.7])
@each("more", [0.0, 1.0])
def test_features_that_small_are_no_plateaus(function, place, more):
    f, slope = function
    loss = lambda x: f(np.real(x) - place) + more * np.real(x) ** 2
    right(loss, place, slope + 2 * more * place, relative=1e-3)


@each("x", [5e-324, 1e-320, -1e-310, 1e-300, 1e-280])
def test_numbers_next_to_zero(x):
    right(lambda x: 3 * x, x, 3.0)
    right(lambda x: np.exp(np.real(x)), x, 1.0)
    assert abs(second_derivative(np.sin, x).matrix()[0, 0]) < 1e-9
    with pytest.raises(ValueError, match="at X"):
        derivative(np.sqrt, 1e-310)


@each("f", [np.sum, square_sum, lambda X: np.sum(X**2 / 2) - X[0, 0]])
def test_no_double_has_more_than_fifteen_digits(f):
    for made in (derivative(f, X22), second_derivative(f, X22)):
        for digits in re.findall(r"(\d+) digits", repr(made)):
            assert int(digits) <= 15


@each("large", [1e3, 1e4, 1e8, 1e12])
@each("bent", [np.abs, lambda t: np.abs(t) ** 0.9, lambda t: np.maximum(t.real, 0)])
@each("seen", [np.real, np.asarray])
def test_no_large_entry_lets_others_through(large, bent, seen):
    f = lambda x: np.array([large * np.sin(seen(x)[0]), bent(x[1])])
    with pytest.raises(ValueError, match=REASONS):
        derivative(f, [1.0, 0.0])


@each("large", [1e3, 1e4, 1e8])
@each("bent", [np.abs, lambda t: np.maximum(t, 0)])
def test_nor_a_large_slope_others(large, bent):
    with pytest.raises(ValueError, match=REASONS):
        gradient(lambda x: large * np.real(x[0]) ** 2 + bent(np.real(x[1])), [1.0, 0.0])


@each("large", [1e3, 1e6, 1e9])
@each("power", [1.2, 1.5])
def test_nor_does_one_of_a_hessian(large, power):
    f = lambda x: large * np.real(x[0]) ** 2 + np.abs(x[1]) ** power
    with pytest.raises(ValueError, match=REASONS):
        second_derivative(f, [1.0, 0.0]).matrix()


@each("large", [1e3, 1e6, 1e9, 1e12])
@each("seen", [np.real, np.asarray])
def test_small_rows_are_answered(large, seen):
    rows = {"zero": 0.0, "constant": 3.0}
    f = lambda x: np.array([large * np.sin(x[0]), *rows.values(), x[1] ** 2, np.cos(x[1]), x[1]])
    true = np.zeros((6, 2))
    true[[0, 5], [0, 1]] = large * np.cos(1), 1.0
    found = derivative(lambda x: f(seen(x)), [1.0, 0.0])
    assert close(found.matrix(), true, 1e-9, error=found.error)


def test_digits_are_those_of_the_derivative():
    s, X = np.array([1, 1e20, 1e-20]), np.array([1.3, 0.7e20, 2.1e-20])
    found = derivative(lambda x: float(((np.real(x) / s) ** 2).sum()), X)
    gap = np.max(np.abs(found.matrix() - 2 * X / s**2))
    assert gap <= found.error
    assert "zero within" in repr(found)


@each("entry", [1.0, 1e-6])
def test_an_entry_that_noise_hides_is_no_zero(entry):
    X = np.array([1.3, 0.7 / entry, 2.1 * entry])
    f = lambda x: float(np.log(np.real(x)).sum())
    right_or_refused(f, X, np.diag(-1 / X**2), order=2, unit=np.outer(X, X), relative=1e-5)


CURVES = {  # φ, φ′ and φ″
    "a bell": [lambda q, c=c: c * np.exp(-q / 2) for c in (1, -1 / 2, 1 / 4)],
    "a pole aside": [lambda q, c=c, p=p: c * (1 + q) ** -p for c, p in ((1, 1), (-1, 2), (2, 3))],
    "a logarithm": [np.log1p, lambda q: 1 / (1 + q), lambda q: -((1 + q) ** -2)],
}


@each("curve", CURVES)
@each("ratio", [1e6, 1e7, 3e7, 1e8])
@each("seen", [float, np.asarray])
@seeds
def test_mixed_derivatives_between_very_different_units(curve, ratio, seen, seed):
    A, u = np.array([[4.0, -1], [-1, 5]]), np.array([1, ratio])
    z = draw((2,), seed) * 2
    f, slope, bend = curve
    q = z @ A @ z
    true = (2 * slope(q) * A + 4 * bend(q) * np.outer(A @ z, A @ z)) / np.outer(u, u)
    H = second_derivative(lambda x: seen(f((x / u) @ A @ (x / u))), z * u).matrix()
    own = np.sqrt(np.abs(np.outer(np.diag(true), np.diag(true))))
    assert np.max(np.abs(H - true) / np.maximum(own, np.abs(true))) <= 1e-3


def test_a_window_that_leaves_the_domain_says_nothing():
    a, b, c = 91456224821675.53, -27953185313255.027, 8543875178324.477  # of condition 1e6
    S = np.array([[a, b], [b, c]])
    f = lambda S: 2 * np.sum(np.log(np.diag(np.linalg.cholesky(S))))
    assert abs(second_derivative(f, S)(S, S) + 2) < 1e-3


@each("small", [3e-13, 1e-11, 1e-9, 1e-7])
@each("place", [(0, 0), (0, 1), (1, 0)])
@seeds
def test_second_derivatives_beside_a_small_entry(small, place, seed):
    A, X = 3 * draw((2, 2), seed), 2 * draw((2, 2), seed + 1)
    A[place], X[place] = -1.2, small
    H = second_derivative(lambda X: np.sin(np.sum(A * X)), X).matrix("C")
    true = -np.sin(np.sum(A * X)) * np.outer(A, A)
    assert np.max(np.abs(H - true)) <= 1e-3 * np.max(np.abs(true))


@each("small", [3e-3, 1e-3, 1e-4, 1e-5, 1e-6])
@seeds
def test_second_derivatives_where_terms_of_the_slope_cancel(small, seed):
    # near the identity, or at the maximum: slopes are rounded as their terms are, which are large
    one = np.eye(3)
    F = one + small * draw((3, 3), seed)
    S = (F + F.T) / 2

    def energy(F):  # neo-Hookean, in Pa
        J = np.log(np.linalg.det(F))
        return 4e9 * (np.trace(F.T @ F) - 3) - 8e9 * J + 6e9 * J**2

    def closed(F):
        V = np.linalg.inv(F).T
        c = 8e9 - 12e9 * np.log(np.linalg.det(F))
        return 8e9 * np.eye(9) + 12e9 * np.outer(V, V) + c * swapped(V)

    def far(X):
        return np.sum((X.T @ X - one) ** 2)

    def swapped(A):
        return np.einsum("il,kj->ijkl", A, A).reshape(9, 9)

    of_far = 4 * (np.kron(F @ F.T, one) + np.kron(one, F.T @ F - one) + swapped(F))

    def likelihood(X):
        return np.log(np.linalg.det(X)) + np.trace(np.linalg.inv(X) @ S)

    of_likelihood = swapped(np.linalg.inv(S))
    for f, X, true in [
        (energy, F, closed(F)),
        (far, F, of_far),
        (likelihood, S, of_likelihood),
    ]:
        H = second_derivative(f, X)
        gap = np.max(np.abs(H.matrix("C") - true))
        assert gap <= 1e-7 * np.max(np.abs(true))
        assert gap <= 10 * H.error + 1e-10 * np.max(np.abs(true))
        assert diagnose(f, X, true).verdict in ("representation", "cannot tell")


STANDING = {
    "log cosh": (lambda x: np.log(np.cosh(x)).sum() + x @ x, np.zeros(3), 3),
    "pseudo-Huber": (lambda x: np.sum(np.sqrt(1 + x * x) - 1) + x @ x, np.zeros(3), 3),
    "Cauchy": (lambda x: np.sum(np.log(1 + x * x)) + x @ x, np.zeros(3), 4),
    "Gauss": (lambda x: x @ x - np.exp(-x @ x), np.zeros(3), 4),
    "barrier": (lambda x: np.sum(x * x - 1 - 2 * np.log(x)), np.ones(2), 4),
    "log det": (
        lambda X: np.linalg.slogdet(np.eye(2) + X.T @ X)[1] + np.vdot(X, X),
        np.zeros((2, 2)),
        4,
    ),
}


@each("case", STANDING)
@each("complex_too", [True, False])
def test_second_derivatives_where_a_term_stands_still_next_to_x(case, complex_too):
    f, X, true = case

    def g(W):
        return f(W) if complex_too else float(np.real(f(W)))

    size = X.size
    H = second_derivative(g, X)
    assert np.max(np.abs(H.matrix() - true * np.eye(size))) <= 1e-8
    for factor in (true, true - 1, true - 2):
        hessian = (factor * np.eye(size)).reshape(X.shape * 2)
        assert bool(check_derivative(g, X, hessian)) == (factor == true)
        assert bool(diagnose(g, X, hessian)) == (factor == true)


TWO_SIZES = {
    "cosh + cos": (lambda x: np.cosh(10 * x) - 1 + 1000 * (1 - np.cos(x)), 100, 1000),
    "Gauss + exp": (lambda x: 1 - np.exp(-900 * x * x) + 600 * np.expm1(x * x) + x, 1800, 1200),
    "Gauss + naive exp": (
        lambda x: 1 - np.exp(-900 * x * x) + 600 * (np.exp(x * x) - 1) + x,
        1800,
        1200,
    ),
    "cos + Gauss": (lambda x: 1 - np.cos(2 * x) + 60 * (1 - np.exp(-x * x)), 4, 120),
    "Cauchy + pseudo-Huber": (
        lambda x: 1 - 1 / (1 + 400 * x * x) + 40 * (np.sqrt(1 + x * x) - 1),
        800,
        40,
    ),
    "narrow Gauss + cos": (lambda x: 1 - np.exp(-((40 * x) ** 2)) + 7 * (1 - np.cos(x)), 3200, 7),
}


@each("case", TWO_SIZES)
@each("n", [1, 2, 3])
@each("complex_too", [True, False])
def test_second_derivatives_where_terms_are_rounded_at_sizes_of_their_own(case, n, complex_too):
    f, one, other = case
    total, X = one + other, np.zeros(n)

    def g(x):
        return f(x).sum() if complex_too else float(np.sum(f(np.real(x))))

    assert np.max(np.abs(second_derivative(g, X).matrix() - total * np.eye(n))) <= 1e-7 * total
    for factor in (total, 2 * total, total / 2, one, other):
        assert bool(check_derivative(g, X, factor * np.eye(n))) == (factor == total)
        if n > 1:
            assert bool(diagnose(g, X, factor * np.eye(n))) == (factor == total)


def test_second_derivatives_where_the_terms_of_a_product_cancel_at_zero():
    def f(x):
        p = x[0] * x[1]
        return float(np.exp(p) - 1 - p - gammaln(1 + p))

    H = second_derivative(f, np.zeros(2)).matrix()
    assert np.allclose(H, np.euler_gamma * (1 - np.eye(2)), atol=1e-7)


EVEN = {
    "sin": (lambda x: 1 + np.sin(x[0] ** 2) ** 2, np.zeros(1), 0.0),
    "log + exp": (lambda x: np.log(1 + x @ x / 10) + np.exp(-((x @ x) ** 2)), np.zeros(2), 0.2),
    "sigmoid": (lambda x: np.sum(np.exp(-(x**4)) + 1 / (1 + np.exp(-x * x))), np.zeros(3), 0.5),
}


@each("case", EVEN)
def test_even_functions_have_no_corner_where_they_are_stationary(case):
    f, X, true = case
    assert not np.any(gradient(f, X))
    assert np.allclose(second_derivative(f, X).matrix(), true * np.eye(X.size), atol=1e-8)


@each("small", [1e-4, 1e-5, 1e-6])
@each("seed", [0, 1, 3])
def test_second_differences_by_near_and_far_steps_that_nearly_agree(small, seed):
    N = np.random.default_rng(seed).standard_normal((3, 3))
    C = np.eye(3) + small * (N + N.T) / 2

    def energy(C):  # Hencky's
        return np.sum(np.log(np.linalg.eigvalsh(C)) ** 2)

    values, vectors = np.linalg.eigh(C)
    with mpmath.workdps(40):  # divided differences of the slope of log²
        a = [mpmath.mpf(x) for x in values]
        slope = [2 * mpmath.log(x) / x for x in a]
        bend = np.diag([(2 - x * s) / x**2 for x, s in zip(a, slope, strict=True)])
        for i, j in permutations(range(3), 2):
            bend[i, j] = (slope[i] - slope[j]) / (a[i] - a[j])

    def turned(Y):
        return vectors.T @ Y @ vectors

    J = md.symmetric(3)
    basis = [J(unit) for unit in np.eye(6)]
    true = [[float(np.sum(bend * turned(Y) * turned(Z))) for Y in basis] for Z in basis]
    H = second_derivative(energy, C, within=J)
    assert np.max(np.abs(H.matrix(coordinates="vech") - true)) <= 3 * H.error
    verdict = diagnose(energy, C, np.array(true), within=J).verdict
    assert verdict in ("representation", "cannot tell")


def test_a_second_derivative_that_steps_of_x_do_not_see():
    A, X = np.array([[-1.7, -1.2], [2.1, 0.7]]), np.array([[0.8, 3e-13], [-1.6, -0.3]])
    H = second_derivative(lambda X: np.sin(np.sum(A * X)), X).matrix("C")
    assert close(H, -np.sin(np.sum(A * X)) * np.outer(A, A))
