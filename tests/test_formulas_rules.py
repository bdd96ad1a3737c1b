"""The calculus of formulas: rules against outside opinions, broken rules against the check."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from formula_texts import DECLARED, shapes, texts
from hypothesis import given
from strategies import assert_same, examples

import matderiv
import matderiv.formulas
from bench.formulas import arrays, entries, ours, read, truth
from matderiv import exact, formula
from matderiv.engines.expressions import is_zero

REFUSED = "has no value at any of the points|divides by zero|grows to more than"


def read_random(text):
    """Read a random formula; return it and a variable of it."""
    used = set(re.findall(r"\b[A-Za-z]\b", text))
    declared = {kind: [n for n in names.split() if n in used] for kind, names in DECLARED.items()}
    f = formula(text, **declared)
    return f, next((name for name in "XabcABCDtu" if name in f.symbols), None)


@examples(4000)  # 2,000 in each run
@given(shapes.flatmap(lambda shape: texts(shape=shape)))
def test_random_formulas_are_right_or_refused(text):
    try:
        f, X = read_random(text)
        if X:
            f.derivative(X)  # or RuntimeError, from the check
    except ValueError as error:
        if not re.search(REFUSED, str(error)):
            raise


@examples(200)
@given(shapes.flatmap(lambda shape: texts(shape=shape, depth=2)))
def test_second_derivatives_of_random_formulas_are_right_or_refused(text):
    try:
        f, X = read_random(text)
        if X:
            f.second_derivative(X)
    except ValueError as error:
        if not re.search(REFUSED, str(error)):
            raise


@pytest.mark.parametrize("text", [text for text, _, _ in entries()])
def test_the_formulas_of_the_bench_agree_with_differences(text):
    X = next(X for other, X, _ in entries() if other == text)
    f = read(text)
    assert ours(f, X, arrays(f)) == "right"


@pytest.mark.parametrize("entry", [text for text, X, _ in entries() if X != "t"])
def test_hessians_of_the_bench_agree_with_differences(entry):
    X = next(X for other, X, _ in entries() if other == entry)
    f = read(entry)
    if not f.node.is_number:
        return
    at, D = arrays(f), f.derivative(X)
    found = f.second_derivative(X).at(**at).matrix("C")
    expected = truth(D.gradient, X, at)
    np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=1e-5, atol=1e-5)


RULES = {  # each operator once, with integers it is defined at
    "tr(A*X)*tr(B*X)": "X", "B*tr(A*X)": "X", "X'*A*X": "X", "A*X'*B": "X", "inv(X)": "X",
    "det(X)": "X", "X^3": "X", "X^-2": "X", "X.*A.*X": "X", "X.^3": "X", "A./X": "X",
    "sum(X.^2)": "X",
    "diag(x)*A": "x", "diag(A*X)": "X", "kron(A, X)": "X", "kron(X, A)": "X", "vec(A*X*B)": "X",
    "unvec(A*x, m, n)": "x", "exp(X)": "X", "tanh(A*X)": "X", "log(det(X))": "X",
    "sin(X).*cos(X)": "X", "arctan(x)": "x", "norm(x)": "x", "norm(A*X - B)^2": "X",
    "tr(X)*X": "X", "sqrt(X)": "X", "softplus(x)": "x", "sigmoid(x)": "x",
}  # fmt: skip


@pytest.mark.parametrize("text", RULES)
def test_each_rule_agrees_with_the_exact_derivative_of_the_package(text):
    f, X = formula(text, scalar="t" * ("t^" in text)), RULES[text]
    sizes = {"m": 2, "n": 2 if "inv" in text or "det" in text else 3, "p": 2, "q": 2, "r": 2}
    random = Random(text)

    def drawn(symbol):
        m, n = (int(np.prod([sizes[a] for a in s])) for s in (symbol.rows, symbol.cols))
        array = [[random.randint(1, 9) for _ in range(n)] for _ in range(m)]
        return exact(array) if not symbol.is_number else array[0][0]

    at = {name: drawn(symbol) for name, symbol in f.symbols.items()}
    known = {a: sizes[a] for a in "mn" if "unvec" in text}
    L = f.derivative(X).at(**at, **known)
    M = matderiv.derivative(lambda V: f(**at | known | {X: V}), at[X])
    for order in "FC":
        assert all(map(is_zero, np.ravel(L.matrix(order) - M.matrix(order))))
        assert_same(L.adjoint.matrix(order), L.matrix(order).T)


AUTOGRAD = [  # it knows neither matrix_power nor diagflat
    text for text, X, _ in entries() if X != "t" and not re.search(r"kron|diag\(x|X\^|X\*X$", text)
]


@pytest.mark.parametrize("entry", AUTOGRAD)
def test_gradients_and_jacobians_agree_with_autograd(entry):
    X = next(X for other, X, _ in entries() if other == entry)
    f = read(entry)
    at, D = arrays(f), f.derivative(X)
    code = {}
    text = f.numpy.replace("import numpy as np", "").replace(").item()", ")[0, 0]")
    exec(text, {"np": anp}, code)
    names = code["f"].__code__.co_varnames[: code["f"].__code__.co_argcount]
    jacobian = autograd.jacobian(lambda V: code["f"](*[(at | {X: V})[n] for n in names]))(at[X])
    found = D.gradient(**at) if f.node.is_number else D.matrix("C")(**at)
    np.testing.assert_allclose(np.ravel(found), np.ravel(jacobian), rtol=1e-9, atol=1e-9)


MUTANTS = [  # a file, what is broken there and how, and a formula that shows it
    ("calculus", "Sandwich(times(number(-1), f), f)", "Sandwich(f, f)", "inv(X)"),
    ("calculus", "times(f, transpose(inverse(A)))", "times(f, inverse(A))", "det(X)"),
    ("calculus", "RankOne(eye(A.rows))", "RankOne(ones(A.rows, A.cols))", "tr(A*X)"),
    ("calculus", "power(A, f.data[0] - 1)", "power(A, f.data[0])", "X.^3"),
    ("calculus", "times(number(f.data[0])", "times(number(f.data[0] - 1)", "X.^3"),
    ("calculus", "others = times(*before, *after)", "others = times(*after, ONE)",
     "tr(X)^2*det(X)*A"),
    ("calculus", "Sandwich(times(P, L), times(R, Q))", "Sandwich(times(L, P), times(R, Q))",
     "C*(D*X*C + X)*D"),
    ("calculus", "Sandwich(transpose(self.L), transpose(self.R))", "Sandwich(self.L, self.R)",
     "sum(exp(C*X*C))"),
    ("calculus", "else kron(L, R)", "else kron(R, L)", "A*X*B"),
    ("calculus", "return kron(R, L)", "return kron(L, R)", "A*X*B"),
    ("calculus", "transpose, commutation(m, n)", "transpose, commutation(n, m)", "A*X'*B"),
    ("calculus", "commutation(m, n), commutation(n, m)", "commutation(m, n), commutation(m, n)",
     "A*X'*B"),
    ("functions", '"tanh": "x.^0 - y.^2"', '"tanh": "y - y.^2"', "tanh(X)"),
    ("functions", '"cos": "-sin(x)"', '"cos": "sin(x)"', "cos(X)"),
    ("calculus", "return diag(unfold(self.W, order))", 'return diag(unfold(self.W, "F"))',
     "exp(X)"),
    ("calculus", "eye(n + m), commutation(n, m))", "eye(n + m), eye(n + m))", "vec(A*X)"),
    ("calculus", "kron(eye(n), commutation(q, m))", "kron(eye(n), commutation(m, q))",
     "kron(A, X)"),
    ("calculus", "(*first, Entrywise(hadamard(V, W)))", "(*first, Entrywise(W))", "exp(A.*X)"),
    ("calculus", "RankOne(times(c, G), B)", "RankOne(G, B)", "tr(A*X)^2"),
    ("tree", "*map(transpose, A.args)", "*map(tidy, A.args)", "(A*X + B)'*C"),
    ("tree", "map(transpose, reversed(A.args", "map(transpose, iter(A.args", "(C*X)'*C"),
    ("tree", "times(*map(inverse, A.args[::-1]))", "times(*map(inverse, A.args))",
     "inv(C*X) + X^2"),
    ("tree", "times(transpose(of[1]), of[0])", "times(of[0], transpose(of[1]))",
     "tr(X*b*a')"),
    ("tree", "A.is_number or A.op in (\"I\", \"diag\")", "A.op in (\"I\", \"diag\", \"T\")",
     "(X')'*A"),
    ("tree", "make(\"apply\", det(A), data=(\"log\",))", "det(A)", "logdet(X)"),
    ("tree", "power(trace(times(transpose(A), A)), Fraction(1, 2))",
     "trace(times(transpose(A), A))",
     "norm(X)"),
    ("tree", "inverse(_repeated(A, -k)) if k < 0", "_repeated(A, -k) if k < 0", "X^-2"),
    ("tree", "return power(A.args[0], A.data[0] * p)", "return power(A.args[0], p)", "(X.^2).^3"),
    ("tree", "found.get(node, 0) + c", "c", "X*A + X*A"),
    ("tree", "found.get(node, 0) + c", "c", "X.*X"),
    ("tree", "coefficient, chain[i] = -coefficient, opposite", "chain[i] = opposite", "-(A - X)*B"),
    ("printing", "flip(times(shared, inner))", "flip(inner)", "tr(B*A*X) + tr(C*A*X)"),
    ("printing", "number(1 / Fraction(c))", "number(1)", "2*tr(A*X) - 2*tr(B*X)"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(MUTANTS)))
def test_broken_rules_are_caught_by_the_check(number, tmp_path, monkeypatch):
    name, old, new, text = MUTANTS[number]
    folder = tmp_path / f"mutant{number}"
    shutil.copytree(Path(matderiv.formulas.__file__).parent, folder)
    source = (folder / f"{name}.py").read_text("utf-8")
    assert old in source
    (folder / f"{name}.py").write_text(source.replace(old, new), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    mutant = importlib.import_module(folder.name)
    X = "X" if "X" in text else "x"
    assert_refused(lambda: mutant.formula(text).second_derivative(X))
    matderiv.formulas.formula(text).second_derivative(X)


def assert_refused(act):
    """Expect that the check finds it, or that something breaks before."""
    with pytest.raises((RuntimeError, IndexError, ValueError, AttributeError)) as caught:
        act()
    assert "is wrong at" in str(caught.value) or not isinstance(caught.value, RuntimeError)


def test_formulas_need_neither_numpy_nor_sympy(tmp_path):
    """As on the page "Ask", the package is there without what its `__init__` imports."""
    source = Path(matderiv.__file__).parent
    shutil.copytree(source, tmp_path / "matderiv", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "matderiv" / "__init__.py").write_text("", "utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from matderiv.formulas import formula\n"
        "from matderiv.formulas.claims import claim\n"
        "str(formula('tr(A*X)*tr(B*X)').second_derivative('X'))\n"
        "str(claim('B*tr(A*X)', 'X', 'kron(B, A)'))\n"
        "assert not {'numpy', 'sympy', 'scipy'} & {*sys.modules}, sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("p", ["0.33333333", "(1/999999)"])
def test_powers_with_long_decimals_do_not_hang(p):
    assert formula(f"(x'*x)^{p}").derivative("x")
