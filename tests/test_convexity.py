"""Convexity of tr(AX) tr(BX) on the cone: each verdict verified from scratch."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, inner, matrices

from matderiv import TraceProduct, definiteness, exact, second_derivative, symbolic

integers = st.integers(-5, 5)


@st.composite
def pairs(draw):
    """Draw symmetric rational A and B, often semidefinite, parallel, antiparallel or zero."""
    n = draw(st.integers(1, 3))

    def symmetric():
        entries = draw(st.lists(st.lists(integers, min_size=n, max_size=n), min_size=n, max_size=n))
        G = exact(entries) / draw(st.integers(1, 3))
        return G @ G.T if draw(st.booleans()) else G + G.T

    A = symmetric()
    factor = exact(draw(st.builds(Fraction, integers, st.integers(1, 3))))[()]
    B = draw(st.sampled_from([symmetric(), symmetric(), A * factor, A * 0]))
    return (A, B) if draw(st.booleans()) else (B, A)


def is_positive_semidefinite(X):
    """Decide by all principal minors, which is another way than the package's."""
    M = sp.Matrix(X)
    n = M.rows
    subsets = ([k for k in range(n) if bits >> k & 1] for bits in range(1, 2**n))
    return M == M.T and all(M.extract(rows, rows).det() >= 0 for rows in subsets)


def is_nonnegative_multiple(A, B):
    """Whether A = 0 or B = 0 or B = cA with c > 0, entry by entry."""
    a, b = list(A.flat), list(B.flat)
    proportional = all(
        x * v == y * u for x, y in zip(a, b, strict=True) for u, v in zip(a, b, strict=True)
    )
    return proportional and sum(x * y for x, y in zip(a, b, strict=True)) >= 0


def f(A, B, X):
    return np.trace(A @ X) * np.trace(B @ X)


def assert_violated(A, B, violation):
    X0, X1 = violation.X0, violation.X1
    assert is_positive_semidefinite(X0)
    assert is_positive_semidefinite(X1)
    assert violation.f_middle == f(A, B, (X0 + X1) / 2)
    assert violation.mean == (f(A, B, X0) + f(A, B, X1)) / 2
    assert violation.f_middle > violation.mean
    for end, proof in zip((X0, X1), violation.proofs, strict=True):
        assert np.all(proof.matrix == end)
        assert proof.verify()
        assert proof.inertia[1] == 0


@pytest.mark.claim("thm-convexity")
@examples(1000)
@given(pairs())
def test_every_verdict_verified_from_scratch(pair):
    A, B = pair
    verdict = TraceProduct(A, B).convexity()
    assert bool(verdict) == verdict.convex == is_nonnegative_multiple(A, B)
    if verdict.convex:
        p, q = A.reshape(-1), B.reshape(-1)
        hessian = np.multiply.outer(p, q) + np.multiply.outer(q, p)
        assert verdict.violation is None
        assert np.all(verdict.proof.matrix == hessian)
        assert verdict.proof.verify()
        assert verdict.proof.verdict in ("positive definite", "positive semidefinite", "zero")
        assert str(verdict).startswith("convex: ")
    else:
        assert verdict.proof is None
        assert_violated(A, B, verdict.violation)
        assert str(verdict).startswith("not convex: ")


@examples(100)
@given(matrices("nn", "nn"))
def test_only_the_symmetric_parts_of_a_and_b_matter(pair):
    A, B = (exact(M) for M in pair)
    verdict = TraceProduct(A, B).convexity()
    inside = TraceProduct((A + A.T) / 2, (B + B.T) / 2).convexity()
    assert verdict.convex == inside.convex
    symmetric = np.all(A == A.T) and np.all(B == B.T)
    assert ("symmetric parts" in verdict.reason) != symmetric
    if not verdict.convex:
        assert_violated(A, B, verdict.violation)


PART = "on symmetric X only the symmetric parts of A and B matter; "
UP_TO_ROUNDING = "; up to rounding they are"
NOT_PARALLEL = "A and B are not parallel, so tr(AY) tr(BY) < 0 for some symmetric Y"
SAME_SIDE = "B = cA with c > 0, so f = c tr(AX)²"
OTHER_SIDE = "B = cA with c < 0, so tr(AY) tr(BY) = c tr(AY)² < 0 for Y = A"
ZERO = "A or B is zero, so f = 0"


@pytest.mark.parametrize(
    ("A", "B", "text"),
    [
        ([[7, 1], [1, 3]], [[5, 2], [2, 1]], f"not convex: {NOT_PARALLEL}"),
        ([[2, 1], [1, 2]], [[4, 2], [2, 4]], f"convex: {SAME_SIDE}"),
        ([[2, 1], [1, 2]], [[-4, -2], [-2, -4]], f"not convex: {OTHER_SIDE}"),
        ([[0, 0], [0, 0]], [[1, 0], [0, 1]], f"convex: {ZERO}"),
        ([[0, 1], [-1, 0]], [[1, 2], [2, 4]], f"convex: {PART}{ZERO}"),
        ([[1, 2], [2, 4]], [[0, 1], [-1, 0]], f"convex: {PART}{ZERO}"),
        ([[0.1]], [[0.2]], f"convex: {SAME_SIDE}"),
        (
            [[0.1, 0], [0, 0.1]],
            [[0.3, 0], [0, 0.1 + 0.2]],
            f"not convex: {NOT_PARALLEL}{UP_TO_ROUNDING}",
        ),
        (
            [[0.7, 0.1], [0.1, 0.3]],
            [[2.1, 0.3], [0.3, 0.9]],
            f"not convex: {NOT_PARALLEL}{UP_TO_ROUNDING}",
        ),
        ([[0.7, 0.1], [0.1, 0.3]], [[2.1, 0.3], [0.3, 0.9 + 1e-11]], f"not convex: {NOT_PARALLEL}"),
    ],
)
def test_known_verdicts(A, B, text):
    assert str(TraceProduct(A, B).convexity()) == text


@given(pairs(), st.sampled_from([10**400, Fraction(1, 10**400)]))
def test_verdicts_on_numbers_of_any_size(pair, size):
    A, B = pair
    verdict = TraceProduct(A * exact(size)[()], B).convexity()
    assert verdict.convex == TraceProduct(A, B).convexity().convex
    if not verdict.convex:
        assert_violated(A * exact(size)[()], B, verdict.violation)


def test_floats_are_the_rationals_that_they_are():
    A = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert TraceProduct(A, 3 * A).convexity()
    B = A + np.diag([0.0, np.finfo(float).eps])
    verdict = TraceProduct(A, B).convexity()
    assert not verdict
    assert_violated(exact(A), exact(B), verdict.violation)


@given(matrices("nn", "nn"))
def test_a_violation_is_in_the_smallest_whole_numbers(pair):
    violation = TraceProduct(*pair).convexity().violation
    if violation:
        Y = (violation.X1 - violation.X0) / 2
        assert all(entry.is_Integer for entry in Y.flat)
        assert math.gcd(*(int(entry) for entry in Y.flat)) == 1


@pytest.mark.parametrize("entry", [sp.sqrt(2), symbolic("a", (1, 1))[0, 0]])
def test_roots_and_symbols_are_refused(entry):
    with pytest.raises(ValueError, match=r"^A\b.*rational"):
        TraceProduct(exact([[entry]]), [[1]]).convexity()
    with pytest.raises(ValueError, match=r"^B\b.*rational"):
        TraceProduct([[1]], exact([[entry]])).convexity()


# The statements of the chapter.


def definite(G):
    """Make a positive definite matrix of any square one."""
    return G @ G.T + exact(np.eye(len(G), dtype=int))


@pytest.mark.claim("def-cone")
@given(matrices("nn", "nn", "nw", kinds=["exact"]))
def test_the_cone_is_convex_and_holds_the_matrices_of_nonnegative_forms(drawn):
    G, H, W = drawn
    middle = (G @ G.T + 2 * H @ H.T) / 3
    assert is_positive_semidefinite(middle)
    assert all(w @ middle @ w >= 0 for w in W.T)


@pytest.mark.claim("thm-directions")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_from_inside_the_cone_exactly_the_symmetric_directions_stay_in_it(drawn):
    G, Y = drawn
    X = definite(G)
    S = Y + Y.T
    step = 1 / (1 + inner(S, S))  # X ≥ I, and step·|S| ≤ 1/2
    for t in (step, -step):
        assert is_positive_semidefinite(X + t * S)
        assert is_positive_semidefinite(X + t * Y) == bool(np.all(Y == Y.T))


@pytest.mark.claim("thm-curvature")
@given(matrices("nn", "nn", "nn", "nn", kinds=["exact"]))
def test_a_quadratic_function_bends_by_its_second_derivative_everywhere(drawn):
    A, B, M, Y = drawn
    g = TraceProduct(A, B)
    excess = (g(M + Y) + g(M - Y)) / 2 - g(M)
    assert excess == inner(Y, g.hessian(Y)) / 2


@pytest.mark.claim("thm-curvature")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_a_cubic_is_convex_on_the_cone_where_its_second_derivative_is_not_negative(drawn):
    def cubic(X):
        return np.trace(X @ X @ X)

    X0, X1 = (G @ G.T for G in drawn)
    Y = X1 - X0
    assert 6 * np.trace((X0 + X1) @ Y @ Y) >= 0  # D²f at X0 + X1, twice in the direction Y
    assert cubic((X0 + X1) / 2) <= (cubic(X0) + cubic(X1)) / 2
    assert cubic(-(X0 + X1) / 2) >= (cubic(-X0) + cubic(-X1)) / 2


@pytest.mark.claim("thm-curvature")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_minus_log_det_is_strictly_convex_as_its_second_derivative_is_positive(drawn):
    X0, X1 = (definite(G) for G in drawn)
    middle = (X0 + X1) / 2
    V, Y = sp.Matrix(middle).inv(), sp.Matrix(X1 - X0)
    bend = (V * Y * V * Y).trace()
    product = sp.Matrix(X0).det() * sp.Matrix(X1).det()
    assert bend >= 0
    assert (bend > 0) == bool(np.any(X0 != X1)) == (sp.Matrix(middle).det() ** 2 > product)


@pytest.mark.claim("thm-curvature")
def test_where_the_second_derivative_is_negative_somewhere_the_function_rises_above_a_chord():
    def cubic(X):
        return np.trace(X @ X @ X)

    identity, turn = exact([[1, 0], [0, 1]]), exact([[0, 1], [-1, 0]])
    assert second_derivative(cubic, identity)(turn, turn) == -12
    ends = identity - turn / 10, identity + turn / 10
    assert cubic(identity) > (cubic(ends[0]) + cubic(ends[1])) / 2


@pytest.mark.claim("thm-convexity")
def test_definite_matrices_do_not_make_it_convex_nor_indefinite_ones_prevent_it():
    A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    assert definiteness(A).verdict == definiteness(B).verdict == "positive definite"
    assert not TraceProduct(A, B).convexity()
    C = exact([[0, 1], [1, 0]])
    assert definiteness(C).verdict == "indefinite"
    assert TraceProduct(C, 3 * C).convexity()


@pytest.mark.claim("thm-violation")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_the_violation_without_roots(drawn):
    A, B = (M + M.T for M in drawn)
    squares, product = (inner(A, A), inner(B, B)), inner(A, B)
    delta = squares[0] * squares[1] - product**2
    Y = (squares[1] + product) * A - (squares[0] + product) * B
    r = max(sum(abs(entry) for entry in row) for row in Y)
    centre = r * exact(np.eye(len(Y), dtype=int))
    X0, X1 = centre - Y, centre + Y
    assert is_positive_semidefinite(X0)
    assert is_positive_semidefinite(X1)
    assert f(A, B, centre) - (f(A, B, X0) + f(A, B, X1)) / 2 == delta**2
    assert (delta > 0) != (sp.Matrix([A.reshape(-1), B.reshape(-1)]).rank() < 2)


@pytest.mark.claim("thm-inertia")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_the_inertia_is_that_of_every_congruent_matrix(drawn):
    M, T = drawn[0] + drawn[0].T, drawn[1]
    if sp.Matrix(T).det() != 0:
        proof, other = definiteness(M), definiteness(T.T @ M @ T)
        assert proof.inertia == other.inertia
        assert (proof.inertia[1] == 0) == is_positive_semidefinite(M)
        assert all(entry.is_Rational for entry in proof.basis.flat)


@pytest.mark.claim("thm-inertia")
@given(matrices("nn", kinds=["exact"]))
def test_the_inertia_counts_eigenvalues_and_a_negative_value_has_a_witness(G):
    M = G + G.T
    proof = definiteness(M)
    values = np.linalg.eigvalsh(M.astype(float))
    tolerance = 1e-9 * (1 + abs(values).max())
    counted = (values > tolerance).sum(), (values < -tolerance).sum()
    assert proof.inertia[:2] == counted
    for w, value in zip(proof.basis.T, proof.values, strict=True):
        assert w @ M @ w == value


@pytest.mark.claim("thm-what-is-true")
@given(matrices("nn", "nn", "nn", "nn", kinds=["exact"]))
def test_what_is_true_of_semidefinite_factors(drawn):
    A, B, X0, X1 = (G @ G.T for G in drawn)
    middle, values = f(A, B, (X0 + X1) / 2), [f(A, B, X) for X in (X0, X1)]
    assert min(values) >= 0
    # √ is concave on the segment: 2√m ≥ √a + √b, which without roots is 4m − a − b ≥ 2√(ab).
    gap = 4 * middle - sum(values)
    assert gap >= 0
    assert gap**2 >= 4 * values[0] * values[1]
    assert middle**2 >= values[0] * values[1]  # log f
    assert middle >= min(values)  # quasiconcave
    assert inner(X0, TraceProduct(A, B).hessian(X0)) >= 0
    a, b = np.trace(A @ X0), np.trace(B @ X0)
    assert f(A, B, X0) == (a + b) ** 2 / 4 - (a - b) ** 2 / 4


@pytest.mark.claim("thm-what-is-true")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_the_hessian_has_one_positive_and_one_negative_eigenvalue(drawn):
    A, B = drawn
    if sp.Matrix([A.reshape(-1), B.reshape(-1)]).rank() == 2:
        assert definiteness(TraceProduct(A, B).hessian.matrix()).inertia[:2] == (1, 1)


@pytest.mark.claim("thm-what-is-true")
def test_the_logarithm_bends_down_and_the_function_both_ways():
    A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    X = exact([[2, 1], [1, 3]])
    bend = second_derivative(lambda X: sp.log(f(A, B, X)), X).matrix()
    assert definiteness(bend).verdict == "negative semidefinite"
    assert definiteness(TraceProduct(A, B).hessian.matrix()).verdict == "indefinite"


def test_a_random_direction_meets_the_wedge_with_probability_angle_over_pi():
    g = TraceProduct([[7.0, 1.0], [1.0, 3.0]], [[5.0, 2.0], [2.0, 1.0]])
    Y = np.random.default_rng(0).standard_normal((20_000, 2, 2))
    down = np.einsum("ij,kji->k", g.A, Y) * np.einsum("ij,kji->k", g.B, Y) < 0
    assert abs(down.mean() - g.angle / np.pi) < 0.01


def test_the_proof_of_convexity_is_left_out_where_the_hessian_has_too_many_entries():
    for n, proved in ((20, True), (21, False)):
        A = np.eye(n)
        verdict = TraceProduct(A, 2 * A).convexity()
        assert verdict.convex
        assert (verdict.proof is not None) == proved


def test_exact_matrices_are_not_rounded():
    A, B = exact([[1, 0], [0, 1]]), exact([[1, 0], [0, 1 + Fraction(1, 10**30)]])
    assert str(TraceProduct(A, B).convexity()) == f"not convex: {NOT_PARALLEL}"


def test_large_matrices_are_decided_without_proofs_of_their_ends():
    verdict = TraceProduct(np.eye(30), np.diag(np.arange(30))).convexity()
    assert not verdict
    assert verdict.violation.f_middle > verdict.violation.mean
    assert verdict.violation.proofs == ()
