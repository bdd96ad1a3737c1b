"""Slips that people reported in public, as the chapter diagnose shows them."""

import numpy as np
import pytest
from strategies import assert_same

from matderiv import diagnose, exact, formula, symmetric
from matderiv.formulas.claims import claim

X = exact([[1, 2], [3, 4]])


def test_a_kronecker_product_that_reads_by_columns_and_writes_by_rows():
    L = exact([[1, 0], [1, 1]])
    found = exact([[1, 0, 0, 0], [0, 0, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]])
    answer = diagnose(lambda X: L @ X, X, found)
    assert answer.verdict == "mixed orders"
    assert_same(answer.repair("C"), np.kron(L, exact([[1, 0], [0, 1]])))


def test_half_of_the_gradient_of_the_mean_square_error():
    Z, y = np.array([[1.0, 2], [1, 3], [1, 5]]), np.array([1.0, 2, 2])
    w = np.array([0.5, 0.25])
    half = Z.T @ (Z @ w - y) / 3
    answer = diagnose(lambda w: np.mean((Z @ w - y) ** 2), w, half)
    assert (answer.verdict, answer.scale, answer.slip) == ("scaled", 0.5, "a factor 1/2")
    np.testing.assert_allclose(answer.repair().ravel(), 2 * half, rtol=1e-12)


def test_a_gradient_in_symmetric_matrices_and_the_partial_derivatives_beside_it():
    d, C = exact([3, 2]), exact([[2, 1], [1, 3]])
    gradient = -np.outer(d, d) / 2
    partial = 2 * gradient - np.diag(np.diag(gradient))

    def f(C):
        return -d @ C @ d / 2

    assert diagnose(f, C, gradient, within=symmetric(2))
    answer = diagnose(f, C, partial, within=symmetric(2))
    assert answer.verdict == "no match"
    assert answer.slip.startswith("G + Gᵀ − diag(G)")
    row = -exact([[d[0] ** 2 / 2, d[0] * d[1], d[1] ** 2 / 2]])
    assert diagnose(f, C, row, within=symmetric(2))


def test_the_array_that_automatic_differentiation_returns_is_a_representation():
    A, B = exact([[7, 1], [2, 3]]), exact([[5, 2], [4, 1]])
    H = np.einsum("ji,lk->ijkl", A, B) + np.einsum("ji,lk->ijkl", B, A)
    answer = diagnose(lambda X: np.trace(A @ X) * np.trace(B @ X), X, H)
    assert answer.verdict == "representation"
    p, q = A.reshape(-1), B.reshape(-1)  # vec of the transposes
    assert_same(answer.repair(), np.outer(p, q) + np.outer(q, p))


@pytest.mark.claim("Q3")
def test_the_question_of_2011_as_it_was_asked():
    answer = diagnose("tr(A*X)*tr(B*X)", "X", "kron(A,B) + kron(B,A)", symmetric="A B")
    assert answer.verdict == "rearrangement"
    same = claim(formula("tr(A*X)*tr(B*X)", symmetric="A B"), "X", "kron(A,B) + kron(B,A)")
    assert str(answer) == str(same)
