"""The flattened Hessians of tr(AX) tr(BX): what the layouts keep, and whose Hessians they are."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    KINDS,
    arrays,
    assert_same,
    coordinates,
    differ,
    hessian_table,
    inner,
    sizes,
    symmetric_pairs,
)

from matderiv import LAYOUTS, commutation_matrix, exact, flatten

REPRESENTATIONS = {"ij,kl": "C", "kl,ij": "C", "ji,lk": "F", "lk,ji": "F"}
MIXED_ORDERS = {"ij,lk": "CF", "kl,ji": "CF", "ji,kl": "FC", "lk,ij": "FC"}
PARTNERS = {"i": "j", "j": "i", "k": "l", "l": "k"}


@st.composite
def hessians(draw):
    """Draw a table of second derivatives, H[i, j, k, l] = H[k, l, i, j], and two directions."""
    kind, m, n = draw(st.sampled_from(KINDS)), draw(sizes), draw(sizes)
    table = draw(arrays((m, n, m, n), kind))
    Y, Z = (draw(arrays((m, n), kind)) for _ in "YZ")
    return table + table.transpose(2, 3, 0, 1), Y, Z


def form(H, Y, Z):
    return sum(H[place] * Y[place[:2]] * Z[place[2:]] for place in np.ndindex(H.shape))


@pytest.mark.claim("thm-flattenings")
@given(hessians())
def test_four_layouts_give_the_form_in_one_order(drawn):
    H, Y, Z = drawn
    for layout, order in REPRESENTATIONS.items():
        y, z = coordinates(Y, order), coordinates(Z, order)
        assert_same(y @ flatten(H, layout) @ z, form(H, Y, Z))


@pytest.mark.claim("thm-flattenings")
@given(hessians())
def test_four_layouts_give_the_form_in_mixed_orders_and_keep_the_singular_values(drawn):
    H, Y, Z = drawn
    true = flatten(H, "ij,kl")
    for layout, (rows, columns) in MIXED_ORDERS.items():
        M = flatten(H, layout)
        assert_same(coordinates(Y, rows) @ M @ coordinates(Z, columns), form(H, Y, Z))
        assert_same(*(np.linalg.svd(N.astype(float))[1] for N in (M, true)), 1e-7)


@pytest.mark.claim("thm-flattenings")
@given(hessians())
def test_every_layout_keeps_the_frobenius_norm(drawn):
    H, _, _ = drawn
    for layout in LAYOUTS:
        M = flatten(H, layout)
        assert_same(inner(M, M), inner(H, H))


@pytest.mark.claim("thm-flattenings")
def test_what_the_others_need_not_keep():
    A, B = exact([[1, 2], [3, 5]]), exact([[7, 11], [13, 17]])
    H = hessian_table(A.T, B.T)
    true = sp.Matrix(flatten(H, "ij,kl"))
    for layout in set(LAYOUTS) - set(REPRESENTATIONS):
        M = sp.Matrix(flatten(H, layout))
        if layout in MIXED_ORDERS:
            assert not M.is_symmetric()
            assert M.charpoly() != true.charpoly()
        else:
            assert M.rank() > true.rank()
    assert any(not sp.Matrix(flatten(H, layout)).is_symmetric() for layout in ("ik,jl", "ik,lj"))
    convex = hessian_table(exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]]))
    least = {
        layout: np.linalg.eigvalsh(flatten(convex, layout).astype(float))[0] for layout in LAYOUTS
    }
    assert least["ij,kl"] < -3 < 0 < least["ik,jl"]


def test_for_a_rectangle_some_layouts_are_not_square():
    assert flatten(np.zeros((2, 3, 2, 3)), "ik,jl").shape == (4, 9)


@pytest.mark.claim("thm-three-matrices")
@given(symmetric_pairs())
def test_partners_decide_which_of_three_matrices_a_layout_gives(pair):
    A, B = pair
    a, b = coordinates(A, "C"), coordinates(B, "C")
    H, K = hessian_table(A.T, B.T), commutation_matrix(len(A), len(A))
    D, E = np.outer(a, b) + np.outer(b, a), np.kron(A, B) + np.kron(B, A)
    members = {"D": 0, "E": 0, "EK": 0}
    for layout in LAYOUTS:
        rows, columns = layout.split(",")
        partner = PARTNERS[rows[0]]
        name = "D" if partner == rows[1] else "E" if partner == columns[0] else "EK"
        assert_same(flatten(H, layout), {"D": D, "E": E, "EK": E @ K}[name])
        members[name] += 1
    assert set(members.values()) == {8}


@pytest.mark.claim("thm-three-matrices")
@given(symmetric_pairs(), st.data())
def test_ek_is_e_on_symmetric_and_minus_e_on_antisymmetric_matrices(pair, data):
    A, B = pair
    Y = data.draw(arrays(A.shape, "exact" if A.dtype == object else "float"))
    E = np.kron(A, B) + np.kron(B, A)
    EK = E @ commutation_matrix(len(A), len(A))
    for order in "FC":
        even, odd = coordinates(Y + Y.T, order), coordinates(Y - Y.T, order)
        assert_same(EK @ even, E @ even)
        assert_same(EK @ odd, -(E @ odd))


@pytest.mark.claim("thm-three-functions")
@given(symmetric_pairs(), st.data())
def test_three_functions_have_the_three_matrices(pair, data):
    """A symmetric M is the Hessian of a quadratic q if and only if [Y]ᵀM[Y] = 2q(Y) for all Y."""
    A, B = pair
    Y = data.draw(arrays(A.shape, "exact" if A.dtype == object else "float"))
    D, E, EK = (flatten(hessian_table(A.T, B.T), layout) for layout in ("ij,kl", "ik,jl", "ik,lj"))
    f = np.trace(A @ Y) * np.trace(B @ Y)
    g = (np.trace(A @ Y @ B @ Y.T) + np.trace(B @ Y @ A @ Y.T)) / 2
    h = np.trace(A @ Y @ B @ Y)
    for M, value in ((D, f), (E, g), (EK, h)):
        assert_same(M, M.T)
        for order in "FC":
            y = coordinates(Y, order)
            assert_same(y @ M @ y, 2 * value)


@pytest.mark.claim("thm-three-functions")
@given(symmetric_pairs(), st.data())
def test_the_last_two_agree_on_symmetric_matrices(pair, data):
    A, B = pair
    Y = data.draw(arrays(A.shape, "exact" if A.dtype == object else "float"))
    S = Y + Y.T
    assert_same(np.trace(A @ S @ B @ S.T) + np.trace(B @ S @ A @ S.T), 2 * np.trace(A @ S @ B @ S))


@pytest.mark.claim("thm-three-functions")
def test_half_of_g_is_not_enough():
    A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    Y = exact([[1, 2], [0, 1]])
    E, y = flatten(hessian_table(A.T, B.T), "ik,jl"), coordinates(Y, "C")
    assert differ(y @ E @ y, 2 * np.trace(A @ Y @ B @ Y.T))


@given(symmetric_pairs())
def test_for_b_equal_to_a_there_is_one_matrix_if_a_has_rank_one_and_else_there_are_three(pair):
    A = exact(pair[0])
    u = A[:, :1]
    for M in (A, u @ u.T):
        rank = sp.Matrix(M).rank()
        table = hessian_table(M, M)
        distinct = {tuple(flatten(table, layout).flat) for layout in LAYOUTS}
        assert len(distinct) == (1 if rank < 2 else 3)
        assert sp.Matrix(flatten(table, "ij,kl")).rank() == min(rank, 1)
        assert sp.Matrix(flatten(table, "ik,jl")).rank() == rank**2


@pytest.mark.claim("thm-three-matrices")
@pytest.mark.parametrize(("one", "other"), [("i", "j"), ("k", "l"), ("ij", "kl")])
def test_the_three_exchanges_keep_the_kind_and_the_matrix(one, other):
    A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    table = hessian_table(A, B)
    renaming = str.maketrans(one + other, other + one)
    for layout in LAYOUTS:
        assert_same(flatten(table, layout), flatten(table, layout.translate(renaming)))
