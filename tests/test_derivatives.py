"""Derivatives are right, exact and float, or refused: sections 1 and 4 of the mathematics."""

import math
import tracemalloc
from functools import partial
from math import prod

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    arrays,
    assert_same,
    coordinates,
    differ,
    examples,
    inner,
    matrices,
    orders,
)

from matderiv import (
    LinearMap,
    commutation_matrix,
    derivative,
    directional_derivative,
    duplication_matrix,
    exact,
    functional,
    gradient,
    is_exact,
    rank_one,
    second_derivative,
    symbolic,
    unvec,
    vec,
    vech,
)

REFUSED = "no derivative at X that could be confirmed"
rng = np.random.default_rng(7)
P, Q, R = rng.standard_normal((3, 3, 3))
X0 = rng.standard_normal((3, 3)) + 3 * np.eye(3)
inv = np.linalg.inv

# Functions of a 3×3 matrix and their differentials, from the books.
SMOOTH = {
    "tr(PX)": (lambda X: anp.trace(P @ X), lambda X, Y: np.trace(P @ Y)),
    "tr(PX')": (lambda X: anp.trace(P @ X.T), lambda X, Y: np.trace(P @ Y.T)),
    "tr(X'PX)": (lambda X: anp.trace(X.T @ P @ X), lambda X, Y: np.trace((P + P.T) @ X @ Y.T)),
    "tr(X^3)": (lambda X: anp.trace(X @ X @ X), lambda X, Y: 3 * np.trace(X @ X @ Y)),
    "tr(PX) tr(QX)": (
        lambda X: anp.trace(P @ X) * anp.trace(Q @ X),
        lambda X, Y: np.trace(P @ Y) * np.trace(Q @ X) + np.trace(P @ X) * np.trace(Q @ Y),
    ),
    "det X": (lambda X: anp.linalg.det(X), lambda X, Y: np.linalg.det(X) * np.trace(inv(X) @ Y)),
    "log det X'X": (
        lambda X: anp.log(anp.linalg.det(X.T @ X)),
        lambda X, Y: 2 * np.trace(inv(X) @ Y),
    ),
    "a'inv(X)b": (
        lambda X: P[0] @ anp.linalg.inv(X) @ Q[0],
        lambda X, Y: -P[0] @ inv(X) @ Y @ inv(X) @ Q[0],
    ),
    "sum exp X": (lambda X: anp.sum(anp.exp(X)), lambda X, Y: np.sum(np.exp(X) * Y)),
    "P tr(QX)": (lambda X: P * anp.trace(Q @ X), lambda X, Y: P * np.trace(Q @ Y)),
    "PXQ": (lambda X: P @ X @ Q, lambda X, Y: P @ Y @ Q),
    "X'": (lambda X: X.T, lambda X, Y: Y.T),
    "XPX": (lambda X: X @ P @ X, lambda X, Y: Y @ P @ X + X @ P @ Y),
    "XX'": (lambda X: X @ X.T, lambda X, Y: X @ Y.T + Y @ X.T),
    "inv(X)": (lambda X: anp.linalg.inv(X), lambda X, Y: -inv(X) @ Y @ inv(X)),
    "P inv(X), two rows": (
        lambda X: P[:2] @ anp.linalg.inv(X),
        lambda X, Y: -P[:2] @ inv(X) @ Y @ inv(X),
    ),
    "X * X": (lambda X: X * X, lambda X, Y: 2 * X * Y),
    "constant": (lambda X: P + 0 * X, lambda X, Y: 0 * Y),
}
smooth = pytest.mark.parametrize(("f", "differential"), SMOOTH.values(), ids=SMOOTH)
numbers_only = pytest.mark.parametrize(
    ("f", "differential"),
    [pair for pair in SMOOTH.values() if np.ndim(pair[0](X0)) == 0],
    ids=[name for name, (f, _) in SMOOTH.items() if np.ndim(f(X0)) == 0],
)

# Functions that the complex step gets wrong or cannot evaluate, and their differentials.
u, s, vt = np.linalg.svd(X0)
NOT_HOLOMORPHIC = {
    "sum |X|": (lambda X: np.abs(X).sum(), lambda X, Y: np.sum(np.sign(X) * Y)),
    "|X|": (np.abs, lambda X, Y: np.sign(X) * Y),
    "|X|^2": (lambda X: (np.abs(X) ** 2).sum(), lambda X, Y: 2 * np.vdot(X, Y)),
    "Frobenius norm": (np.linalg.norm, lambda X, Y: np.vdot(X, Y) / np.linalg.norm(X)),
    "spectral norm": (lambda X: np.linalg.norm(X, 2), lambda X, Y: u[:, 0] @ Y @ vt[0]),
    "nuclear norm": (lambda X: np.linalg.norm(X, "nuc"), lambda X, Y: np.trace((u @ vt).T @ Y)),
    "vdot": (lambda X: np.vdot(X, X), lambda X, Y: 2 * np.vdot(X, Y)),
    "conjugate": (lambda X: X @ X.conj().T, lambda X, Y: Y @ X.T + X @ Y.T),
    "real part": (lambda X: X.real @ P, lambda X, Y: Y @ P),
    "cast to real": (lambda X: float(X[0, 0]) ** 2, lambda X, Y: 2 * X[0, 0] * Y[0, 0]),
    "math.log": (lambda X: math.log(X[0, 0]), lambda X, Y: Y[0, 0] / X[0, 0]),
    "log |det|": (lambda X: np.linalg.slogdet(X)[1], lambda X, Y: np.trace(inv(X) @ Y)),
    "a branch on the kind of number": (
        lambda X: 5 * X[0, 1] if np.iscomplexobj(X) else X[0, 1],
        lambda X, Y: Y[0, 1],
    ),
    "a branch on a modulus": (
        lambda X: X[0, 0] ** 2 if np.abs(X[0, 1]) < 100 else X[0, 0] * np.abs(X[1, 1]),
        lambda X, Y: 2 * X[0, 0] * Y[0, 0],
    ),
}
HOLOMORPHIC_THERE = {"a branch on a modulus"}
BRANCHES = {
    "max": (np.max, lambda X, Y: Y.flat[X.argmax()]),
    "maximum": (lambda X: np.maximum(X, 0).sum(), lambda X, Y: np.sum(Y * (X > 0))),
    "if": (lambda X: X[0, 0] ** 3 if X[0, 0] > 0 else 0.0, lambda X, Y: 3 * X[0, 0]**2 * Y[0, 0]),
    "where": (lambda X: np.where(X > 0, X**2, -X), lambda X, Y: np.where(X > 0, 2 * X * Y, -Y)),
    "median": (np.median, lambda X, Y: Y.flat[np.argsort(X.flat)[4]]),
    "sorted": (lambda X: np.sort(X)[:, ::-1], lambda X, Y: np.take_along_axis(
        Y, np.argsort(X)[:, ::-1], axis=1)),
}  # fmt: skip


def directions(count=3):
    return np.random.default_rng(3).standard_normal((count, 3, 3))


# The first derivative.


@pytest.mark.claim("def-derivative")
@smooth
def test_the_float_derivative_is_the_differential_of_the_books(f, differential):
    D = derivative(f, X0)
    assert D.method == "complex step"
    assert (D.domain, D.codomain) == ((3, 3), np.shape(f(X0)))
    for Y in directions():
        assert_same(D(Y), differential(X0, Y), 1e-12)
        assert_same(directional_derivative(f, X0, Y), differential(X0, Y), 1e-12)


@smooth
def test_the_float_derivative_agrees_with_autograd(f, differential):
    jacobian = autograd.jacobian(f)(X0)
    D = derivative(f, X0)
    assert_same(D.matrix("C"), jacobian.reshape(-1, 9), 1e-11)
    by_columns = (
        jacobian.T.reshape(9, -1).T if jacobian.ndim == 2 else jacobian.transpose(1, 0, 3, 2)
    )
    assert_same(D.matrix("F"), by_columns.reshape(-1, 9), 1e-11)


@pytest.mark.claim("def-derivative")
@smooth
def test_the_derivative_is_the_limit_of_difference_quotients(f, differential):
    for Y in directions():
        limit = directional_derivative(f, X0, Y)
        gaps = [np.abs((f(X0 + t * Y) - f(X0)) / t - limit).max() for t in (1e-3, 1e-5)]
        assert gaps[1] <= gaps[0] / 50 or gaps[0] < 1e-8


@pytest.mark.claim("def-derivative")
@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.trace(X @ X @ X),
        lambda X: X @ X.T,
        lambda X: X[0, 0] / (1 + X[0, 1] ** 2),
        lambda X: sp.exp(X[0, 0] * X[1, 1]) * np.trace(X),
        lambda X: sp.sqrt(np.vdot(X, X)),
        lambda X: sp.Abs(X[0, 0]) ** 3 + sp.log(X[1, 1]),
    ],
)
def test_the_exact_derivative_is_the_limit_that_sympy_finds(f):
    X, Y = exact([[1, 2], [0, 3]]), exact([[1, -1], [2, 5]]) / 3
    t = sp.Symbol("t", real=True)
    quotients = np.asarray((f(X + t * Y) - f(X)) / t)
    D = derivative(f, X)
    assert D.method == "exact"
    for value, quotient in zip(np.ravel(D(Y)), quotients.flat, strict=True):
        assert sp.simplify(value - sp.limit(quotient, t, 0)) == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.trace(X @ X @ X),
        lambda X: X[0, 0] * X[1, 1] - X[0, 1] * X[1, 0],
        lambda X: sp.exp(np.trace(X)) + sp.sin(X[0, 1] * X[1, 0]),
        lambda X: (X @ X).sum() / (1 + X[1, 0] ** 2),
        lambda X: sp.sqrt(np.vdot(X, X) + 1),
    ],
)
def test_the_gradient_and_hessian_of_symbols_are_sympys_partial_derivatives(f):
    X = symbolic("x", (2, 2))
    G = gradient(f, X)
    H = second_derivative(f, X)
    for place, x in np.ndenumerate(X):
        assert sp.simplify(G[place] - f(X).diff(x)) == 0
    for place in np.ndindex(2, 2, 2, 2):
        E, F = (exact(np.zeros((2, 2))) for _ in range(2))
        E[place[:2]] = F[place[2:]] = sp.Integer(1)
        assert sp.simplify(H(E, F) - f(X).diff(X[place[:2]], X[place[2:]])) == 0


@pytest.mark.claim("thm-trace-derivative")
@given(matrices("nm", "mn", "mn", "mn"))
def test_the_derivative_of_tr_ax_is_y_to_tr_ay_at_every_x(spaces):
    A, X, Z, Y = spaces
    for point in (X, Z):
        D = derivative(lambda W: np.trace(A @ W), point)
        assert D.method == ("exact" if X.dtype == object else "complex step")
        assert_same(D(Y), np.trace(A @ Y))


@pytest.mark.claim("thm-trace-derivative")
@pytest.mark.claim("def-gradient")
@given(matrices("nm", "mn"))
def test_the_gradient_of_tr_ax_is_a_transposed(spaces):
    A, X = spaces
    assert_same(gradient(lambda W: np.trace(A @ W), X), A.T)


@pytest.mark.claim("thm-trace-derivative")
def test_the_gradient_of_tr_ax_is_not_a_unless_a_is_symmetric():
    for A in (exact([[1, 2], [3, 4]]), np.array([[1.0, 2.0], [3.0, 4.0]])):
        G = gradient(lambda X, A=A: np.trace(A @ X), 0 * A)
        assert_same(G, A.T)
        assert differ(G, A)


@pytest.mark.claim("def-gradient")
@numbers_only
def test_the_gradient_represents_the_derivative_and_is_the_table_of_partials(f, differential):
    G = gradient(f, X0)
    for Y in directions():
        assert_same(inner(G, Y), differential(X0, Y), 1e-11)
    assert_same(G, autograd.grad(f)(X0), 1e-11)
    assert_same(derivative(f, X0).matrix("C"), G.reshape(1, -1), 1e-12)
    assert_same(derivative(f, X0).matrix("F"), G.T.reshape(1, -1), 1e-12)


@pytest.mark.claim("def-gradient")
@given(matrices("mn", "mn"), st.data())
def test_a_functional_is_the_inner_product_with_exactly_one_matrix(spaces, data):
    G, Y = spaces
    L = functional(G)
    assert_same(L(Y), inner(G, Y))
    other = data.draw(arrays(G.shape, "exact" if G.dtype == object else "float"))
    step = G - other
    agree_everywhere = L(step) - functional(other)(step) == 0
    assert agree_everywhere == bool(np.all(other == G))


@pytest.mark.claim("thm-symmetric-gradient")
@given(matrices("nn", "nn"))
def test_on_symmetric_matrices_the_gradient_of_tr_ax_is_the_symmetric_part_of_a(spaces):
    A, Y = spaces
    Y = Y + Y.T
    G = (A + A.T) / 2
    assert_same(G, G.T)
    assert_same(inner(G, Y), np.trace(A @ Y))
    D = duplication_matrix(len(A))
    through_vech = gradient(lambda v: np.trace(A @ unvec(D @ v, A.shape)), vech(Y)[:, None])
    assert_same(through_vech[:, 0], vech(A + A.T - A * np.eye(len(A), dtype=int)))
    assert_same(through_vech[:, 0], vec(G) @ D)


@pytest.mark.claim("thm-symmetric-gradient")
def test_a_plus_its_transpose_minus_the_diagonal_is_no_gradient_and_not_steepest():
    A = exact([[7, 1], [1, 3]])
    G, folklore = (A + A.T) / 2, A + A.T - exact([[7, 0], [0, 3]])
    Y = exact([[0, 1], [1, 0]])
    assert inner(G, Y) == np.trace(A @ Y) == 2
    assert inner(folklore, Y) == 4

    def rise(step):
        return np.trace(A @ step) / sp.sqrt(np.vdot(step, step))

    assert rise(G) == sp.sqrt(60)
    assert rise(folklore) < rise(G)


@pytest.mark.claim("thm-matrix-times-trace")
@examples(20)
@given(matrices("pq", "nm", "mn", "mn", largest=2))
def test_the_derivative_of_b_tr_ax_is_tr_ay_b_with_the_matrix_vec_b_times_vec_a_transposed(spaces):
    B, A, X, Y = spaces
    D = derivative(lambda W: B * np.trace(A @ W), X)
    assert_same(D(Y), B * np.trace(A @ Y))
    assert_same(D.matrix(), np.outer(vec(B), vec(A.T)))
    assert_same(D.matrix("C"), np.outer(vec(B, "C"), vec(A.T, "C")))
    assert_same(D.matrix(), rank_one(B, A.T).matrix())
    assert_same(D.matrix(), np.kron(vec(B)[:, None], vec(A.T)[None, :]))


@pytest.mark.claim("thm-block-table")
@given(matrices("pq", "nm", "mn"))
def test_block_i_j_of_the_kronecker_product_is_the_table_of_partials_of_entry_i_j(spaces):
    B, A, X = spaces
    m, n = X.shape
    table = np.kron(B, A.T)
    for i, j in np.ndindex(B.shape):
        block = table[i * m : (i + 1) * m, j * n : (j + 1) * n]
        assert_same(block, gradient(lambda W, b=B[i, j]: b * np.trace(A @ W), X))


@pytest.mark.claim("thm-block-table")
def test_the_block_table_is_not_the_matrix_of_the_derivative():
    A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    D = derivative(lambda X: B * np.trace(A @ X), exact([[0, 0], [0, 0]]))
    Y = exact([[1, 2], [3, 4]])
    table = np.kron(B, A.T)
    for order in "FC":
        assert np.all(D.matrix(order) @ vec(Y, order) == vec(B * np.trace(A @ Y), order))
        assert differ(table @ vec(Y, order), vec(B * np.trace(A @ Y), order))
        assert differ(table, D.matrix(order))
    assert np.linalg.matrix_rank(table.astype(float)) == 4
    assert np.linalg.matrix_rank(D.matrix().astype(float)) == 1
    assert sorted(table.flat) == sorted(D.matrix().flat)


# The second derivative.


@pytest.mark.claim("thm-leibniz")
@examples(15)
@given(matrices("nm", "nm", "mn", "mn", "mn", largest=2))
def test_leibniz_for_the_product_of_two_traces(spaces):
    A, B, X, Y, Z = spaces

    def f(W):
        return np.trace(A @ W) * np.trace(B @ W)

    tolerance = 1e-6 * (1 + np.abs(np.asarray(A, float)).sum() * np.abs(np.asarray(B, float)).sum())
    first = np.trace(A @ Y) * np.trace(B @ X) + np.trace(A @ X) * np.trace(B @ Y)
    second = np.trace(A @ Y) * np.trace(B @ Z) + np.trace(B @ Y) * np.trace(A @ Z)
    D, H = derivative(f, X), second_derivative(f, X)
    assert_same(D(Y), first, 1e-7)
    assert_same(H(Y, Z), second, tolerance)
    p, q = vec(A.T), vec(B.T)
    assert_same(H.matrix(), np.outer(p, q) + np.outer(q, p), tolerance)
    alpha, beta = functional(A.T), functional(B.T)
    tensor = alpha.tensor(beta) + beta.tensor(alpha)
    assert_same(tensor(np.multiply.outer(Y, Z)), second, 1e-7)
    row = np.kron(alpha.matrix(), beta.matrix()) + np.kron(beta.matrix(), alpha.matrix())
    assert_same(tensor.matrix(), row)
    assert_same(row.reshape(H.matrix().shape), np.outer(p, q) + np.outer(q, p))


@pytest.mark.claim("def-second-derivative")
def test_the_second_derivative_is_that_of_the_first_symmetric_and_has_one_hessian():
    A, X, Y, Z = exact([[1, 2], [3, 4]]), *(symbolic(name, (2, 2)) for name in "xyz")

    def f(W):
        return np.trace(A @ W @ W @ W)

    H = second_derivative(f, X)
    along_y = directional_derivative(lambda W: directional_derivative(f, W, Y), X, Z)
    hessian = derivative(lambda W: gradient(f, W), X)
    assert sp.expand(H(Y, Z) - along_y) == 0
    assert sp.expand(H(Y, Z) - H(Z, Y)) == 0
    assert sp.expand(H(Y, Z) - inner(Y, hessian(Z))) == 0
    assert sp.expand(H(Y, Z) - inner(Y, 2 * hessian(Z))) != 0


@pytest.mark.filterwarnings("ignore:Output seems independent")
@pytest.mark.claim("def-second-derivative")
@numbers_only
def test_the_float_second_derivative_agrees_with_autograd(f, differential):
    hessian = autograd.hessian(f)(X0)
    H = second_derivative(f, X0)
    scale = 1 + np.abs(hessian).max()
    assert H.method == "complex step"
    assert_same(H.tensor / scale, hessian / scale, 1e-7)
    assert_same(H.matrix("C") / scale, hessian.reshape(9, 9) / scale, 1e-7)
    Y, Z = directions(2)
    assert_same(H(Y, Z) / scale, np.einsum("ij,ijkl,kl", Y, hessian, Z) / scale, 1e-7)
    assert_same(H(Y, Z) / scale, H(Z, Y) / scale, 1e-7)


@examples(6)
@given(matrices("mn", "mn", "mn", kinds=("exact",), largest=2), orders)
def test_the_matrix_and_the_tensor_of_a_form_give_its_values(spaces, order):
    X, Y, Z = spaces
    H = second_derivative(lambda W: np.vdot(W, W) * W[0, 0] + W[0, 0] * W[-1, -1], X)
    value, T = H(Y, Z), H.tensor
    assert value == H(Z, Y)
    assert_same(coordinates(Y, order) @ H.matrix(order) @ coordinates(Z, order), value)
    assert T.shape == X.shape * 2
    assert_same(np.einsum("ij,ijkl,kl", Y, T, Z), value)


@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.trace(X.T @ X @ X.T @ X),
        lambda X: sp.log(sp.Matrix(X.T @ X).det()) + X[0, 1] ** 3,
        lambda X: X[0, 0] ** X[1, 1] + X[2, 0] * X[0, 1],  # parameters in two arguments
        lambda X: X[0, 0] * sp.Abs(X[1, 0]) + sp.asin(X[2, 1] * X[0, 1] / 20),  # by limits
        lambda X: sp.sqrt(np.vdot(X, X)) + sp.Max(*X.flat) ** 2,
    ],
)
@pytest.mark.parametrize("kind", ["exact", "float"])
def test_the_table_of_a_form_holds_its_values_pair_by_pair(f, kind):
    X = exact([[1, 2], [3, 4], [5, 6]])
    if kind == "float":
        x = symbolic("x", X.shape)
        numeric = sp.lambdify([tuple(x.flat)], f(x), "numpy")
        X, f = X.astype(float), lambda W: numeric(tuple(W.flat))
    H = second_derivative(f, X)
    M = H.matrix("C")
    units = [np.reshape(row, (3, 2)) for row in np.eye(6)]
    pairs = [[H(E, F) for F in units] for E in units]
    assert M.dtype == (object if kind == "exact" else float)
    assert_same(M, pairs if kind == "float" else exact(pairs), 1e-5)


@examples(5)
@given(matrices("nn", "nn", "nn", kinds=("exact",), largest=2))
def test_a_form_restricted_to_symmetric_matrices_is_written_in_an_orthonormal_basis(spaces):
    A, Y, Z = spaces
    Y, Z = Y + Y.T, Z + Z.T
    n = len(A)
    H = second_derivative(lambda W: np.trace(A @ W @ W) + np.trace(W) ** 2, A)
    restricted = H.restrict_to_symmetric()
    assert restricted(Y, Z) == H(Y, Z)
    for order in "FC":
        M = restricted.matrix(order)
        assert M.shape == (n * (n + 1) // 2,) * 2
        y, z = map(in_orthonormal_basis, (Y, Z))
        assert sp.expand(y @ M @ z - H(Y, Z)) == 0
    assert_same(second_derivative(lambda W: np.trace(W @ W), A).restrict_to_symmetric().matrix(),
                2 * np.eye(n * (n + 1) // 2, dtype=int))  # fmt: skip


def in_orthonormal_basis(S):
    """Give the coordinates in the basis E_ii, (E_ij + E_ji)/√2 of the lower triangle."""
    places = [(i, j) for j in range(len(S)) for i in range(j, len(S))]
    return exact([S[i, j] if i == j else sp.sqrt(2) * S[i, j] for i, j in places])


# Where the complex step goes wrong.


@pytest.mark.parametrize(("f", "differential"), NOT_HOLOMORPHIC.values(), ids=NOT_HOLOMORPHIC)
def test_right_where_the_complex_step_goes_wrong(f, differential, request):
    D = derivative(f, X0)
    if request.node.callspec.id not in HOLOMORPHIC_THERE:
        assert D.method == "central differences"
    for Y in directions():
        for direction in (Y, 1e6 * Y, 1e-6 * Y, 0 * Y):
            scale = np.linalg.norm(direction) or 1
            assert_same(D(direction) / scale, differential(X0, direction) / scale, 1e-7)


@pytest.mark.parametrize(("f", "differential"), BRANCHES.values(), ids=BRANCHES)
def test_right_for_functions_with_branches(f, differential):
    for Y in directions():
        assert_same(directional_derivative(f, X0, Y), differential(X0, Y), 1e-7)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_size_of_x_does_not_matter(scale):
    X = scale * X0
    assert_same(gradient(np.linalg.norm, X), X0 / np.linalg.norm(X0), 1e-7)
    assert_same(gradient(lambda W: np.abs(W).sum(), X), np.sign(X0), 1e-7)
    assert_same(gradient(lambda W: np.log(np.linalg.det(W)), X) * scale, inv(X0).T, 1e-9)
    log_norm = second_derivative(lambda W: np.log(np.vdot(W, W)), X)
    assert log_norm.method == "central differences"
    unit = X0 / np.linalg.norm(X0)
    expected = 2 * np.eye(9) - 4 * np.outer(unit, unit)
    assert_same(log_norm.matrix("C") * np.vdot(X, X), expected, 1e-3)


@pytest.mark.parametrize(
    ("f", "hessian"),
    [
        (lambda X: np.vdot(X, X), 2 * np.eye(9)),
        (lambda X: np.linalg.norm(X) ** 2, 2 * np.eye(9)),
        (lambda X: np.sum(X * np.abs(X)), np.diag(2 * np.sign(X0.ravel()))),
        (lambda X: np.sum((X * X.conj()).real), 2 * np.eye(9)),
        (lambda X: np.sum(np.abs(X)), np.zeros((9, 9))),
        (lambda X: max(X[0, 0] ** 2, X[0, 0] - 100), np.diag([2.0] + [0.0] * 8)),
    ],
)
def test_second_derivatives_are_right_where_the_complex_step_goes_wrong(f, hessian):
    assert_same(second_derivative(f, X0).matrix("C"), hessian, 1e-4)


def test_second_derivatives_at_zero_are_right_where_the_complex_step_goes_wrong():
    H = second_derivative(lambda X: np.vdot(X, X), np.zeros((2, 2)))
    assert H.method == "central differences"
    assert_same(H.matrix(), 2 * np.eye(4), 1e-5)


# Where there is no derivative.


def away_from_zero(f):
    return lambda X: f(X) if np.any(X != 0) else 0.0


@pytest.mark.parametrize(
    ("f", "X"),
    [
        (lambda X: np.abs(X).sum(), [[0.0]]),
        (lambda X: np.abs(X).sum(), [[0.0, 1.0], [2.0, 3.0]]),
        (lambda X: np.abs(X), [[0.0, 1.0], [2.0, 3.0]]),
        (np.linalg.norm, [[0.0, 0.0]]),
        (lambda X: np.linalg.norm(X, 2), np.eye(2)),
        (lambda X: np.linalg.norm(X, "nuc"), [[1.0, 0.0], [0.0, 0.0]]),
        (np.max, [[1.0, 1.0], [0.0, 0.0]]),
        (lambda X: np.maximum(X, 0).sum(), [[0.0, 1.0]]),
        (lambda X: np.linalg.eigvalsh(X + X.T)[-1], np.eye(2)),
        (lambda X: float(X[0, 0] > 0), [[0.0]]),
        (lambda X: float(X[0, 0].real > 1) + X[0, 0], [[1.0]]),
        (lambda X: np.floor(X.real).sum(), [[1.0, 0.5]]),
        (lambda X: 5.0 if X[0, 0] == 1 else X[0, 0], [[1.0]]),
        (lambda X: np.sqrt(np.abs(X)).sum(), [[0.0]]),
        (lambda X: np.sqrt(X).sum(), [[0.0]]),
        (lambda X: np.cbrt(X.real).sum(), [[0.0]]),
        (lambda X: 1e6 + np.abs(X).sum(), [[0.0]]),
        (lambda X: np.abs(X - 1e3).sum(), [[1e3]]),
        # A slope in every direction, but not a linear one:
        (np.median, np.zeros((3, 3))),
        (np.median, [[1.0, 1.0, 1.0]]),
        (lambda X: np.cbrt(np.sum(X.real**3)), np.zeros((2, 2))),
        (lambda X: np.linalg.eigvalsh((X + X.T).real)[1], np.eye(3)),
        (away_from_zero(lambda X: X[0, 0] ** 3 / np.sum(X**2)), np.zeros((1, 2))),
    ],
)
def test_corners_jumps_and_slopes_that_are_not_linear_are_refused(f, X):
    for differentiate in (derivative, gradient, lambda f, X: directional_derivative(f, X, X)):
        with pytest.raises(ValueError, match=REFUSED):
            differentiate(f, X)


@pytest.mark.parametrize(
    ("f", "X", "reason"),
    [
        (lambda X: np.abs(X).sum(), [[0.0]], "two sides"),
        (lambda X: 1 + 1e-3 * np.abs(X), [[0.0]], "two sides"),
        (lambda X: np.stack([X[0], np.abs(X[0])]), [[0.0]], "two sides"),
        (lambda X: np.sign(X.real).sum(), [[0.0]], "not settle"),
        (lambda X: np.cbrt(X.real).sum(), [[0.0]], "not settle"),
        (lambda X: np.cbrt(X[0, 0].real ** 2 * X[0, 1].real), [[0.0, 0.0]], "linear"),
    ],
)
def test_what_is_refused_is_refused_for_its_reason(f, X, reason):
    with pytest.raises(ValueError, match=f"{REFUSED}.*{reason}"):
        derivative(f, X)


@given(st.floats(-2, 2), st.floats(-3, 3), st.integers(-9, 9))
def test_slopes_by_differences_are_right_at_every_scale_of_f(a, b, k):
    scale = 10.0**k

    def f(X):
        t = float(X[0, 0])
        return scale * np.array(
            [[math.sin(a + b * t), math.exp(a * t)], [math.log(1 + 100 * t), b * t - a * t**2]]
        )

    D = derivative(f, [[0.0]])
    slopes = np.array([[b * math.cos(a), a], [100, b]])
    assert D.method == "central differences"
    assert np.all(np.abs(D([[1.0]]) / scale - slopes) < [[1e-7, 1e-7], [1e-4, 1e-7]])


def test_trouble_that_only_some_directions_meet_is_refused_there():
    def f(X, power):
        cusp = abs(X[0, 0]) ** power if abs(X[0, 1]) < X[0, 0] ** 2 else 0.0
        return np.linalg.norm(X + np.eye(2)) + cusp

    E, Y = np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones((2, 2))
    first = derivative(partial(f, power=1.0), np.zeros((2, 2)))
    assert first.method == "central differences"
    assert np.isclose(first(Y), np.sqrt(2))
    second = second_derivative(partial(f, power=1.5), np.zeros((2, 2)))
    for refused in (lambda: first(E), first.matrix, second.matrix):
        with pytest.raises(ValueError, match=REFUSED):
            refused()


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_matrices_whose_squares_overflow_have_derivatives(scale):
    X = scale * np.array([[1.0, 2.0], [3.0, 4.0]])
    f = derivative(lambda X: np.trace(X) + np.max(X), X)
    assert np.allclose(f.matrix("C"), [[1, 0, 0, 2]])


@pytest.mark.parametrize(
    ("f", "X"),
    [
        (lambda X: X[0, 0] * np.abs(X[0, 0]), [[0.0]]),
        (lambda X: np.abs(X).sum(), [[0.0]]),
        (lambda X: np.maximum(X, 0).sum() ** 2, [[0.0]]),
        (lambda X: np.linalg.norm(X) ** 3 / np.abs(X).sum(), [[0.0, 1.0]]),
        # Second partial derivatives that depend on their order (Peano):
        (
            away_from_zero(
                lambda X: X[0, 0] * X[0, 1] * (X[0, 0] ** 2 - X[0, 1] ** 2) / np.sum(X**2)
            ),
            [[0.0, 0.0]],
        ),
    ],
)
def test_second_derivatives_that_do_not_exist_are_refused(f, X):
    with pytest.raises(ValueError, match=REFUSED):
        second_derivative(f, X)


@pytest.mark.parametrize(
    ("f", "X"),
    [
        (lambda X: np.abs(X).sum(), [[0, 1]]),
        (lambda X: np.abs(X), [[0, 1]]),
        (lambda X: sp.sqrt(np.vdot(X, X)), [[0, 0]]),
        (lambda X: sp.Max(*X.flat), [[1, 1]]),
        (lambda X: sp.Min(*X.flat, 5), [[1, 1]]),
        (lambda X: sp.Max(X[0, 0], 0), [[0, 1]]),
        (lambda X: sp.sign(X[0, 0]), [[0, 1]]),
        (lambda X: sp.sqrt(X[0, 0]), [[0, 1]]),
        (lambda X: X[0, 0] * sp.sign(X[0, 0]), [[0, 1]]),
        (lambda X: sp.Piecewise((X[0, 0], X[0, 0] > 0), (0, True)), [[0, 1]]),
        (lambda X: sp.Piecewise((X[0, 0], X[0, 0] > 0), (1, True)), [[0, 1]]),
        (lambda X: sp.Piecewise((X[0, 1], X[0, 0] > 0), (0, True)), [[0, 1]]),
        (lambda X: sp.Heaviside(X[0, 1] - X[0, 0]), [[0, 1]]),
        (lambda X: sp.sinc(X[0, 0]), [[0, 1]]),
        # Jumps that only a comparison in Python sees:
        (lambda X: X[0, 0] ** 2 + 1 if X[0, 0] != 0 else 0, [[0, 1]]),
        (lambda X: X if X[0, 0] != 0 else X + 1, [[0, 1]]),
        (lambda X: X[0, 0] ** 3 / np.vdot(X, X) + 1 if np.any(X != 0) else 0, [[0, 0]]),
    ],
)
def test_corners_and_jumps_are_refused_exactly(f, X):
    with pytest.raises(ValueError, match=REFUSED):
        derivative(f, exact(X)).matrix()


def test_peanos_second_derivatives_are_refused_exactly():
    def f(X):
        x, y = X.flat
        return x * y * (x**2 - y**2) / (x**2 + y**2) if np.any(X != 0) else 0

    with pytest.raises(ValueError, match=REFUSED):
        second_derivative(f, exact([[0, 0]])).matrix()


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda X: np.abs(X).sum(), [[1, -1]]),
        (lambda X: sp.sqrt(np.vdot(X, X)), [[sp.Rational(3, 5), sp.Rational(-4, 5)]]),
        (lambda X: sp.Max(*X.flat), [[1, 0]]),
        (lambda X: sp.Min(*X.flat), [[0, 1]]),
        (lambda X: sp.Max(X[0, 0], X[0, 1], 2, X[0, 0] + X[0, 1]) ** 2, [[6, 0]]),
        (lambda X: sp.sign(X[0, 1]) * X[0, 0], [[-1, 0]]),
        (lambda X: sp.Abs(X[0, 0] - 2) ** 3, [[3, 0]]),
        (lambda X: sp.Abs(X[0, 0] - 5) * (X[0, 0] - 5), [[4, 0]]),
    ],
)
def test_exact_derivatives_of_functions_with_corners_elsewhere(f, expected):
    assert_same(gradient(f, exact([[3, -4]])), exact(expected))


def test_exact_second_derivatives_of_functions_with_corners():
    assert_same(
        second_derivative(lambda X: np.sum(X * np.abs(X)), exact([[3, -4]])).matrix(),
        exact([[2, 0], [0, -2]]),
    )
    with pytest.raises(ValueError, match=REFUSED):
        second_derivative(lambda X: np.sum(X * np.abs(X)), exact([[0, -4]])).matrix()


# Numbers and side effects.


def test_integers_never_overflow():
    large = 2**40
    A, X = np.full((2, 2), large), np.full((2, 2), large)

    def f(W):
        return np.trace(A @ W) * np.trace(A @ W)

    expected = 2 * (4 * 2.0**80) * A
    assert_same(gradient(f, X), expected)
    assert_same(gradient(f, exact(X)), exact(A) * (8 * 2**80))
    assert_same(derivative(f, X)(X), np.vdot(expected, X))
    assert_same(second_derivative(f, X).matrix() / 2.0**80, np.full((4, 4), 2.0), 1e-6)
    assert_same(second_derivative(f, exact(X)).matrix(), exact(np.full((4, 4), 2)) * 2**80)
    assert_same(gradient(lambda W: np.vdot(W, W), [[1, 2]]), [[2.0, 4.0]], 1e-7)


def test_directions_of_integers_are_as_good_as_floats():
    D = derivative(lambda X: X @ X, [[1, 2], [3, 4]])
    Y = [[1, 0], [2, 1]]
    assert_same(D(Y), D(np.array(Y, dtype=float)))
    assert_same(D(Y), np.array([[1, 2], [3, 4]]) @ Y + np.array(Y) @ [[1, 2], [3, 4]])


@pytest.mark.parametrize("kind", [np.array, exact])
def test_a_function_that_changes_its_argument_changes_only_a_copy(kind):
    def f(X):
        X *= 2
        X[0, 0] = X[0, 0] + X[0, 1]
        return X.sum()

    X, Y, Z = kind([[1.0, 2.0]]), kind([[3.0, 4.0]]), kind([[5.0, 6.0]])
    D, H = derivative(f, X), second_derivative(f, X)
    assert_same(D(Y), 2 * Y[0, 0] + 4 * Y[0, 1], 1e-8)
    assert_same(D.matrix(), kind([[2.0, 4.0]]), 1e-8)
    assert_same(H(Y, Z), kind(0.0)[()], 1e-5)
    assert_same(gradient(f, X), kind([[2.0, 4.0]]), 1e-8)
    assert_same(X, kind([[1.0, 2.0]]))
    assert_same(Y, kind([[3.0, 4.0]]))
    assert_same(Z, kind([[5.0, 6.0]]))


def test_the_derivative_stays_that_at_the_point_where_it_was_taken():
    X = np.array([[1.0, 2.0]])
    D, H = derivative(lambda W: np.vdot(W, W), X), second_derivative(lambda W: W[0, 0] ** 3, X)
    X[0, 0] = 100.0
    assert_same(D([[1.0, 0.0]]), 2.0, 1e-7)
    assert_same(H([[1.0, 0.0]], [[1.0, 0.0]]), 6.0, 1e-6)
    E = exact([[1, 2]])
    D = derivative(lambda W: np.vdot(W, W), E)
    E[0, 0] = sp.Integer(100)
    assert D([[1, 0]]) == 2


def test_a_function_that_returns_its_argument_or_one_buffer_is_no_trap():
    buffer = np.zeros((1, 2), dtype=complex)

    def f(X):
        buffer[:] = X**2
        return buffer if np.iscomplexobj(X) else buffer.real

    assert_same(derivative(f, [[1.0, 2.0]])([[1, 1]]), [[2.0, 4.0]])
    assert_same(derivative(lambda X: X, [[1.0, 2.0]])([[3, 4]]), [[3.0, 4.0]])


def test_a_float_in_the_function_is_refused_at_an_exact_point():
    for f in (
        lambda X: 0.5 * X.sum(),
        lambda X: np.trace(np.array([[0.5]]) @ X),
        lambda X: X + 0.0,
        lambda X: 1.0,
        lambda X: np.linalg.norm(X),
        lambda X: X.astype(float),
    ):
        with pytest.raises(TypeError, match=r"^f\b.*exact.*SymPy.*floats"):
            derivative(f, exact([[1]]))


def test_a_comparison_of_what_is_not_known_is_refused_at_an_exact_point():
    D = derivative(lambda X: X[0, 0] if X[0, 0] > 0 else X[0, 0] ** 2, exact([[1]]))
    with pytest.raises(TypeError, match=r"^f\b.*exact.*floats"):
        D([[1]])


def test_exact_matrices_in_a_function_of_floats_are_fine():
    A = exact([[1, 2], [3, 4]])
    assert_same(gradient(lambda X: np.trace(A @ X), np.eye(2)), [[1.0, 3.0], [2.0, 4.0]])


def test_the_derivative_is_a_map_like_any_other():
    X, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 1.0]])
    D = derivative(lambda W: W @ W, X)
    assert isinstance(D, LinearMap)
    chain = functional(np.eye(2)) @ D
    assert_same(chain(Y), 2 * np.trace(X @ Y))
    assert_same(D.as_linear_operator() @ vec(Y), vec(X @ Y + Y @ X))
    assert_same(D.adjoint(Y), X.T @ Y + Y @ X.T)
    assert_same(D.adjoint.matrix(), np.kron(np.eye(2), X.T) + np.kron(X, np.eye(2)))
    assert_same((2 * D - D)(Y), D(Y))


def test_linear_maps_and_trace_products_can_be_differentiated_themselves():
    L = rank_one([[1.0, 2.0]], [[3.0], [4.0]])
    D = derivative(L, [[0.5], [0.5]])
    assert D.method == "complex step"
    assert_same(D.matrix(), L.matrix())
    L = rank_one(exact([[1, 2]]), [[3], [4]])
    assert_same(derivative(L, exact([[1], [1]])).matrix(), L.matrix())


def test_the_gradient_of_a_large_matrix_does_not_cost_a_larger_one():
    n = 40
    A = np.random.default_rng(0).standard_normal((n, n))
    tracemalloc.start()
    G = gradient(lambda X: np.vdot(A, X), np.zeros((n, n)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_same(G, A)
    assert peak < 8 * n**4 / 4


@pytest.mark.parametrize("error", [KeyError("mine"), RuntimeError("mine"), ValueError("mine")])
def test_the_functions_own_errors_come_through(error):
    def f(X):
        raise error

    for X in ([[1.0]], exact([[1]])):
        with pytest.raises(type(error), match="mine"):
            derivative(f, X)


def test_no_warnings_from_points_that_nobody_asked_for(recwarn):
    gradient(lambda X: np.log(X).sum() + np.sqrt(X).sum(), [[1e-3, 1.0]])
    second_derivative(lambda X: np.log(np.abs(X)).sum(), [[1e-3]])
    gradient(lambda X: np.float64(X[0, 0]) ** 2, [[1.0]])
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("exactly", [True, False])
def test_a_form_is_a_self_adjoint_map_seen_again(exactly):
    A = exact([[7, 1], [1, 3]]) if exactly else np.array([[7.0, 1.0], [1.0, 3.0]])
    L = rank_one(A, A)
    form = L.form
    assert form.map is L
    assert form.exact == exactly
    assert form([[1, 2], [3, 4]], np.eye(2)) == np.trace(L([[1, 2], [3, 4]])) == 240
    for table in (form.matrix(), form.restrict_to_symmetric().matrix()):
        assert is_exact(table) == exactly
        assert type(table) is (type(exact(1)) if exactly else np.ndarray)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_complex_step_is_as_small_as_x_asks_for(scale):
    X = scale * X0
    D = derivative(lambda X: np.trace(X @ X @ X), X)
    assert D.method == "complex step"
    assert_same(D(X0) / scale**2, 3 * np.trace(X0 @ X0 @ X0))
    H = second_derivative(lambda X: np.trace(X @ X @ X), X)
    assert H.method == "complex step"
    swap = commutation_matrix(3, 3)
    expected = 3 * (np.kron(np.eye(3), X0) + np.kron(X0.T, np.eye(3)))
    assert_same(H.matrix() / scale, swap @ expected, 1e-6)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_second_derivative_of_a_linear_function_is_zero_wherever_x_is(scale):
    H = second_derivative(lambda X: np.trace(P @ X), scale * X0)
    assert np.max(np.abs(H.matrix())) * scale < 1e-6


def test_the_complex_step_is_given_up_where_one_direction_speaks_against_it():
    tried = []

    def f(X):
        if np.iscomplexobj(X):
            tried.append(X.imag / np.linalg.norm(X.imag))
        return np.sum(X**2)

    assert derivative(f, [[1.0, 2.0]]).method == "complex step"
    for doubted in tried[:2]:

        def wrong_along(X, doubted=doubted):
            along = np.vdot(X.imag, doubted) / (np.linalg.norm(X.imag) or 1)
            return np.sum(X**2) * (2 if along > 1 - 1e-9 else 1)

        assert derivative(wrong_along, [[1.0, 2.0]]).method == "central differences"


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_slopes_that_are_not_linear_in_the_direction_are_refused_whatever_their_size(size):
    def f(X):
        x, y = X[0]
        return size * (x**3 / (x**2 + y**2) if x or y else 0.0)

    with pytest.raises(ValueError, match="linear"):
        derivative(f, [[0.0, 0.0]])


def test_exact_derivatives_are_in_their_shortest_form():
    x = symbolic("x", (1, 1))

    def f(X):
        return (X[0, 0] ** 2 - 1) / (X[0, 0] - 1) + (X[0, 0] ** 3 - 1) / (X[0, 0] - 1)

    assert gradient(f, x)[0, 0] == derivative(f, x)([[1]]) == 2 * x[0, 0] + 2
    assert second_derivative(f, x).matrix()[0, 0] == 2


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.trace(X @ X.T) * X[0, 1],
        lambda X: X @ X.T @ X,
        lambda X: np.abs(X[:2]) * sp.exp(X[0, 0]),
        lambda X: sp.Abs(X[0, 0] - 2) * (X[0, 0] - 1) + X[1, 1] ** 2,
        lambda X: X * 0 + 2,
    ],
    ids=["number", "matrix", "corners elsewhere", "a corner beside X", "constant"],
)
def test_an_exact_derivative_written_down_has_the_slopes_along_the_units_as_columns(f, order):
    X = exact(np.arange(1, 21).reshape(4, 5))
    D = derivative(f, X)
    units = [np.reshape(unit, X.shape, order) for unit in np.eye(20, dtype=int)]
    columns = [coordinates(D(unit), order) for unit in units]
    assert_same(D.matrix(order), np.stack(columns, axis=1))
    Z = exact(np.arange(prod(D.codomain)).reshape(D.codomain) + 2)[()]
    adjoint = [np.vdot(D(unit), Z) for unit in units]
    assert_same(D.adjoint(Z), exact(np.reshape(adjoint, X.shape, order)))


@pytest.mark.parametrize("kind", [np.asarray, exact])
def test_a_derivative_says_where_it_goes(kind):
    D = derivative(lambda X: X[:1] * X[0, 0], kind([[1, 2, 3], [4, 5, 6]]))
    assert "Derivative from R^(2×3) to R^(1×3)" in repr(D)


def test_an_exact_derivative_that_is_missing_along_one_unit_is_missing():
    D = derivative(lambda X: np.sum(X) + sp.Abs(X[3, 3]), exact(np.zeros((4, 5))))
    for use in (D.matrix, lambda: D.adjoint(1), lambda: D(np.eye(1, 20).reshape(4, 5))):
        with pytest.raises(ValueError, match="f has no derivative at X"):
            use()


def test_a_value_at_x_may_be_written_in_another_form_than_near_x():
    def f(X):
        return sp.sqrtdenest(sp.sqrt(3 + 2 * sp.sqrt(2) + X[0, 0]))

    assert f(exact([[0]])) == 1 + sp.sqrt(2)
    assert sp.simplify(derivative(f, exact([[0]]))([[1]]) - 1 / (2 + 2 * sp.sqrt(2))) == 0


def test_f_gets_doubles_whatever_floats_x_holds():
    kinds = set()

    def f(X):
        kinds.add(X.dtype)
        return np.sum(X * X)

    derivative(f, np.ones((2, 2), np.float32))
    assert kinds == {np.dtype(float), np.dtype(complex)}


def test_f_may_return_numbers_as_objects():
    assert_same(gradient(lambda X: np.sum(X.astype(object)), np.eye(2)), np.ones((2, 2)))


@pytest.mark.parametrize("scale", [1e-9, 1e9, 1e140])
def test_the_complex_step_is_confirmed_at_every_scale(scale):
    D = derivative(np.trace, scale * X0)
    assert D.method == "complex step"
    assert_same(D.matrix(), np.eye(3).reshape(1, 9))


@pytest.mark.parametrize("f", [np.sum, lambda X: np.abs(X).sum()])
def test_where_f_is_tried_is_always_the_same(f):
    def places():
        found = []
        derivative(lambda X: found.append(X) or f(X), np.ones((2, 3))).matrix()
        return np.array(found)

    assert np.array_equal(places(), places())


# What the engines say of second derivatives.

ENGINES = {  # with the methods that suit their functions
    "exact": (lambda X: np.trace(X @ X @ X), exact),
    "complex step": (lambda X: np.trace(X @ X @ X), np.asarray),
    "central differences": (lambda X: np.linalg.norm(X) ** 3, np.asarray),
}


@pytest.mark.parametrize("method", ENGINES)
def test_second_slopes_along_some_directions_and_others_are_those_of_the_whole_table(method):
    f, made = ENGINES[method]
    engine = derivative(f, made([[1, 2, 0], [0, 3, 1], [4, 0, 1]])).engine.twice()
    assert engine.method == method
    basis = [made(unit) for unit in np.eye(9, dtype=int).reshape(9, 3, 3)]
    whole, errors = engine.second_slopes(basis, basis)
    part, doubts = engine.second_slopes(basis[2:4], basis[3:8])
    assert errors.shape == (9, 9)
    assert part.shape == doubts.shape == (2, 5)
    gaps = np.abs(part - whole[2:4, 3:8]).astype(float)
    assert np.all(gaps <= doubts + errors[2:4, 3:8])
    assert np.max(gaps) < 1e-6
    assert np.all(np.diag(whole[:, ::-1]) == np.diag(whole[::-1]))


@pytest.mark.parametrize("small", [1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize("method", ["complex step", "central differences"])
def test_entries_far_smaller_than_others_cost_no_digits(small, method):
    f, _ = ENGINES[method]
    X = np.array([[1, small], [0.5, 2]])
    if method == "complex step":
        G, table = 3 * (X @ X).T, 3 * (np.kron(X, np.eye(2)) + np.kron(np.eye(2), X.T))
        H = table[[0, 2, 1, 3]]  # as tr AY is the inner product with A'
    else:
        x, length = X.ravel(), np.linalg.norm(X)
        G, H = 3 * length * X, 3 * (length * np.eye(4) + np.outer(x, x) / length)
    D, form = derivative(f, X), second_derivative(f, X)
    assert (D.method, form.method) == (method, method)
    assert np.max(np.abs(D.adjoint(1) - G)) <= 10 * D.error + 1e-13
    assert np.max(np.abs(form.matrix("C") - H)) <= 10 * form.error + 1e-13
    assert D.error < 1e-8
    assert form.error < 1e-5


def test_the_size_of_a_derivative_is_told_in_the_unit_of_its_error():
    S = np.array([[0.04, 12.0], [12.0, 4e4]])
    engine = derivative(lambda S: np.log(np.linalg.det(S)), S).engine
    assert 1 < engine.size < 100  # the largest slope is 27.5
    assert 10 < engine.twice().size < 5000  # and 755


@pytest.mark.parametrize("x", [-0.5, -0.01, -1e-5])
@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_beside_a_flat_piece_f_is_constant_not_rounded(x, constant):
    D = derivative(lambda x: constant + max(float(np.real(x)), 0.0), x)
    assert D(1.0) == 0
    assert D.error < 1e-9
