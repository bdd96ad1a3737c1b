"""The second order: Taylor, the form of 2011 folded, and what depends on the inner product."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import assert_same, matrices, orders

from matderiv import (
    TraceProduct,
    definiteness,
    derivative,
    duplication_matrix,
    exact,
    functional,
    second_derivative,
    symbolic,
    vec,
)

A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
a, b = vec(A), vec(B)
D = exact(np.outer(a, b) + np.outer(b, a))


@pytest.mark.claim("thm-taylor")
@given(matrices("nn", "nn", kinds=("exact",)))
def test_the_remainder_of_a_cubic_is_half_the_second_derivative_in_between(drawn):
    X, Y = drawn

    def f(X):
        return np.trace(X @ X @ X)

    def bend(Z):  # D²f(Z)[Y, Y], by the product rule
        return 6 * np.trace(Y @ Y @ Z)

    first = 3 * np.trace(X @ X @ Y)
    rest = f(X + Y) - f(X) - first
    assert rest == bend(X + Y / 3) / 2  # for a cubic, s = 1/3
    assert second_derivative(f, X)(Y, Y) == bend(X)
    assert derivative(f, X)(Y) == first


@pytest.mark.claim("thm-taylor")
def test_the_remainders_of_log_det_fall_like_t_squared_and_t_cubed():
    X, Y = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 0.5], [0.5, 0.5]])

    def f(X):
        return np.linalg.slogdet(X)[1]

    V = np.linalg.inv(X)
    first, second = np.trace(V @ Y), -np.trace(V @ Y @ V @ Y)
    gaps = [
        (
            abs(f(X + t * Y) - f(X) - t * first),
            abs(f(X + t * Y) - f(X) - t * first - t**2 * second / 2),
        )
        for t in (0.02, 0.01)
    ]
    slopes = np.log2(np.array(gaps[0]) / np.array(gaps[1]))
    np.testing.assert_allclose(slopes, [2, 3], atol=0.05)


@pytest.mark.claim("thm-folding")
@given(matrices("nn", "nn", "nn", "nn", kinds=("exact",)), orders)
def test_the_row_of_the_second_derivative_folds_to_the_hessian(drawn, order):
    A, B, Y, Z = drawn
    alpha, beta = (functional(M.T).matrix(order) for M in (A, B))
    row = np.kron(alpha, beta) + np.kron(beta, alpha)
    assert row.shape == (1, A.size**2)
    value = np.trace(A @ Y) * np.trace(B @ Z) + np.trace(B @ Y) * np.trace(A @ Z)
    assert (row @ np.kron(vec(Y, order), vec(Z, order)))[0] == value
    f = TraceProduct(A, B)
    assert_same(row.reshape(A.size, A.size), f.hessian.matrix(order))


@pytest.mark.claim("thm-folding")
def test_the_row_of_the_example_is_no_kronecker_product_of_the_matrices():
    E = np.kron(A, B) + np.kron(B, A)
    row = np.kron(a, b) + np.kron(b, a)
    assert np.array_equal(row.reshape(4, 4), D)
    assert not np.array_equal(row.reshape(4, 4), E)
    assert sorted(row) == sorted(E.flat)


@pytest.mark.claim("thm-form-and-map")
def test_the_form_of_the_example_on_symmetric_matrices_in_two_kinds_of_coordinates():
    D2, x = duplication_matrix(2), sp.Symbol("x")
    in_vech = sp.Matrix(D2.T @ D @ D2)
    assert in_vech == sp.Matrix([[70, 38, 22], [38, 16, 14], [22, 14, 6]])
    assert sp.expand(in_vech.charpoly(x).as_expr() - x * (x**2 - 92 * x - 488)) == 0
    gram = sp.Matrix(D2.T @ D2)
    of_map = (gram.inv() * in_vech).charpoly(x).as_expr()
    assert sp.expand(of_map - x * (x**2 - 84 * x - 276)) == 0
    X = symbolic("x", (2, 2))
    restricted = second_derivative(TraceProduct(A, B), X).restrict_to_symmetric().matrix()
    assert sp.expand(sp.Matrix(restricted).charpoly(x).as_expr() - of_map) == 0
    for M in (exact(in_vech.tolist()), restricted.astype(float)):
        values = np.linalg.eigvalsh(M.astype(float))
        assert (values < -1e-9).sum() == (values > 1e-9).sum() == 1
    assert definiteness(exact(in_vech.tolist())).inertia == (1, 1, 1)


@pytest.mark.claim("thm-form-and-map")
@given(matrices("nn", "nn", "nn", kinds=("exact",), largest=2))
def test_the_map_of_a_form_is_the_inverse_gram_matrix_times_its_matrix(drawn):
    G, T, C = drawn
    M, gram = C + C.T, sp.Matrix(G @ G.T + exact(np.eye(len(G), dtype=int)))
    T = sp.Matrix(T)
    H = gram.inv() * sp.Matrix(M)
    y, z = sp.Matrix(C[:, 0]), sp.Matrix(G[:, 0])
    assert (y.T * sp.Matrix(M) * z)[0] == (y.T * gram * (H * z))[0]
    if T.det() != 0:
        other = (T.T * gram * T).inv() * (T.T * sp.Matrix(M) * T)
        assert other == T.inv() * H * T
        assert other.charpoly() == H.charpoly()


def test_only_one_symmetric_form_has_given_values_on_the_diagonal():
    M = exact([[1, 2], [6, 3]])
    y = symbolic("y", (2, 1))[:, 0]
    assert sp.expand(y @ M @ y - y @ ((M + M.T) / 2) @ y) == 0
    assert second_derivative(lambda Y: (Y.T @ M @ Y)[0, 0], y[:, None]).matrix().tolist() == [
        [2, 8],
        [8, 6],
    ]


@pytest.mark.claim("thm-charpolys")
def test_the_cubic_is_irreducible_and_has_three_real_roots():
    x = sp.Symbol("x")
    cubic = sp.Poly(x**3 - 102 * x**2 + 1560 * x - 1440, x)
    assert cubic.is_irreducible
    assert cubic.discriminant() > 0


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("n", [3, 4, 5])
def test_second_derivatives_of_a_determinant_that_vanish_are_zero(n, scale):
    X = scale * (2 * np.eye(n) - 0.7 * (np.eye(n, k=1) + np.eye(n, k=-1)))
    V = np.linalg.inv(X).T
    true = np.multiply.outer(V, V)
    true = np.linalg.det(X) * (true - true.transpose(0, 3, 2, 1))
    H = second_derivative(np.linalg.det, X)
    assert np.max(np.abs(H.tensor - true)) <= 1e-10 * np.max(np.abs(true))
