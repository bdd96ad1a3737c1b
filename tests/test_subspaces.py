"""Subspaces: what their maps are, and derivatives within them by the chain rule."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import KINDS, arrays, assert_same, examples, matrices

from matderiv import (
    BilinearForm,
    LinearMap,
    check_derivative,
    commutation_matrix,
    derivative,
    diagnose,
    diagonal,
    directional_derivative,
    duplication_matrix,
    exact,
    gradient,
    identity,
    is_exact,
    lower_triangular,
    rank_one,
    sandwich,
    second_derivative,
    skew_symmetric,
    symmetric,
    vec,
    vech,
)
from matderiv.subspaces import Subspace

OWN = {  # the map, the projection onto its image, and its dimension
    "symmetric": (symmetric, lambda Y: (Y + Y.T) / 2, lambda n: n * (n + 1) // 2),
    "skew": (skew_symmetric, lambda Y: (Y - Y.T) / 2, lambda n: n * (n - 1) // 2),
    "diagonal": (diagonal, lambda Y: np.diag(np.diag(Y)), lambda n: n),
    "lower": (lower_triangular, np.tril, lambda n: n * (n + 1) // 2),
}
subspaces = pytest.mark.parametrize(("make", "project", "size"), OWN.values(), ids=OWN)
CLOSE = 1e-7


@st.composite
def cases(draw):
    n, kind = draw(st.integers(2, 3)), draw(st.sampled_from(KINDS))
    return n, [draw(arrays((n, n), kind)) for _ in range(3)]


@subspaces
@pytest.mark.parametrize("n", [2, 3, 4])
def test_their_maps_have_orthogonal_columns_of_zeros_and_signs(make, project, size, n):
    J = make(n)
    assert (J.domain, J.codomain) == ((size(n),), (n, n))
    for order in "FC":
        M = J.matrix(order)
        gram = M.T @ M
        assert np.array_equal(gram, np.diag(np.diag(gram)))
        assert np.array_equal((J.adjoint @ J).matrix(order), gram)
        orthogonal = M @ np.diag(1 / np.diag(gram)) @ M.T
        Y = np.arange(1.0, n * n + 1).reshape(n, n) ** 2
        assert np.allclose(orthogonal @ vec(Y, order), vec(project(Y), order))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_their_coordinates_are_those_of_vech(n):
    assert np.array_equal(symmetric(n).matrix(), duplication_matrix(n))
    T = np.tril(np.arange(1.0, n * n + 1).reshape(n, n))
    assert np.array_equal(lower_triangular(n)(vech(T)), T)
    assert np.array_equal(diagonal(n)(np.diag(T)), np.diag(np.diag(T)))


@subspaces
@examples(10)
@given(cases())
def test_derivatives_within_are_those_of_the_chain_rule(make, project, size, drawn):
    n, (A, X, Y) = drawn
    J, X, Y = make(n), project(X), project(Y)

    def f(W):
        return np.trace(A @ W @ W) + np.sum(W**3)

    G = (A @ X + X @ A).T + 3 * X**2
    assert_same(gradient(f, X, within=J), exact_or_float(project(G)), CLOSE)
    assert_same(directional_derivative(f, X, Y, within=J), np.sum(G * Y), CLOSE)
    D, M = derivative(f, X, within=J), J.matrix("C")
    assert_same(D(Y), np.sum(G * Y), CLOSE)
    assert_same(D.matrix("C", coordinates="own"), np.ravel(G)[None] @ M, CLOSE)
    assert_same(D.matrix("C"), np.ravel(exact_or_float(project(G)))[None], CLOSE)
    assert D.error == 0 or not is_exact(X)
    second = lambda Y, Z: np.trace(A @ (Y @ Z + Z @ Y)) + np.sum(6 * X * Y * Z)  # noqa: E731
    H = second_derivative(f, X, within=J)
    assert_same(H(Y, Y), second(Y, Y), 1e-5)
    units = [J(exact(v) if is_exact(X) else v) for v in np.eye(size(n))]
    own = np.array([[second(E, F) for F in units] for E in units])
    assert_same(H.matrix(coordinates="own"), exact(own) if is_exact(X) else own, 1e-5)
    W = 1 / np.sqrt(np.diag(M.T @ M))
    orthonormal = np.asarray(H.matrix(), dtype=float)
    assert_same(orthonormal, own.astype(float) * np.multiply.outer(W, W), 1e-5)


def exact_or_float(array):
    return exact(array) if array.dtype == object else array


@examples(10)
@given(cases())
def test_a_form_within_symmetric_matrices_is_the_restricted_one(drawn):
    n, (A, X, Y) = drawn
    X, Y = X + X.T, Y + Y.T

    def f(W):
        return np.trace(A @ W @ W) * np.trace(W)

    within, restricted = (
        second_derivative(f, X, within=symmetric(n)),
        second_derivative(f, X).restrict_to_symmetric(),
    )
    assert_same(within.matrix(), restricted.matrix(), 1e-5)
    assert_same(within.matrix(coordinates="vech"), restricted.matrix(coordinates="vech"), 1e-5)
    assert_same(within(Y, X), restricted(Y, X), 1e-5)


@pytest.mark.parametrize("X", [exact([[2, 1], [1, 3]]), np.array([[2.0, 1], [1, 3]])])
def test_a_form_within_symmetric_matrices_restricts_to_itself_and_no_other_within_does(X):
    def f(S):
        return S[0, 0] * S[1, 0] + 5 * S[1, 1] ** 2

    H = second_derivative(f, X, within=symmetric(2))
    assert H.restrict_to_symmetric() is H
    restricted = second_derivative(f, X).restrict_to_symmetric()
    assert restricted.restrict_to_symmetric() is restricted
    triangle = exact([[2, 0], [1, 3]]) if is_exact(X) else np.tril(X)
    within = second_derivative(f, triangle, within=lower_triangular(2))
    with pytest.raises(ValueError, match=r"all square matrices.* lower triangular matrices"):
        within.restrict_to_symmetric()


@given(matrices("nn", "nn", "nn"))
def test_the_map_of_a_restricted_form_is_self_adjoint(drawn):
    A, B, C = drawn
    for form in (
        (rank_one(A, B) + rank_one(B, A)).form,
        second_derivative(lambda X: np.trace(A @ X) * np.sum(B * X), C),
    ):
        L = form.restrict_to_symmetric().map
        v = vech(C + C.T)
        assert_same(L.adjoint(v), L(v), 1e-5)
        assert_same(L.adjoint.matrix(), L.matrix().T, 1e-5)
        assert L.check_adjoint()
        floats = v.astype(float)
        operator = L.as_linear_operator()
        assert_same(operator.rmatvec(floats), operator @ floats, 1e-5)


def test_the_adjoint_in_coordinates_is_that_of_the_map():
    L = sandwich(exact([[1, 2], [3, 4]]), exact([[0, 1], [5, 2]]))
    M = L.form.restrict_to_symmetric().map  # what a form should not be made of, but may be
    assert_same(M.adjoint.matrix(), M.matrix().T)


@pytest.mark.parametrize("convert", [exact, np.array])
def test_any_injective_map_makes_a_subspace(convert):
    L = sandwich(convert([[1, 0], [2, 1], [0, 1]]), convert([[2, 0], [1, 1]]))
    V = convert([[1, 2], [0, -1]])
    X, A = L(V), convert([[1, 0, 2], [0, 1, 1]])

    def f(W):
        return np.trace(A @ W) ** 2

    H = second_derivative(f, X, within=L)
    alpha = np.ravel(A.T) @ L.matrix("C")
    places = [0, 2, 1, 3]  # coordinates of vectors are those of order F
    assert_same(
        H.matrix(coordinates="own"),
        2 * np.multiply.outer(alpha, alpha)[np.ix_(places, places)],
        1e-6,
    )
    M = H.matrix()
    assert_same(np.trace(M), 2 * np.sum(np.asarray(gradient(
        lambda W: np.trace(A @ W), X, within=L)) ** 2), 1e-6)  # fmt: skip
    columns = LinearMap((2,), (2, 2), lambda v: np.multiply.outer(v, [1.0, 3.0]))
    G = gradient(lambda W: np.sum(W**2), columns([1.0, 2.0]), within=columns)
    assert_same(G, 2 * columns([1.0, 2.0]), CLOSE)


@pytest.mark.parametrize("convert", [exact, np.array])
def test_of_vectors_too(convert):
    line = LinearMap((1,), (3,), lambda v: v[0] * np.array([1, 2, 2]), exact=convert is exact)
    x = convert([2, 4, 4])
    assert_same(9 * gradient(lambda v: v[0] * v[1], x, within=line), convert([8, 16, 16]), CLOSE)
    H = second_derivative(lambda v: v @ v, x, within=line)
    assert_same(H.matrix(), convert([[2]]), 1e-6)
    assert_same(H(x, x), convert(72)[()], 1e-5)
    assert "image" in str(H)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_errors_within_do_not_depend_on_the_units_of_coordinates(scale):
    X = np.array([[2.0, 0.5], [0.5, 1.0]])

    def f(W):
        return np.linalg.norm(W) ** 3

    D = derivative(f, X, within=symmetric(2) * scale)
    H = second_derivative(f, X, within=symmetric(2) * scale)
    assert np.max(np.abs(D.adjoint(1) - 3 * np.linalg.norm(X) * X)) <= 2 * D.error < 1e-5
    Y = X / np.linalg.norm(X)
    assert abs(H(Y, Y) - 6 * np.linalg.norm(X)) <= 2 * H.error < 1e-3


def test_combined_forms_do_not_claim_to_know_their_error():
    H = second_derivative(lambda X: np.linalg.norm(X) ** 3, np.eye(2))
    for form in ((2 * H.map).form, (H.map + H.map).form, (H.map @ H.map).form):
        assert np.isnan(form.error)
        assert form.method == "central differences"
        assert str(form).endswith("central differences")
    E = second_derivative(lambda X: np.sum(X**3), exact(np.eye(2)))
    assert ((2 * E.map).form.error, (2 * E.map).form.method) == (0, "exact")
    plain = (rank_one(np.eye(2), np.eye(2)) * 2).form
    assert (plain.error, plain.method) == (0, "formula")


@pytest.mark.parametrize("convert", [exact, np.array])
@pytest.mark.parametrize("engine", ["autograd", "torch", "jax"])
def test_where_a_library_differentiates_exact_subspaces_become_those_of_floats(engine, convert):
    pytest.importorskip(engine)
    J = sandwich(exact([[1, 0], [1, 2]]), exact([[1, 1], [0, 1]]))
    X = convert(J([[1, 2], [3, 4]]).astype(float))
    floats = sandwich(np.array([[1.0, 0], [1, 2]]), np.array([[1.0, 1], [0, 1]]))
    column = LinearMap((1,), (2, 2), lambda t: t[0] * J([[1, 2], [3, 4]]), exact=True)

    def f(W):
        return (W * W * W).sum()

    for exactly, same in ((J, floats), (column, floats @ rank_one([[1.0, 2], [3, 4]], [1.0]))):
        for do in (gradient, derivative, second_derivative):
            found, true = (do(f, X, within=L, engine=engine) for L in (exactly, same))
            if do is not gradient:
                found, true = found.matrix(), true.matrix()
            assert found.dtype == float
            assert_same(found, true)
    with pytest.raises(ValueError, match=r"^X must be in the image of .*Y ↦ L Y Rᵀ"):
        gradient(f, [[1.0, 2], [3, 5]], within=sandwich(exact([[1], [1]]), exact([[1], [1]])),
                 engine=engine)  # fmt: skip


def sum_of_cubes(S):
    return (S * S * S).sum()


@pytest.mark.parametrize("engine", ["autograd", "torch", "jax"])
def test_where_a_library_differentiates_no_matrix_of_the_subspace_is_written_down(engine):
    pytest.importorskip(engine)
    S = np.eye(120) + 0.001
    G = gradient(sum_of_cubes, S, within=symmetric(120), engine=engine)
    assert_same(G, 3 * S**2)
    D = pickle.loads(
        pickle.dumps(derivative(sum_of_cubes, S, within=symmetric(120), engine=engine))
    )
    assert_same(D(S), 3 * np.sum(S**3))


def test_coordinates_may_have_units_and_be_nearly_dependent():
    rng = np.random.default_rng(5)
    v = rng.standard_normal(3)
    for units in ([1, 1, 1], [1e9, 1, 1e-9], [1, 1e6, 1]):
        for near in (1, 1e-3, 1e-6):
            M = rng.standard_normal((3, 4)) * np.array(units)[:, None]
            M[1] += (M[0] * units[1] / units[0] - M[1]) * (1 - near)
            J = LinearMap((3,), (4,), lambda c, M=M: c @ M, lambda z, M=M: M @ z)
            x = J(v / units)
            found = derivative(lambda x: x @ x, x, within=J).matrix(coordinates="own")
            assert np.allclose(found * v / units, (2 * M @ x) * v / units, rtol=1e-3)


def test_exact_matrices_are_members_by_value_and_not_by_spelling():
    root = sp.sqrt(2)
    S = exact([[5, (1 + root) ** 2], [3 + 2 * root, 7]])
    assert derivative(np.trace, S, within=symmetric(2))(S) == 12
    S = exact([[5, (1 + root) ** 2], [3 - 2 * root, 7]])
    with pytest.raises(ValueError, match=r"^X must be symmetric; it is off by (?!0)"):
        derivative(np.trace, S, within=symmetric(2))


@pytest.mark.parametrize("make", [symmetric, skew_symmetric, diagonal, lower_triangular])
def test_the_longest_coordinates_of_places_are_those_of_their_matrix(make):
    subspace = Subspace.of(make(4), np.zeros((4, 4)), rounds=False)
    change = subspace.change("orthonormal", exactly=False)
    assert np.isclose(subspace.longest, np.linalg.norm(change, 2))


@subspaces
def test_their_maps_take_dask_arrays_for_numpys(make, project, size):
    da = pytest.importorskip("dask.array")
    J, v, Z = make(2), np.arange(1.0, size(2) + 1), np.array([[1.0, 2], [5, 7]])
    assert_same(J(da.from_array(v, chunks=1)), J(v))
    assert_same(J.adjoint(da.from_array(Z, chunks=1)), J.adjoint(Z))


# What is refused.


@pytest.mark.parametrize(
    ("X", "within", "error"),
    [
        (np.eye(2), symmetric(3), r"^within\b.*R\^\(2×2\)"),
        (np.eye(2), "symmetric", r"^within\b.*symmetric\(n\)"),
        (np.eye(2), 2, r"^within\b"),
        ([[1.0, 2.0], [0.0, 1.0]], symmetric(2), r"^X must be symmetric; it is off by"),
        ([[1.0, 2.0], [0.0, 1.0]], diagonal(2), r"^X must be diagonal"),
        ([[1.0, 2.0], [0.0, 1.0]], lower_triangular(2), r"^X must be lower triangular"),
        (np.eye(2), skew_symmetric(2), r"^X must be skew-symmetric"),
        (np.eye(2), rank_one(np.eye(2), np.eye(2)), r"^within must be injective"),
        (exact(np.eye(2)), rank_one(exact(np.eye(2)), exact(np.eye(2))), r"^within.*injective"),
        (np.eye(2), sandwich(exact(np.eye(2)), exact(np.eye(2))), r"^within.*exact.* X .*floats"),
        ([1.0, 2.0], symmetric(2), r"^within\b.*R\^2"),
    ],
)
def test_what_is_no_subspace_or_not_in_it_is_refused(X, within, error):
    for do in (derivative, gradient, second_derivative):
        with pytest.raises((TypeError, ValueError), match=error):
            do(np.sum, X, within=within)
    with pytest.raises((TypeError, ValueError), match=error):
        diagnose(np.sum, X, X, within=within)


def test_directions_and_coordinates_are_those_of_the_subspace():
    D = derivative(np.sum, np.eye(2), within=symmetric(2))
    with pytest.raises(ValueError, match=r"^Y must be symmetric"):
        D([[0.0, 1.0], [2.0, 0.0]])
    with pytest.raises(ValueError, match=r"^coordinates .*'orthonormal', 'own', 'vech'.*'f'"):
        D.matrix(coordinates="f")
    with pytest.raises(ValueError, match=r"^coordinates .*'orthonormal', 'own' here.*'vech'"):
        derivative(np.sum, np.eye(2), within=diagonal(2)).matrix(coordinates="vech")
    for form in (derivative, second_derivative):
        with pytest.raises(ValueError, match=r"^coordinates 'vech' .*within"):
            form(np.sum, np.eye(2)).matrix(coordinates="vech")
    H = second_derivative(lambda X: np.sum(X**2), np.eye(2), within=symmetric(2))
    with pytest.raises(ValueError, match="within"):
        _ = H.tensor
    with pytest.raises(ValueError, match=r"^n must be at least 2"):
        skew_symmetric(1)


def test_a_little_asymmetry_is_rounding_and_no_error():
    S = np.array([[2.0, 0.1], [0.1 * (1 + 1e-12), 1.0]])
    G = gradient(np.linalg.det, S, within=symmetric(2))
    assert np.array_equal(G, G.T)
    assert_same(G, np.array([[1, -0.1], [-0.1, 2]]), CLOSE)


def test_subspaces_print_as_what_they_are():
    kinds = ("symmetric", "skew-symmetric", "diagonal", "lower triangular")
    for (make, *_), kind in zip(OWN.values(), kinds, strict=True):
        assert str(Subspace(make(2))) == f"{kind} matrices"
        zero = np.zeros((2, 2))
        assert f"from {kind} matrices" in repr(derivative(np.sum, zero, within=make(2)))
        assert f"on {kind} matrices" in repr(second_derivative(np.sum, zero, within=make(2)))


# Diagnosis.

S = np.array([[2.0, 0.5, 0.25], [0.5, 1.0, 0.125], [0.25, 0.125, 3.0]])


@pytest.mark.parametrize("factor", [1, 0.5])
def test_the_triangle_formula_is_that_of_partial_derivatives(factor):
    P = np.linalg.inv(S)

    def f(K):
        return factor * np.linalg.slogdet(K)[1]

    triangle = factor * (2 * P - np.diag(np.diag(P)))
    found = diagnose(f, S, triangle, within=symmetric(3))
    assert found.verdict == "no match"
    assert "n(n+1)/2 coordinates" in found.slip
    in_vech = diagnose(f, S, vech(triangle), within=symmetric(3))  # there they are right
    assert in_vech
    assert "or of its coordinates" in str(in_vech)
    assert diagnose(f, S, factor * P, within=symmetric(3))
    assert "n(n+1)/2 coordinates" in diagnose(f, S, triangle).slip
    half = diagnose(f, S, triangle / 2, within=symmetric(3))
    assert half.verdict == "no match"
    assert half.slip.startswith("0.5 times G + Gᵀ − diag(G)")


@pytest.mark.parametrize("convert", [exact, np.array])
def test_hessians_on_all_matrices_and_in_vech_are_both_right_within(convert):
    X = convert([[2, 1], [1, 3]])

    def f(W):
        return np.trace(W @ W @ W)

    H = second_derivative(f, X)
    D = duplication_matrix(2)
    for candidate in (
        H.matrix("F"),
        H.matrix("C"),
        H.tensor,
        D.T @ H.matrix("F") @ D,
        3 * np.kron(X, convert(np.eye(2, dtype=int)))
        + 3 * np.kron(convert(np.eye(2, dtype=int)), X),  # the same on symmetric matrices only
    ):
        assert diagnose(f, X, candidate, within=symmetric(2)), candidate
        doubled = diagnose(f, X, 2 * candidate, within=symmetric(2))
        assert (doubled.verdict, doubled.slip) == ("scaled", "a factor 2")
        own = second_derivative(f, X, within=symmetric(2)).matrix(coordinates="own")
        assert_same(doubled.repair(), own, 1e-6)
    last = 3 * np.kron(X, np.eye(2, dtype=int)) + 3 * np.kron(np.eye(2, dtype=int), X)
    assert not diagnose(f, X, last)
    with pytest.raises(ValueError, match=r"^candidate\b.*within=symmetric\(2\)"):
        diagnose(f, X, np.eye(3))


@pytest.mark.parametrize("shape", [(4, 1, 1), (2, 8), (16,), (1, 16), (3, 3, 1), (1, 3, 1)])
def test_candidates_of_a_fitting_size_in_no_fitting_shape_are_no_match(shape):
    candidate = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    found = diagnose(np.linalg.det, [[2.0, 1.0], [1.0, 3.0]], candidate, within=symmetric(2))
    assert found.verdict == "no match"
    assert found.closest.startswith("no layout is ")


@pytest.mark.parametrize("shape", [(2, 2), (4, 4), (2, 2, 2, 2), (3,), (3, 3)])
def test_wrong_candidates_within_are_no_match(shape):
    candidate = np.arange(1.0, 1 + np.prod(shape)).reshape(shape) ** 2 + 0.5
    found = diagnose(np.linalg.det, [[2.0, 1.0], [1.0, 3.0]], candidate, within=symmetric(2))
    assert found.verdict == "no match"
    assert found.slip is None
    assert found.closest


@pytest.mark.parametrize("convert", [exact, np.array])
def test_candidates_for_all_matrices_are_repaired_into_two_indices(convert):
    P, X = convert([[1, 2], [3, 5]]), convert([[2, 1], [1, 3]])
    gradients = diagnose(lambda W: np.sum(P * W), X, 2 * P, within=symmetric(2))
    for order in "FC":
        assert_same(gradients.repair(order), convert([[1, 5, 5]]), CLOSE)

    def f(W):
        return P @ W

    everywhere = derivative(f, X)
    for order in "FC":
        own = derivative(f, X, within=symmetric(2)).matrix(order, coordinates="own")
        for candidate in (everywhere.matrix("F"), everywhere.matrix("C")):
            found = diagnose(f, X, candidate, within=symmetric(2))
            assert found
            assert_same(found.repair(order), own, CLOSE)
    wrong = everywhere.matrix("C")
    wrong[0, 1] += 1
    closest = diagnose(f, X, wrong, within=symmetric(2)).closest
    assert closest.startswith("in coordinates, ij,kl (order C")
    assert "agrees in 11 of 12 entries; at [1, 1, 2] it has 2" in closest


def test_within_a_subspace_that_is_all_matrices_a_candidate_may_be_in_its_shape():
    P, everything = np.array([[1.0, 2.0], [3.0, 5.0]]), identity(2, 2)
    for candidate in (P, P.reshape(1, 4), P.T.reshape(4, 1)):
        assert diagnose(lambda W: np.sum(P * W), np.eye(2), candidate, within=everything)


def test_the_triangle_is_a_slip_on_symmetric_matrices_only():
    J = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 2.0, 0.0]])
    within = LinearMap((2,), (2, 2), lambda v: (v @ J).reshape(2, 2))
    G, X = np.array([[1.0, 2.0], [3.0, 5.0]]), (np.array([1.0, 1.0]) @ J).reshape(2, 2)
    partial = (J @ G.ravel() @ J).reshape(2, 2)
    found = diagnose(lambda W: np.sum(G * W), X, partial, within=within)
    assert (found.verdict, found.slip) == ("no match", None)


OF_EXACT_NUMBERS = LinearMap((3,), (3,), lambda v: v, exact=True)


def test_a_repair_is_of_floats_where_the_candidate_is_though_the_subspace_is_exact():
    within = symmetric(2) @ OF_EXACT_NUMBERS
    G, X = exact([[1, 3], [7, 2]]), exact([[1, 0], [0, 1]])
    found = diagnose(lambda W: np.sum(G * W), X, 2 * G.astype(float), within=within)
    repaired = found.repair()
    assert (type(repaired), repaired.dtype) == (np.ndarray, float)
    assert repaired.tolist() == [[1, 10, 2]]


@pytest.mark.parametrize("within", [symmetric(2), symmetric(2) @ OF_EXACT_NUMBERS])
def test_a_hessian_with_roots_is_described_within_a_subspace(within):
    root, X = exact(2)[()] ** exact(1 / 2)[()], exact([[1, 2], [2, 3]])
    H = second_derivative(lambda W: root * np.trace(W @ W), X).matrix()
    for c in (1, root):
        found = diagnose(lambda W: root * np.trace(W @ W), X, c * H, within=within)
        assert (found.verdict, found.scale) == ("representation" if c == 1 else "scaled", c)
        assert found.true.verdict == "positive definite up to rounding"


def test_within_a_subspace_too_it_says_that_it_cannot_tell():
    X, p = np.array([[0.3, 0.4], [0.4, 0.6]]), 0.18
    H = np.diag(-np.sin(X).ravel() - np.array([0.36, 0, 0, 0.09]) * 0.01 * np.sin(p))
    H[0, 3] = H[3, 0] = 0.01 * (np.cos(p) - p * np.sin(p))

    def f(W):
        return float(np.round(np.sin(W).sum() + 0.01 * np.sin(W[0, 0] * W[1, 1]), 6))

    assert diagnose(f, X, H, within=symmetric(2)).verdict == "cannot tell"
    assert diagnose(f, X, H + 0.1, within=symmetric(2)).verdict == "no match"


def test_a_candidate_within_is_described_as_it_stands_unless_it_represents():
    three, skew = -3 * exact(np.eye(4, dtype=int)), exact([[0, -2], [2, 0]])
    found = diagnose(lambda W: (W * W).sum() * 3 / 2, skew, three, within=skew_symmetric(2))
    assert (found.verdict, found.scale, found.slip) == ("scaled", -1, "the sign")
    assert (found.candidate.verdict, found.true.verdict) == (
        "negative definite",
        "positive definite",
    )
    P, Q = np.array([[7.0, 1], [1, 3]]), np.array([[5.0, 2], [2, 1]])
    H = 2 * np.einsum("ik,lj->ijkl", P, Q)
    found = [
        diagnose(lambda W: np.trace(P @ W @ Q @ W.T), [[1, 0], [2, 3]], M, lower_triangular(2))
        for M in (H, H.transpose(0, 2, 1, 3).reshape(4, 4), H.reshape(4, 4) + 1)
    ]
    assert [one.verdict for one in found] == ["representation", "rearrangement", "no match"]
    assert found[0].candidate.verdict == found[0].true.verdict == "positive definite up to rounding"
    assert found[1].candidate.verdict == "not symmetric"
    assert ["the candidate is" in dict(one.rows) for one in found] == [False, True, True]
    assert found[2].candidate.least == pytest.approx(np.linalg.eigvalsh(H.reshape(4, 4) + 1)[0])


def test_of_a_candidate_for_all_matrices_only_the_form_is_said_to_survive():
    S = np.array([[2.0, 0.5], [0.5, 1]])
    M = -commutation_matrix(2, 2) @ np.kron(np.linalg.inv(S), np.linalg.inv(S))
    found = diagnose(lambda K: np.linalg.slogdet(K)[1], S, M, within=symmetric(2))
    assert found
    assert np.linalg.eigvalsh(M)[-1] > 0  # as it stands it is indefinite
    assert "inertia" in found.survives
    said = dict(found.rows)["the candidate in the subspace's own coordinates is"]
    assert said.startswith("negative definite")


def test_the_closest_is_that_of_the_derivative_which_is_closer():
    def f(W):
        return np.sum(np.exp(np.diag(W))) + W[0, 0] * W[1, 1]

    H = np.diag(np.exp([1.0, 2, 3])) + np.eye(3)[[1, 0, 2]] - np.diag([0, 0, 1])
    H[2, 2] *= 1.01
    found = diagnose(f, np.diag([1.0, 2.0, 3.0]), H, within=diagonal(3))
    assert found.subject.startswith("second derivative")
    assert "agrees in 8 of 9 entries; in row 3, column 3 it has 20.0855" in found.closest
    assert found.agreement == 8 / 9
    assert type(found.agreement) is float
    G = np.diag([np.exp(1) + 2, np.exp(2) + 1, 7])
    found = diagnose(f, np.diag([1.0, 2.0, 3.0]), G, within=diagonal(3))
    assert found.subject.startswith("first derivative")
    assert "agrees in 2 of 3 entries; at [3] it has 20.0855" in found.closest
    assert "9×9" not in found.closest


@pytest.mark.parametrize(("within", "digits"), [(symmetric(3), 4), (skew_symmetric(3), 3)])
def test_printed_candidates_for_all_matrices_are_compared_in_their_digits(within, digits):
    G = np.random.default_rng(5).uniform(0.2, 1, (3, 3))
    for candidate in (np.round(G, 4), np.round(G, 4).reshape(1, 9)):
        found = diagnose(lambda W: np.sum(G * W), np.zeros((3, 3)), candidate, within=within)
        assert (found.verdict, found.digits) == ("representation", digits)  # of a difference, 3
        wrong = candidate + np.array([0.01, 0, 0] * 3).reshape(candidate.shape)
        assert not diagnose(lambda W: np.sum(G * W), np.zeros((3, 3)), wrong, within=within)


@pytest.mark.parametrize(
    ("within", "X"),
    [
        (symmetric(3), [[1e10, 0, 0], [0, 2, 1], [0, 1.5, 2]]),
        (symmetric(2), [[1e10, 0], [1, 0]]),
        (diagonal(3), [[1e10, 0, 0], [0, 2, 5], [0, 0, 2]]),
        (lower_triangular(3), [[1e10, 0, 0], [0, 2, 5], [0, 0, 2]]),
    ],
)
def test_other_units_hide_no_entry_that_is_off(within, X):
    with pytest.raises(ValueError, match="X must be"):
        gradient(lambda S: S[1, 1] ** 2, X, within=within)


def test_a_covariance_in_several_units_may_be_rounded():
    units = np.diag([1e5, 1.0, 1e-5])
    S = units @ np.linalg.inv(np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.7], [0.1, 0.7, 3]])) @ units
    S[1, 2] *= 1 + 1e-12
    assert np.all(np.isfinite(gradient(np.linalg.det, S, within=symmetric(3))))


def smooth(S):
    return np.sum(np.exp(S / 2)) + S[0, -1] * S[-1, 0]


@pytest.mark.parametrize("make", [symmetric, skew_symmetric, diagonal, lower_triangular])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_candidates_in_any_usual_coordinates_are_recognised_and_repaired(make, n):
    within = make(n)
    X = within(np.arange(1.0, within.domain[0] + 1))
    D, H = derivative(smooth, X, within=within), second_derivative(smooth, X, within=within)
    places = within(np.arange(1, within.domain[0] + 1)).astype(int)
    by_rows = places[np.tril_indices(n)]
    by_rows = by_rows[by_rows > 0] - 1
    row, form = (map_.matrix(coordinates="own") for map_ in (D, H))
    candidates = [
        (row, form),
        (D.matrix(coordinates="orthonormal"), H.matrix()),
        (row[:, by_rows], form[np.ix_(by_rows, by_rows)]),
    ]
    for first, second in candidates:
        for candidate, own in ((first[0], row), (second, form)):
            found = diagnose(smooth, X, candidate, within=within)
            assert found
            assert_same(found.repair(), own)
            wrong = candidate * np.where(np.arange(len(candidate)) == 0, 1.01, 1)
            assert not diagnose(smooth, X, wrong, within=within)


def test_candidates_for_a_space_as_large_as_its_coordinates_are_right_in_either():
    units = np.array([1.0, 2.0, 3.0])
    within = LinearMap((3,), (3,), lambda v: units * v, lambda v: units * v)
    x = np.array([1.0, 2.0, 3.0])
    for scale in (1, units):
        for candidate in (2 * x * scale, np.diag(2 * units**0 * scale**2)):
            assert diagnose(lambda x: x @ x, x, candidate, within=within)
            assert check_derivative(lambda x: x @ x, x, candidate, within=within)
            assert not diagnose(lambda x: x @ x, x, 1.01 * candidate, within=within)
            assert not check_derivative(lambda x: x @ x, x, 1.01 * candidate, within=within)


@pytest.mark.parametrize("within", [diagonal(3), skew_symmetric(3), symmetric(1)])
def test_hessians_with_as_many_rows_as_x_are_checked_as_such(within):
    X = within(np.arange(1.0, within.domain[0] + 1))
    form = second_derivative(smooth, X, within=within).matrix(coordinates="own")
    assert check_derivative(smooth, X, form, within=within)
    assert not check_derivative(smooth, X, 1.01 * form, within=within)


def test_within_a_subspace_a_candidate_is_described_there():
    S, K = np.array([[2.0, 0.5], [0.5, 1.0]]), commutation_matrix(2, 2)
    candidate = 2 * np.eye(4) - 10 * (np.eye(4) - K) / 2  # indefinite, but not on symmetric ones
    found = diagnose(lambda X: np.sum(X * X), S, candidate, within=symmetric(2))
    assert found
    assert str(found.candidate) == str(found.true)
    assert found.true.verdict.startswith("positive definite")


def test_doubts_of_printed_entries_add_up_within_a_subspace():
    X = np.array([[0, 0.12345, -0.6789], [-0.12345, 0, 1 / 3], [0.6789, -1 / 3, 0]])
    G = np.array([[0.11111111, 0.777777, 0.3], [0.123456, 0.5, 0.1], [-0.2, 0.65432, 0.9]])
    printed = np.round(G * np.cos(X), 3)
    assert diagnose(lambda X: np.sum(G * np.sin(X)), X, printed, within=skew_symmetric(3))


@pytest.mark.parametrize("engine", [None, "jax", "autograd"])
def test_matrices_of_second_derivatives_are_symmetric_to_the_last_bit(engine):
    xp = pytest.importorskip(
        {"jax": "jax.numpy", "autograd": "autograd.numpy"}.get(engine, "numpy")
    )
    M = np.random.default_rng(4).standard_normal((4, 9))
    J = LinearMap((4,), (3, 3), lambda c: (c @ M).reshape(3, 3), lambda Z: M @ Z.ravel())
    X = J(np.array([1.0, 2, 3, 4]))

    def f(X):
        return xp.sum(xp.exp(X @ X / 9)) + xp.linalg.det(X)

    for within in (None, J):
        H = second_derivative(f, X, within=within, engine=engine).matrix()
        assert np.array_equal(H, H.T)


def test_orthonormal_coordinates_of_a_map_of_floats_are_those_of_places():
    J = symmetric(3)
    general = LinearMap((6,), (3, 3), J, J.adjoint)
    X = J(np.arange(1.0, 7))
    rows = [
        derivative(smooth, X, within=within).matrix(coordinates="orthonormal")
        for within in (J, general)
    ]
    assert_same(*rows)


def test_a_large_subspace_takes_no_product_of_its_matrix():
    X = np.eye(60) + 0.01
    assert diagnose(lambda X: np.sum(X * X), X, 2 * X, within=symmetric(60))


@pytest.mark.parametrize("make", [skew_symmetric, diagonal, lower_triangular])
def test_zeros_in_a_subspace_have_no_sign(make):
    J = make(3)
    X = J(-np.ones(J.domain))
    assert not np.signbit(X[X == 0]).any()


def test_a_restricted_form_is_written_down_where_its_matrix_is_small_enough():
    n, P = 6, np.ones((6, 6))
    form = rank_one(P, P).form
    needed = 8 * (n * (n + 1) // 2) ** 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LinearMap.matrix, "__defaults__", ("F", needed))
        M = form.restrict_to_symmetric().matrix(max_bytes=needed)
    assert np.allclose(M, form.restrict_to_symmetric().matrix())


@pytest.mark.parametrize("rule", [np.square, np.abs, lambda v: v**3])
def test_a_rule_that_is_not_linear_makes_no_subspace(rule):
    J = LinearMap((2,), (2,), rule)
    with pytest.raises(ValueError, match="X must be in the image"):
        gradient(np.sum, np.ones(2), within=J)


def test_a_form_takes_a_subspace_and_says_so_of_the_map_that_other_functions_take():
    J = symmetric(2)
    with pytest.raises(TypeError, match=r"^within\b.*Subspace"):
        BilinearForm(J.adjoint @ J, within=J)
    assert BilinearForm(J.adjoint @ J, Subspace(J))(np.eye(2), np.eye(2)) == 2


def test_directions_beside_a_point_outside_of_the_subspace():
    J = derivative(lambda c: c[0] * np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(1))
    C = np.array([[1.0, 0.5], [0.5, 1.0]])  # a correlation matrix: its diagonal stays

    def logdet(C):
        return np.log(np.linalg.det(C))

    with pytest.raises(ValueError, match=r"off by 1.0; of directions only, take K ↦ f\(X \+ K\)"):
        gradient(logdet, C, within=J)
    G = gradient(lambda K: logdet(C + K), np.zeros((2, 2)), within=J)
    assert np.allclose(G, np.array([[0, 1], [1, 0]]) * -0.5 / 0.75)  # log(1 - r²)
