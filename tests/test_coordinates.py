"""vec, vech and the matrices between unfoldings: sections 1 to 3 of the mathematics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_same, coordinates, inner, matrices, orders, sizes

from matderiv import (
    commutation_matrix,
    duplication_matrix,
    elimination_matrix,
    exact,
    unvec,
    unvech,
    vec,
    vech,
)


@pytest.mark.claim("def-vec")
def test_vec_stacks_columns_and_in_order_c_rows():
    X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert vec(X).tolist() == vec(X, order="F").tolist() == [1, 4, 2, 5, 3, 6]
    assert vec(X, order="C").tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.claim("def-vec")
@given(matrices("mn"))
def test_entry_i_j_is_coordinate_i_plus_j_m_by_columns_and_i_n_plus_j_by_rows(X):
    m, n = X.shape
    for i in range(m):
        for j in range(n):
            assert vec(X)[i + j * m] == vec(X, "C")[i * n + j] == X[i, j]


@pytest.mark.claim("def-vec")
@given(matrices("mn"), orders)
def test_unvec_undoes_vec_and_vec_unvec(X, order):
    v = vec(X, order)
    assert v.shape == (X.size,)
    assert_same(unvec(v, X.shape, order), X)
    assert_same(unvec(v[:, None], X.shape, order), X)
    assert_same(unvec(vec(X, order), X.shape[::-1], order).ravel(order), v)


@given(matrices("mn"))
def test_stacking_rows_is_stacking_the_columns_of_the_transpose(X):
    assert_same(vec(X, "C"), vec(X.T))


@given(matrices("mn", "mn"), st.integers(-9, 9), orders)
def test_vec_is_linear(spaces, number, order):
    X, Y = spaces
    assert_same(vec(X + number * Y, order), vec(X, order) + number * vec(Y, order))


@given(matrices("mn", "mn"), orders)
def test_vec_keeps_the_inner_product(spaces, order):
    X, Y = spaces
    assert_same(vec(X, order) @ vec(Y, order), inner(X, Y))
    assert_same(vec(X, order) @ vec(Y, order), np.trace(X.T @ Y))


@given(matrices("pm", "mn", "qn"))
def test_vec_of_a_product_is_a_kronecker_product_times_vec(spaces):
    L, Y, R = spaces
    assert_same(np.kron(R, L) @ vec(Y), vec(L @ Y @ R.T))
    assert_same(np.kron(L, R) @ vec(Y, "C"), vec(L @ Y @ R.T, "C"))


@given(matrices("ma", "nb"))
def test_vec_of_a_column_times_a_row_is_a_kronecker_product(spaces):
    a, b = spaces[0][:, :1], spaces[1][:, :1]
    assert_same(vec(a @ b.T), np.kron(b, a)[:, 0])
    assert_same(vec(a @ b.T, "C"), np.kron(a, b)[:, 0])


@pytest.mark.claim("thm-functional-row")
@given(matrices("nm", "mn"))
def test_rows_of_a_meet_columns_of_y(spaces):
    A, Y = spaces
    assert_same(vec(A, "C") @ vec(Y, "F"), np.trace(A @ Y))
    assert_same(vec(A, "F") @ vec(Y, "C"), np.trace(A @ Y))
    assert_same(vec(A.T) @ vec(Y), np.trace(A @ Y))


@pytest.mark.claim("thm-functional-row")
@given(matrices("nn", "nn"))
def test_rows_against_rows_compute_the_trace_of_a_transposed_times_y(spaces):
    A, Y = spaces
    assert_same(vec(A, "C") @ vec(Y, "C"), np.trace(A.T @ Y))


@pytest.mark.claim("thm-functional-row")
def test_rows_against_rows_are_wrong_for_a_matrix_that_is_not_symmetric():
    A, Y = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    assert vec(A, "C") @ vec(Y, "C") == 1
    assert np.trace(A @ Y) == 0


@given(matrices("mn"))
def test_the_commutation_matrix_transposes(X):
    K = commutation_matrix(*X.shape)
    assert_same(K @ vec(X), vec(X.T))
    assert_same(K @ vec(X), vec(X, "C"))
    assert_same(K.T @ vec(X.T), vec(X))


@given(sizes, sizes)
def test_the_commutation_matrix_is_a_permutation_and_its_inverse_is_its_transpose(m, n):
    K = commutation_matrix(m, n)
    assert K.dtype.kind == "i"
    assert sorted(K.tolist(), reverse=True) == np.eye(m * n).tolist()
    assert np.array_equal(K.T, commutation_matrix(n, m))
    assert np.array_equal(K @ K.T, np.eye(m * n))


@given(sizes)
def test_square_commutation_matrices(n):
    K = commutation_matrix(n, n)
    assert np.array_equal(K, K.T)
    assert np.trace(K) == n
    assert round(np.linalg.det(K)) == (-1) ** (n * (n - 1) // 2)
    assert np.array_equal(commutation_matrix(1, n), np.eye(n))
    assert np.array_equal(commutation_matrix(n, 1), np.eye(n))


@given(matrices("mn", "pq"))
def test_commutation_matrices_exchange_the_factors_of_a_kronecker_product(spaces):
    A, B = spaces
    (m, n), (p, q) = A.shape, B.shape
    assert_same(commutation_matrix(m, p) @ np.kron(B, A) @ commutation_matrix(q, n), np.kron(A, B))


@given(matrices("mn", "pq"))
def test_vec_of_a_kronecker_product(spaces):
    A, B = spaces
    (m, n), (p, q) = A.shape, B.shape
    middle = np.kron(np.kron(np.eye(n, dtype=int), commutation_matrix(q, m)), np.eye(p, dtype=int))
    assert_same(middle @ np.kron(vec(A), vec(B)), vec(np.kron(A, B)))


@given(matrices("nn"))
def test_vech_stacks_the_columns_of_the_lower_triangle(X):
    n = len(X)
    assert_same(vech(X), [X[i, j] for j in range(n) for i in range(j, n)])


@given(matrices("nn"))
def test_unvech_undoes_vech_on_symmetric_matrices(X):
    S = X + X.T
    assert_same(unvech(vech(S)), S)
    assert_same(unvech(vech(S)[:, None]), S)
    assert_same(vech(unvech(vech(X))), vech(X))
    assert_same(vec(unvech(vech(X))), duplication_matrix(len(X)) @ vech(X))


@pytest.mark.parametrize(
    "v", [np.ones(2), np.ones(4), np.ones((3, 3)), np.ones((1, 3)), 1.0, [], [np.nan], ["1"], None]
)
def test_unvech_refuses_what_is_not_the_lower_triangle_of_a_matrix(v):
    with pytest.raises((TypeError, ValueError), match=r"^v\b"):
        unvech(v)


@given(matrices("nn"))
def test_duplication_undoes_vech_on_symmetric_matrices(X):
    S = X + X.T
    assert_same(duplication_matrix(len(S)) @ vech(S), vec(S))


@given(matrices("nn"))
def test_elimination_takes_vec_to_vech_symmetric_or_not(X):
    assert_same(elimination_matrix(len(X)) @ vec(X), vech(X))


@given(st.integers(1, 5))
def test_duplication_elimination_and_commutation_agree(n):
    D, L, K = duplication_matrix(n), elimination_matrix(n), commutation_matrix(n, n)
    assert D.shape == L.T.shape == (n * n, n * (n + 1) // 2)
    assert D.dtype.kind == L.dtype.kind == "i"
    assert np.array_equal(L @ D, np.eye(n * (n + 1) // 2))
    assert np.array_equal(L @ L.T, np.eye(n * (n + 1) // 2))
    assert np.array_equal(K @ D, D)
    assert np.allclose(D @ np.linalg.pinv(D), (np.eye(n * n) + K) / 2)
    assert np.array_equal(D @ L @ D, D)


@pytest.mark.claim("thm-symmetric-gradient")
@given(matrices("nn"))
def test_partials_in_vech_coordinates_are_those_of_a_plus_its_transpose_minus_the_diagonal(A):
    partials = vec(A.T) @ duplication_matrix(len(A))
    assert_same(partials, vech(A + A.T - A * np.eye(len(A), dtype=int)))


@pytest.mark.parametrize("order", ["F", "C"])
def test_large_integers_become_floats_and_do_not_overflow(order):
    v = vec(np.full((2, 2), 2**40), order)
    assert v @ v == 4 * 2.0**80
    assert unvec(np.full(4, 2**40), (2, 2), order).dtype == float
    assert vech(np.full((2, 2), 2**40)) @ np.full(3, 2**40) == 3 * 2.0**80


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**60 + 1, 2**63 + 1, -(2**62) - 1])
def test_integers_that_floats_would_round_are_refused_by_name(number):
    for X in ([[number]], [[number, -1]], [[0.5, number]], [(1, 2.5), (3, number)]):
        with pytest.raises(ValueError, match=r"^X\b.*exact\(X\)"):
            vec(X)
        assert number in vec(exact(X))
    if abs(number) < 2**63:
        with pytest.raises(ValueError, match=r"^X\b.*exact\(X\)"):
            vec(np.array([[number]]))


def test_integers_that_floats_hold_become_floats_and_larger_ones_stay_exact():
    for number in (2**53, -(2**53), 2**62, 2**63, 3 * 2**60):
        assert vec([[number, 1.5]]).tolist() == [number, 1.5]
        assert vec([[number]]).dtype == float
    assert vec([[2**200 + 1]])[0] == 2**200 + 1
    assert vec([[1e300, 2]]).tolist() == [1e300, 2]


@given(matrices("mn"), orders)
def test_lists_columns_in_memory_and_views_are_the_same_matrices(X, order):
    expected = coordinates(X, order)
    assert_same(vec(X.tolist(), order), expected)
    assert_same(vec(np.asfortranarray(X), order), expected)
    assert_same(vec(np.repeat(X, 2, axis=0)[::2], order), expected)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_an_old_numpy_matrix_is_taken_as_an_array():
    X = np.asmatrix([[1.0, 2.0], [3.0, 4.0]])
    assert vec(X).tolist() == [1, 3, 2, 4]
    assert type(vech(X)) is np.ndarray


COMPLEX = np.array([[1 + 2j, 3], [4j, 5 - 1j]])


@pytest.mark.parametrize("kind", [np.complex64, complex])
def test_complex_entries_move_like_others(kind):
    X = COMPLEX.astype(kind)
    for order in "FC":
        v = vec(X, order)
        assert v.dtype == complex
        assert np.array_equal(v, X.ravel(order))
        assert np.array_equal(unvec(v, (2, 2), order), X)
    assert np.array_equal(vech(X), [1 + 2j, 4j, 5 - 1j])
    assert np.array_equal(unvech(vech(X)), [[1 + 2j, 4j], [4j, 5 - 1j]])


@pytest.mark.parametrize("convert", [np.array, exact])
@pytest.mark.parametrize("memory", ["F", "C"])
def test_coordinates_share_no_memory_with_what_they_are_taken_from(convert, memory):
    X = convert(np.array([[1.0, 2.0], [2.0, 3.0]], order=memory)).copy(order=memory)
    v, w = convert([1.0, 2.0, 3.0, 4.0]), convert([1.0, 2.0, 3.0])
    for made, source in (
        (vec(X, "F"), X), (vec(X, "C"), X), (vech(X), X), (unvech(w), w), (unvech(w[:, None]), w),
        (unvec(v, (2, 2), "F"), v), (unvec(v, (2, 2), "C"), v), (unvec(v[:, None], (4, 1)), v),
    ):  # fmt: skip
        assert made.flags.writeable
        assert not np.shares_memory(made, source)
        assert type(made) is type(X)


def test_triangles_of_dask_arrays_stay_there():
    da = pytest.importorskip("dask.array")
    S = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])
    v = vech(da.from_array(S, chunks=2))
    assert isinstance(v, da.Array)
    assert isinstance(unvech(v), da.Array)
    assert_same(v.compute(), vech(S))
    assert_same(unvech(v).compute(), S)
