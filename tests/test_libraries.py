"""What today's libraries answer: each row of the tables in the chapter diagnose, reproduced.

A row holds for the versions that were tried. With another version, or without the library, its
test is skipped.
"""

import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sympy as sp

from bench.formulas import arrays, entries, read, sympys
from matderiv import definiteness, derivative, diagnose, exact, second_derivative

CHAPTER = Path(__file__).parent.parent / "chapters" / "diagnose.ipynb"
TRIED = {  # the first and the last version of each library that was tried
    "NumPy": ("2.0", "2.5"),
    "SymPy": ("1.13", "1.14"),
    "autograd": ("1.9", "1.9"),
    "JAX": ("0.5", "0.12"),
    "PyTorch": ("2.15", "2.15"),
    "CVXPY": ("1.6", "1.9"),
}
MODULES = {"PyTorch": "torch"}

A, B = np.array([[7.0, 1], [1, 3]]), np.array([[5.0, 2], [2, 1]])
X = np.array([[1.0, 2], [3, 4]])
E = np.kron(A, B) + np.kron(B, A)
H = np.multiply.outer(A, B) + np.multiply.outer(B, A)
LEAST = 42 - 2 * np.sqrt(510)


def f(Y, trace=np.trace, A=A, B=B):
    return trace(A @ Y) * trace(B @ Y)


def tried(name):
    """Import a library, or skip the test where it is absent or of a version that was not tried."""
    library = pytest.importorskip(MODULES.get(name, name.lower()))
    version = getattr(library, "__version__", None)
    if version is None:
        version = import_module("importlib.metadata").version(name)
    minor = tuple(int(part) for part in version.split(".")[:2])
    first, last = (tuple(map(int, bound.split("."))) for bound in TRIED[name])
    if not first <= minor <= last:
        pytest.skip(
            f"{name} was tried from {TRIED[name][0]} to {TRIED[name][1]}; this is {version}"
        )
    return library


def test_the_chapter_names_the_versions_that_were_tried():
    chapter = "".join(cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells)
    ranges = {
        name: f"{name} {first}" if first == last else f"{name} {first}–{last}"
        for name, (first, last) in TRIED.items()
    }
    assert {name for name, text in ranges.items() if text not in chapter} == set()


def test_numpy_takes_a_hessian_with_four_indices_for_a_stack_of_matrices():
    numpy = tried("NumPy")
    answer = numpy.linalg.eigvalsh(H)
    assert answer.shape == (2, 2, 2)
    assert answer.min() == pytest.approx(3.36985, abs=1e-5)
    assert numpy.linalg.cholesky(H).shape == H.shape
    true = H.reshape(4, 4)
    assert numpy.linalg.eigvalsh(true)[0] == pytest.approx(LEAST)
    with pytest.raises(numpy.linalg.LinAlgError, match="not positive definite"):
        numpy.linalg.cholesky(true)


@pytest.mark.parametrize("n", [50, 51, 60, 61])
def test_floating_point_does_not_know_the_sign_of_a_small_eigenvalue(n):
    numpy = tried("NumPy")
    M = numpy.linalg.matrix_power(exact([[1, 1], [1, 0]]), n)
    assert np.all(exact(M.astype(float)) == M)
    proof = definiteness(M)
    assert proof.verdict == ("indefinite" if n % 2 else "positive definite")
    assert proof.verify()
    true = (-1) ** n * ((1 + 5**0.5) / 2) ** -n
    computed = numpy.linalg.eigvalsh(M.astype(float))[0]
    assert abs(computed - true) >= abs(true) / 2


def hessian_of(name):
    """Return the eigenvalues and the Hessian of f as a library for differentiation gives them."""
    library = tried(name)
    if name == "autograd":
        numpy = import_module("autograd.numpy")
        hessian = library.hessian(lambda Y: f(Y, numpy.trace))(X)
        return np.linalg.eigvalsh(hessian), hessian
    if name == "JAX":
        hessian = library.hessian(lambda Y: f(Y, library.numpy.trace))(X)
        return library.numpy.linalg.eigvalsh(hessian), hessian
    tensors = [library.tensor(M) for M in (A, B)]
    hessian = library.func.hessian(lambda Y: f(Y, library.trace, *tensors))(library.tensor(X))
    return library.linalg.eigvalsh(hessian), hessian


@pytest.mark.parametrize("name", ["autograd", "JAX", "PyTorch"])
def test_automatic_differentiation_gives_four_indices_and_eigvalsh_all_positive(name):
    eigenvalues, hessian = hessian_of(name)
    assert hessian.shape == (2, 2, 2, 2)
    assert np.allclose(hessian, H)
    assert eigenvalues.shape == (2, 2, 2)
    assert eigenvalues.min() > 3.36
    assert np.linalg.eigvalsh(np.asarray(hessian).reshape(4, 4))[0] == pytest.approx(
        LEAST, abs=1e-4
    )


def gradient_of_sum_of_absolute_values_at_zero(name):
    library, zero = tried(name), np.zeros((2, 2))
    if name == "autograd":
        numpy = import_module("autograd.numpy")
        return library.grad(lambda Y: numpy.sum(numpy.abs(Y)))(zero)
    if name == "JAX":
        return library.grad(lambda Y: library.numpy.abs(Y).sum())(zero)
    return library.func.grad(lambda Y: Y.abs().sum())(library.tensor(zero))


@pytest.mark.parametrize(("name", "answer"), [("autograd", 0), ("JAX", 1), ("PyTorch", 0)])
def test_automatic_differentiation_gives_a_gradient_at_a_corner(name, answer):
    assert np.all(np.asarray(gradient_of_sum_of_absolute_values_at_zero(name)) == answer)
    with pytest.raises(ValueError, match="no derivative at X"):
        derivative(lambda Y: np.abs(Y).sum(), np.zeros((2, 2)))


SYMBOLS = tuple(sp.MatrixSymbol(name, 2, 2) for name in "ABX")


def sympy_functions():
    As, Bs, Xs = SYMBOLS
    alpha, beta = sp.Trace(As * Xs), sp.Trace(Bs * Xs)
    return {
        "a sum": (alpha + beta, lambda Y: np.trace((A + B) @ Y)),
        "a constant added": (alpha + 1, lambda Y: np.trace(A @ Y) + 1),
        "exp": (sp.exp(alpha), lambda Y: np.exp(np.trace(A @ Y))),
        "log": (sp.log(alpha), lambda Y: np.log(np.trace(A @ Y))),
        "log det": (sp.log(sp.Determinant(Xs)), lambda Y: np.log(np.linalg.det(Y))),
    }


@pytest.mark.parametrize("name", sympy_functions())
def test_sympy_answers_zero(name):
    tried("SymPy")
    expression, function = sympy_functions()[name]
    assert expression.diff(SYMBOLS[-1]) == sp.ZeroMatrix(2, 2)
    assert np.all(np.abs(derivative(function, np.diag([3.0, 2]) + X).adjoint(1)) > 1e-3)


def test_sympy_differentiates_single_traces_and_products_correctly():
    tried("SymPy")
    As, Bs, Xs = SYMBOLS
    alpha, beta = sp.Trace(As * Xs), sp.Trace(Bs * Xs)
    assert alpha.diff(Xs) == As.T
    assert sp.Trace((As + Bs) * Xs).diff(Xs) == As.T + Bs.T
    assert (alpha * beta).diff(Xs) == alpha * Bs.T + beta * As.T


def test_sympys_second_derivative_is_right_by_one_way_and_fails_by_the_other():
    tried("SymPy")
    As, Bs, Xs = SYMBOLS
    function = sp.Trace(As * Xs) * sp.Trace(Bs * Xs)
    with pytest.raises(TypeError):
        sp.Derivative(function, Xs, Xs).doit()
    answer = function.diff(Xs).diff(Xs).subs({As: sp.Matrix(A), Bs: sp.Matrix(B)})
    assert np.array_equal(np.array(answer.as_explicit().tolist(), dtype=float), H)


def test_cvxpy_calls_the_form_of_e_convex_and_minimises_it():
    cvxpy = tried("CVXPY")
    Y = cvxpy.Variable((2, 2))
    form = cvxpy.quad_form(cvxpy.vec(Y, order="F"), E)
    assert form.curvature == "CONVEX"
    problem = cvxpy.Problem(cvxpy.Minimize(form), [Y[0, 0] == 1])
    problem.solve()
    assert problem.status == "optimal"
    assert f(np.array([[1, 0], [0, -3]])) < 0 < problem.value
    assert diagnose(f, X, E).verdict == "rearrangement"


def test_cvxpy_does_not_call_f_convex_and_calls_its_root_concave():
    cvxpy = tried("CVXPY")
    Y = cvxpy.Variable((2, 2), PSD=True)
    traces = cvxpy.trace(A @ Y), cvxpy.trace(B @ Y)
    product = traces[0] * traces[1]
    assert product.curvature == "UNKNOWN"
    assert (product.is_dcp(), product.is_dqcp(), product.is_dgp()) == (False, False, False)
    assert cvxpy.geo_mean(cvxpy.vstack(traces)).curvature == "CONCAVE"


def test_cvxpy_unfolds_in_order_f_where_numpy_does_in_order_c():
    cvxpy = tried("CVXPY")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the default is to change
        unfolded = cvxpy.vec(cvxpy.Constant(X)).value
    assert np.array_equal(unfolded, X.ravel("F"))
    assert not np.array_equal(unfolded, X.ravel())


def test_the_hessian_of_the_chapter_is_the_one_that_is_computed_here():
    assert np.allclose(second_derivative(f, X).tensor, H)


def test_sympy_on_the_formulas_that_people_differentiate():
    if tried("SymPy").__version__[:4] != "1.14":
        pytest.skip("counted for SymPy 1.14")
    counts = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text, variable, code in entries():
            f = read(text)
            counts[sympys(f, variable, code, arrays(f)).split(":")[0]] += 1
    assert counts == {"right": 49, "refused": 11, "wrong": 10, "not written": 5}
    chapter = CHAPTER.with_name("machine.ipynb").read_text("utf-8")
    assert "SymPy 1.14 has 49 right and 10 wrong, refuses 11, and 5 cannot be written" in chapter
