"""The 24 flattenings of a table with four indices, realignment and partial transposition."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, assert_same, hessian_table, matrices, sizes

from matderiv import LAYOUTS, TraceProduct, exact, flatten, partial_transpose, realign, vec

A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
D = [[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]]
E = [[70, 19, 19, 4], [19, 22, 4, 7], [19, 4, 22, 7], [4, 7, 7, 6]]


@st.composite
def tensors(draw, equal=False):
    size = draw(sizes)
    shape = (size,) * 4 if equal else tuple(draw(sizes) for _ in range(4))
    return draw(arrays(shape, draw(st.sampled_from(["exact", "float"]))))


def test_there_are_24_layouts():
    assert len(set(LAYOUTS)) == 24
    assert all(sorted(layout) == sorted("ij,kl") and layout[2] == "," for layout in LAYOUTS)


@pytest.mark.claim("def-flattening")
@given(tensors(), st.sampled_from(LAYOUTS))
def test_a_flattening_has_each_entry_where_its_name_says(tensor, layout):
    flat = flatten(tensor, layout)
    size = dict(zip("ijkl", tensor.shape, strict=True))
    a, b, c, d = layout.replace(",", "")
    assert flat.shape == (size[a] * size[b], size[c] * size[d])
    for place in product(*map(range, tensor.shape)):
        at = dict(zip("ijkl", place, strict=True))
        assert flat[at[a] * size[b] + at[b], at[c] * size[d] + at[d]] == tensor[place]


@given(tensors(equal=True), st.sampled_from(LAYOUTS))
def test_every_flattening_keeps_the_entries_and_the_norm(tensor, layout):
    flat, plain = flatten(tensor, layout), flatten(tensor, "ij,kl")
    assert sorted(flat.flat) == sorted(tensor.flat)
    assert_same(sorted(flat.flat), sorted(plain.flat))


def test_symmetric_matrices_give_three_hessians_eight_flattenings_each():
    tensor = hessian_table(A.T, B.T)
    groups = {}
    for layout in LAYOUTS:
        flat = flatten(tensor, layout)
        groups.setdefault(tuple(flat.flat), []).append(layout)
    least = {
        round(float(np.linalg.eigvalsh(np.array(entries, float).reshape(4, 4))[0]), 3): layouts
        for entries, layouts in groups.items()
    }
    assert {value: len(layouts) for value, layouts in least.items()} == {
        -3.166: 8,
        0.986: 8,
        -18.0: 8,
    }
    assert {"ij,kl", "ji,lk", "ij,lk"} <= set(least[-3.166])
    assert "ik,jl" in least[0.986]


def test_generic_matrices_give_twelve_hessians_twice_each():
    P, Q = exact([[1, 2, 3], [5, 7, 11], [13, 17, 19]]), exact(np.arange(9).reshape(3, 3) ** 2)
    tensor = hessian_table(P.T, Q.T)
    flats = [tuple(flatten(tensor, layout).flat) for layout in LAYOUTS]
    assert sorted(flats.count(flat) for flat in set(flats)) == [2] * 12


def test_the_thread_example_is_d_in_both_orders_and_e_as_the_table():
    tensor = hessian_table(A.T, B.T)
    for layout in ("ij,kl", "ji,lk"):
        assert np.array_equal(flatten(tensor, layout), D)
    assert np.array_equal(flatten(tensor, "ik,jl"), E)
    f = TraceProduct(A, B)
    assert np.array_equal(flatten(tensor, "ij,kl"), f.hessian.matrix("C"))
    assert np.array_equal(flatten(tensor, "ik,jl"), f.false_hessian.matrix("C"))


@pytest.mark.claim("thm-realignment")
@given(matrices("mn", "pq"))
def test_realignment_takes_a_kronecker_product_to_rank_one(factors):
    P, Q = factors
    shape = (P.shape, Q.shape)
    assert_same(realign(np.kron(P, Q), shape), np.outer(vec(P, "C"), vec(Q, "C")))


@given(matrices("mn", "pq"))
def test_the_partial_transpose_transposes_the_second_factor(factors):
    P, Q = factors
    shape = (P.shape, Q.shape)
    assert_same(partial_transpose(np.kron(P, Q), shape), np.kron(P, Q.T))


@pytest.mark.claim("thm-realignment")
@given(matrices("nn", "nn", "nn", "nn"))
def test_both_are_linear_and_their_own_inverses_for_square_factors(factors):
    P, Q, R, S = factors
    M = np.kron(P, Q) + np.kron(R, S)
    rows = [np.outer(vec(X, "C"), vec(Y, "C")) for X, Y in ((P, Q), (R, S))]
    assert_same(realign(M), rows[0] + rows[1])
    for rearrange in (realign, partial_transpose):
        assert_same(rearrange(rearrange(M)), M)


@pytest.mark.claim("thm-realignment")
def test_realignment_takes_e_to_d_which_no_permutation_does():
    assert np.array_equal(realign(E), D)
    assert np.array_equal(realign(D), E)
    ranks = [np.linalg.matrix_rank(np.array(M, float)) for M in (D, E)]
    assert ranks == [2, 4]


@pytest.mark.parametrize(
    "layout", ["ijkl", "ij,kk", "ij,k", "ij,klm", "i,jkl", "", None, 5, "IJ,KL"]
)
def test_a_malformed_layout_is_refused(layout):
    with pytest.raises(ValueError, match=r"^layout\b.*letters"):
        flatten(np.zeros((2, 2, 2, 2)), layout)


@pytest.mark.parametrize("tensor", [np.zeros((2, 2)), np.zeros((2, 2, 2)), [1.0]])
def test_only_four_indices_are_flattened(tensor):
    with pytest.raises(ValueError, match=r"^tensor\b.*four indices"):
        flatten(tensor, "ij,kl")


@pytest.mark.parametrize("rearrange", [realign, partial_transpose])
@pytest.mark.parametrize(
    ("M", "shape", "named"),
    [
        (np.zeros((2, 2, 2, 2)), None, r"^M\b.*flatten"),
        (np.zeros((3, 3)), None, r"^M\b.*n²×n²"),
        (np.zeros((4, 9)), None, r"^M\b.*n²×n²"),
        (np.zeros((4, 4)), ((2, 2), (2, 3)), r"^M\b.*\(4, 6\)"),
        (np.zeros((4, 4)), ((4, 2), (2, 2)), r"^M\b.*\(8, 4\)"),
        (np.zeros((4, 4)), (2, 2), r"^shape\b.*two factors"),
        (np.zeros((4, 4)), (), r"^shape\b.*two factors"),
        (np.zeros((4, 4)), "ab", r"^shape\b.*two factors"),
        (np.zeros((4, 4)), ((2, 2), (2, 2), (1, 1)), r"^shape\b.*two factors"),
        (np.zeros((4, 4)), ((2, 2),), r"^shape\b.*two factors"),
        (np.zeros((4, 4)), ((2, 0), (2, 2)), r"^shape\b.*positive integer"),
        (np.zeros((4, 4)), 4, r"^shape\b.*two factors"),
        ([[np.nan]], None, r"^M\b.*finite"),
        ([["a"]], None, r"^M\b.*real"),
    ],
)
def test_bad_matrices_and_shapes_are_refused(rearrange, M, shape, named):
    with pytest.raises((TypeError, ValueError), match=named):
        rearrange(M, shape)


def test_complex_entries_move_like_others():
    M = np.arange(16).reshape(4, 4) * (1 - 2j)
    for rearrange in (realign, partial_transpose):
        assert np.array_equal(rearrange(M), (1 - 2j) * rearrange(np.arange(16).reshape(4, 4)))
    for layout in LAYOUTS:
        flat = flatten(M.reshape(2, 2, 2, 2), layout)
        assert np.array_equal(flat, (1 - 2j) * flatten(np.arange(16).reshape((2,) * 4), layout))


@pytest.mark.parametrize("convert", [np.array, exact])
@pytest.mark.parametrize("memory", ["F", "C"])
def test_no_flattening_shares_memory_with_its_table(convert, memory):
    tensor = convert(np.arange(16.0).reshape((2,) * 4)).copy(order=memory)
    M = convert(np.arange(16.0).reshape(4, 4)).copy(order=memory)
    row = ((1, 1), (4, 4))
    made = [(flatten(tensor, layout), tensor) for layout in LAYOUTS]
    made += [(f(M, shape), M) for f in (realign, partial_transpose) for shape in (None, row)]
    for flat, source in made:
        assert flat.flags.writeable
        assert not np.shares_memory(flat, source)
