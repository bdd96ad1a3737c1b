"""What is printed: as a person would write it, read again, run in NumPy, and set by KaTeX."""

import re
from contextlib import suppress
from random import Random

import numpy as np
import pytest
from formula_texts import DECLARED, shapes, texts
from hypothesis import given
from katex_by_line import render_latex
from strategies import examples

from matderiv import formula
from matderiv.formulas.checking import Floats, Integers, Point, Undefined
from matderiv.formulas.printing import Text
from matderiv.formulas.reading import read
from matderiv.formulas.tree import atoms

PEOPLE = {  # map; gradient; matrix in order F, in order C; Hessian as map, form, matrix in order F
    "tr(A*X)*tr(B*X)": (
        "tr(B X) tr(A Y) + tr(A X) tr(B Y)",
        "tr(B X) Aᵀ + tr(A X) Bᵀ",
        "tr(B X) vec(Aᵀ)ᵀ + tr(A X) vec(Bᵀ)ᵀ",
        "tr(B X) vec(A)ᵀ + tr(A X) vec(B)ᵀ",
        "tr(B Y) Aᵀ + tr(A Y) Bᵀ",
        "tr(A Y) tr(B Z) + tr(B Y) tr(A Z)",
        "vec(Aᵀ) vec(Bᵀ)ᵀ + vec(Bᵀ) vec(Aᵀ)ᵀ",
    ),
    "B*tr(A*X)": ("tr(A Y) B", None, "vec(B) vec(Aᵀ)ᵀ", "vec(Bᵀ) vec(A)ᵀ"),
    "norm(A*X - B)^2": (
        "2 tr((A X − B)ᵀ A Y)",
        "2 Aᵀ (A X − B)",
        "2 vec(Aᵀ (A X − B))ᵀ",
        "2 vec((A X − B)ᵀ A)ᵀ",
        "2 Aᵀ A Y",
        "2 tr(Yᵀ Aᵀ A Z)",
        "2 (Iₙ ⊗ (Aᵀ A))",
    ),
    "log(det(X))": (
        "tr(X⁻¹ Y)",
        "X⁻ᵀ",
        "vec(X⁻ᵀ)ᵀ",
        "vec(X⁻¹)ᵀ",
        "−X⁻ᵀ Yᵀ X⁻ᵀ",
        "−tr(X⁻¹ Y X⁻¹ Z)",
        "−(X⁻¹ ⊗ X⁻ᵀ) K(n, n)",
    ),
    "inv(X)": ("−X⁻¹ Y X⁻¹", None, "−X⁻ᵀ ⊗ X⁻¹", "−X⁻¹ ⊗ X⁻ᵀ", None, "X⁻¹ (Z X⁻¹ Y + Y X⁻¹ Z) X⁻¹"),
    "X'*A*X": (
        "Yᵀ A X + Xᵀ A Y",
        None,
        "((A X)ᵀ ⊗ Iₙ) K(m, n) + Iₙ ⊗ (Xᵀ A)",
        "(Iₙ ⊗ (A X)ᵀ) K(n, m) + (Xᵀ A) ⊗ Iₙ",
        None,
        "Yᵀ A Z + Zᵀ A Y",
    ),
    "tr(A*X*B*X')": (
        "tr(B Xᵀ A Y) + tr(A X B Yᵀ)",
        "A X B + Aᵀ X Bᵀ",
        "vec(A X B + Aᵀ X Bᵀ)ᵀ",
        "vec(B Xᵀ A + Bᵀ Xᵀ Aᵀ)ᵀ",
        "A Y B + Aᵀ Y Bᵀ",
        "tr(B Yᵀ A Z) + tr(A Y B Zᵀ)",
        "B ⊗ Aᵀ + Bᵀ ⊗ A",
    ),
    "x'*A*x": ("xᵀ (A + Aᵀ) y", "(A + Aᵀ) x", "xᵀ (A + Aᵀ)", "xᵀ (A + Aᵀ)", "(A + Aᵀ) y"),
    "det(X)": ("det(X) tr(X⁻¹ Y)", "det(X) X⁻ᵀ"),
    "norm(X)": ("tr(Xᵀ Y) / ‖X‖", "X / ‖X‖"),
    "sum(tanh(X))": ("sum((1 − tanh(X).^2) ∘ Y)", "1 − tanh(X).^2", "vec(1 − tanh(X).^2)ᵀ"),
    "tr(X^3)": ("3 tr(X² Y)", "3 (Xᵀ)²"),
    "norm(A - X*B)^2": ("2 tr(B (X B − A)ᵀ Y)", "2 (X B − A) Bᵀ"),
    "A*diag(x)*B": ("A diag(y) B", None, "(Bᵀ ⊗ A) J(n)", "(A ⊗ Bᵀ) J(n)"),
}


@pytest.mark.parametrize("text", PEOPLE)
def test_formulas_look_as_people_write_them(text):
    f = formula(text)
    X = "X" if "X" in text else "x"
    D, H = f.derivative(X), f.second_derivative(X)
    number = f.node.is_number
    found = [D.map, D.gradient if number else None, D.matrix("F"), D.matrix("C")]
    found += [H.map if number else None, H.form, H.matrix("F") if number else None]
    printed = [value and str(value) for value in found]
    assert printed[: len(PEOPLE[text])] == [*PEOPLE[text]]


def test_the_whole_answer_says_how_f_was_read_and_what_was_checked():
    text = str(formula("logdet(A*X)").derivative("X"))
    assert "f(X) = logdet(A X), a number, with A n×m; X m×n" in text
    assert "holds where det(A X) > 0" in text
    assert "∇f(X) = Aᵀ (A X)⁻ᵀ" in text
    assert "evidence for all sizes, not a proof" in text


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("inv(X)", ["det(X) ≠ 0"]),
        ("log(det(X))", ["det(X) > 0"]),
        ("sum(log(X))", ["X > 0, entry by entry"]),
        ("norm(X)", ["‖X‖² ≠ 0"]),
        ("tr(X)", []),
        ("det(X)", ["det(X) ≠ 0"]),
        ("det(A)*tr(X)/tr(B)", ["tr(B) ≠ 0"]),
    ],
)
def test_the_domain_is_said(text, domain):
    lines = str(formula(text).derivative("X")).split("\n")
    assert [line for line in lines if line.startswith("holds")] == [
        f"holds where {words}" for words in domain
    ]


def everything(text):
    """Return f and all formulas that are derived from it."""
    used = set(re.findall(r"\b[A-Za-z]\b", text))
    declared = {kind: [n for n in names.split() if n in used] for kind, names in DECLARED.items()}
    f = formula(text, **declared)
    X = next((name for name in "XabcABCDtu" if name in f.symbols), None)
    if X is None:
        return [f]
    D, H = f.derivative(X), f.second_derivative(X)
    found = [f, *D.answers.values(), H.form]
    return found + ([*H.hessian.answers.values()] if f.node.is_number else [])


def point(value, field):
    """Return a point where a formula has a value, and the value."""
    sizes = dict(zip(atoms(*value.symbols.values(), value.raw), [2, 3, 4, 2, 3], strict=False))
    for seed in range(8):
        at = Point(field(Random(seed)), value.symbols.values(), sizes)
        try:
            return at, at.evaluate(value.raw)
        except (Undefined, ArithmeticError):
            continue
    return None, None


def check_printed(value):
    """Read the text again, run the NumPy code, typeset the LaTeX."""
    latex = value._repr_latex_()[1:-1].removeprefix(r"\displaystyle ")
    render_latex(latex, {"strict": "error", "throwOnError": True})
    again = read(str(value), {}, value.symbols)
    assert again.conditions == ()
    for field in (Integers, Floats):
        at, expected = point(value, field)
        with suppress(Undefined):  # roots may come in, where a norm is written
            same = zip(at.evaluate(again.raw), expected, strict=True) if at else ()
            assert all(all(map(at.F.same, *rows)) for rows in same)
    if at:
        assert_numpy_gives(value, at, np.array(expected, dtype=complex).real)


def assert_numpy_gives(value, at, expected):
    names = {}
    exec(value.numpy, names)
    arguments = names["f"].__code__.co_varnames[: names["f"].__code__.co_argcount]
    arrays = {n: np.array(rows).reshape(-1)[0] for n, rows in at.values.items()}
    arrays |= {n: np.array(v) for n, v in at.values.items() if not value.symbols[n].is_number}
    with np.errstate(all="ignore"):
        found = names["f"](*(arrays[n] if n in arrays else at.sizes[n] for n in arguments))
    assert np.shape(found) == (() if value.node.is_number else expected.shape)
    if np.isfinite(expected).all() and np.max(np.abs(expected)) < 1e8:
        scale = 1 + np.max(np.abs(expected))
        np.testing.assert_allclose(
            np.reshape(found, expected.shape) / scale, expected / scale, 1e-5, 1e-5
        )


BRACKETS = {  # what must stand in brackets, and what need not, to say what was meant
    "(tr(A) + tr(B))/tr(C)": "(tr(A) + tr(B)) / tr(C)",
    "tr(C) - 1*(tr(A) + tr(B))": "tr(C) − (tr(A) + tr(B))",
    "tr(C)^-1*(tr(A) + tr(B))*C": "(tr(A) + tr(B)) C / tr(C)",
    "-tr(C)*A*B": "−tr(C) A B",
    "2*tr(A)/(3*tr(B))": "2 tr(A) / (3 tr(B))",
    "tr(A)*2*3": "tr(A) * 2 * 3",
    "1/(tr(A) - 1)/2": "1 / ((tr(A) − 1) * 2)",
}


@pytest.mark.parametrize("text", BRACKETS)
def test_sums_beside_fractions_keep_their_brackets(text):
    f = formula(text)
    assert str(f) == BRACKETS[text]
    for value in everything(text):
        check_printed(value)


@pytest.mark.parametrize("text", PEOPLE)
def test_what_people_write_is_read_run_and_typeset(text):
    for value in everything(text):
        check_printed(value)


@examples(150)
@given(shapes.flatmap(lambda shape: texts(shape=shape)))
def test_random_formulas_are_read_again_run_and_typeset(text):
    try:
        found = everything(text)
    except ValueError:
        return
    for value in found:
        check_printed(value)


def test_names_are_typeset_and_written_safely():
    f = formula("lambda*Sigma*x_1 + Ω*x2", scalar="lambda")
    render_latex(f._repr_latex_()[1:-1], {"strict": "error", "throwOnError": True})
    assert f.numpy.count("lambda_") == 2
    names = {}
    exec(f.numpy, names)
    S, x = np.ones((2, 2)), np.ones((2, 1))
    assert formula("tr(exp(np))", matrix="np")(np=0 * S) == 2
    np.testing.assert_allclose(
        names["f"](3, S, x, S, x), f(Sigma=S, Ω=S, x_1=x, x2=x, **{"lambda": 3})
    )


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("I_12*X", "I_{12} X"),
        ("eye(2*3)*x", r"I_{2 \cdot 3} x"),
        ("ones(3,k)*x3", r"\mathbf{1}_{3 \times k} x_{3}"),
        ("2*(1/2)", r"2 * \frac{1}{2}"),
        ("tr(X)*(1/2)", r"\operatorname{tr}\left(X\right) * \left(\frac{1}{2}\right)"),
    ],
)
def test_numbers_are_not_typeset_as_others(text, latex):
    assert formula(text)._repr_latex_() == rf"$\displaystyle {latex}$"
    check_printed(formula(text))


def test_a_formula_as_typed_may_be_written_for_people():
    assert formula("(A/t + t*B')*C'", scalar="t").written(Text()) == "(A / t + t Bᵀ) Cᵀ"


def test_answers_are_typeset_as_a_whole():
    f = formula("tr(A*X)*tr(B*X)")
    for answer in (f.derivative("X"), f.second_derivative("X")):
        render_latex(answer._repr_latex_()[1:-1], {"strict": "error", "throwOnError": True})


def test_a_gradient_that_is_differentiated_again_is_typeset_for_people():
    latex = formula("norm(A*X)").second_derivative("X").hessian._repr_latex_()
    assert r"f(X) &= \frac{A^{\top} A X}{\left\lVert A X \right\rVert}" in latex


def test_an_inverse_that_occurs_again_is_named_once():
    text = str(formula("A*inv(X'*X)*B").derivative("X"))
    assert "Df(X)[Y] = −A P (Yᵀ X + Xᵀ Y) P B, where P = (Xᵀ X)⁻¹" in text
    latex = formula("logdet(X'*P*X)", symmetric="P").second_derivative("X")._repr_latex_()
    assert r"Q = \left(X^{\top} P X\right)^{-1}" in latex
    render_latex(latex[1:-1], {"strict": "error", "throwOnError": True})


def test_map_and_matrices_name_the_same_inverse():
    rows = str(formula("inv(A + B*X*C)").derivative("X")).splitlines()
    named = [row for row in rows if "where P" in row]
    assert len(named) == 3
    assert all(row.endswith(", where P = (A + B X C)⁻¹") for row in named)


def test_the_inverse_of_a_symbol_keeps_its_name():
    assert "D∇f(X)[Y] = −X⁻ᵀ Yᵀ X⁻ᵀ\n" in str(formula("logdet(X)").second_derivative("X"))


def test_a_long_hessian_shows_its_matrix_only_on_request():
    H = formula("sqrt(tr(A*X*B*X)*tr(X*X)) + det(X)").second_derivative("X")
    assert "in order F" not in str(H)
    assert "K(n, n)" in str(H.matrix("F"))


@pytest.mark.parametrize("answer", ["derivative", "second_derivative"])
def test_a_prompt_shows_what_is_printed(answer):
    shown = getattr(formula("tr(A*X)"), answer)("X")
    assert repr(shown) == str(shown)


def test_the_variable_is_typeset_wherever_it_stands():
    D = formula("x1'*Sigma*x1").derivative("Sigma")
    assert r"\nabla f(\Sigma) &= x_{1} x_{1}^{\top}" in D._repr_latex_()
    assert r"Df(\Sigma)[Y]" in D._repr_latex_()
    typed = formula("α*x1'*Σ*x1", scalar="α").derivative("Σ")
    assert r"\nabla f(\Sigma) &= \alpha x_{1} x_{1}^{\top}" in typed._repr_latex_()
    H = formula("x1'*A*x1").second_derivative("x1")
    assert r"[D\nabla f(x_{1})]_{\mathrm F}" in H._repr_latex_()
