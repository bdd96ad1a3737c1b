"""Convexity of tr(AX) tr(BX) on the cone: each verdict verified from scratch."""

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples, matrices

from matderiv import TraceProduct, exact, symbolic

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


@pytest.mark.parametrize(
    ("A", "B", "convex", "reason"),
    [
        ([[7, 1], [1, 3]], [[5, 2], [2, 1]], False, "not parallel"),
        ([[2, 1], [1, 2]], [[4, 2], [2, 4]], True, "B = cA with c > 0"),
        ([[2, 1], [1, 2]], [[-4, -2], [-2, -4]], False, "B = cA with c < 0"),
        ([[0, 0], [0, 0]], [[1, 0], [0, 1]], True, "A or B is zero"),
        ([[0, 1], [-1, 0]], [[1, 2], [3, 4]], True, "symmetric parts.*A or B is zero"),
        ([[0.1]], [[0.2]], True, "c > 0"),
        ([[0.1, 0], [0, 0.1]], [[0.3, 0], [0, 0.1 + 0.2]], False, "not parallel"),
    ],
)
def test_known_verdicts(A, B, convex, reason):
    verdict = TraceProduct(A, B).convexity()
    assert verdict.convex is convex
    assert re.search(reason, verdict.reason)


@pytest.mark.parametrize("entry", [sp.sqrt(2), symbolic("a", (1, 1))[0, 0]])
def test_roots_and_symbols_are_refused(entry):
    with pytest.raises(ValueError, match="A must hold rational numbers"):
        TraceProduct(exact([[entry]]), [[1]]).convexity()
    with pytest.raises(ValueError, match="B must hold rational numbers"):
        TraceProduct([[1]], exact([[entry]])).convexity()
