"""What a diagnosis says of definiteness and of the least eigenvalue."""

import re

import numpy as np
import pytest
import sympy as sp

from matderiv import diagnose, exact, symbolic


def described(M):
    """Return what a diagnosis says of M as the candidate for a Hessian."""
    return diagnose(lambda X: np.sum(X * X), exact(np.zeros((1, len(M)))), M).candidate


@pytest.mark.parametrize(
    ("M", "text"),
    [
        (exact([[1, 2], [3, 4]]), "^not symmetric$"),
        (exact([[2, 0], [0, 3]]), "positive definite, .*least eigenvalue 2$"),
        (exact([[0, 1], [1, 1]]), r"indefinite, .*1/2 - sqrt\(5\)/2 = -0.618034$"),
        (np.array([[-0.123456789, 0], [0, 3.0]]), "indefinite.*least eigenvalue -0.123457$"),
    ],
)
def test_the_least_eigenvalue_is_shown_exactly_and_in_decimals_where_they_differ(M, text):
    assert re.search(text, str(described(M)))


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    ("M", "verdict", "least"),
    [
        ([[2.0, 0.0], [0.0, 1.0]], "positive definite up to rounding", 1),
        ([[1.0, 1.0], [1.0, 1.0]], "positive semidefinite up to rounding", 0),
        ([[1.0, 1.0 + 1e-12], [1.0, 1.0]], "positive semidefinite up to rounding", 0),
        ([[0.0, 1.0], [1.0, 0.0]], "indefinite up to rounding", -1),
        ([[-2.0, 0.0], [0.0, -1.0]], "negative definite up to rounding", -2),
        ([[-2.0, 0.0], [0.0, 0.0]], "negative semidefinite up to rounding", -2),
        ([[0.0, 0.0], [0.0, 0.0]], "zero up to rounding", 0),
        (exact([[2, 0], [0, 1]]) * sp.sqrt(2), "positive definite up to rounding", 2**0.5),
    ],
)
def test_floats_and_roots_are_described_up_to_rounding(M, verdict, least, size):
    found = described(np.array(M) * size)
    assert found.verdict == verdict
    assert isinstance(found.least, float)
    assert found.least == pytest.approx(least * size, abs=1e-9 * size)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_what_is_not_symmetric_is_said_to_be_so(size):
    found = described(np.array([[1.0, 1.0 + 1e-6], [1.0, 1.0]]) * size)
    assert (found.verdict, found.least) == ("not symmetric", None)


@pytest.mark.parametrize(
    ("M", "verdict", "least"),
    [
        (exact([[2, 1], [1, 2]]), "positive definite", 1),
        (exact([[0, 1], [1, 1]]), "indefinite", (1 - sp.sqrt(5)) / 2),
        (exact(np.zeros((2, 2))), "zero", sp.Integer(0)),
    ],
)
def test_rational_matrices_are_described_with_a_proof_and_an_exact_least_eigenvalue(
    M, verdict, least
):
    found = described(M)
    assert (found.verdict, found.least) == (verdict, least)
    assert not isinstance(found.least, float)


def test_symbols_are_not_described():
    assert described(symbolic("x", (2, 2))) is None
