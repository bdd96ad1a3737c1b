"""The claims of 2011, checked without the package's own derivatives; the false ones fail."""

from itertools import permutations

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st
from strategies import (
    assert_same,
    differ,
    examples,
    hessian_table,
    inner,
    matrices,
    symmetric_pairs,
)

from matderiv import exact, symbolic

A = exact([[7, 1], [1, 3]])  # the matrices of the discussion
B = exact([[5, 2], [2, 1]])
t = sp.Symbol("t")


def on_pairs(test):
    """Run a test on the matrices of the discussion and on random square ones."""
    return example([A, B])(given(matrices("nn", "nn", kinds=("exact",), largest=2))(test))


def on_symmetric_pairs(test):
    return example((A, B))(given(symmetric_pairs().map(lambda pair: tuple(map(exact, pair))))(test))


def f(A, B, X):
    return np.trace(A @ X) * np.trace(B @ X)


def partials(value, X):
    """Return the table of partial derivatives by the entries of X."""
    return exact([[sp.diff(value, x) for x in row] for row in X])


def second_partials(value, X):
    """Return the array of the numbers ∂²/∂x_ij∂x_kl."""
    return exact([[partials(slope, X) for slope in row] for row in partials(value, X)])


def block_table(F, X):
    """Return the block matrix that has the partial derivatives of F_ij as its block (i, j)."""
    return exact(np.block([[partials(entry, X) for entry in row] for row in F]))


def by_entry(F, x):
    """Return the derivative of F by one entry of X."""
    return exact([[sp.diff(entry, x) for entry in row] for row in F])


def variables(A):
    return symbolic("x", A.shape), symbolic("y", A.shape)


def column(M):
    return M.reshape(-1, 1, order="F")


def rank(M):
    return sp.Matrix(M).rank()


def eigenvalues(M):
    return np.linalg.eigvalsh(np.asarray(M, dtype=float))


def is_semidefinite(M):
    return M[0, 0] >= 0 and M[1, 1] >= 0 and M[0, 0] * M[1, 1] >= M[0, 1] * M[1, 0]


def expanded(M):
    return np.vectorize(sp.expand, otypes=[object])(M)


# The question.


@pytest.mark.claim("Q1")
@on_pairs
def test_the_derivative_of_the_trace_is_a_functional_and_its_table_the_transpose(pair):
    A, _ = pair
    X, Y = variables(A)
    change = np.trace(A @ (X + t * Y)) - np.trace(A @ X)
    assert sp.expand(change - t * np.trace(A @ Y)) == 0
    table = partials(np.trace(A @ X), X)
    assert_same(table, A.T)
    assert np.array_equal(table, A) == np.array_equal(A, A.T)


@pytest.mark.claim("Q2")
@on_pairs
def test_the_kronecker_product_is_the_block_table(pair):
    A, B = pair
    X, _ = variables(A)
    table = block_table(B * np.trace(A @ X), X)
    assert_same(table, np.kron(B, A.T))
    assert differ(table, np.kron(B, A)) == (np.any(B != 0) and differ(A, A.T))


@pytest.mark.claim("Q2")
@on_pairs
def test_the_kronecker_product_is_not_the_matrix_of_the_derivative(pair):
    A, B = pair
    units = exact(np.eye(A.size)).reshape(-1, *A.shape)
    derivative = np.column_stack([column(B * np.trace(A @ E)) for E in units])
    assume(rank(A) * rank(B) > 1)
    assert rank(derivative) == 1
    assert rank(np.kron(B, A)) == rank(np.kron(B, A.T)) == rank(A) * rank(B)


@pytest.mark.claim("Q3")
@on_symmetric_pairs
def test_a_kron_b_plus_b_kron_a_is_positive_definite_and_f_not_convex(pair):
    A, B = (M @ M + exact(np.eye(len(M))) for M in pair)
    assume(inner(A, B) ** 2 != inner(A, A) * inner(B, B))
    assert eigenvalues(np.kron(A, B) + np.kron(B, A))[0] > 0
    a, b = np.linalg.norm(A.astype(float)), np.linalg.norm(B.astype(float))
    worst = A.astype(float) / a - B.astype(float) / b
    above, below = (f(A.astype(float), B.astype(float), s * worst) for s in (1, -1))
    assert above < 0  # and f(0) = 0, so the chord is below f
    assert below < 0


@pytest.mark.claim("Q3")
@examples(10)
@on_symmetric_pairs
def test_a_kron_b_plus_b_kron_a_is_the_hessian_of_another_function(pair):
    A, B = pair
    X, _ = variables(A)
    other = (np.trace(X.T @ A @ X @ B) + np.trace(X.T @ B @ X @ A)) / 2
    E = np.kron(A, B) + np.kron(B, A)
    assert_same(second_partials(other, X).reshape(E.shape), E)
    D = second_partials(f(A, B, X), X).reshape(E.shape)
    a, b = column(A), column(B)
    assert_same(D, a @ b.T + b @ a.T)
    assert rank(E) <= 2 or differ(D, E)


@pytest.mark.claim("Q4")
def test_f_rises_above_its_chord_inside_the_cone():
    X0, X1 = exact([[1, 0], [0, 0]]), exact([[0, 0], [0, 3]])
    middle = (X0 + X1) / 2
    assert all(is_semidefinite(point) for point in (X0, X1, middle))
    assert (f(A, B, X0), f(A, B, X1), f(A, B, middle)) == (35, 27, 32)
    assert f(A, B, middle) > (f(A, B, X0) + f(A, B, X1)) / 2


# The accepted answer.


@pytest.mark.claim("W1")
@given(matrices("pm", "qn", "ma", "nb", kinds=("exact",), largest=2))
def test_the_kronecker_product_represents_the_tensor_product_and_its_square_commutes(drawn):
    L1, L2, v1, v2 = drawn[0], drawn[1], drawn[2][:, :1], drawn[3][:, :1]

    def represent(tensor):  # in the basis of the tensors e_i ⊗ e_j, ordered by i, then j
        return tensor.reshape(-1, 1)

    def transform(tensor):  # L1 ⊗ L2, defined on elementary tensors and extended linearly
        return L1 @ tensor @ L2.T

    assert_same(represent(v1 @ v2.T), np.kron(v1, v2))
    assert_same(transform(v1 @ v2.T), (L1 @ v1) @ (L2 @ v2).T)
    m, n = L1.shape[1], L2.shape[1]
    units = exact(np.eye(m * n)).reshape(-1, m, n)
    assert_same(np.hstack([represent(transform(E)) for E in units]), np.kron(L1, L2))
    assert_same(np.kron(L1, L2) @ np.kron(v1, v2), np.kron(L1 @ v1, L2 @ v2))


@pytest.mark.claim("W2")
@on_pairs
def test_the_limit_is_the_trace_of_ay(pair):
    A, X = pair
    Y = A @ X + X
    quotient = (np.trace(A @ (X + t * Y)) - np.trace(A @ X)) / t
    assert sp.limit(quotient, t, 0) == np.trace(A @ Y)


@pytest.mark.claim("W3")
@on_pairs
def test_the_rows_of_a_unfolded_act_on_the_columns_of_y(pair):
    A, Y = pair
    row = A.reshape(1, -1)
    assert row @ column(Y) == np.trace(A @ Y)
    assert row @ Y.reshape(-1, 1) == np.trace(A.T @ Y)


@pytest.mark.claim("W3")
def test_with_both_unfolded_by_rows_the_trace_is_another():
    A, Y = exact([[1, 2], [3, 4]]), exact([[0, 1], [0, 0]])
    assert A.reshape(1, -1) @ Y.reshape(-1, 1) == 2
    assert np.trace(A @ Y) == 3


@pytest.mark.claim("W4")
@on_pairs
def test_a_column_kron_a_row_represents_the_derivative(pair):
    A, B = pair
    matrix = np.kron(column(B), column(A.T).T)
    assert_same(matrix, column(B) @ column(A.T).T)
    _, Y = variables(A)
    assert not np.any(expanded(matrix @ column(Y) - column(B * np.trace(A @ Y))))


@pytest.mark.claim("W4")
@on_pairs
def test_a_row_kron_a_row_is_the_second_derivative_and_folds_to_the_hessian(pair):
    A, B = pair
    X, _ = variables(A)
    a, b = A.T.reshape(1, -1), B.T.reshape(1, -1)
    row = np.kron(a, b) + np.kron(b, a)
    assert row.shape == (1, len(A) ** 4)
    hessian = second_partials(f(A, B, X), X).reshape(A.size, A.size)
    assert_same(row.reshape(A.size, A.size), hessian)


@pytest.mark.claim("Q2")
@on_pairs
def test_the_other_block_table_has_the_factors_exchanged(pair):
    A, B = pair
    X, _ = variables(A)
    F = B * np.trace(A @ X)
    table = exact(np.block([[by_entry(F, x) for x in row] for row in X]))
    assert_same(table, np.kron(A.T, B))


@pytest.mark.claim("W5")
@on_symmetric_pairs
def test_f_bends_down_inside_the_cone_unless_a_and_b_are_parallel(pair):
    A, B = pair
    aa, ab, bb = inner(A, A), inner(A, B), inner(B, B)
    gram = aa * bb - ab * ab
    assume(gram != 0)
    Y = ((bb + ab) * A - (aa + ab) * B) / gram
    assert (np.trace(A @ Y), np.trace(B @ Y)) == (1, -1)
    middle = exact(np.eye(len(A))) * (1 + int(inner(Y, Y)))
    assert eigenvalues(middle - Y)[0] > 0
    assert eigenvalues(middle + Y)[0] > 0
    assert f(A, B, middle) == (f(A, B, middle - Y) + f(A, B, middle + Y)) / 2 + 1


@pytest.mark.claim("W5")
@given(matrices("nn", kinds=("exact",)), st.integers(-3, 3))
def test_for_parallel_a_and_b_the_sign_decides_whether_a_is_semidefinite_or_not(M, c):
    for A in (M + M.T, M @ M.T):
        X, Y = variables(A)
        second = sp.diff(f(A, c * A, X + t * Y), t, 2)
        assert sp.expand(second - 2 * c * np.trace(A @ Y) ** 2) == 0


@pytest.mark.claim("W6")
@given(matrices("nn", "nn", kinds=("exact",)))
def test_the_directions_inside_the_cone_are_the_symmetric_ones(drawn):
    G, Y = drawn
    X = G @ G.T + exact(np.eye(len(G)))
    symmetric = Y + Y.T
    step = exact(1) / (1 + int(inner(symmetric, symmetric)))
    assert eigenvalues(X + step * symmetric)[0] > 0
    assert eigenvalues(X - step * symmetric)[0] > 0
    assert differ(Y, Y.T) == differ(X + step * Y, (X + step * Y).T)


@pytest.mark.claim("W6")
def test_at_the_boundary_not_even_those():
    X, Y = exact([[1, 0], [0, 0]]), exact([[0, 0], [0, -1]])
    assert not any(is_semidefinite(X + Y / k) for k in (1, 10, 1000))


@pytest.mark.claim("W7")
@given(matrices("nk", kinds=("exact",)))
def test_for_orthogonal_semidefinite_a_and_b_the_difference_bends_f_down(G):
    n = len(G)
    kernel = sp.Matrix(G).T.nullspace()
    assume(kernel)
    N = exact(np.array(sp.Matrix.hstack(*kernel)).reshape(n, -1))
    A, B = G @ G.T, N @ N.T
    assert np.trace(A @ B) == 0
    X, Y = exact(np.eye(n)), A - B
    second = sp.diff(f(A, B, X + t * Y), t, 2)
    assert second == -2 * inner(A, A) * inner(B, B)
    assert second < 0 or np.all(A == 0)


# The second answer.


@pytest.mark.claim("L1")
@given(matrices("nn", kinds=("float",)))
def test_another_program_finds_the_transpose_too(A):
    table = autograd.grad(lambda X: anp.trace(anp.dot(A, X)))(np.ones(A.shape))
    assert_same(table, A.T)
    assert differ(table, A) == differ(A, A.T)
    assert_same(autograd.grad(lambda X: anp.trace(anp.dot(A + A.T, X)))(A), A + A.T)


@pytest.mark.claim("L2")
@given(matrices("pq", "nn", "nn", kinds=("float",)))
def test_a_matrix_by_a_matrix_has_four_indices(drawn):
    B, M, X = drawn

    def g(X):
        return anp.trace(anp.dot(M, anp.dot(X, X)))

    array = autograd.jacobian(lambda X: B * g(X))(X)
    assert array.shape == B.shape + X.shape
    slope = autograd.grad(g)(X)
    assert_same(array, np.multiply.outer(B, slope))
    rows, columns = B.shape[0] * X.shape[0], B.shape[1] * X.shape[1]
    assert_same(array.transpose(0, 2, 1, 3).reshape(rows, columns), np.kron(B, slope))


@pytest.mark.claim("L3")
@on_pairs
def test_the_derivative_of_the_product_needs_transposes(pair):
    A, B = pair
    X, _ = variables(A)
    table = partials(sp.expand(f(A, B, X)), X)
    said = A * np.trace(B @ X) + B * np.trace(A @ X)
    true = A.T * np.trace(B @ X) + B.T * np.trace(A @ X)
    assert not np.any(expanded(table - true))
    symmetric = np.array_equal(A, A.T) and np.array_equal(B, B.T)
    assert not symmetric or not np.any(expanded(table - said))


@pytest.mark.claim("L3")
def test_without_transposes_the_derivative_is_wrong():
    A, B = exact([[1, 2], [3, 4]]), exact([[1, 0], [0, 0]])
    X, _ = variables(A)
    said = A * np.trace(B @ X) + B * np.trace(A @ X)
    assert np.any(expanded(partials(sp.expand(f(A, B, X)), X) - said))


@pytest.mark.claim("L4")
@examples(10)
@on_pairs
def test_with_x_unfolded_the_hessian_is_a_b_transposed_plus_b_a_transposed(pair):
    A, B = pair
    X, _ = variables(A)
    x = X.ravel("F")
    hessian = exact([[sp.diff(f(A, B, X), u, v) for u in x] for v in x])
    a, b = column(A.T), column(B.T)
    assert_same(hessian, a @ b.T + b @ a.T)
    assert (a.T @ b + b.T @ a).shape == (1, 1)


@pytest.mark.claim("L4")
def test_with_the_untransposed_columns_it_is_wrong_for_a_that_is_not_symmetric():
    A, B = exact([[1, 2], [3, 4]]), exact([[1, 0], [0, 1]])
    a, b = column(A), column(B)
    X, _ = variables(A)
    x = X.ravel("F")
    hessian = exact([[sp.diff(f(A, B, X), u, v) for u in x] for v in x])
    assert differ(hessian, a @ b.T + b @ a.T)


@pytest.mark.claim("L5")
def test_the_printed_eigenvalues():
    a, b = column(A), column(B)
    D, E = a @ b.T + b @ a.T, np.kron(A, B) + np.kron(B, A)
    least_d, least_e = eigenvalues(D)[0], eigenvalues(E)[0]
    assert (f"{least_d:.4f}", f"{least_e:.5f}") == ("-3.1664", "0.98603")
    assert min(sp.Matrix(D).eigenvals()) == 42 - 2 * sp.sqrt(510)
    x = sp.Symbol("x")
    cubic = x**3 - 102 * x**2 + 1560 * x - 1440
    assert sp.rem(sp.Matrix(E).charpoly(x).as_expr(), cubic, x) == 0
    assert abs(min(sp.Poly(cubic).nroots()) - least_e) < 1e-9


@pytest.mark.claim("L6")
@on_symmetric_pairs
def test_exchanging_two_indices_turns_one_matrix_into_the_other(pair):
    A, B = pair
    n = len(A)
    a, b = A.reshape(-1, 1), B.reshape(-1, 1)
    D, E = a @ b.T + b @ a.T, np.kron(A, B) + np.kron(B, A)
    assert_same(D.reshape(n, n, n, n).transpose(0, 2, 1, 3).reshape(n * n, n * n), E)


@pytest.mark.claim("L6")
def test_no_permutation_of_rows_and_columns_does():
    a, b = column(A), column(B)
    D, E = a @ b.T + b @ a.T, np.kron(A, B) + np.kron(B, A)
    assert sorted(D.flat) == sorted(E.flat)
    assert (rank(D), rank(E)) == (2, 4)
    orders = [list(order) for order in permutations(range(4))]
    assert not any(np.array_equal(D[rows][:, cols], E) for rows in orders for cols in orders)
    assert eigenvalues(D)[0] < 0 < eigenvalues(E)[0]


def flattenings(A, B):
    """Return all matrices that the second partial derivatives of f make, by order of indices."""
    n = len(A)
    H = hessian_table(A.T, B.T)
    X, _ = variables(A)
    assert_same(H, second_partials(f(A, B, X), X))
    return {order: H.transpose(order).reshape(n * n, n * n) for order in permutations(range(4))}


def distinct(matrices):
    return {tuple(M.flat): M for M in matrices}.values()


@pytest.mark.claim("L7")
@examples(10)
@on_pairs
def test_of_24_flattenings_four_represent_the_second_derivative(pair):
    A, B = pair
    matrices = flattenings(A, B)
    a, b = column(A.T), column(B.T)
    by_columns = a @ b.T + b @ a.T
    a, b = A.T.reshape(-1, 1), B.T.reshape(-1, 1)
    by_rows = a @ b.T + b @ a.T
    assert_same(matrices[0, 1, 2, 3], by_rows)
    assert_same(matrices[2, 3, 0, 1], by_rows)
    assert_same(matrices[1, 0, 3, 2], by_columns)
    assert_same(matrices[3, 2, 1, 0], by_columns)


@pytest.mark.claim("L7")
def test_generic_matrices_have_12_flattenings_and_those_of_2011_three():
    generic = flattenings(exact([[1, 2], [3, 5]]), exact([[7, 11], [13, 19]]))
    assert len(generic) == 24
    assert len(distinct(generic.values())) == 12
    three = distinct(flattenings(A, B).values())
    least = sorted(eigenvalues(M)[0] for M in three)
    np.testing.assert_allclose(least, [-18, 42 - 2 * np.sqrt(510), 0.98603334], rtol=1e-7)


@pytest.mark.claim("L6")
@on_symmetric_pairs
def test_one_permutation_of_rows_and_columns_changes_no_eigenvalue(pair):
    A, B = pair
    E = sp.Matrix(np.kron(A, B) + np.kron(B, A))
    order = list(reversed(range(E.rows)))
    assert E.extract(order, order).charpoly() == E.charpoly()


@pytest.mark.claim("W6")
@given(matrices("nn", "nn", "nw", kinds=("exact",)))
def test_without_symmetry_in_the_definition_every_direction_is_inside(drawn):
    G, Y, W = drawn
    X = G @ G.T + exact(np.eye(len(G)))
    step = exact(1) / (1 + int(inner(Y, Y)))
    assert all(w @ (X + s * step * Y) @ w >= 0 for w in W.T for s in (1, -1))


@pytest.mark.claim("W7")
@given(matrices("nk", kinds=("exact",)))
def test_definite_matrices_are_not_orthogonal(G):
    A = G @ G.T + exact(np.eye(len(G)))
    assert np.trace(A @ A) > 0
    assert np.trace(A @ (G @ G.T)) >= 0


@pytest.mark.claim("L8")
@on_symmetric_pairs
def test_the_table_has_every_second_partial_derivative_once(pair):
    A, B = pair
    n = len(A)
    X, _ = variables(A)
    H = second_partials(f(A, B, X), X)
    table = np.kron(A, B) + np.kron(B, A)
    for i, j in np.ndindex(n, n):
        for k, m in np.ndindex(n, n):
            assert table[i * n + k, j * n + m] == H[i, j, k, m]


@pytest.mark.claim("L8")
def test_and_yet_f_is_not_convex():
    table = np.kron(A, B) + np.kron(B, A)
    assert eigenvalues(table)[0] > 0
    X0, X1 = exact([[1, 0], [0, 0]]), exact([[0, 0], [0, 3]])
    assert f(A, B, (X0 + X1) / 2) > (f(A, B, X0) + f(A, B, X1)) / 2


@pytest.mark.claim("L9")
def test_the_order_of_the_indices_decides_rank_and_definiteness():
    matrices = flattenings(A, B)
    kinds = {(rank(M), bool(eigenvalues(M)[0] > 0)) for M in distinct(matrices.values())}
    assert kinds == {(2, False), (4, True), (4, False)}
    assert len(distinct(matrices.values())) == 3
    generic = flattenings(exact([[1, 2], [3, 5]]), exact([[7, 11], [13, 19]]))
    assert len(distinct(generic.values())) == 12
    true = [
        order
        for order in generic
        if order in ((0, 1, 2, 3), (2, 3, 0, 1), (1, 0, 3, 2), (3, 2, 1, 0))
    ]
    assert {rank(generic[order]) for order in true} == {2}
