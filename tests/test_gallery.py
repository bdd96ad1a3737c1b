"""The gallery's derivatives: its theorems, its three checks, and its typesetting."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.linalg import expm, sqrtm
from strategies import assert_same, differ, matrices

from matderiv import LinearMap, commutation_matrix, derivative, exact, gradient, is_exact
from matderiv.book.gallery import Gallery, verify, words
from matderiv.book.gallery.typesetting import matrix_tex, space_tex, tex


def minor(X, i, j):
    rest = np.delete(np.delete(X, i, 0), j, 1)
    return sp.Matrix(rest).det() if rest.size else sp.Integer(1)


def cofactors(X):
    """Give the matrix of cofactors, from the definition."""
    n = len(X)
    return exact([[(-1) ** (i + j) * minor(X, i, j) for j in range(n)] for i in range(n)])


def exact_inverse(X):
    return exact(sp.Matrix(X).inv())


def floats(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.claim("thm-product-rule")
@given(matrices("mn", "mn", "pn", "mq", kinds=["exact"], largest=2))
def test_product_rule(drawn):
    X, Y, A, B = drawn

    def f(X):
        return A @ X.T

    def g(X):
        return X @ X.T @ B

    df, dg = A @ Y.T, (Y @ X.T + X @ Y.T) @ B
    assert_same(derivative(lambda X: f(X) @ g(X), X)(Y), df @ g(X) + f(X) @ dg)


@pytest.mark.claim("thm-product-rule")
@given(matrices("mn", "mn", kinds=["exact"], largest=2))
def test_rule_for_compositions(drawn):
    X, Y = drawn
    Z, dZ = X @ X.T, Y @ X.T + X @ Y.T
    assert_same(derivative(lambda X: X @ X.T @ X @ X.T, X)(Y), dZ @ Z + Z @ dZ)


@pytest.mark.claim("thm-product-rule")
@given(matrices("nn", "nn", kinds=["exact"]), st.integers(1, 4))
def test_power_rule(drawn, k):
    X, Y = drawn
    power = np.linalg.matrix_power
    terms = [power(X, j) @ Y @ power(X, k - 1 - j) for j in range(k)]
    assert_same(derivative(lambda X: power(X, k), X)(Y), sum(terms))


def test_moving_a_factor_is_wrong():
    X, Y = exact([[1, 2], [3, 4]]), exact([[0, 1], [0, 0]])
    true = derivative(lambda X: X @ X, X)(Y)
    assert differ(2 * X @ Y, true)
    assert differ(2 * Y @ X, true)
    assert_same(X @ Y + Y @ X, true)


@pytest.mark.claim("thm-transposed-sandwich")
@given(matrices("pn", "mq", "mn"))
def test_sandwich_with_a_transposition(drawn):
    L, R, Y = drawn
    (m, n), p, q = Y.shape, len(L), R.shape[1]
    T = LinearMap((m, n), (p, q), lambda Y: L @ Y.T @ R, exact=is_exact(L))
    for order, kronecker, K in (
        ("F", np.kron(R.T, L), commutation_matrix(m, n)),
        ("C", np.kron(L, R.T), commutation_matrix(n, m)),
    ):
        assert_same(T.matrix(order), kronecker @ K)
        assert_same(kronecker @ K @ Y.ravel(order), (L @ Y.T @ R).ravel(order))


def test_the_other_commutation_matrix_is_wrong():
    L, R, Y = floats(2, 2), floats(3, 2, seed=1), floats(3, 2, seed=2)
    wrong = np.kron(R.T, L) @ commutation_matrix(2, 3)
    assert differ(wrong @ Y.ravel("F"), (L @ Y.T @ R).ravel("F"))


@pytest.mark.claim("thm-inverse")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_derivative_of_the_inverse(drawn):
    X, Y = drawn
    assume(sp.Matrix(X).det() != 0)
    V = exact_inverse(X)
    assert_same(derivative(exact_inverse, X)(Y), -V @ Y @ V)


def test_the_inverse_of_the_square_is_wrong():
    X, Y = exact([[2, 1], [5, 3]]), exact([[0, 1], [0, 0]])
    V, true = exact_inverse(X), derivative(exact_inverse, X)(Y)
    assert differ(-V @ V @ Y, true)
    assert differ(-Y @ V @ V, true)
    assert differ(-V.T @ Y @ V.T, true)


@pytest.mark.claim("thm-projector")
@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (3, 2), (5, 3), (3, 3)])
def test_derivative_of_the_projector(shape):
    X, Y = floats(*shape), floats(*shape, seed=1)
    pinv = np.linalg.pinv(X)
    half = (np.eye(len(X)) - X @ pinv) @ Y @ pinv
    true = derivative(lambda X: X @ np.linalg.pinv(X), X)(Y)
    assert_same(true, half + half.T, 1e-6)
    assert shape[0] == shape[1] or differ(true, half)


@pytest.mark.claim("thm-jacobi")
@given(matrices("nn", "nn", kinds=["exact"]))
def test_derivative_of_the_determinant(drawn):
    X, Y = drawn
    slope = derivative(lambda X: sp.Matrix(X).det(), X)(Y)
    assert slope == np.trace(cofactors(X).T @ Y)


@pytest.mark.claim("thm-jacobi")
def test_gradient_of_the_determinant_at_a_singular_matrix():
    X = exact([[1, 2, 3], [2, 4, 6], [0, 1, 5]])
    assert sp.Matrix(X).det() == 0
    nabla = gradient(lambda X: sp.Matrix(X).det(), X)
    assert_same(nabla, cofactors(X))
    assert differ(nabla, cofactors(X).T)


@pytest.mark.claim("thm-jacobi")
@pytest.mark.parametrize("n", [1, 2, 4])
def test_derivative_of_the_logarithm_of_the_determinant(n):
    X = expm(floats(n, n))  # det X = exp(tr) > 0
    nabla = gradient(lambda X: np.log(np.linalg.det(X)), X)
    assert_same(nabla, np.linalg.inv(X).T, 1e-6)
    assert n == 1 or differ(nabla, np.linalg.inv(X))


@pytest.mark.claim("thm-square-root")
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_derivative_of_the_square_root_solves_the_sylvester_equation(n):
    X = expm(0.5 * floats(n, n))
    S, Y, unit = sqrtm(X).real, floats(n, n, seed=1), np.eye(n)
    D = derivative(lambda X: sqrtm(X).real, X)
    Z = D(Y)
    assert_same(S @ Z + Z @ S, Y, 1e-6)
    assert n == 1 or differ(2 * S @ Z, Y)
    assert_same(D.matrix("F"), np.linalg.inv(np.kron(unit, S) + np.kron(S.T, unit)), 1e-6)
    assert_same(D.matrix("C"), np.linalg.inv(np.kron(S, unit) + np.kron(unit, S.T)), 1e-6)


@pytest.mark.claim("thm-simple-eigenvalue")
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_derivative_of_the_largest_eigenvalue(n):
    X = np.random.default_rng(n).uniform(0.1, 1, (n, n))  # positive: Perron and Frobenius
    values, right = np.linalg.eig(X)
    place = values.real.argmax()
    v, u = right[:, place].real, np.linalg.inv(right)[place].real
    nabla = gradient(lambda X: np.linalg.eigvals(X).real.max(), X)
    assert_same(nabla, np.outer(u, v) / (u @ v), 1e-6)
    assert n == 1 or differ(nabla, np.outer(v, v) / (v @ v))
    M = values[place].real * np.eye(n) - X
    adjugate = cofactors(exact(M)).T.astype(float)
    assert_same(nabla, adjugate.T / np.trace(adjugate), 1e-6)


# Words


@given(matrices("nn", largest=4))
def test_the_adjugate_is_that_of_the_cofactors(X):
    assert_same(words.adj(X), cofactors(exact(X)).T.astype(X.dtype), 1e-7)


@pytest.mark.parametrize("name", ["det", "inv", "exp", "phi", "lse", "softmax", "root", "largest"])
def test_exact_and_float_words_agree(name):
    X = exact([[11, 7], [14, 18]]) / 8
    word = getattr(words, name)
    assert_same(word(X.astype(float)), np.asarray(word(X)).astype(float), 1e-9)


@pytest.mark.parametrize("name", ["pinv", "N"])
def test_exact_and_float_words_agree_on_tall_matrices(name):
    X = exact([[1, 2], [0, 1], [3, 1]])
    word = getattr(words, name)
    assert_same(word(X.astype(float)), word(X).astype(float))


# The three checks


@pytest.mark.parametrize(
    ("entry", "spaces", "verdicts"),
    [
        (("X @ X", "2 * X @ Y", "2 * sandwich(X, I)", "nn"), {}, (False, False, True)),
        (("X @ X", "X @ Y + Y @ X", "2 * sandwich(X, I)", "nn"), {}, (True, True, False)),
        (("X + X", "2 * Y * I", "entrywise(2 * I)", "nn"), {}, (False, False, True)),
        (("det(X)", "trace(adj(X) @ Y)", "adj(X)"), {}, (True, True, False)),
        (("det(X)", "trace(adj(X).T @ Y)", "adj(X)"), {}, (False, False, True)),
        (("A @ X @ B", "A @ Y @ B", "sandwich(B.T, A)", "nn"), {"A": "nn", "B": "nn"}, (1, 1, 0)),
        (("A @ X @ B", "A @ Y @ B", "sandwich(A, B)", "nn"), {"A": "nn", "B": "nn"}, (1, 1, 0)),
        (("X @ X", "X @ Y + Y @ X", "sandwich(I, X.T) + sandwich(X, I)", "nn"), {}, (1, 1, 1)),
    ],
)
def test_each_check_sees_what_it_should(entry, spaces, verdicts):
    found = verify(*entry, **spaces, X="nn")
    assert (found.exact, found.order > 1.5, found.agrees) == verdicts
    assert bool(found) == all(verdicts)


@pytest.mark.parametrize("order", ["F", "C"])
def test_a_matrix_right_in_one_order_only_is_noticed(order, monkeypatch):
    def half_right(L, R):
        true, other = words.sandwich(L, R), words.sandwich(R, L)
        return LinearMap(
            true.domain,
            true.codomain,
            true,
            matrix_rule=lambda o: (true if o == order else other).matrix(o),
        )

    monkeypatch.setitem(verify.__globals__["VOCABULARY"], "sandwich", half_right)
    entry = ("A @ X @ B", "A @ Y @ B", "sandwich(A, B.T)", "nn")
    assert not verify(*entry, A="nn", X="nn", B="nn").agrees


# Tables


def test_tables_show_what_was_entered(capsys):
    gallery = Gallery()
    gallery.add("X.T", "Y.T", "K(m, n)", "nm", X="mn")
    gallery.add("X @ X", "2 * X @ Y", "2 * sandwich(X, I)", "nn", r"x_{11} > 0", X="nn")
    assert gallery.maps().rows == [
        (r"$X^\top$", r"$\mathbb{R}^{m\times n} \to \mathbb{R}^{n\times m}$", r"$Y^\top$"),
        (
            "$X^2$",
            r"$\mathbb{R}^{n\times n} \to \mathbb{R}^{n\times n}$, $x_{11} > 0$",
            "$2 X Y$",
        ),
    ]
    assert gallery.matrices().rows == [
        (r"$X^\top$", "$K_{mn}$", "$K_{nm}$", "✓", "∞", "✓"),
        ("$X^2$", r"$2 I \otimes_K X$", r"$2 X \otimes_K I$", "✗", "1.00", "✓"),
    ]
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize(
    ("code", "order", "latex"),
    [
        ("sandwich(A, B.T)", "F", r"B^\top \otimes_K A"),
        ("sandwich(A, B.T)", "C", r"A \otimes_K B^\top"),
        ("(sandwich(I, (A @ X).T)) @ K(m, n)", "F", r"((A X)^\top \otimes_K I) K_{mn}"),
        ("(sandwich(I, (A @ X).T)) @ K(m, n)", "C", r"(I \otimes_K (A X)^\top) K_{nm}"),
        ("functional(adj(X).T)", "F", r"\operatorname{vec}(\operatorname{adj}(X)^\top)^\top"),
        ("functional(inv(X).T)", "C", r"\operatorname{rvec}(X^{-\top})^\top"),
        ("-sandwich(inv(X), inv(X).T)", "F", r"-X^{-\top} \otimes_K X^{-1}"),
    ],
)
def test_matrices_are_typeset_in_their_order(code, order, latex):
    assert matrix_tex(code, order) == latex


@pytest.mark.parametrize(
    ("code", "latex"),
    [
        ("X @ X @ X", "X^3"),
        ("Y @ X @ X + X @ Y @ X", "Y X^2 + X Y X"),
        ("X @ pinv(X)", "X X^+"),
        ("square(A @ X - B)", r"\vert A X - B\vert^2"),
        ("slope(X) * Y", r"\varphi'(X) \circ Y"),
        ("2 * trace(X @ Y)", r"2 \operatorname{tr}(X Y)"),
    ],
)
def test_formulas_are_typeset(code, latex):
    assert tex(code) == latex


def test_spaces_are_typeset():
    assert (space_tex("mn"), space_tex("")) == (r"\mathbb{R}^{m\times n}", r"\mathbb{R}")


def test_larger_maps_have_the_derivatives_matrices():
    gallery = Gallery()
    gallery.add("X.T", "Y.T", "K(m, n)", "nm", X="mn")
    (title,), (L,) = zip(*gallery.larger().items(), strict=True)
    assert title == r"$X^\top$"
    assert_same(L.matrix(), commutation_matrix(4, 3))
