"""Bilinear forms: on subspaces, as functionals on tensor products, and folded into matrices."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import assert_same, inner, matrices, orders

from matderiv import (
    commutation_matrix,
    duplication_matrix,
    exact,
    functional,
    identity,
    sandwich,
    unvec,
    vec,
    vech,
)


def rank(M):
    return sp.Matrix(M).rank()


# Subspaces.


@pytest.mark.claim("thm-what-survives")
def test_an_identity_in_mixed_orders_loses_the_sign_of_its_determinant_and_its_symmetry():
    assert np.array_equal(identity(2, 2).matrix(), np.eye(4))
    assert sp.Matrix(commutation_matrix(2, 2)).det() == -1
    K = commutation_matrix(2, 3) @ identity(2, 3).matrix()
    assert not np.array_equal(K, K.T)


@pytest.mark.claim("thm-subspace")
@given(matrices("nn", "nn", "nn", kinds=("exact",)))
def test_on_symmetric_matrices_rows_and_forms_are_multiplied_by_j(drawn):
    A, Y, Z = drawn
    Y, Z = Y + Y.T, Z + Z.T
    J = duplication_matrix(len(A))
    row = vec(A.T)[None] @ J
    assert (row @ vech(Y))[0] == np.trace(A @ Y)
    assert_same(sandwich(A, Z).matrix() @ J @ vech(Y), vec(A @ Y @ Z.T))
    M = np.kron(A, A.T)
    assert vech(Y) @ (J.T @ M @ J) @ vech(Z) == vec(Y) @ M @ vec(Z)
    gram = exact(sp.Matrix(J.T @ J).inv().tolist())
    gradient = unvec(J @ gram @ row[0], A.shape)
    assert_same(gradient, (A + A.T) / 2)


@pytest.mark.claim("thm-subspace")
@given(matrices("nn", "nn", kinds=("exact",)))
def test_in_orthonormal_coordinates_the_row_is_the_gradient(drawn):
    A, _ = drawn
    n = len(A)
    lengths = [1 if i == j else sp.sqrt(2) for j in range(n) for i in range(j, n)]
    J = duplication_matrix(n) / exact(lengths)
    assert_same(J.T @ J, exact(np.eye(len(lengths), dtype=int)))
    assert_same(unvec(J @ (vec(A.T) @ J), A.shape), (A + A.T) / 2)


# Functionals on tensor products.


@pytest.mark.claim("thm-forms")
@given(matrices("mn", "pq", "mn", "pq", kinds=("exact",), largest=2), orders)
def test_a_form_is_one_functional_whose_row_is_its_matrix_unfolded(drawn, order):
    G, C, Y, Z = drawn
    M = np.multiply.outer(vec(G, order), vec(C, order)) + 1
    row = M.reshape(1, -1)
    assert (row @ np.kron(vec(Y, order), vec(Z, order)))[0] == vec(Y, order) @ M @ vec(Z, order)


@pytest.mark.claim("thm-forms")
@given(matrices("mn", "pq", "mn", "pq", kinds=("exact",), largest=2), orders)
def test_the_product_of_two_functionals_has_the_kronecker_product_of_their_rows(drawn, order):
    G, C, Y, Z = drawn
    alpha, beta = functional(G), functional(C)
    row = np.kron(alpha.matrix(order), beta.matrix(order))
    assert row.shape == (1, Y.size * Z.size)
    assert (row @ np.kron(vec(Y, order), vec(Z, order)))[0] == inner(G, Y) * inner(C, Z)
    folded = row.reshape(Y.size, Z.size)
    assert_same(folded, alpha.matrix(order).T @ beta.matrix(order))


# What the Kronecker product keeps.


@pytest.mark.claim("thm-mixed-product")
@given(matrices("pm", "qn", "mk", "nl", kinds=("exact",), largest=2))
def test_kronecker_products_multiply_factor_by_factor_and_so_do_ranks(drawn):
    A, B, C, D = drawn
    assert_same(np.kron(A, B) @ np.kron(C, D), np.kron(A @ C, B @ D))
    assert_same(np.kron(A, B).T, np.kron(A.T, B.T))
    assert rank(np.kron(A, B)) == rank(A) * rank(B)


@pytest.mark.claim("thm-mixed-product")
@given(matrices("nn", "mm", kinds=("exact",), largest=2))
def test_the_eigenvalues_of_a_kronecker_product_are_the_products(drawn):
    A, B = drawn
    x = sp.Symbol("x")
    products = sp.Integer(1)
    for a, times in sp.Matrix(A).eigenvals().items():
        for b, more in sp.Matrix(B).eigenvals().items():
            products *= (x - a * b) ** (times * more)
    polynomial = sp.Matrix(np.kron(A, B)).charpoly(x).as_expr()
    assert sp.simplify(sp.expand(products) - polynomial) == 0


@pytest.mark.claim("thm-sandwich")
@given(matrices("pm", "qn", "ma", "na", kinds=("exact",), largest=2))
def test_by_rows_the_sandwich_is_the_map_of_u_tensor_w_and_by_columns_of_w_tensor_u(drawn):
    L, R, U, W = drawn
    u, w = U[:, 0], W[:, 0]
    outer = np.multiply.outer(u, w)
    assert_same(vec(outer, "C"), np.kron(u, w))
    assert_same(vec(outer, "F"), np.kron(w, u))
    S = sandwich(L, R)
    assert_same(S.matrix("C") @ np.kron(u, w), np.kron(L @ u, R @ w))
    assert_same(S.matrix("F") @ np.kron(w, u), np.kron(R @ w, L @ u))
