"""The chain rule: derivatives compose, their matrices multiply, and tables do not."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import assert_same, inner, matrices

from matderiv import (
    derivative,
    exact,
    functional,
    gradient,
    rank_one,
    realign,
    sandwich,
    symbolic,
    vec,
)


@pytest.mark.claim("thm-chain-rule")
@given(matrices("pm", "nq", "pq", "mn", "mn", kinds=("exact",), largest=2))
def test_the_derivative_of_a_composition_is_the_composition_of_the_derivatives(drawn):
    A, B, C, X, Y = drawn

    def F(X):
        return A @ X @ B - C

    def outer(Z):
        return Z.T @ Z

    composed = derivative(outer, F(X)) @ derivative(F, X)
    by_hand = (A @ Y @ B).T @ F(X) + F(X).T @ A @ Y @ B
    assert_same(composed(Y), by_hand)
    assert_same(derivative(lambda X: outer(F(X)), X)(Y), by_hand)


@pytest.mark.claim("thm-chain-rule")
def test_another_program_composes_to_the_same_jacobian():
    X = np.array([[1.0, 2.0], [0.5, 3.0]])
    F, h = anp.linalg.inv, lambda Z: anp.sin(anp.dot(Z, Z))
    first = autograd.jacobian(F)(X).reshape(4, 4)
    second = autograd.jacobian(h)(F(X)).reshape(4, 4)
    both = autograd.jacobian(lambda X: h(F(X)))(X).reshape(4, 4)
    assert_same(second @ first, both)
    assert_same(
        derivative(lambda X: np.sin(np.linalg.inv(X) @ np.linalg.inv(X)), X).matrix("C"), both
    )
    assert not np.allclose(first @ second, both)


@pytest.mark.claim("def-gradient")
@given(matrices("nn", kinds=("exact",)))
def test_the_gradient_in_a_subspace_is_the_projection_of_the_gradient(A):
    n = len(A)
    units = exact(np.eye(n * n)).reshape(-1, n, n)
    for sign in (1, -1):
        G = (A.T + sign * A) / 2
        assert_same(G, sign * G.T)
        for E in units:
            B = E + sign * E.T
            assert functional(A.T)(B) == functional(G)(B)


@pytest.mark.claim("def-gradient")
def test_among_equally_correlated_matrices_the_gradient_of_log_det_is_the_inverse():
    others = np.ones((3, 3)) - np.eye(3)
    equal = rank_one(np.eye(3), [1, 0]) + rank_one(others, [0, 1])
    X = equal([2, 1])
    assert_same(gradient(lambda X: np.linalg.slogdet(X)[1], X, within=equal), np.linalg.inv(X))


@pytest.mark.claim("def-gradient")
def test_among_tridiagonal_matrices_it_is_only_the_projection_of_the_inverse():
    beside = np.eye(3, k=1) + np.eye(3, k=-1)
    tridiagonal = rank_one(np.eye(3), [1, 0]) + rank_one(beside, [0, 1])
    X = tridiagonal([2, 1])
    inverse = np.linalg.inv(X)
    parts = (np.vdot(M, inverse) / np.vdot(M, M) * M for M in (np.eye(3), beside))
    G = gradient(lambda X: np.linalg.slogdet(X)[1], X, within=tridiagonal)
    assert_same(G, sum(parts))
    assert not np.allclose(G, inverse)


def table_of(L, m, n):
    """Return the block table of a map of m×n matrices: block (i, j) for the entry (i, j)."""
    array = L.matrix("C").reshape(*L.codomain, m, n)
    p, q = L.codomain
    return array.transpose(0, 2, 1, 3).reshape(p * m, q * n)


@pytest.mark.claim("thm-tables-do-not-multiply")
@given(matrices("nn", "nn", "nn", "nn", kinds=("exact",)))
def test_matrices_multiply_as_maps_compose_and_tables_do_not(drawn):
    L, R, M, S = drawn
    n = len(L)
    F, G = sandwich(L, R), sandwich(M, S)
    for order in "FC":
        assert_same((G @ F).matrix(order), G.matrix(order) @ F.matrix(order))
    assert_same(table_of(F, n, n), np.outer(vec(L, "C"), vec(R, "C")))
    assert_same(table_of(G @ F, n, n), np.outer(vec(M @ L, "C"), vec(S @ R, "C")))
    product = table_of(G, n, n) @ table_of(F, n, n)
    assert_same(product, inner(S, L) * np.outer(vec(M, "C"), vec(R, "C")))


@pytest.mark.claim("thm-tables-do-not-multiply")
@pytest.mark.parametrize("n", [2, 3])
def test_in_tables_dx_by_dx_is_not_the_identity(n):
    X = symbolic("x", (n, n))
    D = derivative(lambda X: X, X)
    assert_same(D.matrix(), exact(np.eye(n * n, dtype=int)))
    table = table_of(D, n, n)
    assert_same(table, exact(np.outer(np.eye(n).ravel(), np.eye(n).ravel()).astype(int)))
    assert np.linalg.matrix_rank(table.astype(float)) == 1
    assert np.array_equal(table @ table, n * table)


@pytest.mark.claim("thm-tables-do-not-multiply")
def test_where_the_table_is_the_matrix_tables_multiply_too():
    a, b, z = exact([[1], [2]]), exact([[3], [1]]), exact([[1], [4]])
    L = rank_one(b @ z.T, z @ a.T)
    table = table_of(L, 2, 2)
    assert np.array_equal(table, L.matrix("C"))
    assert np.array_equal(table @ table, table_of(L @ L, 2, 2))
    assert np.any(table)


@pytest.mark.claim("thm-block-table")
@given(matrices("pq", "nm", "mn", kinds=("exact",)))
def test_the_other_table_has_a_block_for_each_entry_of_x(drawn):
    B, A, X = drawn
    p, q = B.shape
    table = np.kron(A.T, B)
    D = derivative(lambda X: B * np.trace(A @ X), X)
    for i, j in np.ndindex(X.shape):
        unit = exact(np.zeros(X.shape, dtype=int))
        unit[i, j] = 1
        assert_same(table[i * p : (i + 1) * p, j * q : (j + 1) * q], D(unit))


@pytest.mark.claim("thm-block-table")
@given(matrices("pq", "nm", "mn", kinds=("exact",)))
def test_the_table_is_not_the_matrix_where_the_product_of_the_ranks_is_more_than_one(drawn):
    B, A, X = drawn
    D = derivative(lambda X: B * np.trace(A @ X), X)
    table = np.kron(B, A.T)
    ranks = [sp.Matrix(M).rank() for M in (table, B, A, D.matrix())]
    assert ranks[0] == ranks[1] * ranks[2]
    assert ranks[3] <= 1
    if A.shape == B.shape[::-1]:
        assert_same(realign(table, (B.shape, A.T.shape)), D.matrix("C"))
