"""What is said of a matrix's definiteness and least eigenvalue."""

import numpy as np
import pytest
import sympy as sp

from matderiv import exact
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
