"""The values of formulas at arrays, exact and float, and derivatives as maps of the package."""

import pickle

import numpy as np
import pytest
from strategies import assert_same

from matderiv import LinearMap, exact, formula, is_exact, symbolic
from matderiv.formulas.printing import Numpy
from matderiv.maps import Entrywise, LowRank, Moves, Sandwich

A, B, X = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]]), exact([[1, 0], [0, 1]])
D = [[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]]
rng = np.random.default_rng(5)


@pytest.mark.claim("L4")
def test_the_threads_hessian_at_arrays_is_exact_and_of_rank_two():
    H = formula("tr(A*X)*tr(B*X)").second_derivative("X").at(A=A, B=B, X=X)
    assert type(H) is LowRank
    assert H.exact
    assert_same(H.matrix(), exact(D))
    assert H.adjoint is H
    assert_same(H.form(A, B), np.sum(A * A) * np.sum(B * B) + np.sum(A * B) ** 2)


def test_values_are_exact_where_arrays_are():
    f = formula("log(det(X)) + norm(X)^2/3 + sum(sqrt(A))")
    value = f(A=exact([[4, 9]]), X=exact([[1, 2], [3, 7]]))
    assert str(value) == "26"
    assert float(f(A=[[4, 9]], X=[[1, 2], [3, 7]])) == pytest.approx(26)


def test_symbols_are_values_too():
    x = symbolic("x", (2, 2))
    assert str(formula("det(X)")(X=x)) in ("x11*x22 - x12*x21", "x11*(x22 - x12*x21/x11)")


def test_a_column_comes_back_as_it_was_given():
    f = formula("A*x")
    M, x = np.ones((2, 3)), np.ones(3)
    assert f(A=M, x=x).shape == (2,)
    assert f(A=M, x=x[:, None]).shape == (2, 1)
    assert np.shape(formula("x'*x")(x=x)) == ()
    assert f.derivative("x").at(A=M, x=x).matrix().shape == (2, 3)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tr(A*X)", LowRank), ("B*tr(A*X)", LowRank), ("A*X*B", Sandwich), ("X'", Moves),
        ("X", Moves),
        ("exp(X)", Entrywise), ("A.*X", Entrywise), ("det(X)", LowRank),
    ],
)  # fmt: skip
def test_derivatives_are_maps_of_the_packages_kinds(text, kind):
    arrays = {"A": np.ones((2, 2)), "B": np.eye(2), "X": np.array([[1.0, 2], [3, 5]])}
    f = formula(text)
    L = f.derivative("X").at(**{name: arrays[name] for name in f.symbols})
    assert isinstance(L, LinearMap)
    assert type(L) is kind


@pytest.mark.parametrize("text", ["t^2*A", "t^3", "det(A - t*I)", "inv(A - t*I)"])
def test_derivatives_by_a_number(text):
    f = formula(text, scalar="t")
    M = np.array([[3.0, 1], [2, 5]])
    arrays = {"A": M} if "A" in f.symbols else {}
    slope = (f(t=1 + 1e-6, **arrays) - f(t=1 - 1e-6, **arrays)) / 2e-6
    found = f.derivative("t").at(t=1.0, **arrays)
    np.testing.assert_allclose(found(1.0), slope, rtol=1e-6)
    np.testing.assert_allclose(np.ravel(found.matrix()), np.ravel(slope.T), rtol=1e-6)


def test_derivatives_by_an_exact_number_are_exact():
    five = exact([[5]])
    L = formula("t^2", scalar="t").derivative("t").at(t=five)
    assert L.exact
    assert_same(L.matrix(), exact([[10]]))
    assert_same(formula("t^2*A", scalar="t").derivative("t").at(t=five, A=A)(1), 10 * A)


@pytest.mark.parametrize("text", ["tr(A*X)/tr(B*X)", "norm(A*X)^3"])
def test_mirrored_terms_of_a_hessian_are_one_self_adjoint_map(text):
    f = formula(text)
    at = {name: rng.uniform(1, 2, (2, 2)) for name in f.symbols}
    assert "⟨P, Y⟩ Q + ⟨Q, Y⟩ P" in repr(f.second_derivative("X").at(**at))


def test_a_derivative_that_is_zero_is_a_map_too():
    at = {"A": np.ones((2, 2)), "X": np.ones((2, 2))}
    for text in ("tr(A) + 0*tr(X)", "A + 0*X"):
        assert not np.any(formula(text).derivative("X").at(**at).matrix())


@pytest.mark.parametrize(
    ("arrays", "error", "words"),
    [
        ({"A": np.ones((2, 3))}, TypeError, "needs a value for X"),
        ({"A": np.ones((2, 3)), "X": np.ones((2, 3))}, ValueError, "X must be m×n"),
        ({"A": np.ones((2, 3)), "X": np.ones(3)}, ValueError, "X must be a matrix"),
        ({"A": np.ones((2, 3)), "X": np.ones((3, 2)), "C": 1}, TypeError, "C does not occur"),
        ({"A": np.full((2, 3), np.nan), "X": np.ones((3, 2))}, ValueError, "A must be finite"),
        ({"A": "A", "X": np.ones((3, 2))}, TypeError, "A must hold real numbers"),
    ],
)
def test_arrays_that_do_not_fit(arrays, error, words):
    with pytest.raises(error, match=words):
        formula("tr(A*X)")(**arrays)


def test_values_that_are_not_there():
    with pytest.raises(ValueError, match="no value here"):
        formula("inv(X)")(X=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="no value here"):
        formula("log(det(X))")(X=np.diag([1.0, -1]))
    with pytest.raises(ValueError, match="no value here"):
        formula("inv(X)")(X=exact([[1, 1], [1, 1]]))
    with pytest.raises(ValueError, match="S is declared symmetric"):
        formula("tr(S)", symmetric="S")(S=[[1, 2], [3, 4]])


def test_sizes_that_no_array_tells():
    f = formula("unvec(v, m, n)")
    with pytest.raises(TypeError, match="no array tells the size"):
        f(v=np.ones(6))
    assert f(v=np.arange(6.0), m=2, n=3).tolist() == [[0, 2, 4], [1, 3, 5]]


def test_no_gradient_and_no_hessian_of_a_matrix():
    f = formula("inv(X)")
    with pytest.raises(ValueError, match="no number"):
        _ = f.derivative("X").gradient
    with pytest.raises(ValueError, match="no number"):
        f.second_derivative("X").matrix()
    with pytest.raises(ValueError, match="order must be"):
        f.derivative("X").matrix("K")


def test_exactness_of_maps_follows_from_the_arrays():
    L = formula("X'*A*X").derivative("X").at(A=A, X=X)
    assert L.exact
    assert is_exact(L.matrix())
    assert not formula("X'*A*X").derivative("X").at(A=[[1.0]], X=[[1.0]]).exact


SINGULAR = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]]  # up to rounding


@pytest.mark.parametrize(
    ("text", "X", "words"),
    [
        ("inv(X)", SINGULAR, "X is singular up to rounding"),
        ("logdet(X)", SINGULAR, "X is singular up to rounding"),
        ("inv(X)", [[1.0, 2.0], [2.0, 4.0]], "no value here: Singular"),
        ("inv(X)", exact([[1, 2], [2, 4]]), "no value here: a matrix is singular"),
        ("sum(log(X))", [[-1.0, 2.0], [3.0, 4.0]], "not finite"),
        ("logdet(X)", [[-1.0, 0.0], [0.0, 4.0]], "not finite"),
        ("sum(sqrt(X))", [[-1.0, 0.0], [0.0, 4.0]], "not finite"),
        ("sum(abs(X))", [[-1.0, 0.0], [0.0, 4.0]], r"abs\(X\) has a corner here"),
        ("sum(relu(X))", exact([[-1, 0], [0, 4]]), r"relu\(X\) has a corner here"),
        ("sum(relu(X).^2)", [[-1.0, 0.0], [0.0, 4.0]], "corner"),
    ],
    ids=range(10),
)
def test_a_derivative_is_refused_where_its_formula_has_none(text, X, words):
    f = formula(text)
    D = f.derivative("X")
    answers = [lambda: D.at(X=X), lambda: D.map(X=X, Y=X), lambda: D.matrix("C")(X=X)]
    if f.node.is_number:
        H = f.second_derivative("X")
        answers += [lambda: D.gradient(X=X), lambda: H.at(X=X), lambda: H.matrix()(X=X)]
    for answer in answers:
        with pytest.raises(ValueError, match=words):
            answer()


def test_constants_may_have_corners_and_small_units():
    f = formula("sum(abs(A)*x)")
    assert np.all(f.derivative("x").gradient(A=[[0.0, 1.0]], x=[1.0, 2.0]) == [0, 1])
    tiny = np.diag([1e8, 1e-8])
    np.testing.assert_allclose(formula("inv(X)")(X=tiny), np.diag([1e-8, 1e8]))


def test_symmetric_but_for_rounding_is_said_with_the_way_out():
    A = np.array([[2.0, 0.3], [0.3 + 1e-12, 1.0]])
    with pytest.raises(ValueError, match=r"but for rounding: take \(A \+ A\.T\) / 2"):
        formula("tr(A*X)", symmetric="A")(A=A, X=A)


def test_the_derivative_of_the_identity_of_numbers_is_a_map():
    for t in (2.0, exact(2)[()]):
        L = formula("t^2/2 + t", scalar="t").second_derivative("t").at(t=t)
        assert L(3) == 3
        assert L.exact == (not isinstance(t, float))


def test_directions_have_names_however_many_are_taken():
    assert str(formula("u'*v + w'*y + z'*h").derivative("h").map) == "zᵀ y2"
    assert formula("Y'*X*Z*W*V*H*U").second_derivative("X").form.node.op == "zeros"


def test_the_code_of_a_formula_is_written_once(monkeypatch):
    f, arrays = formula("A*inv(X)*A"), {"A": np.eye(2), "X": 2 * np.eye(2)}
    first = f(**arrays)
    monkeypatch.setattr(Numpy, "write", None)
    assert_same(f(**arrays), first)
    assert_same(pickle.loads(pickle.dumps(f))(**arrays), first)


@pytest.mark.parametrize("text", ["X", "1*X", "X + 0", "unvec(vec(X), m, n)", "X'"])
def test_values_are_no_views_of_what_was_given(text):
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    value = formula(text)(X=X)
    assert not np.shares_memory(value, X)


def test_maps_keep_what_they_were_made_of():
    A, X = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    L = formula("kron(A, X)").derivative("X").at(A=A, X=X)
    before = L.matrix()
    A *= 5
    assert np.array_equal(L.matrix(), before)


def test_printed_code_takes_integers():
    X = np.array([[1, 2], [3, 4]])
    f = formula("sum(log(X))").derivative("X").gradient
    code = {}
    exec(f.numpy, code)
    assert np.allclose(code["f"](X), 1 / X)


def test_a_step_is_a_half_at_zero_exactly_too():
    f = formula("step(t)", scalar="t")
    assert f(t=0.0) == 0.5
    assert f(t=exact(0)) == exact(1) / 2


def test_singular_matrices_are_refused_however_large():
    rng = np.random.default_rng(2)
    f = formula("tr(inv(X)*A)").derivative("X").gradient
    X, A = rng.standard_normal((2, 60, 60))
    assert np.allclose(f(X=X, A=A), -(np.linalg.inv(X) @ A @ np.linalg.inv(X)).T)
    units = 10.0 ** rng.uniform(-9, 9, 60)
    assert np.all(np.isfinite(f(X=X * units, A=A)))
    with pytest.raises(ValueError, match="singular up to rounding"):
        f(X=X @ np.diag(np.arange(60) > 0) @ X, A=A)


def test_a_root_of_a_negative_number_has_no_value():
    f = formula("(-8)^(1/3)*X")
    for ask in (lambda: f(X=np.ones((1, 1))), lambda: f.derivative("X")):
        with pytest.raises(ValueError, match="root of a negative number"):
            ask()


@pytest.mark.parametrize(
    "text", ["kron(W*x*c', N)", "kron(N, W*x*c')", "kron(N*W, N)", "unvec(vec(N .* W), m, n)"]
)
def test_a_matrix_may_have_any_name(text):
    f, g = formula(text), formula(text.replace("N", "M"))
    arrays = {name: rng.normal(size=(3, 3) if node.cols else 3) for name, node in f.symbols.items()}
    other = {"M" if name == "N" else name: array for name, array in arrays.items()}
    L, M = f.derivative("W").at(**arrays), g.derivative("W").at(**other)
    assert np.allclose(L.matrix(), M.matrix())
    assert L.check_adjoint()


def test_a_singular_matrix_has_a_determinant():
    X = exact([[1, 2], [2, 4]])
    assert formula("det(X) + tr(X)")(X=X) == 5
    with pytest.raises(ValueError, match="singular"):
        formula("det(X)").derivative("X").gradient(X=X)
    with pytest.raises(ValueError, match="finite"):
        formula("log(det(X))")(X=X)


def test_exact_matrices_may_stand_beside_integers_inverted():
    assert_same(
        formula("X*inv(I + ones(n,n))")(X=exact([[3, 0], [0, 3]])), exact([[2, -1], [-1, 2]])
    )


def test_numbers_with_thousands_of_digits_are_refused_at_once():
    f = formula("9^999999999*X")
    for ask in (lambda: f(X=np.ones((1, 1))), lambda: f.derivative("X")):
        with pytest.raises(ValueError, match="thousands of digits"):
            ask()
    assert formula("(-1)^999999999*tr(X)")(X=np.eye(2)) == -2
    assert formula("2^1000*tr(X)")(X=np.eye(2)) == 2.0**1001


def test_a_size_is_a_number_as_the_trace_of_its_identity():
    f, X = formula("tr(X'*(I - ones(n,n)/tr(I(n)))*X)"), np.array([[1.0, 2], [3, 5], [8, 7]])
    centred = X - X.mean(axis=0)
    assert np.isclose(f(X=X), np.sum(centred**2))
    assert np.allclose(f.derivative("X").gradient(X=X), 2 * centred)
