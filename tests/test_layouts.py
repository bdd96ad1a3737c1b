"""Diagnosis: every layout found, every verdict, every classic slip."""

import re
import tracemalloc
from collections import Counter
from itertools import permutations, product
from math import prod

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import arrays, examples, hessian_table, matrices, numbers

from matderiv import (
    LAYOUTS,
    TraceProduct,
    commutation_matrix,
    diagnose,
    duplication_matrix,
    exact,
    flatten,
    gradient,
    rank_one,
    sandwich,
    second_derivative,
    symbolic,
    vec,
)
from matderiv.diagnose import Comparison, Measure
from matderiv.layouts import kind, layouts

A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
X = exact([[1, 2], [3, 4]])
FLOATS = [[1.0, 2.0], [3.0, 4.0]]
GENERAL = exact([[1, 2], [3, 5]])
f = TraceProduct(A, B)
D, E = f.hessian.matrix(), f.false_hessian.matrix()
KINDS = {
    **dict.fromkeys(LAYOUTS, "rearrangement"),
    **dict.fromkeys(["ij,kl", "kl,ij", "ji,lk", "lk,ji"], "representation"),
    **dict.fromkeys(["ij,lk", "lk,ij", "ji,kl", "kl,ji"], "mixed orders"),
}


def trace(Y):
    return np.trace(GENERAL @ Y)


def times_trace(Y):
    return exact([[2, 3], [5, 7]]) * np.trace(GENERAL @ Y)


def float_f(Y):
    return np.trace(A.astype(float) @ Y) * np.trace(B.astype(float) @ Y)


@pytest.mark.parametrize(("kind", "size"), [("exact", 2), ("float", 3)])
def test_all_24_layouts_of_generic_matrices_are_found(kind, size):
    rng = np.random.default_rng(5)
    P, Q, point = rng.integers(-9, 10, (3, size, size))
    if kind == "exact":
        P, Q, point = exact(P), exact(Q), exact(point)
    tensor = hessian_table(P.T, Q.T)
    found = {
        layout: diagnose(TraceProduct(P, Q), point, flatten(tensor, layout)) for layout in LAYOUTS
    }
    assert {layout: d.verdict for layout, d in found.items()} == KINDS
    assert all(layout in d.layouts and d.scale == 1 for layout, d in found.items())
    assert all(len(d.layouts) == 2 for d in found.values())
    counts = Counter(d.verdict for d in found.values())
    assert counts == {"representation": 4, "mixed orders": 4, "rearrangement": 16}


@examples(15)
@given(matrices("mn", "pq", "mn", kinds=["exact"], largest=2))
def test_layouts_of_a_first_derivative_with_values_in_matrices(drawn):
    G, C, point = drawn
    assume(C.size > 1)  # of one entry, it is a number

    def F(Y):
        return C * np.vdot(G, Y)

    tensor = np.multiply.outer(C, G)
    for layout in ("ij,kl", "ji,lk", "ik,jl", "kl,ij", "ij,lk"):
        found = diagnose(F, point, flatten(tensor, layout))
        assert layout in found.layouts
        assert found.subject == "first derivative"
        alike = {KINDS[same] for same in found.layouts}
        expected = next(
            kind for kind in ("representation", "mixed orders", "rearrangement") if kind in alike
        )
        assert found.verdict == expected


def test_the_threads_e_is_a_rearrangement_that_looks_convex():
    found = diagnose(f, X, E)
    assert found.verdict == "rearrangement"
    assert found.scale == 1
    assert {KINDS[layout] for layout in found.layouts} == {"rearrangement"}
    assert "ik,jl" in found.layouts
    assert found.candidate.verdict == "positive definite"
    assert found.candidate.least == pytest.approx(0.98603334)
    assert found.true.verdict == "indefinite"
    assert found.true.least == 42 - 2 * sp.sqrt(510)
    assert "42 - 2*sqrt(510) = -3.16636" in str(found)


def test_the_threads_d_is_a_representation_and_eight_layouts_coincide():
    found = diagnose(f, X, D)
    assert found.verdict == "representation"
    assert len(found.layouts) == 8
    assert {"ij,kl", "ji,lk", "ij,lk"} <= set(found.layouts)
    assert found.candidate.verdict == found.true.verdict == "indefinite"
    assert found.slip is None


def test_in_floating_point_the_verdicts_are_the_same_up_to_rounding():
    found = diagnose(float_f, FLOATS, np.asarray(E, dtype=float))
    assert found.verdict == "rearrangement"
    assert found.candidate.verdict == "positive definite up to rounding"
    assert found.true.verdict == "indefinite up to rounding"
    assert found.true.least == pytest.approx(-3.1663591625)
    assert diagnose(float_f, FLOATS, np.asarray(D, dtype=float) + 1e-8).verdict == "representation"
    assert diagnose(float_f, FLOATS, np.asarray(D, dtype=float) + 1e-3).verdict == "no match"
    scaled = diagnose(float_f, FLOATS, 3.0 * np.asarray(D, dtype=float))
    assert scaled.verdict == "scaled"
    assert scaled.scale == pytest.approx(3)


@pytest.mark.parametrize(
    ("scale", "slip"),
    [
        (2, "a factor 2"),
        (sp.Rational(1, 2), "a factor 1/2"),
        (-1, "the sign"),
        (3, None),
        (sp.sqrt(2), None),
    ],
)
def test_multiples_are_scaled(scale, slip):
    for matrix in (D, E):
        found = diagnose(f, X, scale * matrix)
        assert found.verdict == "scaled"
        assert found.scale == scale
        assert found.slip == slip
        assert f"scale: {scale}" in str(found)


def test_the_mixed_orders_of_a_generic_hessian_survive_in_rank_only():
    P, Q = GENERAL, exact([[1, 4], [2, 3]])
    g = TraceProduct(P, Q)
    found = diagnose(g, X, g.hessian.matrix() @ commutation_matrix(2, 2))
    assert found.verdict == "mixed orders"
    assert "singular values" in found.survives
    assert found.candidate.verdict == "not symmetric"
    assert found.candidate.least is None


@pytest.mark.parametrize(
    ("candidate", "layout"),
    [
        (GENERAL.T, "i,j"),
        (vec(GENERAL.T, "C")[None, :], ",ij"),
        (vec(GENERAL.T, "F")[None, :], ",ji"),
        (vec(GENERAL.T, "C")[:, None], "ij,"),
        (vec(GENERAL.T, "F"), "ji,"),
    ],
)
def test_the_gradient_and_its_rows_and_columns_are_representations(candidate, layout):
    found = diagnose(trace, X, candidate)
    assert found.verdict == "representation"
    assert found.layouts == (layout,)
    assert found.slip is None
    assert found.candidate is None


def test_a_transposed_gradient():
    found = diagnose(trace, X, GENERAL)
    assert (found.verdict, found.layouts, found.slip) == ("rearrangement", ("j,i",), "transposed")
    twice = diagnose(trace, X, 2 * GENERAL)
    assert (twice.verdict, twice.scale, twice.slip) == ("scaled", 2, "transposed, a factor 2")
    wide = diagnose(
        lambda Y: np.vdot([[1, 2, 5], [3, 4, 6]], Y), np.ones((2, 3)), [[1, 3], [2, 4], [5, 6]]
    )
    assert wide.slip == "transposed"


def test_the_gradients_of_symmetric_matrices_are_recognised():
    folklore = GENERAL + GENERAL.T - np.diag(np.diag(GENERAL))
    found = diagnose(trace, X, folklore)
    assert found.verdict == "no match"
    assert found.layouts == ()
    assert found.scale is None
    assert found.slip.startswith("G + Gᵀ − diag(G)")
    inside = diagnose(trace, X, (GENERAL + GENERAL.T) / 2)
    assert inside.verdict == "no match"
    assert inside.slip.startswith("the gradient G made symmetric")
    assert diagnose(trace, X, GENERAL * 0 + 1).slip is None


def test_the_first_derivative_of_a_matrix():
    true = rank_one(times_trace(X) / trace(X), GENERAL.T)
    for order, layout in (("F", "ji,lk"), ("C", "ij,kl")):
        found = diagnose(times_trace, X, true.matrix(order))
        assert (found.verdict, found.layouts, found.slip) == ("representation", (layout,), None)
        transposed = diagnose(times_trace, X, true.matrix(order).T)
        assert (transposed.verdict, transposed.slip) == ("representation", "transposed")
    C = exact([[2, 3], [5, 7]])
    table = diagnose(times_trace, X, np.kron(C, GENERAL.T))
    assert (table.verdict, table.layouts) == ("rearrangement", ("ik,jl",))
    assert diagnose(times_trace, X, np.kron(C, GENERAL)).layouts == ("il,jk",)


def test_order_c_for_order_f():
    S = sandwich(GENERAL, exact([[1, 4], [2, 3]]))
    assert "ji,lk (order F: " in str(diagnose(S, X, S.matrix("F")))
    assert "ij,kl (order C: " in str(diagnose(S, X, S.matrix("C")))


def test_a_zero_derivative_matches_only_zero():
    zero = TraceProduct(A, A * 0)
    assert diagnose(zero, X, np.zeros((4, 4))).verdict == "representation"
    assert diagnose(zero, X, D).verdict == "no match"
    assert diagnose(f, X, D * 0).verdict == "no match"


def test_rectangular_arguments():
    G, H = exact([[1, 2, 3], [4, 5, 7]]), exact([[0, 1, 1], [2, 0, 5]])

    def g(Y):
        return np.vdot(G, Y) * np.vdot(H, Y)

    tensor = hessian_table(G, H)
    for layout in LAYOUTS:
        found = diagnose(g, G, flatten(tensor, layout))
        assert layout in found.layouts
        assert found.verdict == KINDS[layout]
        assert (found.candidate is None) == (flatten(tensor, layout).shape != (6, 6))


def test_symbols_are_compared_exactly():
    P = symbolic("p", (2, 2))
    found = diagnose(lambda Y: np.trace(P @ Y), symbolic("x", (2, 2)), P)
    assert (found.layouts, found.slip) == (("j,i",), "transposed")
    g = TraceProduct(P, B)
    found = diagnose(g, X, g.hessian.matrix())
    assert found.verdict == "representation"
    assert found.candidate is None


def test_symbols_are_compared_in_whatever_form_they_are_written():
    S = symbolic("s", (2, 2))

    def power(Y):
        return np.trace(Y @ Y @ Y @ Y)

    def determinant(Y):
        return Y[0, 0] * Y[1, 1] - Y[0, 1] * Y[1, 0]

    nested = 4 * (S @ (S @ S)).T
    assert nested[0, 0] != nested[0, 0].expand()
    assert diagnose(power, S, nested).verdict == "representation"
    assert diagnose(power, S, nested.T).slip == "transposed"
    assert diagnose(power, S, nested / 4).scale == sp.Rational(1, 4)
    assert diagnose(power, S, nested + S).verdict == "no match"
    inverse = exact([[S[1, 1], -S[0, 1]], [-S[1, 0], S[0, 0]]]) / determinant(S)
    assert diagnose(determinant, S, inverse * determinant(S)).slip == "transposed"
    assert diagnose(determinant, S, inverse.T).scale == 1 / determinant(S)


def test_it_reads_well_as_text_and_as_a_table():
    found = diagnose(f, X, 2 * E)
    lines = str(found).splitlines()
    assert lines[0] == "verdict: scaled (a multiple of a rearrangement)"
    assert [line.split(":")[0] for line in lines] == [heading for heading, _ in found.rows]
    html = found._repr_html_()
    assert html.startswith('<table><tr><th scope="row">verdict</th><td>scaled')
    assert html.count("</td></tr><tr><th") == len(lines) - 1
    assert "42 - 2*sqrt(510)" in html
    no_match = diagnose(f, X, E + 1)
    assert str(no_match).startswith("verdict: no match")
    assert "layouts" not in dict(no_match.rows)


@pytest.mark.parametrize(
    ("candidate", "function", "words"),
    [
        (D, f, "^everything.*definiteness"),
        (2 * D, f, "^once divided by 2: everything.*definiteness"),
        (-D, f, "^once divided by -1: everything.*definiteness"),
        (E / 3, f, "^once divided by 1/3: the entries"),
        (GENERAL.T, trace, "^everything; its inner product with Y is"),
        (
            sp.sqrt(3) * GENERAL.T,
            trace,
            r"^once divided by sqrt\(3\): everything; its inner product",
        ),
        (GENERAL, trace, "^entries.* its inner product with Yᵀ, not Y"),
        (5 * GENERAL, trace, "^once divided by 5: entries, rank, singular values"),
        ((GENERAL + GENERAL.T) / 2, trace, "its inner product with Y is.* for symmetric Y only$"),
        (GENERAL * 0 + 1, trace, "nothing in common was found"),
        (rank_one([[2, 3], [5, 7]], GENERAL.T).matrix(), times_trace, "takes the coordinates of Y"),
        (rank_one(GENERAL.T, [[2, 3], [5, 7]]).matrix(), times_trace, "the adjoint map"),
        (-rank_one(GENERAL.T, [[2, 3], [5, 7]]).matrix(), times_trace, "by -1: .*once transposed"),
    ],
)
def test_what_survives_is_said_of_each_form(candidate, function, words):
    assert re.search(words, diagnose(function, X, candidate).survives)


@pytest.mark.parametrize("c", [sp.Symbol("c", real=True, nonzero=True), sp.sqrt(2) / 2, -3])
def test_exact_factors_are_named_in_full(c):
    found = diagnose(f, X, c * D)
    assert (found.verdict, found.scale) == ("scaled", c)
    assert found.survives.startswith(f"once divided by {c}: ")


def test_floats_are_written_with_six_digits_and_exact_numbers_in_full():
    third = sp.Rational(1, 3)
    assert " 0.333333:" in diagnose(trace, FLOATS, GENERAL.T.astype(float) / 3).survives
    assert " 1/3:" in diagnose(trace, X, third * GENERAL.T).survives


def test_what_survives_of_a_triangle_is_true():
    slip = GENERAL + GENERAL.T - np.diag(np.diag(GENERAL))
    found = diagnose(trace, X, slip)
    assert re.search("^its inner product .*symmetric Y only, once its .* halved$", found.survives)
    assert found.closest is None
    halved = (slip + np.diag(np.diag(slip))) / 2
    symmetric = exact([[2, -3], [-3, 7]])
    assert np.vdot(halved, symmetric) == trace(symmetric)
    assert np.vdot(slip, symmetric) != trace(symmetric)


@pytest.mark.parametrize("kind", ["exact", "float"])
def test_no_match_names_the_closest_layout_and_the_first_difference(kind):
    candidate, point, function = D.copy(), X, f
    candidate[1, 2] += 1
    if kind == "float":
        candidate, point, function = candidate.astype(float) + 1e-7, FLOATS, float_f
    found = diagnose(function, point, candidate)
    assert found.verdict == "no match"
    assert (
        "ij,kl (order C: reshape in NumPy, JAX, PyTorch) agrees in 15 of 16 entries; "
        "in row 2, column 3 it has 4, " in found.closest
    )
    assert re.search("and the candidate 5(.0)?$", found.closest)
    assert "0 of 16 entries" in diagnose(f, X, E + 1).closest
    assert re.search("2×8.* 4×4$", diagnose(f, X, D.reshape(2, 8)).closest)
    assert diagnose(f, X, D).closest is None


@pytest.mark.parametrize(
    ("candidate", "function", "named"),
    [
        (np.zeros((3, 3)), f, r"^candidate\b.* 4 or 16 "),
        (np.zeros((3, 3)), times_trace, r"^candidate\b.* 16 "),
        (np.zeros((2, 2, 2)), f, r"^candidate\b.* 4 or 16 "),
        ([[np.nan] * 4] * 4, f, r"^candidate\b.*finite"),
        ([["a"]], f, r"^candidate\b.*real"),
        ([[1j]], f, r"^candidate\b.*real"),
        ([[1], [2, 3]], f, r"^candidate\b.*rows"),
        (E, 3, r"^f\b.*function"),
        (E, lambda Y: Y[0], r"^candidate\b.* 8 entries.* 2 by 2×2"),
        (E, lambda Y: np.stack([Y, Y]), r"^f\b.*number"),
    ],
)
def test_bad_input_is_refused(candidate, function, named):
    with pytest.raises((TypeError, ValueError), match=named):
        diagnose(function, X, candidate)


@pytest.mark.claim("thm-scale")
@given(matrices("mn", "mn", kinds=["exact"]), numbers["exact"])
def test_the_projection_is_the_nearest_multiple_and_the_only_one_to_try(drawn, other):
    T, M = drawn
    assume(np.any(T != 0))
    c = np.vdot(T, M) / np.vdot(T, T)

    def distance(number):
        return np.vdot(M - number * T, M - number * T)

    assert distance(c) == np.vdot(M, M) - np.vdot(T, M) ** 2 / np.vdot(T, T)
    assert distance(other) >= distance(c)
    assert (distance(other) == distance(c)) == (other == c)
    assert np.all(np.vdot(T, other * T) / np.vdot(T, T) * T == other * T)
    assume(other != 0)
    found = diagnose(lambda Y: np.vdot(T, Y), T, other * T)
    assert other in (found.scale, -found.scale)
    assert other == found.scale or np.all(T == -T.T)


@st.composite
def symmetric_tensors(draw):
    """Draw an array of four indices, made symmetric under a random group of permutations."""
    size = draw(st.integers(2, 3))
    entries = st.lists(st.integers(-50, 50), min_size=size**4, max_size=size**4)
    tensor = np.array(draw(entries)).reshape((size,) * 4)
    for generator in draw(st.lists(st.permutations(range(4)), max_size=2)):
        tensor = sum(powers(tensor, generator))
    return tensor


def powers(tensor, generator):
    """List the array with its indices permuted 0, 1, 2, … times; 12 times is the identity."""
    permuted = [tensor]
    while len(permuted) < 12:
        permuted.append(permuted[-1].transpose(generator))
    return permuted


def symmetries(tensor):
    return {axes for axes in permutations(range(4)) if np.all(tensor.transpose(axes) == tensor)}


@pytest.mark.claim("thm-coincidences")
@given(symmetric_tensors())
def test_layouts_coincide_where_a_symmetry_renames_one_into_the_other(tensor):
    S = symmetries(tensor)
    flats = {layout: flatten(tensor, layout) for layout in LAYOUTS}
    for v, w in product(LAYOUTS, repeat=2):
        renamed = dict(zip(v.replace(",", ""), w.replace(",", ""), strict=True))
        axes = tuple("ijkl".index(renamed[letter]) for letter in "ijkl")
        assert np.array_equal(flats[v], flats[w]) == (axes in S)
    counts = Counter(flat.tobytes() for flat in flats.values())
    assert set(counts.values()) == {len(S)}
    assert len(counts) * len(S) == 24


@pytest.mark.claim("def-generic")
def test_the_data_of_the_chapter_are_generic_and_those_of_2011_are_not():
    G, C = GENERAL, exact([[1, 4], [2, 3]])
    jacobian = np.einsum("ik,lj->ijkl", G, C)
    assert np.all(jacobian.reshape(4, 4) == sandwich(G, C.T).matrix("C"))
    assert symmetries(jacobian) == {(0, 1, 2, 3)}
    always = {(0, 1, 2, 3), (2, 3, 0, 1)}
    assert symmetries(hessian_table(G.T, C.T)) == always
    assert len(symmetries(hessian_table(A, B))) == 8
    verdicts = {
        layout: diagnose(sandwich(G, C.T), X, flatten(jacobian, layout)) for layout in LAYOUTS
    }
    assert all(found.layouts == (layout,) for layout, found in verdicts.items())


def test_a_hessian_of_a_trace_product_of_ten_thousand_entries_is_diagnosed():
    rng = np.random.default_rng(1)
    P, Q, point = rng.standard_normal((3, 10, 10))
    g = TraceProduct(P, Q)
    found = diagnose(g, point, g.false_hessian.matrix("C"))
    assert (found.verdict, found.layouts) == ("rearrangement", ("ik,jl", "ki,lj"))
    assert found.true.verdict == "indefinite up to rounding"


@pytest.mark.parametrize("size", [1e-300, 4.8e157, 1e300])
def test_floats_of_any_size_are_compared(size):
    G = size * np.array([[1.0, 0.5], [0.25, 2.0]])
    wrong = G * [[1, 1], [1, 1.01]]
    assert diagnose(lambda X: np.sum(G * X), np.zeros((2, 2)), G).scale == 1
    assert diagnose(lambda X: np.sum(G * X), np.zeros((2, 2)), wrong).verdict == "no match"
    found = diagnose(lambda X: X[1, 1], np.zeros((2, 2)), [[0, 0, 0, size]])
    assert (found.verdict, found.scale) == ("scaled", pytest.approx(size))


def test_factors_that_are_no_floats_are_no_match():
    for small, large in ((1e-200, 1e200), (1e200, 1e-200)):
        found = diagnose(lambda X, c=small: c * X[0, 0], np.zeros((2, 2)), [[large, 0], [0, 0]])
        assert found.verdict == "no match"


def test_a_layout_without_a_factor_comes_before_a_multiple_of_a_representation():
    turn = exact([[0, 1], [-1, 0]])
    found = diagnose(lambda Y: np.trace(turn @ Y), X, -turn)
    assert (found.verdict, found.scale, found.slip) == ("representation", 1, None)
    found = diagnose(lambda Y: np.trace(turn @ Y), X, turn)
    assert (found.verdict, found.scale, found.slip) == ("rearrangement", 1, "transposed")


def test_layouts_that_begin_with_an_index_of_x_are_called_transposed():
    def f(Y):
        return exact([[2, 3], [5, 7]]) @ Y @ exact([[11, 13], [17, 19]])

    table = sandwich([[2, 3], [5, 7]], [[11, 17], [13, 19]]).matrix("C").reshape(2, 2, 2, 2)
    for layout in LAYOUTS:
        found = diagnose(f, X, flatten(exact(table), layout))
        assert found.layouts == (layout,)
        assert found.slip == ("transposed" if layout[0] in "kl" else None)


@pytest.mark.parametrize(
    ("candidate", "gradient", "closest"),
    [
        ([[1, 2, 9, 9, 9]], [[1, 2, 3, 4, 5]], "at most 2 of 5 entries"),
        (
            [[1, 2, 9, 9]],
            [[1, 2, 3, 4]],
            "i,j (the shape of X: denominator layout (gradient), Matrix Cookbook, JAX, PyTorch) "
            "agrees in 2 of 4 entries; in row 1, column 3 it has 3, and ",
        ),
        (
            [[1, 2], [4, 5], [7, 6]],
            [[1, 4, 3], [2, 5, 6]],
            "j,i (the shape of Xᵀ: numerator layout (Jacobian)) "
            "agrees in 5 of 6 entries; in row 3, column 1 it has 3, and ",
        ),
        (
            [[1, 4], [9, 3], [5, 9]],
            [[1, 4, 3], [2, 5, 6]],
            "at most 1 of 6 entries",
        ),
        (
            [[1, 2, 3, 9, 5, 6]],
            [[1, 3, 5], [2, 4, 6]],
            ",ji (a row, in order F: Magnus–Neudecker, ∂f/∂(vec X)ᵀ) agrees in 5 of 6",
        ),
    ],
)
@pytest.mark.parametrize("kinds", list(product(["exact", "float"], repeat=2)))
def test_the_closest_layout_is_named_where_it_agrees_in_half_of_the_entries(
    candidate, gradient, closest, kinds
):
    make = {"exact": exact, "float": lambda entries: np.array(entries, dtype=float)}
    rounding = 0 if kinds == ("exact", "exact") else sp.Rational(1, 10**9)
    candidate = make[kinds[0]](exact(candidate) + rounding)
    G = make[kinds[1]](gradient)
    found = diagnose(lambda Y: np.sum(G * Y), G * 0, candidate)
    assert found.slip is None
    assert found.closest.startswith(closest)


def test_one_entry_is_compared_in_whatever_form_it_is_written():
    c = sp.Symbol("c", real=True)
    found = diagnose(lambda Y: (c**2 + c) * Y[0, 0], exact([[0]]), exact([[c * (c + 1)]]))
    assert found.verdict == "representation"
    found = diagnose(lambda Y: (c**2 + c) * Y[0, 0], exact([[0, 0]]), exact([[c * (c + 1), 7]]))
    assert found.closest.startswith("i,j (the shape of X: ")


def test_the_shapes_of_all_layouts_are_named_where_none_fits():
    found = diagnose(lambda Y: np.sum(Y * Y), np.ones((2, 3)), np.ones((2, 18)))
    assert re.search("2×18.* 4×9 or 6×6 or 9×4$", found.closest)


def test_a_triangle_is_explained_in_full():
    slip = GENERAL + GENERAL.T - np.diag(np.diag(GENERAL))
    explained = diagnose(trace, X, slip).slip
    for words in ("G + Gᵀ − diag(G)", "n(n+1)/2 coordinates", "symmetric X", "(G + Gᵀ)/2"):
        assert words in explained


@pytest.mark.parametrize(
    ("candidate", "function", "point"),
    [
        (D.astype(float) * (1 + 1e-9), float_f, FLOATS),
        (D + sp.Rational(1, 10**9), f, FLOATS),
        (D.astype(float) + 1e-9, f, X),
    ],
)
def test_where_anything_is_a_float_what_is_close_is_equal(candidate, function, point):
    found = diagnose(function, point, candidate)
    assert found.verdict == "representation"
    assert type(found.scale) is int
    assert found.survives.startswith("everything")


def test_symbols_beside_decimals_are_told_of_fractions():
    x, tenth = symbolic("x", (1, 2)), sp.Rational(1, 10)
    g = lambda Y: Y[0, 0] ** 2 / 20 + 7 * Y[0, 1] ** 2 / 20  # noqa: E731
    decimals = [[0.1 * x[0, 0], 0.7 * x[0, 1]]]
    assert "beside symbols decimals be fractions" in str(diagnose(g, x, decimals, tolerance=1e-3))
    assert "; " not in dict(diagnose(g, x, decimals).rows)["compared with"]
    assert diagnose(g, x, [[tenth * x[0, 0], 7 * tenth * x[0, 1]]])


def test_numbers_that_are_no_floats_are_compared_exactly_with_floats():
    c, x, huge = sp.Symbol("c", real=True), symbolic("x", (2, 2)), exact(10)[()] ** 400
    P = GENERAL.T.astype(float)
    assert diagnose(lambda Y: np.sum(Y * Y) / 2, x, P).verdict == "no match"
    assert diagnose(lambda Y: trace(Y) + x[0, 0] - Y[0, 0], x, P - np.diag([1, 0]))
    assert diagnose(lambda Y: c * trace(Y), X, P).scale == 1 / c
    assert diagnose(lambda Y: np.sum(P * Y), FLOATS, c * GENERAL.T).scale == c
    assert diagnose(lambda Y: np.sum(P * Y), FLOATS, huge * GENERAL.T).scale == huge
    assert diagnose(lambda Y: huge * trace(Y), X, GENERAL.T.astype(float)).scale == 1 / huge


def test_the_floats_of_sympy_are_compared_like_others():
    assert diagnose(trace, X, 1.0 * GENERAL.T).verdict == "representation"
    assert diagnose(trace, X, 0.1 * GENERAL.T).scale == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("candidate", "subject", "verdict", "also"),
    [
        (27, "first derivative", "representation", "second derivative: scaled"),
        (18, "second derivative", "representation", "first derivative: scaled"),
        (54, "first derivative", "scaled", "second derivative: scaled"),
        (0, "first derivative", "no match", "second derivative: no match"),
    ],
)
@pytest.mark.parametrize("kind", [exact, lambda M: np.array(M, dtype=float)])
def test_of_a_1x1_matrix_both_derivatives_are_compared_and_named(
    kind, candidate, subject, verdict, also
):
    found = diagnose(lambda Y: np.sum(Y**3), kind([[3]]), kind([[candidate]]))
    assert (found.subject, found.verdict, bool(found)) == (subject, verdict, verdict[0] == "r")
    assert dict(found.rows)["compared with"].startswith(f"the {subject} of f at X, ")
    assert dict(found.rows)["and with"] == f"the {also}"


def test_where_both_derivatives_match_the_first_is_named():
    found = diagnose(lambda Y: np.exp(Y[0, 0]), [[0.5]], [[np.exp(0.5)]])
    assert (found.subject, found.also) == (
        "first derivative",
        "the second derivative: representation",
    )
    assert diagnose(f, X, D).also == ""


def test_where_there_is_no_second_derivative_a_1x1_candidate_is_compared_with_the_first():
    found = diagnose(lambda Y: np.sum(Y * abs(Y)), [[0.0]], [[0.0]])
    assert (found.subject, found.verdict, found.also) == ("first derivative", "representation", "")
    with pytest.raises(ValueError, match=r"^f\b"):
        diagnose(lambda Y: np.sum(Y * abs(Y)), [[0.0, 0.0]], np.zeros((2, 2)))


def test_a_derivative_known_to_few_digits_is_compared_in_those():
    P = np.array([[0.7, -1.3], [2.1, 0.9]])

    def in_single_precision(Y):
        return float(np.sum(np.sin(np.asarray(Y, np.float32) * np.float32(P))))

    G = P * np.cos(P * FLOATS)
    found = diagnose(in_single_precision, FLOATS, G)
    assert (found.verdict, found.scale) == ("representation", 1)
    assert 2 <= found.digits < 6
    assert f"in {found.digits} digits, those known of its worst entry" in str(found)
    assert diagnose(in_single_precision, FLOATS, 2 * G).scale == 2
    assert diagnose(in_single_precision, FLOATS, G * [[1, 1.01], [1, 1]]).verdict == "no match"


@pytest.mark.parametrize("scale", [1, 2, 0.5, -1])
def test_factors_are_found_as_exactly_as_the_derivative_is_known(scale):
    point = np.array([[0.7, -1.3], [2.1, 0.9]])
    found = diagnose(lambda Y: np.round(np.sin(Y).sum(), 5), point, scale * np.cos(point))
    assert (found.scale, found.slip) == (
        scale,
        {1: None, 2: "a factor 2", 0.5: "a factor 1/2", -1: "the sign"}[scale],
    )
    assert 3 <= found.digits < 6


def test_rounding_in_a_candidate_is_forgiven_beside_the_larger_entries_of_its_row_and_column():
    C = exact([[1, 0, 0], [0, 10**6, 0], [0, 0, 0]])
    noise = np.array([[0, 1e-9, 1e-13], [-1e-9, 0, 0], [-1e-13, 0, 1e-13]])
    candidate = C.astype(float) + noise
    assert diagnose(lambda Y: np.sum(C * Y), 0 * C, candidate)
    assert diagnose(lambda Y: np.sum(C * Y**2) / 2, 0 * C, np.diag(candidate.ravel())).scale == 1
    for place, small in (((0, 0), 1e-5), ((0, 1), 1e-5), ((2, 2), 1e-3)):
        wrong = candidate.copy()
        wrong[place] += small
        assert diagnose(lambda Y: np.sum(C * Y), 0 * C, wrong).verdict == "no match"


def sines_with_a_small_term(weight, decimals):
    """Make a function whose Hessian is diagonal but for one small entry, rounded, and that."""
    point = np.array([[0.3, 0.4], [0.5, 0.6]])
    sine, cosine = weight * np.sin(0.18), weight * np.cos(0.18)
    H = np.diag(-np.sin(point).ravel() - np.array([0.36, 0, 0, 0.09]) * sine)
    H[0, 3] = H[3, 0] = cosine - 0.18 * sine

    def rounded(Y):
        return float(np.round(np.sin(Y).sum() + weight * np.sin(Y[0, 0] * Y[1, 1]), decimals))

    return rounded, point, H


def test_where_errors_are_wider_than_what_would_tell_it_says_so():
    rounded, point, H = sines_with_a_small_term(0.003, 6)
    found = diagnose(rounded, point, H)
    assert (found.verdict, bool(found)) == ("cannot tell", False)
    assert "ij,kl" in found.layouts
    assert found.digits < 3
    assert f"in {found.digits} digits, those known of its worst entry" in str(found)
    assert "not known well enough" in str(found)
    assert "nothing that is known for sure" in found.survives
    assert diagnose(rounded, point, H + 0.1).verdict == "no match"  # which is sure


@pytest.mark.parametrize("weight", [1e-2, 1e-4])
@pytest.mark.parametrize("decimals", [8, 10, 12])
def test_small_entries_need_not_be_known_as_well_as_those_beside_them(weight, decimals):
    rounded, point, H = sines_with_a_small_term(weight, decimals)
    assert diagnose(rounded, point, H)
    assert not diagnose(rounded, point, H + weight * np.eye(4)[::-1])


def tiny_term(v):
    return float(1e6 + np.sin(v[0]) + 1e-9 * np.exp(v[1]))


TINY_TERM = np.array([np.cos(0.5), 1e-9 * np.exp(0.3)])


@pytest.mark.parametrize("factor", [1, -1, 1.5, 1.01])
def test_of_an_entry_below_the_error_nothing_is_known(factor):
    found = diagnose(tiny_term, [0.5, 0.3], TINY_TERM * [1, factor])
    assert (found.verdict, found.digits) == ("cannot tell", 0)
    in_units = np.array([2e7, -2.4e-4])
    found = compared(in_units * [1, factor], in_units, 0, errors=np.full(2, 5e-3))
    assert (found.verdict, found.digits) == ("cannot tell", 0)


@pytest.mark.parametrize("noise", [0, 1e-17, -1e-14])
def test_an_entry_below_the_error_may_be_zero_up_to_rounding(noise):
    found = diagnose(tiny_term, [0.5, 0.3], TINY_TERM * [1, 0] + [0, noise])
    assert (found.verdict, found.digits) == ("representation", 6)


def test_the_digits_are_those_of_the_worst_entry():
    def rounded(v):
        return float(np.round(np.sin(v[0]) + 1e-5 * v[1], 10))

    found = diagnose(rounded, [0.5, 0.3], [np.cos(0.5), 1e-5])
    assert found
    assert found.digits < 6
    found = diagnose(lambda v: v @ [100.5, 0.04], [0.3, 0.7], [100.5, 0.0])
    assert (found.verdict, found.digits) == ("representation", 0)
    found = diagnose(lambda v: v @ [100.5, 0], [0.3, 0.7], [100.5, 0.0])
    assert (found.verdict, found.digits) == ("representation", 4)


def test_at_a_stationary_point_no_digit_is_claimed():
    A, b = np.random.default_rng(1).standard_normal((2, 5, 3))
    W = np.linalg.lstsq(A, b)[0]
    found = diagnose(lambda W: float(np.sum((A @ W - b) ** 2)), W, 2 * A.T @ (A @ W - b))
    assert (found.verdict, found.digits) == ("representation", 0)
    assert diagnose(lambda v: 0.0 * v[0], [1.0, 2.0], [0.0, 0.0]).digits == 6


def test_a_verdict_takes_little_memory():
    rng = np.random.default_rng(1)
    g, point = TraceProduct(*rng.standard_normal((2, 7, 7))), np.eye(7)
    true = g.hessian.matrix("C")
    for candidate, verdict in ((true, "representation"), (true + 1, "no match")):
        diagnose(g, point, candidate)  # the first in a process imports what it needs, and keeps it
        tracemalloc.start()
        assert diagnose(g, point, candidate).verdict == verdict
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 24 * candidate.nbytes


# Tables with any number of indices: numbers, vectors and matrices, by vectors and matrices.


@st.composite
def derivative_tables(draw):
    """Draw the table of a first derivative, and how many of its indices are those of values."""
    values, x = draw(st.sampled_from([(0, 1), (1, 1), (0, 2), (1, 2), (2, 1), (2, 2)]))
    kind = draw(st.sampled_from(["exact", "float"]))
    shape = tuple(draw(st.lists(st.integers(2, 3), min_size=values + x, max_size=values + x)))
    table = draw(arrays(shape, kind))
    assume(np.any(table != 0))
    return table, values


def arranged(table, layout):
    """Arrange a table in a layout, entry by entry."""
    parts = layout.split(",")
    lengths = [[table.shape["ijkl".index(letter)] for letter in part] for part in parts]
    array = np.empty([prod(one) for one in lengths], dtype=table.dtype)
    for place in np.ndindex(table.shape):
        at = dict(zip("ijkl", place, strict=False))
        where = [
            sum(at[letter] * prod(one[k + 1 :]) for k, letter in enumerate(part))
            for part, one in zip(parts, lengths, strict=True)
        ]
        array[tuple(where)] = table[place]
    return array.view(type(table))


def as_a_map(table, values, order):
    """Write a table as the matrix of the derivative as a map, column by column."""
    columns = product(*map(range, table.shape[values:]))
    if order == "F":
        columns = sorted(columns, key=lambda place: place[::-1])
    value = (slice(None),) * values
    return np.stack([np.ravel(table[(*value, *place)], order) for place in columns], axis=1)


def compared(candidate, table, values, errors=0):
    """Compare a candidate with the table of a first derivative."""
    measure = Measure.of(table, errors + 0 * table)
    return Comparison("first derivative", candidate, measure, table.shape, values).diagnosis()


def run(line, candidate):
    """Run a line of NumPy."""
    return eval(line, {"np": np, "sympy": sp, "candidate": candidate})


@pytest.mark.parametrize("order", ["F", "C"])
@examples(40)
@given(derivative_tables(), st.sampled_from([1, 2, -1, sp.Rational(2, 3)]), st.data())
def test_every_layout_of_every_table_is_found_and_repaired(order, drawn, scale, data):
    table, values = drawn
    axes = data.draw(st.sampled_from([2, table.ndim]))
    layout = data.draw(st.sampled_from(layouts(table.ndim, axes)))
    candidate = arranged(table, layout) * (scale if table.dtype == object else float(scale))
    found = compared(candidate, table, values)
    assert layout in found.layouts or found.scale != scale
    assert np.allclose(
        np.asarray(found.repair(order) - as_a_map(table, values, order), dtype=float), 0
    )
    line = dict(found.rows).get("repaired, in order F")
    assert (line is None) == bool(found)
    if line:
        repaired, true = run(line, candidate), found.repair("F")
        assert repaired.shape == true.shape
        assert np.all(repaired == true)
        assert type(repaired) is type(true)


@pytest.mark.parametrize("values", [1, 2])
def test_a_derivative_by_a_vector_may_be_transposed(values):
    table = np.arange(2.0**values * 3).reshape(*[2] * values, 3) ** 2
    flat = table.reshape(-1, 3)
    for candidate, slip, layout in (
        (flat, None, "ij"[:values] + "," + "ijk"[values]),
        (flat.T, "transposed", "ijk"[values] + "," + "ij"[:values]),
    ):
        found = compared(candidate, table, values)
        assert (found.verdict, found.slip) == ("representation", slip)
        assert found.layouts == (layout,)


@pytest.mark.parametrize(
    ("values", "x", "found"),
    [
        (0, 1, "i i, ,i"),
        (1, 1, "i,j j,i"),
        (0, 2, "i,j ij, ji, ,ij ,ji"),
        (1, 2, "i,jk i,kj jk,i kj,i i,j,k j,k,i"),
        (2, 1, "k,ij k,ji ij,k ji,k i,j,k k,i,j"),
        (2, 2, "ij,kl ji,lk kl,ij lk,ji i,j,k,l k,l,i,j"),
    ],
)
def test_the_representations_among_the_layouts(values, x, found):
    tried = {name for axes in {1, 2, values + x} for name in layouts(values + x, axes)}
    kinds = {name: kind(name, values) for name in tried}
    assert {name for name, of in kinds.items() if of == "representation"} == set(found.split())
    mixed = {name for name, of in kinds.items() if of == "mixed orders"}
    assert mixed == ({"ij,lk", "ji,kl", "kl,ji", "lk,ij"} if (values, x) == (2, 2) else set())


@pytest.mark.parametrize("kind", [exact, lambda M: np.array(M, dtype=float)])
def test_what_jax_and_torch_return_has_four_indices(kind):
    P, Q = kind(GENERAL), kind([[1, 4], [2, 3]])
    H, J = hessian_table(P.T, Q.T), np.einsum("ik,lj->ijkl", P, Q)
    for f, table, subject in (
        (TraceProduct(P, Q), H, "second"),
        (lambda Y: P @ Y @ Q, J, "first"),
    ):
        found = diagnose(f, kind(X), table)
        assert (found.verdict, found.layouts[0]) == ("representation", "i,j,k,l")
        assert found.subject.startswith(subject)
        assert "JAX" in str(found)
        assert (found.true is None) == (subject == "first")
        moved = diagnose(f, kind(X), 3 * table.transpose(0, 2, 1, 3))
        assert (moved.verdict, pytest.approx(float(moved.scale))) == ("scaled", 3)
        assert np.allclose((moved.repair("C") - table.reshape(4, 4)).astype(float), 0)
    assert diagnose(TraceProduct(P, Q), kind(X), H).true.verdict.startswith("indefinite")
    wrong = J.copy()
    wrong[1, 0, 1, 1] += 1
    found = diagnose(lambda Y: P @ Y @ Q, kind(X), wrong)
    assert "at [2, 1, 2, 2] it has" in found.closest


def test_a_verdict_without_a_repair_says_so():
    for candidate in (D + 1, GENERAL + GENERAL.T):
        with pytest.raises(ValueError, match=r"^candidate cannot be repaired: no match"):
            diagnose(f, X, candidate).repair()
    with pytest.raises(ValueError, match=r"^order"):
        diagnose(f, X, D).repair("A")
    rounded, point, H = sines_with_a_small_term(0.003, 6)
    with pytest.raises(ValueError, match=r"^candidate cannot be repaired: cannot tell"):
        diagnose(rounded, point, H).repair()
    assert "repaired" not in str(diagnose(rounded, point, H))


def test_a_repair_moves_no_more_than_it_must():
    line = dict(diagnose(f, X, D / 2).rows)["repaired, in order F"]
    assert line == "np.reshape(candidate, (2, 2, 2, 2)).reshape(4, 4) * 2"


def test_a_repair_is_a_new_array():
    M = np.asarray(D, dtype=float)
    found = diagnose(float_f, FLOATS, M)
    assert not np.shares_memory(found.repair(), M)
    assert not np.shares_memory(found.repair(), found.repair())


# The digits in which a candidate is given.


@pytest.mark.parametrize("digits", [3, 4, 5])
@pytest.mark.parametrize("form", ["places", "digits"])
@pytest.mark.parametrize("seed", range(5))
def test_printed_candidates_are_compared_in_their_digits(digits, form, seed):
    G = np.random.default_rng(seed).uniform(0.2, 1, (2, 3)) * [[1, 10, 100], [1, 1, 1]]
    if form == "places":
        G /= 100
    shown = [f"{x:.{digits}f}" if form == "places" else f"{x:.{digits}g}" for x in G.flat]
    candidate = np.array(shown, dtype=float).reshape(G.shape)
    found = diagnose(lambda Y: np.sum(G * Y), np.ones((2, 3)), candidate)
    assert found.verdict == "representation"
    assert form == "places" or found.digits == digits
    assert f"in {found.digits} digits, those in which the candidate is given" in str(found)
    turned = diagnose(lambda Y: np.sum(G * Y), np.ones((2, 3)), candidate.T)
    assert turned.layouts == ("j,i",)
    wrong = candidate.copy()
    wrong[0, 2] += 11 * 10.0 ** -(digits - 1 - np.floor(np.log10(wrong[0, 2])))
    assert diagnose(lambda Y: np.sum(G * Y), np.ones((2, 3)), wrong).verdict == "no match"


@pytest.mark.parametrize("form", [".6g", ".5g", ".4f", ".6f"])
@pytest.mark.parametrize("scale", [1, 30, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_candidates_as_programs_print_them_are_accepted(form, scale, seed):
    C = np.random.default_rng(seed).standard_normal((4, 4))
    G = scale * (C @ C.T)
    candidate = np.array([float(format(x, form)) for x in G.flat]).reshape(4, 4)
    assert np.any(candidate != G)
    assert diagnose(lambda Y: np.sum(G * Y), np.eye(4), candidate)
    assert diagnose(lambda Y: np.sum(G * Y), np.eye(4), candidate, tolerance=1e-3)
    candidate[seed % 4, 2] *= 1.01
    assert not diagnose(lambda Y: np.sum(G * Y), np.eye(4), candidate)


@pytest.mark.parametrize("seed", range(4))
def test_candidates_computed_in_single_precision_are_accepted(seed):
    S = np.diag([1.3, 1.7, 2.2]) + (seed > 0) * covariances(seed)
    single = np.linalg.inv(S.astype(np.float32))
    H = np.array(-np.einsum("li,jk->ijkl", single, single))
    H[0, 1, 0, 0] += np.float32(2.98e-8)
    g = log_dets["slogdet"]
    for candidate in (single.T, H, H.tolist(), H.reshape(9, 9)):
        found = diagnose(g, S, candidate)
        assert found.verdict == "representation"
        assert diagnose(g, S, candidate, tolerance=0.01)
        wrong = np.array(candidate)
        wrong.flat[0] *= 1.01
        assert not diagnose(g, S, wrong)
    large = 10**7 * (np.eye(2) + 0.1) / 3
    shown = np.float32(large + 0.5 * np.eye(2)[::-1])  # has few places
    assert diagnose(lambda Y: np.sum(large * Y), np.eye(2), shown)
    described = diagnose(g, S, H).candidate
    assert described.verdict == diagnose(g, S, H.astype(float)).true.verdict


def test_whole_numbers_of_many_digits_may_be_rounded_ones():
    G = np.array([[3289.3, 3233.4], [43104.0, 2292.46]])
    rounded, X = [[3289.0, 3233.0], [43100.0, 2292.0]], np.ones((2, 2))
    found = diagnose(lambda Y: np.sum(G * Y), X, rounded)
    assert found.verdict == "representation"
    assert "in 4 digits, those in which the candidate is given" in str(found)
    assert diagnose(lambda Y: np.sum(G * Y), X, np.array(rounded).T).layouts == ("j,i",)
    assert "in 6 digits" in str(diagnose(lambda Y: np.sum(np.array(rounded) * Y), X, rounded))
    rounded[0][1] += 1
    assert diagnose(lambda Y: np.sum(G * Y), X, rounded).verdict == "no match"


@pytest.mark.parametrize(
    ("candidate", "true"),
    [
        ([[2.0, 4.0], [6.0, 123.0]], [[2.0, 4.0], [6.0, 123.4]]),  # whole numbers are exact
        ([[0.5, 0.25], [1.5, 0.12]], [[0.5, 0.25], [1.5, 0.121]]),  # so are those with two digits
        ([[1.0, 0.0], [0.0, 9e-7]], [[1.0, 0.0], [0.0, 8e-7]]),
        ([[0.1429, 0.2857], [0.4286, 0.5714]], [[0.1429, 0.2857], [0.4286, 0.57151]]),
        ([[1.0, 0.1428571], [0.2857143, 1.0]], [[1.0, 0.1428571], [0.285716, 1.0]]),
    ],
)
def test_what_is_not_printed_is_no_match(candidate, true):
    G = np.array(true)
    assert diagnose(lambda Y: np.sum(G * Y), np.ones((2, 2)), candidate).verdict == "no match"
    assert diagnose(lambda Y: np.sum(exact(G) * Y), X, exact(candidate)).verdict == "no match"


def test_exact_candidates_are_not_printed_ones():
    G = exact([[1, 2], [3, 4]]) / 7
    printed = np.array([[0.1429, 0.2857], [0.4286, 0.5714]])
    assert diagnose(lambda Y: np.sum(G * Y), X, printed).digits == 4
    found = diagnose(lambda Y: np.sum(G * Y), X, exact(printed))
    assert (found.verdict, found.digits) == ("no match", None)
    assert "of f at X, exactly" in str(found)


def test_the_tolerance_may_be_chosen():
    G = np.array([[1.0, 2.0], [3.0, 5.0]])

    def of(candidate, **keywords):
        return diagnose(lambda Y: np.sum(G * Y), FLOATS, candidate, **keywords)

    close = G * [[1, 1.00003], [1, 1]] + 1e-7 * np.pi
    assert not of(close)
    assert of(close, tolerance=1e-4).digits == 4
    assert of(close, tolerance=1e-4).scale == 1
    assert not of(close, tolerance=1e-5)
    assert not of(G + 1e-8, tolerance=1e-10)
    assert of(G, tolerance=1e-10).digits == 10
    assert diagnose(trace, X, GENERAL.T + exact(1e-9)[()], tolerance=1e-6)
    for bad in (0, -1e-3, 1, [1e-3], np.nan, "x", 1j):
        with pytest.raises((TypeError, ValueError), match=r"^tolerance\b"):
            of(G, tolerance=bad)


def test_a_chosen_tolerance_holds_for_entries_that_are_zero_too():
    noise = np.array([[0, 2.1234567e-5], [1.1234567e-5, 0]])
    G = np.diag([1.0, 2.0])
    found = diagnose(lambda Y: np.sum(G * Y), FLOATS, G + noise, tolerance=1e-4)
    assert (found.verdict, found.digits) == ("representation", 4)
    for wrong, tolerance in ((G + noise, None), (G + noise, 1e-6), (G + 30 * noise, 1e-4)):
        assert not diagnose(lambda Y: np.sum(G * Y), FLOATS, wrong, tolerance=tolerance)


def test_multiples_of_printed_candidates_are_found():
    G = np.random.default_rng(3).uniform(0.2, 1, (3, 3))
    for digits in (3, 4):
        found = diagnose(lambda Y: np.sum(G * Y), np.eye(3), np.round(3 * G, digits))
        assert (found.verdict, found.layouts) == ("scaled", ("i,j",))
        assert abs(found.scale - 3) < 10.0 ** (1 - digits)


def test_entries_that_print_as_zero_do_not_speak_against_a_multiple():
    found = diagnose(lambda v: v[0] ** 2 / 2 + 0.002 * v[0] * v[1], [1.0, 2.0], np.diag([1.37, 0]))
    assert (found.verdict, found.scale) == ("scaled", 1.37)


def test_the_closest_layout_of_a_printed_candidate_is_found_in_its_digits():
    G = np.random.default_rng(3).uniform(0.2, 1, (3, 3))
    wrong = np.round(G, 4)
    wrong[1, 2] += 0.0123
    closest = diagnose(lambda Y: np.sum(G * Y), np.eye(3), wrong).closest
    assert "agrees in 8 of 9 entries; in row 2, column 3 " in closest


@pytest.mark.parametrize("scale", [3, sp.Rational(-3, 2), sp.sqrt(2), sp.Symbol("c", real=True)])
def test_the_line_that_repairs_leaves_exact_numbers_exact(scale):
    found = diagnose(f, X, scale * E)
    line = dict(found.rows)["repaired, in order F"]
    repaired = eval(line, {"np": np, "sympy": sp, "candidate": scale * E})
    assert np.all(repaired == found.repair())
    assert all(sp.simplify(entry) == 0 for entry in (repaired - D).flat)


def test_more_digits_than_are_compared_are_not_counted():
    G = np.random.default_rng(3).uniform(0.2, 1, (3, 3))
    found = diagnose(lambda Y: np.sum(G * Y), np.eye(3), np.round(G, 8))
    assert (found.verdict, found.digits, found.limit) == ("representation", 6, "")


def test_definiteness_of_a_printed_candidate_is_that_which_its_digits_tell():
    M = np.array([[1.234, 1.234], [1.234, 1.23405]])

    def g(Y):
        return np.vdot(Y, Y @ M) / 2

    found = diagnose(g, np.ones((1, 2)), [[1.234, 1.234], [1.234, 1.2341]])
    assert (found.verdict, found.candidate, found.true) == ("representation", None, None)
    found = diagnose(g, np.ones((1, 2)), [[2.468, 2.468], [2.468, 2.4681]])
    assert found.scale == 2
    assert found.candidate.verdict == "positive semidefinite up to rounding"
    assert found.true.verdict == "positive definite up to rounding"


# Sizes.


def test_a_candidate_of_no_size_is_told_the_sizes_and_why():
    with pytest.raises(ValueError, match=r"^candidate .*9 or 81 .*3×3.*\(5, 2\)$"):
        diagnose(lambda Y: np.sum(Y * Y), np.eye(3), np.ones((5, 2)))
    with pytest.raises(ValueError, match=r"^candidate .*4 or 16 .*its shape is \(3,\);"):
        diagnose(lambda Y: np.sum(Y * Y), np.eye(2), [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"^candidate .*8 entries.*4×1.*1×2.*\(3, 3\)$"):
        diagnose(lambda Y: np.ones((4, 2)) @ Y.T, np.ones((1, 2)), np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"^candidate .*\(6, 6\); .*vech.*within=symmetric"):
        diagnose(lambda Y: np.sum(Y * Y), np.eye(3), np.eye(6))


def test_a_hessian_in_the_shape_of_x_is_told_from_the_second_derivative():
    found = diagnose(lambda Y: np.sum(Y**3), FLOATS, 6 * np.array(FLOATS))
    assert found.verdict == "no match"
    assert "the second derivative has the shape 4×4" in found.closest
    assert "second" not in diagnose(lambda Y: np.sum(Y**3), FLOATS, np.eye(4)).closest
    assert "second" not in diagnose(lambda Y: Y @ Y, FLOATS, np.eye(4)).closest
    assert "second" not in diagnose(lambda Y: np.sum(Y**3), FLOATS, np.ones((1, 4))).closest


def test_a_value_of_one_entry_is_a_number():
    a, b = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
    for value in (lambda Y: a.T @ Y @ b, lambda Y: (a.T @ Y @ b)[0]):
        assert diagnose(value, FLOATS, a @ b.T).layouts == ("i,j",)
    assert diagnose(lambda Y: np.sum(Y) ** 2, [[3.0]], 6.0)
    assert diagnose(lambda Y: np.sum(Y) ** 2, [[3.0]], [6.0])


# Symmetric X.


def covariances(seed, n=3):
    C = np.random.default_rng(seed).standard_normal((n, n))
    return C @ C.T + np.eye(n)


log_dets = {
    "slogdet": lambda S: np.linalg.slogdet(S)[1],
    "cholesky": lambda S: 2 * np.log(np.diag(np.linalg.cholesky(S))).sum(),
    "eigvalsh": lambda S: np.log(np.linalg.eigvalsh(S)).sum(),
}


@pytest.mark.parametrize("name", log_dets)
@pytest.mark.parametrize("scale", [1, 0.5, -3])
@pytest.mark.parametrize("seed", range(2))
def test_what_holds_of_gradients_on_symmetric_matrices_is_said(name, scale, seed):
    S = covariances(seed)
    inverse = scale * np.linalg.inv(S)
    inside = diagnose(log_dets[name], S, inverse)
    times = "the same as" if scale == 1 else f"{scale} times"
    if name == "slogdet":
        assert inside.verdict == ("representation" if scale == 1 else "scaled")
        assert inside.on_symmetric is None
    else:
        assert inside.verdict == "no match"
        assert SLIP in inside.slip
        assert inside.slip.startswith("the gradient" if scale == 1 else f"{scale} times")
        assert inside.on_symmetric.startswith("the gradient G of f at X is triangular, as ")
        assert f"it is {times} the first derivative" in inside.on_symmetric
    triangle = diagnose(log_dets[name], S, 2 * inverse - np.diag(np.diag(inverse)))
    assert triangle.verdict == "no match"
    assert "G + Gᵀ − diag(G)" in triangle.slip
    assert triangle.slip.startswith("G" if scale == 1 else f"{scale} times G")
    assert triangle.survives.startswith("its" if scale == 1 else f"once divided by {scale}: its")


SLIP = "the gradient G made symmetric"


@pytest.mark.parametrize("kind", [exact, lambda M: np.array(M, dtype=float)])
@pytest.mark.parametrize("scale", [1, -2])
def test_what_holds_of_jacobians_on_symmetric_matrices_is_said(kind, scale):
    P, S = kind(GENERAL), kind([[2, 1], [1, 3]])
    true = np.einsum("ik,lj->ijkl", P, P.T)
    half = scale * (true + true.transpose(0, 1, 3, 2)) / 2
    for candidate in (half, half.reshape(4, 4)):
        found = diagnose(lambda Y: P @ Y @ P.T, S, candidate)
        assert (found.verdict, found.slip) == ("no match", None)
        times = "the same as" if scale == 1 else "-2 times"
        assert found.on_symmetric == f"it is {times} the first derivative"
        elsewhere = diagnose(lambda Y: P @ Y @ P.T, S + kind([[0, 1], [0, 0]]), candidate)
        assert elsewhere.on_symmetric is None
    assert diagnose(lambda Y: P @ Y @ P.T, S, half + kind(1)).on_symmetric is None
    assert diagnose(lambda Y: P @ Y @ P.T, S, true).on_symmetric is None


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("name", log_dets)
@pytest.mark.parametrize("seed", range(3))
def test_the_gaussian_likelihood_at_its_maximum(n, name, seed):
    N, S = 7, covariances(seed, n)
    inverse = np.linalg.inv(S)

    def likelihood(K):
        return -N / 2 * (log_dets[name](K) + np.trace(np.linalg.inv(K) @ S))

    found = diagnose(likelihood, S, -N / 2 * np.kron(inverse, inverse))
    assert not found
    assert found.candidate.verdict == "negative definite up to rounding"
    assert found.on_symmetric.endswith(
        "it is the same as the second derivative, where that is negative definite up to rounding"
    )
    halved = diagnose(likelihood, S, -N * np.kron(inverse, inverse))
    assert "it is 2 times the second derivative" in halved.on_symmetric
    wrong = -N / 2 * np.kron(inverse, inverse)
    wrong[0, 0] *= 1.01
    assert diagnose(likelihood, S, wrong).on_symmetric is None


def test_definiteness_on_symmetric_matrices_is_that_of_the_form_on_them():
    S = exact([[2, 1], [1, 3]])

    def g(Y):
        return np.sum(Y * Y.T)

    assert second_derivative(g, S).restrict_to_symmetric().matrix()[0, 0] == 2
    found = diagnose(g, S, 2 * exact(np.eye(4)))
    assert found.on_symmetric == (
        "it is the same as the second derivative, where that is positive definite, "
        "with the least eigenvalue 2"
    ).removesuffix(", with the least eigenvalue 2")
    D2 = duplication_matrix(2)
    assert np.all(D2.T @ (2 * np.eye(4)) @ D2 == np.diag([2, 4, 2]))


def test_a_number_is_not_called_symmetric():
    assert diagnose(lambda Y: np.sum(Y**3), [[2.0]], [[7.0]]).on_symmetric is None
    assert diagnose(lambda Y: np.sum(Y**3), exact([[2]]), exact([[7]])).on_symmetric is None


def test_one_triangle_is_named_of_a_right_gradient_too():
    S = covariances(0)
    G = gradient(log_dets["cholesky"], S)
    assert np.allclose(np.triu(G, 1), 0)
    found = diagnose(log_dets["cholesky"], S, G)
    assert found
    assert "as where f reads one triangle" in found.on_symmetric
    corner = diagnose(lambda Y: (Y @ Y @ Y)[0, 1], np.diag([1.0, 2.0]), [[0, 7.0], [0, 0]])
    assert corner.on_symmetric.startswith("the gradient G of f at X is triangular, as ")
    assert "triangle" not in str(diagnose(log_dets["slogdet"], S, np.linalg.inv(S)))
    diagonal = diagnose(lambda Y: np.trace(Y), S, np.eye(3))
    assert "triangle" not in str(diagonal)


# Definiteness is only told where the comparison supports it.


def test_definiteness_that_hangs_on_digits_that_were_not_compared_is_not_told():
    tiny = 1e-9

    def g(Y):
        return (Y[0, 0] ** 2 + tiny * Y[0, 1] ** 2) / 2

    found = diagnose(g, np.ones((1, 2)), np.diag([1.0, -tiny]))
    assert found.verdict == "no match"
    found = diagnose(lambda Y: Y[0, 0] ** 2 / 2, np.ones((1, 2)), np.diag([1.0, -1e-11]))
    assert (found.verdict, found.candidate, found.true) == ("representation", None, None)
    assert "hangs on digits that were not compared" in found.survives
    printed = diagnose(
        lambda Y: np.sum([0.12344, 0] * Y**2) / 2, np.ones((1, 2)), [[0.1234, 0], [0, 0]]
    )
    assert printed.candidate.verdict == "positive semidefinite up to rounding"


def test_a_finer_tolerance_looks_at_more_printed_digits():
    X = np.array([[1.23456789, 0.7], [0.3, 0.11]]) / 7
    assert diagnose(lambda X: np.sum(X * X), X, np.round(2 * X, 8), tolerance=1e-9)


@pytest.mark.parametrize("off", [2e-6, 4e-5, 9e-4])
def test_a_candidate_that_is_nearly_right_is_told_the_tolerance_that_takes_it(off):
    rng = np.random.default_rng(1)
    A, X = rng.uniform(0.5, 1, (2, 2, 3))

    def f(X):
        return np.sum(A * np.sin(X))

    candidate = (A * np.cos(X) * (1 + off * rng.choice([-1, 1], A.shape))).T
    found = diagnose(f, X, candidate)
    assert found.verdict == "no match"
    assert found.closest.endswith("; with tolerance=0.001 it is taken for j,i")
    assert diagnose(f, X, candidate, tolerance=0.001).layouts == ("j,i",)
    assert "tolerance" not in diagnose(f, X, 1.01**A * candidate.T).closest
