"""What is said of a matrix's definiteness and least eigenvalue."""

import numpy as np
import pytest
import sympy as sp

from matderiv import exact, symbolic
from matderiv.spectra import Spectrum, spectrum


@pytest.mark.parametrize(
    ("least", "text"),
    [
        (None, "not symmetric"),
        (-0.123456789, "not symmetric, with the least eigenvalue -0.123457"),
        (2.0, "not symmetric, with the least eigenvalue 2"),
        (sp.Integer(2), "not symmetric, with the least eigenvalue 2"),
        (sp.sqrt(2), "not symmetric, with the least eigenvalue sqrt(2) = 1.41421"),
    ],
)
def test_the_least_eigenvalue_is_shown_exactly_and_in_decimals_where_they_differ(least, text):
    assert str(Spectrum("not symmetric", least)) == text


@pytest.mark.parametrize(("size", "kind"), [(16, sp.Integer), (17, float)])
def test_the_least_eigenvalue_of_a_large_matrix_is_a_float(size, kind):
    least = spectrum(exact(2 * np.eye(size))).least
    assert isinstance(least, kind)
    assert least == 2


def test_the_least_eigenvalue_of_the_zero_matrix_is_exact():
    assert spectrum(exact(np.zeros((2, 2)))).least is sp.Integer(0)


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
    found = spectrum(np.array(M) * size)
    assert found.verdict == verdict
    assert isinstance(found.least, float)
    assert found.least == pytest.approx(least * size, abs=1e-9 * size)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_what_is_not_symmetric_is_said_to_be_so(size):
    assert spectrum(np.array([[1.0, 1.0 + 1e-6], [1.0, 1.0]]) * size) == Spectrum("not symmetric")
    assert spectrum(exact([[1, 2], [3, 4]])) == Spectrum("not symmetric")


def test_rational_matrices_are_described_with_a_proof():
    assert spectrum(exact([[2, 1], [1, 2]])) == Spectrum("positive definite", sp.Integer(1))
    assert spectrum(exact([[0, 1], [1, 1]])) == Spectrum("indefinite", (1 - sp.sqrt(5)) / 2)
    cubic = exact([[0, 1, 0], [1, 0, 1], [0, 1, 1]])
    assert spectrum(cubic).least == np.linalg.eigvalsh(cubic.astype(float))[0]


def test_symbols_are_not_described():
    assert spectrum(symbolic("x", (2, 2))) is None
