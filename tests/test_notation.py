"""The tables of the notation page: every line of code in them is run, every formula computed."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import matderiv
from matderiv import derivative, diagnose, exact, flatten, vech

PAGE = Path(__file__).parent.parent / "chapters" / "notation.md"
NUMBERS = {
    "X": [[1, 2, 3], [4, 5, 6]],
    "Y": [[0, 1, -1], [2, 0, 3]],
    "A": [[1, 0], [2, 1], [0, 3]],
    "B": [[2, 1], [1, 0], [0, 5]],
    "L": [[1, 2], [3, 4]],
    "R": [[0, 1, 2], [1, 1, 0], [3, 0, 1]],
    "S": [[1, 2], [2, 3]],
}


def tables(text):
    """Return {heading: {system: what it writes}} of the page's second part."""
    sections = re.split(r"^### (.*)$", text, flags=re.MULTILINE)[1:]
    return {
        heading: dict(re.findall(r"^\| (.+?) \| (.*) \|$", body, re.MULTILINE)[1:])
        for heading, body in zip(sections[::2], sections[1::2], strict=True)
    }


TABLES = tables(PAGE.read_text("utf-8"))
BOOKS = ("Magnus, Neudecker", "Cookbook")


def rows(*systems):
    """List (heading, code) for each row of some systems."""
    return [
        (heading, "\n".join(re.findall("`(.*?)`", written)))
        for heading, table in TABLES.items()
        for system, written in table.items()
        if system in systems
    ]


def names(make_array):
    """Return what the code of a table may use, the arrays made by the system's own function."""
    made = {name: make_array(entries) for name, entries in NUMBERS.items()}
    A, B, L, R = (made[name] for name in "ABLR")
    return made | {
        "f": lambda X: (A @ X).trace(),
        "g": lambda X: (A @ X).trace() * (B @ X).trace(),
        "F": lambda X: L @ X @ R.T,
    }


def numeric(value):
    """Return a plain array; columns and rows are one-dimensional, whatever the system."""
    return np.squeeze(np.asarray(value, dtype=float))


@cache
def expected(heading):
    ((_, code),) = [row for row in rows("this book") if row[0] == heading]
    return numeric(eval(code, {**vars(matderiv), **names(exact)}))


def assert_right(heading, value):
    value = numeric(value)
    assert value.shape == expected(heading).shape
    np.testing.assert_allclose(value, expected(heading), rtol=1e-6)


def cases(*systems):
    return pytest.mark.parametrize(("heading", "code"), rows(*systems))


def test_every_table_begins_with_this_book_and_names_known_systems():
    known = {"NumPy", "Octave", "Octave, MATLAB", "SymPy", "JAX", "PyTorch", "Autograd", *BOOKS}
    assert len(TABLES) == 18
    assert all(next(iter(table)) == "this book" for table in TABLES.values())
    assert all(set(list(table)[1:]) <= known for table in TABLES.values())


@cases("NumPy")
def test_numpy(heading, code):
    assert_right(heading, eval(code, {"np": np, **names(np.array)}))


@cases("SymPy")
def test_sympy(heading, code):
    scope = names(sp.Matrix)
    X = sp.Matrix(2, 3, sp.symbols("x:6"))
    result = eval(code, {"sp": sp, **scope, "X": X})
    assert_right(heading, result.subs(dict(zip(X, scope["X"], strict=True))))


@cases("Autograd")
def test_autograd(heading, code):
    import autograd
    import autograd.numpy as anp

    scope = {"autograd": autograd, **names(lambda entries: anp.array(entries, dtype=float))}
    A, B, L, R = (scope[name] for name in "ABLR")
    scope |= {
        "f": lambda X: anp.trace(A @ X),
        "g": lambda X: anp.trace(A @ X) * anp.trace(B @ X),
        "F": lambda X: L @ X @ R.T,
    }
    assert_right(heading, eval(code, scope))


@cases("JAX")
def test_jax(heading, code):
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    jnp = jax.numpy
    scope = names(lambda entries: jnp.array(entries, dtype=float))
    assert_right(heading, eval(code, {"jax": jax, "jnp": jnp, **scope}))


@cases("PyTorch")
def test_pytorch(heading, code):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    scope = names(lambda entries: torch.tensor(entries, dtype=torch.float64))
    assert_right(heading, eval(code, {"torch": torch, **scope}))


@pytest.mark.skipif(not shutil.which("octave"), reason="Octave is not installed")
def test_octave():
    lines = [
        f"{name} = [{'; '.join(' '.join(map(str, row)) for row in entries)}];"
        for name, entries in NUMBERS.items()
    ]
    translated = rows("Octave", "Octave, MATLAB")
    for _, code in translated:
        lines += [f"result = {code};", "disp(jsonencode(full(result)))"]
    process = subprocess.run(
        ["octave", "--no-gui", "--quiet", "--no-init-file", "--eval", "\n".join(lines)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    results = [json.loads(line) for line in process.stdout.splitlines()]
    for (heading, _), result in zip(translated, results, strict=True):
        assert_right(heading, result)


# The books, in their own notation: ⊗_K is np.kron, ' and T the transpose, vec by columns.

M = {name: np.array(entries) for name, entries in NUMBERS.items()}
D2 = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])


def vec(M):
    return M.ravel("F")


def jacobian(F, X):
    """Compute ∂vec F(X)/∂(vec X)' entry by entry, by SymPy."""
    symbols = sp.Matrix(X.shape[0], X.shape[1], sp.symbols(f"x:{X.size}"))
    table = sp.Matrix(F(symbols)).vec().jacobian(symbols.vec())
    return numeric(table.subs(dict(zip(symbols, X.flat, strict=True))))


def test_vec_and_the_kronecker_product_of_both_books():
    X, L, R = M["X"], M["L"], M["R"]
    assert_right("Unfold by columns", [X[i, j] for j in range(3) for i in range(2)])
    assert_right("Y ↦ LYRᵀ as a matrix, by columns", np.kron(R, L))
    assert np.array_equal(np.kron(R, L) @ vec(X), vec(L @ X @ R.T))


def test_commutation_and_duplication_matrices_of_magnus_and_neudecker():
    K, S = expected("Go from vec X to the vec of its transpose"), M["S"]
    assert np.array_equal(K @ vec(M["X"]), vec(M["X"].T))
    assert_right("Go from vech S to vec S", D2)
    assert np.array_equal(D2 @ vech(S), vec(S))


def test_gradients_of_both_books():
    A, X = M["A"], M["X"]
    assert_right("The gradient of f", A.T)
    row = jacobian(lambda X: [(sp.Matrix(A) * X).trace()], X)
    assert np.array_equal(row, vec(A.T))
    assert np.array_equal(row, vec(expected("The gradient of f")))
    assert_right("The derivative of f in numerator layout", A)
    assert_right("The differential of f, the change in the direction Y", np.trace(A @ M["Y"]))


def test_the_three_answers_for_symmetric_matrices_are_all_different():
    L = M["L"]
    a, b, c = sp.symbols("a b c")
    by_vech = [sp.diff((sp.Matrix(L) * sp.Matrix([[a, b], [b, c]])).trace(), x) for x in (a, b, c)]
    neudecker = vec(L.T) @ D2
    assert list(neudecker) == by_vech
    assert_right("The derivative of tr(LS) by vech S", by_vech)
    cookbook = L + L.T - L * np.eye(2)
    assert np.array_equal(vech(cookbook), neudecker)
    gradient = expected("The derivative of tr(LS) by a symmetric S")
    S = M["S"] + np.eye(2)
    assert np.vdot(gradient, S) == np.trace(L @ S)
    assert np.vdot(cookbook, S) != np.trace(L @ S)
    assert not np.array_equal(cookbook, gradient)


def test_jacobian_and_hessian_of_magnus_and_neudecker():
    X, A, B, L, R = (M[name] for name in "XABLR")
    heading = "The derivative of F, in the layout ji,lk"
    assert_right(heading, jacobian(lambda X: sp.Matrix(L) * X * sp.Matrix(R).T, X))
    assert_right(heading, np.kron(R, L))
    a, b = vec(A.T), vec(B.T)
    heading = "The Hessian of g, in the layout ji,lk"
    assert_right(heading, np.outer(a, b) + np.outer(b, a))


def test_the_two_layouts_of_one_derivative_differ():
    for name in ("The derivative of F", "The Hessian of g"):
        by_rows, by_columns = (expected(f"{name}, in the layout {x}") for x in ("ij,kl", "ji,lk"))
        assert not np.array_equal(by_rows, by_columns)


def test_the_layouts_by_name_are_those_that_diagnose_names():
    section = PAGE.read_text("utf-8").split("## Layouts by name")[1].split("## In other")[0]
    layouts = re.findall(
        r"^\| ([ijkl,]+)(?: of a number)?(?:; ([ijkl,]+))? \|", section, re.MULTILINE
    )
    assert len(layouts) == 10
    X, L, R = (M[name].astype(float) for name in "XLR")

    def F(X):
        return L @ X @ R.T

    array = derivative(F, X).matrix("C").reshape(2, 3, 2, 3)
    for layout in ("ij,kl", "ji,lk", "lk,ji", "ij,lk", "ji,kl", "ik,jl"):
        assert layout in {name for pair in layouts for name in pair}
        assert diagnose(F, X, flatten(array, layout)).layouts == (layout,)


def test_every_row_of_the_books_is_checked_above():
    headings = {heading for heading, table in TABLES.items() if set(table) & set(BOOKS)}
    source = Path(__file__).read_text("utf-8")
    assert [heading for heading in headings if source.count(heading) == 0] == []
