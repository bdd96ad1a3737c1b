"""Linear maps and their coordinates: sections 2 and 3 of the mathematics."""

import operator
import pickle
import re
import tracemalloc
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, fields
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from strategies import (
    KINDS,
    arrays,
    assert_same,
    coordinates,
    differ,
    examples,
    inner,
    linear_maps,
    maps_and_elements,
    matrices,
    orders,
    sizes,
    some,
)

from matderiv import (
    BilinearForm,
    LinearMap,
    TraceProduct,
    commutation_matrix,
    derivative,
    entrywise,
    exact,
    functional,
    identity,
    is_exact,
    maps,
    rank_one,
    sandwich,
    second_derivative,
    symmetric,
    transposition,
    vec,
)
from matderiv.maps import symmetric_product


def units(shape, order):
    """List the unit matrices of a shape in the order of the coordinates."""
    places = [(i, j) for i in range(shape[0]) for j in range(shape[1])]
    if order == "F":
        places.sort(key=lambda place: place[::-1])
    return [np.array([[int((i, j) == place) for j in range(shape[1])] for i in range(shape[0])])
            for place in places]  # fmt: skip


def commutation(shape):
    return commutation_matrix(*shape) if shape else np.eye(1, dtype=int)


# What the elementary maps do.


@given(matrices("mn", "mn"))
def test_a_functional_is_the_trace_of_its_gradient_transposed_times_y(spaces):
    G, Y = spaces
    L = functional(G)
    assert (L.domain, L.codomain) == (G.shape, ())
    assert_same(L(Y), np.trace(G.T @ Y))
    assert_same(L.adjoint(2), 2 * G)


@given(matrices("pq", "mn", "mn"))
def test_a_rank_one_map_is_the_functional_times_a_matrix(spaces):
    B, G, Y = spaces
    L = rank_one(B, G)
    assert (L.domain, L.codomain) == (G.shape, B.shape)
    assert_same(L(Y), np.trace(G.T @ Y) * B)


@given(matrices("mn", "mn", "mn"), orders, orders)
def test_a_symmetric_product_is_the_sum_of_the_two_rank_one_maps(spaces, order, layout):
    P, Q, Y = spaces
    S, both = symmetric_product(P, Q), rank_one(P, Q) + rank_one(Q, P)
    assert (S.domain, S.codomain) == (Y.shape, Y.shape)
    Y = np.asarray(Y, order=layout) if isinstance(Y, np.ndarray) else Y
    assert_same(S(Y), np.vdot(P, Y) * Q + np.vdot(Q, Y) * P)
    assert_same(S.adjoint(Y), S(Y))
    assert_same(S.matrix(order), both.matrix(order))


def test_single_precision_becomes_double_at_the_door():
    P, Q = np.array([[1.5, -2.0]], np.float32), np.array([[3.0, 0.25]], np.float32)
    for L in (symmetric_product(P, Q), rank_one(P, Q), sandwich(P.T @ P, Q.T @ Q), entrywise(P)):
        Y = np.full(L.domain, 0.1, np.float32)
        assert L.matrix().dtype == L(Y).dtype == (L / np.float32(3))(Y).dtype == float
        assert np.array_equal(L(Y), L(Y.astype(float)))


def test_images_of_floats_lie_in_memory_by_rows_so_that_operators_by_rows_copy_nothing():
    P, Q, Y = np.random.default_rng(3).standard_normal((3, 4, 4))
    for L in (symmetric_product(P, Q), rank_one(P, Q), sandwich(P, Q), identity(4, 4)):
        assert L(Y).flags.c_contiguous


@pytest.mark.parametrize("memory", ["F", "C"])
def test_a_symmetric_product_is_its_own_adjoint_to_the_last_bit(memory):
    P, Q, Y = np.random.default_rng(3).standard_normal((3, 4, 4))
    S, Y = symmetric_product(P, Q), np.asarray(Y, order=memory)
    assert np.array_equal(S.adjoint(Y), S(Y))


@pytest.mark.parametrize("kind", [np.asarray, exact])
def test_a_symmetric_product_says_what_it_does(kind):
    S = symmetric_product(kind(np.eye(2)), kind(np.ones((2, 2))))
    assert repr(S) == "LinearMap from R^(2×2) to R^(2×2): Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P"


def test_a_symmetric_product_names_the_matrix_of_another_shape():
    with pytest.raises(ValueError, match=r"^Q must have the shape \(1, 2\)"):
        symmetric_product([[1, 2]], [[1], [2]])


@given(st.integers(1, 5), st.integers(1, 20), orders)
def test_a_symmetric_product_of_floats_has_an_exactly_symmetric_matrix(m, n, order):
    P, Q = np.random.default_rng(m * 100 + n).standard_normal((2, m, n))
    M = symmetric_product(P, Q).matrix(order)
    p, q = coordinates(P, order), coordinates(Q, order)
    assert np.array_equal(M, M.T)
    np.testing.assert_allclose(M, np.outer(p, q) + np.outer(q, p), rtol=1e-15, atol=1e-15)


@given(matrices("pm", "qn", "mn"))
def test_a_sandwich_multiplies_from_the_left_and_by_the_transpose_from_the_right(spaces):
    L, R, Y = spaces
    S = sandwich(L, R)
    assert (S.domain, S.codomain) == (Y.shape, (len(L), len(R)))
    assert_same(S(Y), L @ Y @ R.T)


@given(matrices("mn"))
def test_transposition_and_identity(Y):
    assert_same(transposition(*Y.shape)(Y), Y.T)
    assert_same(identity(*Y.shape)(Y), Y)


# The matrix of a map, by its definition.


@pytest.mark.claim("def-matrix-of-a-map")
@given(maps_and_elements(), orders)
def test_the_matrix_times_the_coordinates_are_the_coordinates_of_the_image(drawn, order):
    L, Y, _ = drawn
    M = L.matrix(order)
    assert M.shape == (int(np.prod(L.codomain)), int(np.prod(L.domain)))
    assert_same(M @ coordinates(Y, order), coordinates(L(Y), order))
    assert_same(L.matrix(), L.matrix("F"))


@pytest.mark.claim("def-matrix-of-a-map")
@given(matrices("pm", "qn", "pq", "mn"), orders)
def test_column_k_of_the_matrix_is_the_image_of_the_unit_matrix_k(spaces, order):
    P, Q, B, G = spaces
    for L in (sandwich(P, Q), rank_one(B, G), transposition(*G.shape), identity(*G.shape)):
        columns = [coordinates(L(E), order) for E in units(L.domain, order)]
        assert_same(L.matrix(order), np.stack(columns, axis=1).astype(L.matrix(order).dtype))


@pytest.mark.claim("thm-functional-row")
@given(matrices("mn"), orders)
def test_the_matrix_of_a_functional_is_one_row_the_coordinates_of_its_gradient(G, order):
    row = functional(G).matrix(order)
    assert row.shape == (1, G.size)
    assert_same(row[0], coordinates(G, order))


@pytest.mark.claim("thm-functional-row")
@given(matrices("nm", "mn"))
def test_the_rows_of_a_unfolded_are_the_row_of_the_trace_functional_by_columns(spaces):
    A, Y = spaces
    alpha = functional(A.T)
    assert_same(alpha.matrix("F"), A.reshape(1, -1))
    assert_same(alpha.matrix("C"), A.T.reshape(1, -1))
    assert_same(A.reshape(1, -1) @ vec(Y), [np.trace(A @ Y)])


@pytest.mark.claim("thm-sandwich")
@given(matrices("pm", "qn"))
def test_a_sandwich_is_the_kronecker_product_l_r_by_rows_and_r_l_by_columns(spaces):
    L, R = spaces
    assert_same(sandwich(L, R).matrix("C"), np.kron(L, R))
    assert_same(sandwich(L, R).matrix("F"), np.kron(R, L))


@pytest.mark.claim("thm-matrix-times-trace")
@given(matrices("pq", "nm"), orders)
def test_a_rank_one_map_is_a_column_times_a_row(spaces, order):
    B, A = spaces
    M = rank_one(B, A.T).matrix(order)
    assert_same(M, np.outer(coordinates(B, order), coordinates(A.T, order)))
    assert np.linalg.matrix_rank(M.astype(float)) == bool(np.any(B != 0) and np.any(A != 0))


@given(sizes, sizes)
def test_transposition_is_the_commutation_matrix_of_m_n_by_columns_and_of_n_m_by_rows(m, n):
    assert np.array_equal(transposition(m, n).matrix("F"), commutation_matrix(m, n))
    assert np.array_equal(transposition(m, n).matrix("C"), commutation_matrix(n, m))
    assert np.array_equal(identity(m, n).matrix("F"), np.eye(m * n))
    assert np.array_equal(identity(m, n).matrix("C"), np.eye(m * n))


# Change of order, and what survives it.


@pytest.mark.claim("thm-change-of-order")
@given(maps_and_elements())
def test_the_matrix_by_rows_is_the_matrix_by_columns_between_commutation_matrices(drawn):
    L, *_ = drawn
    left, right = commutation(L.codomain), commutation(L.domain)
    assert_same(L.matrix("C"), left @ L.matrix("F") @ right.T)


@pytest.mark.claim("thm-what-survives")
@given(matrices("nn", "nn", "nn", kinds=("exact",)))
def test_equal_orders_keep_rank_trace_spectrum_and_symmetry(spaces):
    A, B, C = spaces
    for L in (sandwich(A, B) + rank_one(C, A), rank_one(A, B) + rank_one(B, A)):
        F, C = sp.Matrix(L.matrix("F")), sp.Matrix(L.matrix("C"))
        assert F.rank() == C.rank()
        assert F.trace() == C.trace()
        assert F.charpoly() == C.charpoly()
        assert F.is_symmetric() == C.is_symmetric()


@pytest.mark.claim("thm-what-survives")
@given(matrices("nn", "nn", kinds=("float",)))
def test_equal_orders_keep_eigenvalues_hence_definiteness(spaces):
    A, B = spaces
    L = sandwich(A, B)
    form = L + L.adjoint
    assert_same(np.linalg.eigvalsh(form.matrix("F")), np.linalg.eigvalsh(form.matrix("C")), 1e-7)


@pytest.mark.claim("thm-what-survives")
@given(maps_and_elements())
def test_mixed_orders_keep_rank_and_singular_values(drawn):
    L, *_ = drawn
    M = L.matrix("F").astype(float)
    mixed = commutation(L.codomain) @ M
    scale = 1 + np.abs(M).max()
    ours, theirs = (np.linalg.svd(m / scale, compute_uv=False) for m in (M, mixed))
    assert_same(ours, theirs)


@pytest.mark.claim("thm-what-survives")
def test_mixed_orders_lose_trace_spectrum_symmetry_and_definiteness():
    identity_mixed = commutation_matrix(2, 2) @ identity(2, 2).matrix("F")
    assert np.trace(identity_mixed) == 2 != np.trace(identity(2, 2).matrix())
    assert sorted(np.linalg.eigvalsh(identity_mixed).round(9)) == [-1, 1, 1, 1]
    A = np.array([[1.0, 2.0], [2.0, 0.0]])
    symmetric = rank_one(A, A).matrix() + sandwich(A, np.eye(2)).matrix()
    assert np.array_equal(symmetric, symmetric.T)
    mixed = commutation_matrix(2, 2) @ symmetric
    assert not np.array_equal(mixed, mixed.T)


# The algebra of maps.


@given(maps_and_elements(count=2), st.integers(-5, 5), orders)
def test_sums_differences_and_multiples(drawn, number, order):
    L1, L2, Y, _ = drawn
    for combined, image, M in (
        (L1 + L2, L1(Y) + L2(Y), L1.matrix(order) + L2.matrix(order)),
        (L1 - L2, L1(Y) - L2(Y), L1.matrix(order) - L2.matrix(order)),
        (number * L1, number * L1(Y), number * L1.matrix(order)),
        (L1 * number, number * L1(Y), number * L1.matrix(order)),
        (-L1, -L1(Y), -L1.matrix(order)),
    ):
        assert_same(combined(Y), image, 1e-7)
        assert_same(combined.matrix(order), M, 1e-7)


@given(st.data(), orders)
def test_a_composition_applies_one_map_after_the_other(data, order):
    kind = data.draw(st.sampled_from(KINDS))
    first, second, third = (data.draw(st.tuples(sizes, sizes)) for _ in range(3))
    L2 = data.draw(linear_maps(first, second, kind, 1))
    L1 = data.draw(linear_maps(second, third, kind, 1))
    Y = data.draw(arrays(first, kind))
    composed = L1 @ L2
    assert (composed.domain, composed.codomain) == (first, third)
    assert_same(composed(Y), L1(L2(Y)))
    assert_same(composed.matrix(order), L1.matrix(order) @ L2.matrix(order), 1e-7)


@given(matrices("pm", "mk", "qn", "nl"))
def test_sandwiches_compose_factor_by_factor(spaces):
    L1, L2, R1, R2 = spaces
    composed, product = sandwich(L1, R1) @ sandwich(L2, R2), sandwich(L1 @ L2, R1 @ R2)
    for order in "FC":
        assert_same(composed.matrix(order), product.matrix(order), 1e-7)


@given(maps_and_elements(), orders)
def test_the_adjoint_moves_to_the_other_side_of_the_inner_product(drawn, order):
    L, Y, Z = drawn
    scale = 1 + np.abs(np.asarray(L.matrix(), float)).max()
    assert (L.adjoint.domain, L.adjoint.codomain) == (L.codomain, L.domain)
    assert_same(inner(L(Y), Z), inner(Y, L.adjoint(Z)), 1e-9 * scale)
    assert_same(L.adjoint.matrix(order), L.matrix(order).T)
    assert_same(L.adjoint.adjoint(Y), L(Y))


@given(matrices("pm", "qn"))
def test_adjoints_of_elementary_maps(spaces):
    L, R = spaces
    assert_same(sandwich(L, R).adjoint.matrix(), sandwich(L.T, R.T).matrix())
    assert_same(rank_one(L, R).adjoint.matrix(), rank_one(R, L).matrix())
    assert_same(transposition(2, 3).adjoint.matrix(), transposition(3, 2).matrix())


@given(maps_and_elements(), st.integers(-5, 5))
def test_maps_are_linear(drawn, number):
    L, Y, _ = drawn
    Z = Y * 3 + 1
    scale = 1 + np.abs(np.asarray(L.matrix(), float)).max()
    assert_same(L(Y + number * Z), L(Y) + number * L(Z), 1e-9 * scale)


# Tensor products.


@pytest.mark.claim("def-tensor-product")
@given(maps_and_elements(count=1), maps_and_elements(count=1))
def test_the_tensor_product_of_maps_acts_on_each_factor(one, two):
    (L1, v1, _), (L2, v2, _) = one, two
    product = L1.tensor(L2)
    assert product.domain == L1.domain + L2.domain
    assert product.codomain == L1.codomain + L2.codomain
    image = product(np.multiply.outer(v1, v2))
    expected = np.multiply.outer(L1(v1), L2(v2))
    if product.exact == L1.exact == L2.exact:
        assert_same(image, expected, 1e-7)
    else:
        np.testing.assert_allclose(np.asarray(image, float), np.asarray(expected, float), 1e-7)


@pytest.mark.claim("def-tensor-product")
@given(matrices("mn", "mn", "pq"), st.integers(-5, 5), orders)
def test_the_tensor_product_of_elements_is_bilinear_and_has_kronecker_coordinates(
    spaces, number, order
):
    v, w, u = spaces
    tensor = np.multiply.outer
    assert_same(tensor(v + number * w, u), tensor(v, u) + number * tensor(w, u))
    assert_same(tensor(u, v + number * w), tensor(u, v) + number * tensor(u, w))
    assert_same(
        coordinates(tensor(v, u), order), np.kron(coordinates(v, order), coordinates(u, order))
    )


@pytest.mark.claim("thm-kronecker-represents")
@given(st.data(), orders)
def test_the_matrix_of_a_tensor_product_is_the_kronecker_product_of_the_matrices(data, order):
    kind = data.draw(st.sampled_from(KINDS))
    spaces = st.one_of(st.tuples(st.integers(1, 2), st.integers(1, 2)), st.just(()))
    L1, L2 = (
        data.draw(linear_maps(data.draw(spaces), data.draw(spaces), kind, 1)) for _ in range(2)
    )
    product = L1.tensor(L2)
    M = product.matrix(order)
    assert_same(M, np.kron(L1.matrix(order), L2.matrix(order)))
    T = data.draw(arrays(product.domain, kind))
    assert_same(M @ coordinates(T, order), coordinates(product(T), order), 1e-7)


@pytest.mark.claim("thm-kronecker-represents")
@given(matrices("mn", "pq", "mn", "pq"), orders)
def test_the_square_commutes(spaces, order):
    G1, G2, v1, v2 = spaces
    L1, L2 = rank_one(G1.T, G1) + transposition(*G1.shape), sandwich(G2.T, G2)
    around = np.kron(L1.matrix(order), L2.matrix(order)) @ np.kron(vec(v1, order), vec(v2, order))
    across = np.kron(coordinates(L1(v1), order), coordinates(L2(v2), order))
    assert_same(around, across, 1e-7)


@pytest.mark.claim("thm-kronecker-represents")
def test_the_square_needs_representations_of_the_maps_in_question():
    rng = np.random.default_rng(1)
    A, B, Y = rng.standard_normal((3, 2, 2))
    truth = functional(B).adjoint.tensor(functional(A.T))
    assert np.allclose(truth.matrix() @ vec(Y), vec(B * np.trace(A @ Y)))
    assert differ(np.kron(B, A.T) @ vec(Y), truth.matrix() @ vec(Y))


@given(st.data(), orders)
def test_adjoints_sums_and_compositions_of_tensor_products(data, order):
    kind = data.draw(st.sampled_from(KINDS))
    space = st.tuples(st.integers(1, 2), st.integers(1, 2))
    a, b, c, d = (data.draw(space) for _ in range(4))
    L1, M1 = (data.draw(linear_maps(a, b, kind, 0)) for _ in range(2))
    L2 = data.draw(linear_maps(c, d, kind, 0))
    T, U = data.draw(arrays(a + c, kind)), data.draw(arrays(b + d, kind))
    product = L1.tensor(L2)
    assert_same(inner(product(T), U), inner(T, product.adjoint(U)), 1e-7)
    assert_same(product.adjoint.matrix(order), L1.adjoint.tensor(L2.adjoint).matrix(order))
    assert_same((product + M1.tensor(L2))(T), (L1 + M1).tensor(L2)(T), 1e-7)
    back = product.adjoint @ product
    assert_same(back(T), (L1.adjoint @ L1).tensor(L2.adjoint @ L2)(T), 1e-7)
    assert_same(back.matrix(order) @ coordinates(T, order), coordinates(back(T), order), 1e-7)


@given(matrices("nn", "nn", "nn"))
def test_kronecker_products_of_square_factors_multiply_factor_by_factor(spaces):
    A, B, C = spaces
    assert_same(np.kron(A @ B, B @ C), np.kron(A, B) @ np.kron(B, C), 1e-7)


class Guest:
    """Something of another library that has its own idea of how to combine with a map."""

    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = lambda self, L: ("combined", L)


@pytest.mark.parametrize("combine", [operator.add, operator.sub, operator.mul, operator.matmul])
def test_other_types_may_take_part_in_the_algebra_of_maps(combine):
    L = identity(2, 2)
    assert combine(L, Guest()) == ("combined", L)


# What is known of the parts is used for the whole.


def refuse(*arguments):
    raise AssertionError("the rule was applied")


@pytest.mark.parametrize(
    "make",
    [
        lambda L: L + L,
        lambda L: L - L,
        lambda L: 3 * L,
        lambda L: -L,
        lambda L: L.tensor(L),
        lambda L: L.adjoint.adjoint,
    ],
)
def test_adjoints_and_matrices_come_from_those_of_the_parts_not_from_a_basis(make, monkeypatch):
    L = make(LinearMap((2, 2), (2, 2), refuse, lambda Z: Z))
    L.adjoint(np.ones(L.codomain))
    L = make(sandwich(np.eye(2), np.eye(2)))
    monkeypatch.setattr(type(sandwich(np.eye(2), np.eye(2))), "_apply", refuse)
    L.matrix()
    L.adjoint.matrix()


@pytest.mark.parametrize("convert", [np.asarray, exact])
@pytest.mark.parametrize("order", ["F", "C"])
def test_adjoints_and_matrices_of_elementary_maps_do_not_come_from_a_basis(
    convert, order, monkeypatch
):
    row, table = convert([[1, 2]]), convert(np.arange(12).reshape(3, 4))
    maps = (
        functional(table),
        rank_one(row, table),
        symmetric_product(table, 2 * table + 1),
        sandwich(row, table),
        entrywise(table),
        transposition(2, 3),
        identity(2, 3),
    )
    slowly = [np.stack([coordinates(L(E), order) for E in units(L.domain, order)], 1) for L in maps]
    monkeypatch.setattr("matderiv.maps.Basis", refuse)
    for L, M in zip(maps, slowly, strict=True):
        assert_same(L.matrix(order), M.astype(L.matrix(order).dtype))
        assert_same(L.adjoint.matrix(order), L.matrix(order).T)
        Z = convert(np.reshape(np.arange(np.prod(L.codomain, dtype=int)), L.codomain))
        assert_same(coordinates(L.adjoint(Z), order), L.matrix(order).T @ coordinates(Z, order))


@pytest.mark.parametrize("L", [identity(2, 2), transposition(2, 3)])
def test_matrices_that_move_entries_hold_integers_and_those_made_of_them_floats(L):
    assert L.matrix().dtype == int
    for number in (2, 2**53 - 1, 2**53, Fraction(1, 2), 0.25):
        M = (number * L).matrix()
        assert M.dtype == float
        assert np.array_equal(M, float(number) * L.matrix())
    for made in (L + L, -L, L / 2, L @ L.adjoint):
        assert made.matrix().dtype == float


def test_the_adjoint_of_a_composition_applies_adjoints():
    L = LinearMap((2, 2), (2, 2), refuse, lambda Z: Z)
    assert_same((L @ L).adjoint(np.eye(2)), np.eye(2))


@pytest.mark.parametrize(
    "combine",
    [lambda L, M: L + M, lambda L, M: M + L, lambda L, M: L @ M, lambda L, M: M @ L],
)
def test_what_is_made_of_an_exact_map_and_another_is_exact(combine):
    L, half = sandwich(exact([[2]]), exact([[3]])), [[0.5]]
    assert is_exact(combine(L, identity(1, 1))(half))
    assert is_exact(L.tensor(identity(1, 1))([[half]]))
    assert is_exact(identity(1, 1).tensor(L)([[half]]))


# SciPy's linear operators.


@given(maps_and_elements(), orders, st.integers(1, 3))
def test_the_linear_operator_is_the_matrix_without_writing_it_down(drawn, order, columns):
    L, *_ = drawn
    M = L.matrix(order).astype(float)
    linear_operator = L.as_linear_operator(order)
    rng = np.random.default_rng(columns)
    v, W = rng.standard_normal(M.shape[1]), rng.standard_normal((M.shape[1], columns))
    u = rng.standard_normal(M.shape[0])
    scale = 1 + np.abs(M).max()
    assert linear_operator.shape == M.shape
    assert linear_operator.dtype == float
    assert_same(linear_operator.matvec(v) / scale, M @ v / scale)
    assert_same(linear_operator.matmat(v[:, None]) / scale, (M @ v[:, None]) / scale)
    assert_same(linear_operator.matmat(W) / scale, M @ W / scale)
    assert_same(linear_operator.rmatvec(u) / scale, M.T @ u / scale)
    assert_same(linear_operator.T.matvec(u) / scale, M.T @ u / scale)


def test_linear_operators_unfold_by_columns_unless_told():
    L = sandwich([[1.0, 2.0]], [[3.0, 4.0]])
    assert_same(L.as_linear_operator() @ np.eye(4), L.matrix("F"))
    assert_same(L.as_linear_operator("C") @ np.eye(4), L.matrix("C"))
    for order in "FC":
        adjoint = L.adjoint.as_linear_operator(order)
        assert_same(adjoint.rmatvec(np.arange(4.0)), L.matrix(order) @ np.arange(4.0))


def test_making_a_linear_operator_applies_nothing():
    applied = []
    LinearMap((2, 2), (), applied.append).as_linear_operator()
    assert applied == []


def test_a_tensor_product_is_a_linear_operator_too():
    rng = np.random.default_rng(0)
    P, Q, G = rng.standard_normal((3, 2, 2))
    L = sandwich(P, Q).tensor(rank_one(Q, G))
    for order in "FC":
        assert_same(L.as_linear_operator(order) @ np.eye(16), L.matrix(order))


def test_maps_too_large_to_write_down_still_apply():
    n = 400
    A, B = np.random.default_rng(0).standard_normal((2, n, n))
    v = np.ones(n * n)
    operator = sandwich(A, B).as_linear_operator("C")
    assert_same(operator @ v, np.outer(A.sum(1), B.sum(1)).ravel(), 1e-7)
    operator = rank_one(B, A.T).as_linear_operator()
    assert_same(operator @ v, A.sum() * B.ravel("F"), 1e-7)


# Memory: dense only on request, never by accident.


@pytest.mark.parametrize(
    "make",
    [
        lambda n: sandwich(np.eye(n), np.eye(n)),
        lambda n: rank_one(np.eye(n), np.eye(n)),
        lambda n: transposition(n, n),
        lambda n: identity(n, n),
        lambda n: LinearMap((n, n), (n, n), lambda Y: Y),
        lambda n: 2 * identity(n, n) + transposition(n, n).adjoint,
        lambda n: sandwich(np.eye(n), np.eye(n)) @ transposition(n, n),
        lambda n: functional(np.eye(n)).adjoint.tensor(functional(np.eye(n))),
    ],
)
def test_a_matrix_above_two_gib_is_refused_with_its_size_and_a_way_out(make):
    with pytest.raises(MemoryError, match=r"16,900 × 16,900: 2\.1 GiB.*as_linear_operator"):
        make(130).matrix()


def test_the_limit_can_be_moved():
    L = identity(2, 2)
    assert L.matrix(max_bytes=128).shape == (4, 4)
    with pytest.raises(MemoryError, match=r"map's matrix is 4 × 4.*max_bytes"):
        L.matrix(max_bytes=127)


def test_a_short_row_does_not_cost_a_large_square_matrix():
    n = 40
    composed = functional(np.ones((n, n))) @ sandwich(np.eye(n), 2 * np.eye(n))
    tracemalloc.start()
    row = composed.matrix()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_same(row, np.full((1, n * n), 2.0))
    assert peak < 8 * n**4 / 4


# Kinds of numbers.


@pytest.mark.parametrize("order", ["F", "C"])
def test_integers_never_overflow(order):
    large = 2**40
    one = identity(1, 1)
    ones = np.full((2, 2), large)
    for L, expected in (
        (large * (large * one), 2.0**80),
        ((large * one) @ (large * one), 2.0**80),
        (2**62 * one + 2**62 * one, 2.0**63),
        (-(2**62) * one - 2**63 * one, -3 * 2.0**62),
        (2**70 * one, 2.0**70),
        ((large * one).tensor(large * one), 2.0**80),
        (LinearMap((1, 1), (1, 1), lambda Y: Y * large * large), 2.0**80),
        (LinearMap((1, 1), (1, 1), lambda Y: Y * large * large).adjoint, 2.0**80),
    ):
        assert L.matrix(order).item() == expected
        assert np.asarray(L(np.full(L.domain, 1))).item() == expected
    assert functional(ones)(ones) == 4 * 2.0**80
    assert_same(rank_one(ones, ones)(ones), np.full((2, 2), 4 * 2.0**120))
    assert_same(rank_one(ones, ones).matrix(order), np.full((4, 4), 2.0**80))
    assert_same(sandwich(ones, ones)(ones), np.full((2, 2), 4 * 2.0**120))
    assert_same(sandwich(ones, ones).matrix(order), np.full((4, 4), 2.0**80))


def test_exact_maps_take_large_integers_exactly():
    L = functional(exact([[1]])) @ (2**70 * identity(1, 1))
    assert L(exact([[2**70 + 1]])) == 2**70 * (2**70 + 1)
    assert functional(exact([[3]]))([[2**60 + 1]]) == 3 * (2**60 + 1)


def test_one_exact_matrix_makes_the_map_exact_and_its_images_too():
    third = Fraction(1, 3)
    for L in (
        rank_one(exact([[third]]), [[0.5]]),
        rank_one([[0.5]], exact([[third]])),
        sandwich(exact([[third]]), [[0.5]]),
        third * sandwich(exact([[1]]), exact([[0.5]])),
        0.5 * sandwich(exact([[third]]), [[1]]),
    ):
        assert_same(L([[2]]), exact([[third]]))
        assert_same(L([[2.0]]), exact([[third]]))
        assert is_exact(L.matrix())


def test_maps_that_only_move_entries_keep_exact_numbers_exact():
    Y = exact([[1, Fraction(1, 3)]])
    for L in (transposition(1, 2), identity(1, 2), -transposition(1, 2), identity(1, 2) / 3):
        assert is_exact(L(Y))
        assert not L.exact
        assert L([[1, 2]]).dtype == float
    assert_same((identity(1, 2) / 3)(Y), Y / 3)
    S = sandwich(exact([[1]]), exact([[1, 1]]))
    for L in (S @ transposition(2, 1), transposition(1, 1) @ S, identity(1, 1) + S @ S.adjoint):
        assert is_exact(L.matrix())
        assert is_exact(L(np.ones(L.domain)))


def test_values_and_matrices_of_exact_maps_are_exact_arrays():
    L = LinearMap((1, 2), (2, 1), lambda Y: Y.T, exact=True)
    S = symmetric_product(exact([[1, 2]]), [[0.5, 1]])
    for array in (L.matrix(), L.adjoint([[1], [2]]), S.matrix(), S([[1, 2]])):
        assert isinstance(array, type(exact(1)))


def test_a_real_symbol_is_a_scalar():
    c = sp.Symbol("c", real=True)
    L = c * functional(exact([[1, 2]]))
    assert L([[3, 4]]) == 11 * c
    assert_same(L.matrix(), [[c, 2 * c]])
    assert_same((c * identity(1, 1)).matrix(), [[c]])


# Values: nothing that is done to a map's data or results changes it.


@pytest.mark.parametrize("convert", [np.array, exact])
@pytest.mark.parametrize(
    "make",
    [
        functional,
        lambda M: rank_one(M, M),
        lambda M: symmetric_product(M, M),
        lambda M: sandwich(M, M),
    ],
    ids=["functional", "rank_one", "symmetric_product", "sandwich"],
)
def test_a_map_does_not_change_with_the_matrix_it_was_made_of(make, convert):
    M = convert([[1.0, 2.0], [3.0, 4.0]])
    L = make(M)
    before = L.matrix().copy()
    M[0, 0] = convert(99.0)[()]
    assert_same(L.matrix(), before)
    assert_same(make(M).matrix()[0, 0], make(M.copy()).matrix()[0, 0])


@pytest.mark.parametrize("order", ["F", "C"])
def test_the_matrix_of_a_map_belongs_to_the_caller(order):
    for L in (functional(np.eye(2)), rank_one(np.eye(2), np.eye(2)), transposition(2, 2),
              functional(np.eye(2)).adjoint, sandwich(np.eye(2), np.eye(2))):  # fmt: skip
        M = L.matrix(order)
        M[0, 0] = 99
        assert L.matrix(order)[0, 0] == 1


def test_maps_cannot_be_changed():
    L = identity(2, 2)
    with pytest.raises(FrozenInstanceError):
        L.rule = None


def test_applying_a_map_leaves_its_argument():
    Y = np.arange(4.0).reshape(2, 2)
    for L in (functional(Y), rank_one(Y, Y), sandwich(Y, Y), transposition(2, 2), identity(2, 2)):
        (3 * L + L)(Y)
        L.adjoint(L(Y))
    assert np.array_equal(Y, [[0, 1], [2, 3]])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (transposition(2, 3), r"R\^\(2×3\) to R\^\(3×2\).* Yᵀ"),
        (functional(np.ones((2, 3))), r"R\^\(2×3\) to R\b.*⟨G, Y⟩"),
        (functional(np.ones((2, 3))).adjoint, r"R to R\^\(2×3\)"),
        (rank_one(np.ones((1, 2)), np.ones((3, 4))), r"R\^\(3×4\) to R\^\(1×2\).*⟨G, Y⟩ B"),
        (sandwich(np.ones((1, 2)), np.ones((3, 4))), r"R\^\(2×4\) to R\^\(1×3\).*L Y Rᵀ"),
        (3 * identity(2, 2) + transposition(2, 2), r"3.*Y.*\+.*Yᵀ"),
        (identity(1, 1).tensor(transposition(2, 3)), r"R\^\(1×1\) ⊗ R\^\(2×3\)"),
        (TraceProduct(np.eye(2), np.eye(2)), r"tr\(AX\) tr\(BX\).*2×2"),
        (second_derivative(np.linalg.norm, np.eye(2)), r"R\^\(2×2\).*central differences"),
        (
            second_derivative(np.trace, exact(np.eye(2))).restrict_to_symmetric(),
            r"symmetric matrices of R\^\(2×2\).*exact",
        ),
    ],
)
def test_it_says_what_it_is_and_where_it_goes(made, words):
    assert re.search(words, repr(made))


# Other libraries' arrays.


def test_dask_arrays_stay_dask_arrays_and_are_not_computed():
    da = pytest.importorskip("dask.array")
    rng = np.random.default_rng(0)
    L, R, B, G, Y = (
        rng.standard_normal(shape) for shape in ((2, 3), (5, 4), (2, 5), (3, 4), (3, 4))
    )
    lazy = [da.from_array(M, chunks=2) for M in (L, R, B, G, Y)]
    dL, dR, dB, dG, dY = lazy
    for image, expected in (
        (functional(dG)(dY), np.vdot(G, Y)),
        (rank_one(dB, dG)(dY), np.vdot(G, Y) * B),
        (sandwich(dL, dR)(dY), L @ Y @ R.T),
        (sandwich(L, R)(dY), L @ Y @ R.T),
        (rank_one(dB, dG).adjoint(dB), np.vdot(B, B) * G),
        (symmetric_product(dG, dY)(dL.T @ dB[:, :4]), symmetric_product(G, Y)(L.T @ B[:, :4])),
        (symmetric_product(dG, Y)(G), np.vdot(G, G) * Y + np.vdot(Y, G) * G),
        (symmetric_product(G, dY)(G), np.vdot(G, G) * Y + np.vdot(Y, G) * G),
        (symmetric_product(G, Y)(dG), np.vdot(G, G) * Y + np.vdot(Y, G) * G),
        (symmetric_product(dG, Y).matrix(), symmetric_product(G, Y).matrix()),
        ((transposition(3, 4) + 2 * sandwich(np.ones((4, 3)), np.ones((3, 4))))(dY),
         Y.T + 2 * Y.sum() * np.ones((4, 3))),
        (vec(dY), Y.ravel("F")),
        (vec(dY, "C"), Y.ravel("C")),
        (rank_one(dB, dG).matrix(), np.outer(B.ravel("F"), G.ravel("F"))),
    ):  # fmt: skip
        assert isinstance(image, da.Array)
        assert_same(image.compute(), expected)


def test_dask_integers_do_not_overflow():
    da = pytest.importorskip("dask.array")
    ones = da.full((2, 2), 2**40, chunks=1)
    assert functional(ones)(ones).compute() == 4 * 2.0**80


@pytest.mark.parametrize("order", ["F", "C"])
@given(maps_and_elements(), st.data())
def test_operators_act_on_vectors_and_blocks_with_their_adjoint_and_transpose(order, drawn, data):
    L, _, _ = drawn
    M = np.asarray(L.matrix(order), dtype=float)
    op = L.as_linear_operator(order)
    columns = data.draw(st.integers(1, 3))
    for one, matrix in ((op, M), (op.T, M.T), (op.H, M.T), (op.T.T, M)):
        shape = (matrix.shape[1], columns)
        block = data.draw(arrays(shape, "float"))
        assert_same(one @ block, matrix @ block)
        assert_same(one @ np.asfortranarray(block), matrix @ block)
        assert_same(one @ block[:, 0], matrix @ block[:, 0])
        assert_same(one @ block[:, :1], matrix @ block[:, :1])


@pytest.mark.parametrize("memory", ["F", "C"])
@given(matrices("mn", "pq", "pm", "qn", "mn", "pq", kinds=["float"]))
def test_values_do_not_depend_on_how_an_element_lies_in_memory(memory, drawn):
    G, B, left, right, Y, Z = drawn
    Y, Z = Y.copy(memory), Z.copy(memory)
    assert_same(functional(G)(Y), inner(G, Y))
    assert_same(rank_one(B, G)(Y), inner(G, Y) * B)
    assert_same(rank_one(B, G).adjoint(Z), inner(B, Z) * G)
    assert_same(sandwich(left, right)(Y), left @ Y @ right.T)
    assert_same(sandwich(left, right).adjoint(Z), left.T @ Z @ right)


@pytest.mark.parametrize("order", ["F", "C"])
def test_operators_copy_nothing_but_the_image(order):
    n = 200
    A, B, v = (np.random.default_rng(k).standard_normal((n, n)) for k in range(3))
    for L, products in (
        (sandwich(A, B), 2),
        (rank_one(A, B) + rank_one(B, A), 2),
        (symmetric_product(A.T, B.T), 2),
    ):
        op = L.as_linear_operator(order)
        op.matvec(v.reshape(-1))
        tracemalloc.start()
        op.matvec(v.reshape(-1))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 * n * n * (products + 0.5)


def test_a_sum_of_matrices_leaves_those_of_its_parts_alone():
    L = rank_one([[1.0, 2.0]], [[3.0], [4.0]])
    before = L.matrix()
    twice = (L + L).matrix()
    assert_same(twice, 2 * before)
    assert_same(L.matrix(), before)


# Maps as data: every kind pickles, prints as a formula, and computes with what it is made of.


def swapped(Y):
    return 2 * Y.T


def every_kind(convert):
    """List a map of each kind, of numbers of one kind."""
    A, B = convert([[7, 1], [2, 3]]), convert([[5, 2], [0, 1]])
    L = sandwich(A, B)
    return [
        functional(A),
        functional(A).adjoint,
        rank_one(A, B),
        symmetric_product(A, B),
        L,
        entrywise(A),
        L + transposition(2, 2),
        3 * L,
        L / 2 - rank_one(A, B),
        transposition(2, 2) @ L,
        functional(A).tensor(L),
        LinearMap((2, 2), (2, 2), swapped, swapped, "Y ↦ 2 Yᵀ", convert is exact),
        LinearMap((2, 2), (2, 2), swapped, exact=convert is exact).adjoint,
        TraceProduct(A, B).false_hessian,
    ]


FLOAT, EXACT = every_kind(np.array), every_kind(exact)
MOVING = [
    identity(2, 2), transposition(2, 2), -identity(2, 2), identity(2, 2) / 3 + transposition(2, 2)
]  # fmt: skip
every_map = pytest.mark.parametrize("L", FLOAT + EXACT + MOVING, ids=lambda L: type(L).__name__)


def element(L, start=1):
    return np.reshape(np.arange(np.prod(L.domain, dtype=int)) + start, L.domain)


@every_map
def test_every_map_pickles_and_stays_what_it_is(L):
    for again in (pickle.loads(pickle.dumps(L)), copy(L), deepcopy(L)):
        assert type(again) is type(L)
        assert (again.domain, again.codomain, again.exact) == (L.domain, L.codomain, L.exact)
        assert repr(again) == repr(L)
        assert_same(again(element(L)), L(element(L)))
        for order in "FC":
            assert np.array_equal(again.matrix(order), L.matrix(order))
            assert np.array_equal(again.adjoint.matrix(order), L.adjoint.matrix(order))


@every_map
def test_no_part_of_a_map_can_be_changed(L):
    for field in fields(L):
        with pytest.raises(FrozenInstanceError):
            setattr(L, field.name, None)
        part = getattr(L, field.name)
        assert not (isinstance(part, np.ndarray) and part.flags.writeable)


@pytest.mark.parametrize("kind", [FLOAT, EXACT], ids=["floats", "exact"])
def test_what_a_map_gives_is_of_the_kind_that_it_is_made_of(kind):
    for L in kind:
        assert L.exact == (kind is EXACT)
        for Y in (element(L), exact(element(L))[()]):
            for found in (L(Y), L.matrix(), L.adjoint.matrix()):
                assert is_exact(found) == (kind is EXACT)
                assert kind is EXACT or np.asarray(found).dtype == float


@pytest.mark.parametrize(("i", "j"), some(product(range(len(FLOAT)), repeat=2), 66))
def test_one_part_of_floats_makes_a_map_one_of_floats(i, j):
    L, M = FLOAT[i], EXACT[j]
    made = [L.tensor(M), M.tensor(L)]
    if (L.domain, L.codomain) == (M.domain, M.codomain):
        made += [L + M, M - L, sum([M, L, M / 3])]
    if L.codomain == M.domain:
        made += [M @ L]
    for mixed in made:
        assert not mixed.exact
        for found in (mixed(element(mixed)), mixed.matrix(), mixed.adjoint.matrix()):
            assert np.asarray(found).dtype == float


def test_a_multiple_by_a_float_makes_a_map_one_of_floats_in_any_order_of_multiples():
    for L in (0.1 * (identity(2, 2) / 3), 0.1 * identity(2, 2) / 3, -(0.1 * identity(2, 2)) * 2):
        for mixed in (L, L + EXACT[4], EXACT[4] @ L, L.adjoint):
            assert not mixed.exact
            assert mixed(exact(np.eye(2))).dtype == mixed.matrix().dtype == float


@given(maps_and_elements(count=3), orders)
def test_maps_add_up_by_sum(drawn, order):
    *maps, Y, _ = drawn
    total = sum(maps)
    assert_same(total(Y), maps[0](Y) + maps[1](Y) + maps[2](Y), 1e-7)
    assert_same(total.matrix(order), (maps[0] + maps[1] + maps[2]).matrix(order), 1e-7)
    assert sum(maps[:1]) is maps[0]


NUMBERS = [2, -7, Fraction(1, 3), sp.Rational(-2, 5), 0.5, np.float32(0.25), np.int64(3)]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_multiples_and_fractions_of_maps_are_of_the_maps_kind(number):
    value = Fraction(float(number)) if isinstance(number, (float, np.floating)) else number
    value = Fraction(int(value.numerator), int(value.denominator))
    for L, M in zip(FLOAT, EXACT, strict=True):
        Y = element(L)
        for scaled, factor in (
            (operator.mul, value), (operator.truediv, 1 / value), (lambda L, c: c * L, value)
        ):  # fmt: skip
            assert_same(scaled(M, number)(Y), factor * M(Y))
            assert_same(scaled(M, number).matrix(), factor * M.matrix())
            floats = scaled(L, number)
            assert np.asarray(floats(Y)).dtype == floats.matrix().dtype == float
            assert_same(floats(Y), float(factor) * L(Y))
            assert_same(floats.matrix(), float(factor) * L.matrix())


@pytest.mark.parametrize("L", [FLOAT[4], EXACT[4], MOVING[0]], ids=["floats", "exact", "moves"])
def test_maps_are_not_divided_by_zero_nor_by_what_is_no_number(L):
    for zero in (0, 0.0, Fraction(0), np.float64(0), sp.Integer(0)):
        with pytest.raises(ZeroDivisionError, match="divided by zero"):
            L / zero
    for other in (L, None, "2", [2.0]):
        with pytest.raises(TypeError):
            L / other
    with pytest.raises(TypeError):
        2 / L


def test_numbers_too_large_for_floats_multiply_exact_maps_only():
    huge = 10**400
    assert (huge * EXACT[4])(np.eye(2))[0, 0] == huge * EXACT[4](np.eye(2))[0, 0]
    assert (huge * identity(1, 1))(exact([[2]])) == 2 * huge
    with pytest.raises((ValueError, OverflowError)):
        (huge * FLOAT[4])(np.eye(2))
    with pytest.raises(TypeError, match=r"floats.*no symbols"):
        sp.Symbol("c", real=True) * FLOAT[4]


A2, B2 = np.array([[7.0, 1.0], [2.0, 3.0]]), np.array([[5.0, 2.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("L", "formula", "latex"),
    [
        (functional(A2), "⟨G, Y⟩", r"\langle G, Y\rangle "),
        (functional(A2).adjoint, "Y B", "Y B"),
        (rank_one(A2, B2), "⟨G, Y⟩ B", r"\langle G, Y\rangle  B"),
        (symmetric_product(A2, B2), "⟨P, Y⟩ Q + ⟨Q, Y⟩ P", None),
        (sandwich(A2, B2), "L Y Rᵀ", r"L Y R^\top"),
        (entrywise(A2), "W ∘ Y", r"W \circ  Y"),
        (identity(2, 2), "Y", "Y"),
        (transposition(2, 2), "Yᵀ", r"Y^\top"),
        (transposition(2, 2) @ transposition(2, 2), "Y", r"Y$"),
        (transposition(2, 2) @ sandwich(A2, B2), "(L Y Rᵀ)ᵀ", r"(L Y R^\top)^\top"),
        (sandwich(A2, B2) @ transposition(2, 2), "L Yᵀ Rᵀ", None),
        (sandwich(A2, A2) + sandwich(B2, B2), "L Y Rᵀ + L₂ Y R₂ᵀ", r" + L_{2} Y R_{2}^\top"),
        (sum([functional(A2)] * 12), "⟨G₁₂, Y⟩", r"\langle G_{12}, Y"),
        (identity(2, 2) - transposition(2, 2), "Y − Yᵀ", r"Y - Y^\top"),
        (-identity(2, 2) - 2 * transposition(2, 2), "−Y − 2 Yᵀ", r"-Y - 2 Y^\top"),
        (3 * (identity(2, 2) + transposition(2, 2)) / 2, "3/2 Y + 3/2 Yᵀ", None),
        (0.5 * sandwich(A2, B2), "0.5 L Y Rᵀ", None),
        (-symmetric_product(A2, B2), "−(⟨P, Y⟩ Q + ⟨Q, Y⟩ P)", None),
        (2 * sp.sqrt(2) * functional(exact(A2)), "2·√(2) ⟨G, Y⟩", r"2\cdot √(2) \langle G"),
        ((1 + sp.Symbol("c", real=True)) * identity(2, 2), "(c + 1) Y", None),
        (functional(A2) @ (identity(2, 2) + transposition(2, 2)), "⟨G, Y + Yᵀ⟩", None),
        (functional(3.0), "⟨G, Y⟩", None),
        (functional(2.0) @ (functional(A2) - functional(B2)), "⟨G₃, ⟨G, Y⟩ − ⟨G₂, Y⟩⟩", None),
        (functional(A2).adjoint @ (functional(A2) + functional(B2)), "(⟨G, Y⟩ + ⟨G₂, Y⟩) B", None),
        (-identity(2, 2) @ -identity(2, 2), "−(−Y)", None),
        (functional(A2).tensor(identity(2, 2)), "((v ↦ ⟨G, v⟩) ⊗ (w ↦ w))(Y)",
         r"((v \mapsto  \langle G, v\rangle ) \otimes  (w \mapsto  w))(Y)"),
        (LinearMap((), (), swapped), "L(Y)", "L(Y)"),
        (LinearMap((2, 2), (2, 2), swapped, formula="Y ↦ 2 Yᵀ"), "2 Yᵀ", r"2 Y^\top"),
        (LinearMap((2, 2), (2, 2), swapped, formula="2 Yᵀ") @ identity(2, 2), "2 Yᵀ", None),
        (LinearMap((2, 2), (2, 2), swapped, formula="2 Yᵀ") @ transposition(2, 2),
         "(2 Yᵀ)(Yᵀ)", None),
        (LinearMap((2, 2), (2, 2), swapped).adjoint, "(Y ↦ L(Y))*(Y)", r"(Y \mapsto  L(Y))^*(Y)"),
        (derivative(np.trace, A2), "Df(X)[Y]", "Df(X)[Y]"),
        (second_derivative(np.trace, A2).map, "D²f(X)[Y, ·]", r"D^2f(X)[Y, \cdot ]"),
    ],
)  # fmt: skip
def test_maps_print_as_formulas_in_text_and_in_latex(L, formula, latex):
    assert formula in repr(L)
    assert L.formula.startswith("Y ↦ ")
    assert L._repr_latex_().startswith(r"$\displaystyle Y \mapsto ")
    assert L._repr_latex_().endswith("$")
    assert latex is None or latex in L._repr_latex_()
    assert not set(L._repr_latex_()) & set("↦⟨⟩⊗∘ᵀ×−₂²·")


class Printed:
    """A number or a matrix in a printed formula, where @ multiplies either."""

    def __init__(self, value):
        self.value = value

    T = property(lambda self: Printed(self.value.T))
    __neg__ = lambda self: Printed(-self.value)  # noqa: E731
    __add__ = lambda self, other: Printed(self.value + other.value)  # noqa: E731
    __sub__ = lambda self, other: Printed(self.value - other.value)  # noqa: E731
    __mul__ = lambda self, other: Printed(self.value * other.value)  # noqa: E731
    __matmul__ = lambda self, other: Printed(np.dot(self.value, other.value))  # noqa: E731


def letters(L):
    """List the letters that a map's formula prints, in this order, with what they stand for."""
    if isinstance(L, maps.Sum):
        return [pair for _, M in L.terms for pair in letters(M)]
    if isinstance(L, maps.Composition):
        return letters(L.inner) + letters(L.outer)
    if isinstance(L, maps.LowRank):
        return [(name, M) for name, (M,) in (("G", L.G), ("B", L.B)) if M.ndim or M != 1]
    return [(name, getattr(L, name)) for name in "LRW" if hasattr(L, name)]


def evaluated(L, Y):
    """Evaluate the formula that a map prints, from its letters and the grammar alone."""
    known, counts = {"Y": Printed(Y)}, {}
    for name, value in letters(L):
        counts[name] = counts.get(name, 0) + 1
        known[name + str(counts[name]) * (counts[name] > 1)] = Printed(value)
    text = L.formula.removeprefix("Y ↦ ").translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    assert set(known) == {"Y", *re.findall(r"[A-Z]\d*", text)}
    text = re.sub(r"(?<![A-Z\d])[\d./]+", r"number(\g<0>)", text)
    for printed, typed in (("⟨", "inner("), ("⟩", ")"), (", ", ","), ("ᵀ", ".T"), (" ∘ ", "*"),
                           (" + ", "+"), (" − ", "-"), ("−", "-"), (" ", "@")):  # fmt: skip
        text = text.replace(printed, typed)
    known["inner"] = lambda G, Z: Printed(np.vdot(G.value, Z.value))
    return eval(text, known | {"number": Printed}).value


def composed(rng, domain, codomain, depth=3):
    """Make a map between numbers and 2×2 matrices of multiples, sums and compositions."""

    def data(*shape):
        return rng.standard_normal(shape) if shape else rng.choice([1.0, 2.0, -3.0])

    def other(source=domain, target=codomain):
        return composed(rng, source, target, depth - 1)

    kinds = [lambda: rank_one(data(*codomain), data(*domain))]
    if domain == codomain:
        kinds += [lambda: entrywise(data(*domain))]
    if domain and codomain:
        kinds += [lambda: sandwich(data(2, 2), data(2, 2)), lambda: identity(2, 2)]
        kinds += [lambda: transposition(2, 2)]
    if depth:
        between = [(), (2, 2)][rng.integers(2)]
        number = rng.choice([-1, 2, -0.5, Fraction(-1, 2)])
        kinds = [lambda: other() + other(), lambda: other() - other(), lambda: number * other()]
        kinds += [lambda: other(between, codomain) @ other(domain, between)] * 2
    return kinds[rng.integers(len(kinds))]()


@pytest.mark.parametrize("domain", [(), (2, 2)])
@pytest.mark.parametrize("codomain", [(), (2, 2)])
def test_a_map_does_what_its_formula_says(domain, codomain):
    rng = np.random.default_rng(2011)
    for _ in range(200):
        L = composed(rng, domain, codomain)
        Y = rng.standard_normal(domain)
        np.testing.assert_allclose(evaluated(L, Y), L(Y), 1e-9, 1e-9, err_msg=repr(L))


# Forms: a self-adjoint map seen again.


@given(matrices("nn", "nn", "nn", "nn"), orders)
def test_a_form_and_its_map_are_one_thing_seen_twice(spaces, order):
    A, B, Y, Z = spaces
    for L in (symmetric_product(A, B), entrywise(A), sandwich(A, B) + sandwich(A.T, B.T)):
        for form in (L.form, BilinearForm(L)):
            assert form.map is L
            assert (form.shape, form.exact, form.method) == (L.domain, L.exact, "formula")
            assert form.error == 0
            assert_same(form(Y, Z), inner(L(Y), Z), 1e-7)
            assert_same(form.matrix(order), L.matrix(order))
            assert_same(form.tensor, np.reshape(L.matrix("C"), Y.shape * 2))
            assert f"R^({len(A)}×{len(A)}), formula" in repr(form)
            again = pickle.loads(pickle.dumps(form))
            assert repr(again.map) == repr(L)
            assert_same(again(Y, Z), form(Y, Z))


@examples(15)
@given(matrices("nn", "nn", "nn", "nn"), orders)
def test_a_form_on_symmetric_matrices_is_the_same_form(spaces, order):
    A, B, Y, Z = spaces
    Y, Z = Y + Y.T, Z + Z.T
    lower = np.tril(np.ones(A.shape))
    places = [tuple(np.argwhere(E)[0]) for E in units(A.shape, "F") if (E * lower).any()]
    root = sp.sqrt(2)
    y, z = (exact([W[i, j] if i == j else root * W[i, j] for i, j in places]) for W in (Y, Z))
    for L in (symmetric_product(A, B), sandwich(A + A.T, B + B.T)):
        M = L.form.restrict_to_symmetric().matrix(order)
        value = y @ exact(M) @ z
        assert abs(float(value) - float(inner(L(Y), Z))) <= 1e-9 * (1 + abs(float(value)))
        assert np.array_equal(M, M.T) or not L.exact


@pytest.mark.parametrize("convert", [np.array, exact])
@pytest.mark.parametrize("order", "FC")
def test_the_basis_of_symmetric_matrices_is_that_of_vech_in_either_order(convert, order):
    form = (2 * entrywise(convert(np.arange(9).reshape(3, 3) ** 2))).form
    diagonal = [0, 10, 40, 32, 74, 128]
    assert_same(form.restrict_to_symmetric().matrix(order), convert(np.diag(diagonal)))


@pytest.mark.parametrize("other", [functional(A2), rank_one(A2, A2[:1]), transposition(1, 2), A2])
def test_forms_are_those_of_maps_from_a_space_to_itself(other):
    with pytest.raises(ValueError, match=r"^map\b.*itself"):
        BilinearForm(other)


# Nothing that is handed back is memory of the caller, or of the map.


@every_map
@pytest.mark.parametrize("memory", ["F", "C"])
def test_no_image_shares_memory_with_what_was_mapped_or_with_the_map(L, memory):
    Y = np.asarray(element(L), dtype=float, order=memory)
    Y = exact(Y) if L.exact else Y
    for image in (L(Y), L.matrix(), L.as_linear_operator() @ np.ones(Y.size)):
        if isinstance(image, np.ndarray):
            assert image.flags.writeable
            assert not np.shares_memory(image, Y)
            before = L(Y)
            image[...] = image[...] * 0 + 99
            assert np.array_equal(L(Y), before)


@pytest.mark.parametrize("memory", ["F", "C"])
def test_a_rule_may_return_what_it_got_or_what_it_keeps(memory):
    kept = np.zeros((2, 2), order=memory)
    Y = np.array([[1.0, 2.0], [3.0, 4.0]], order=memory)
    same = LinearMap((2, 2), (2, 2), lambda Y: Y, lambda Z: Z)
    none = LinearMap((2, 2), (2, 2), lambda Y: kept, lambda Y: kept)
    for L in (same, same.adjoint, none, none.adjoint, none + same, same - 2 * none):
        L(Y)[0, 0] = 99
        assert np.array_equal(Y, [[1, 2], [3, 4]])
        assert not kept.any()


# What a rule returns comes in by the same door as everything else.


def test_what_a_rule_makes_becomes_numbers_of_the_maps_kind():
    for exactly in (False, True):
        L = LinearMap((1, 2), (1, 2), lambda Y: [[1, 2]], lambda Z: [[3, 4]], exact=exactly)
        for found in (L([[0, 0]]), L.adjoint([[0, 0]]), (L / 3)([[0, 0]]), L.matrix()):
            assert is_exact(found) == exactly
            assert exactly or found.dtype == float


@pytest.mark.parametrize("wrong", [None, "1", 1j, [[1, 2], [3]], np.ones(2), np.ones((2, 3))])
def test_what_a_rule_should_not_return_is_refused_by_the_rules_name(wrong):
    L = LinearMap((2, 2), (2, 2), lambda Y: wrong, lambda Y: wrong)
    for call, name in (
        (lambda: L(np.eye(2)), "rule"),
        (lambda: L.adjoint(np.eye(2)), "adjoint_rule"),
        (L.matrix, "rule"),
    ):
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b"):
            call()


# Numbers in between may be larger than floats are.


@examples(100)
@given(matrices("nn", "nn", "nn", kinds=("float",)), st.tuples(*[st.integers(-120, 250)] * 3))
def test_images_are_finite_where_they_should_be(spaces, powers):
    A, B, Y = (M * 10.0**power for M, power in zip(spaces, powers, strict=True))
    for make, sign in (
        (rank_one, 1),
        (symmetric_product, 1),
        (sandwich, 1),
        (lambda A, B, sign=1: rank_one(A, B) + sign * rank_one(B, A), 1),
        (lambda A, B, sign=-1: rank_one(A, B) + sign * rank_one(B, A), -1),
        (lambda A, B: functional(A).adjoint @ functional(B), 1),
    ):
        true = np.array(make(exact(A), exact(B))(exact(Y)), dtype=float)
        sizes = [exact(abs(M)) for M in (A, B, Y)]
        absolute = make(*sizes[:2], 1) if sign < 0 else make(*sizes[:2])
        size = np.array(absolute(sizes[2]), dtype=float)
        found, sure = make(A, B)(Y), (size < 1e305) & (size > 1e-290)
        assert np.isfinite(found[sure]).all()
        assert np.all(abs(found[sure] - true[sure]) <= 1e-12 * size[sure])


def test_where_an_inner_product_is_too_large_no_nan_comes_of_it():
    P, Q = np.array([[1e20, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    Y = np.array([[1e290, 5.0], [0.0, 0.0]])
    assert np.isinf(functional(P)(Y))
    for L in (symmetric_product(P, Q), rank_one(Q, P) + rank_one(P, Q)):
        for memory in "FC":
            image = L(np.asarray(Y, order=memory))
            assert image[0, 0] == pytest.approx(5e20)
            assert image[0, 1] == np.inf
            assert not image[1].any()
        assert L.form(Y, [[1, 0], [0, 0]]) == pytest.approx(5e20)
    a, b, y = [[1e-300 / 7]], [[1e290 / 7]], [[1 / 7]]
    far = functional(a) @ sandwich(b, b)  # in between 1e577, which no smaller y avoids
    assert far(y) in (np.inf, pytest.approx(4.164931278633903e276))
    wide = symmetric_product(1e180 * P, Q)([[1e290, 1e-250], [0, 0]])
    assert np.isnan(wide[0, 0]) or wide[0, 0] == pytest.approx(1e-50, abs=0)  # not 0
    assert rank_one(1e-200 * Q, 1e200 * Q)(1e290 * Q)[0, 1] == pytest.approx(1e290)
    assert symmetric_product(1e200 * Q, 1e-200 * Q)(1e290 * Q)[0, 1] == pytest.approx(2e290)
    H = second_derivative(lambda X: np.trace(X @ X), np.eye(2))
    assert H.map(1e290 * A2) == pytest.approx(2e290 * A2.T, rel=1e-6)
    assert derivative(np.trace, A2)(1e290 * A2) == pytest.approx(1e291)


# Complex entries, and arrays that are no plain ones.


@every_map
def test_complex_elements_are_refused_with_the_way_out(L):
    with pytest.raises(TypeError, match=r"^Y\b.*complex.*\.real.*stack"):
        L(element(L) * 1j)


@pytest.mark.parametrize(
    ("unfit", "way_out"),
    [(np.ma.masked_less(A2, 2), r"\.filled"), (coo_array(A2), r"\.toarray")],
    ids=["masked", "sparse"],
)
def test_masked_and_sparse_arrays_are_refused_with_the_way_out(unfit, way_out):
    for make, name in ((functional, "G"), (entrywise, "W"), (identity(2, 2), "Y"), (vec, "X")):
        with pytest.raises(TypeError, match=rf"^{name}\b.*{way_out}"):
            make(unfit)


def test_every_kind_of_map_leaves_dask_arrays_where_they_are():
    da = pytest.importorskip("dask.array")
    dask = pytest.importorskip("dask")

    def far(M):
        M = np.asarray(M, dtype=float)
        return da.from_array(M, chunks=1) if M.ndim == 2 else M

    def refuse_to_compute(*args, **kwargs):
        raise AssertionError("computed")

    with dask.config.set(scheduler=refuse_to_compute):
        lazy_maps = every_kind(far)[:10]
    for ours, theirs in zip(FLOAT[:10] + MOVING, lazy_maps + MOVING, strict=True):
        Y = far(element(ours))
        with dask.config.set(scheduler=refuse_to_compute):
            lazy = [theirs(Y), theirs.adjoint.adjoint(Y), (theirs + 2 * ours)(Y), ours(Y)]
            if isinstance(lazy[0], da.Array) and "L Y" not in theirs.formula:
                lazy += [theirs.matrix(), (theirs / 2).matrix()] * (theirs not in MOVING)
        assert all(isinstance(image, da.Array) for image in lazy[:4] if ours.domain)
        true = ours(element(ours))
        if theirs not in MOVING and ours.domain:
            Y = element(ours)
            assert_same(np.asarray((2 * ours + theirs)(Y)), 3 * true)
        for image, factor in zip(lazy, (1, 1, 3, 1), strict=False):
            assert_same(np.asarray(image), factor * true)
        for M, factor in zip(lazy[4:], (1, 0.5), strict=False):
            assert_same(np.asarray(M), factor * ours.matrix())


def test_a_form_on_dask_arrays_is_not_computed():
    da = pytest.importorskip("dask.array")
    form = symmetric_product(A2, B2).form
    value = form(da.from_array(A2, chunks=1), B2)
    assert isinstance(value, da.Array)
    assert value.compute() == pytest.approx(form(A2, B2))


def test_a_rule_that_writes_into_its_argument_changes_nothing_else():
    L = LinearMap((2, 2), (2, 2), lambda Y: np.multiply(Y, 2, out=Y))
    Y = np.ones((2, 2))
    assert np.all(L(Y) == 2)
    assert np.all(Y == 1)


def test_symbols_that_need_not_be_real_are_not_conjugated():
    a, b = sp.symbols("a b")
    Y, Z = exact([[1, 2]]), exact([[3, b]])
    form = entrywise(exact([[a, 1]])).form
    assert sp.expand(form(Y, Z) - (3 * a + 2 * b)) == 0
    assert sp.expand(form(Z, Y) - (3 * a + 2 * b)) == 0
    rule = LinearMap((1, 2), (1, 2), lambda Y: a * Y, exact=True)
    assert_same(rule.adjoint(Y), a * Y)


def test_maps_are_divided_by_symbols_and_by_arrays_that_are_one_number():
    x = sp.Symbol("x", real=True)
    assert_same((identity(1, 2) / x)(exact([[1, 2]])), exact([[1, 2]]) / x)
    with pytest.raises(TypeError):
        identity(1, 2) / sp.Symbol("z")
    for two in (np.array(2.0), np.array(2), exact(2)):
        for L in (two * identity(1, 2), identity(1, 2) * two):
            assert_same(L([[1, 2]]), [[2, 4]])
        assert_same((identity(1, 2) / two)([[1, 2]]), [[0.5, 1]])
    with pytest.raises(TypeError, match=r"^scalar\b.*\.real"):
        np.array(1j) * identity(1, 2)


def test_powers_keep_their_digits_together_in_latex():
    x = sp.Symbol("x", real=True)
    assert "x^{10} Y" in (x**10 * identity(1, 1))._repr_latex_()
    assert "2^{(1/3)} Y" in (sp.cbrt(2) * identity(1, 1))._repr_latex_()


@pytest.mark.parametrize("L", [*FLOAT[:6], symmetric(2)], ids=lambda L: type(L).__name__)
def test_no_part_of_a_map_from_a_pickle_can_be_changed_either(L):
    for part in (*L._parts, *pickle.loads(pickle.dumps(L))._parts):
        assert not (isinstance(part, np.ndarray) and part.flags.writeable)


def test_the_adjoint_of_a_map_of_dask_arrays_is_tested():
    da = pytest.importorskip("dask.array")
    assert sandwich(da.from_array(A2, chunks=1), B2).check_adjoint()
