"""What is read as a formula, and how; and what is refused, with the place marked."""

import random
import re
from contextlib import suppress

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from matderiv import formula


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("tr(A*X)", "tr(A X)"),
        ("trace(A @ X)", "tr(A X)"),
        ("np.trace(A @ X.T)", "tr(A Xᵀ)"),
        ("np.linalg.inv(X) @ b", "X⁻¹ b"),
        ("A @ X * B", "(A X) ∘ B"),
        ("A*X.*B", "(A X) ∘ B"),
        ("A X B", "A X B"),
        ("2X", "2 X"),
        ("X^2 + X**2 + X²", "X² + X² + X²"),
        ("X.^2", "X.^2"),
        ("np.exp(X)**2", "exp(X).^2"),
        ("X' + X.' + Xᵀ + X^T + X.T", "Xᵀ + Xᵀ + Xᵀ + Xᵀ + Xᵀ"),
        ("X^-1 + X⁻¹ + inv(X) + X^{-1}", "X⁻¹ + X⁻¹ + X⁻¹ + X⁻¹"),
        ("X^-T + X^{ - T } + X^( -T )", "X⁻ᵀ + X⁻ᵀ + X⁻ᵀ"),
        ("X^{ T }*X^( T )", "Xᵀ Xᵀ"),
        ("Iᵣ X²ᵀ", "Iᵣ (X²)ᵀ"),
        ("x^T*X^{-T}*x^(T)'", "xᵀ X⁻ᵀ (xᵀ)ᵀ"),
        ("||A*X||^2 + ‖X‖", "‖A X‖² + ‖X‖"),
        ("-X^2", "−X²"),
        ("A - -X", "A − (−X)"),
        ("A⊗X", "A ⊗ X"),
        ("1/2*tr(X)", "1/2 tr(X)"),
        ("tr(X)/2", "tr(X) / 2"),
        ("log(1 + exp(-x))", "log(1 + exp(−x))"),
        ("Sigma*x_1 + λ*x1", "Sigma x_1 + λ x1"),
        ("norm(A*X - B, 'fro')^2 + norm(X, ord=\"fro\")", "‖A X − B‖² + ‖X‖"),
        (
            "x + softmax(A*x) + A*outer(x, y)*solve(B, y)",
            "x + exp(A x) / sum(exp(A x)) + A (x yᵀ) (B⁻¹ y)",
        ),
        ("logsumexp(x)*dot(x, A*y)", "log(sum(exp(x))) (xᵀ (A y))"),
        ("np.vdot(A, X) + sum(square(X))", "sum(A ∘ X) + sum(X.^2)"),
        ("matmul(A, X) + multiply(B, C)", "A X + B ∘ C"),
        ("I*X + eye(m)*X + ones(m,n)*X'*X", "Iₘ X + Iₘ X + ones(m, n) Xᵀ X"),
    ],
)
def test_ways_of_writing(text, read):
    assert str(formula(text)) == read


@pytest.mark.parametrize("name", ["I2", "I_2", "I₂"])
def test_a_name_that_is_declared_is_no_identity(name):
    assert str(formula(f"{name}*X + I_n*X", matrix=name)) == f"{name.replace('₂', '2')} X + Iₙ X"


@pytest.mark.parametrize("name", ["K", "J", "I", "e"])
def test_a_number_that_adjoins_a_divisor_needs_brackets(name):
    with pytest.raises(ValueError, match="a quotient beside a product"):
        formula(f"x'*x/2{name}", scalar=name)


def shapes(f):
    return {n: "×".join("*".join(s) or "1" for s in (x.rows, x.cols)) for n, x in f.symbols.items()}


@pytest.mark.parametrize(
    ("text", "declared", "sizes"),
    [
        ("tr(A*X)", {}, {"A": "n×m", "X": "m×n"}),
        ("X'*A*X", {}, {"X": "m×n", "A": "m×m"}),
        ("A*x - b", {}, {"A": "m×n", "x": "n×1", "b": "m×1"}),
        ("det(A - t*I)", {"scalar": "t"}, {"A": "n×n", "t": "1×1"}),
        ("λ*A*mu", {"vector": "mu"}, {"λ": "1×1", "A": "m×n", "mu": "n×1"}),
        ("S*x*XY", {"symmetric": ["S"], "scalar": "XY"}, {"S": "n×n", "x": "n×1", "XY": "1×1"}),
        ("kron(A, X)*v", {}, {"A": "p×q", "X": "m×n", "v": "q*n×1"}),
        ("ones(k,3)*X", {}, {"X": "3×m"}),
    ],
)
def test_sizes_are_inferred_and_stay_letters(text, declared, sizes):
    assert shapes(formula(text, **declared)) == sizes


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("tr(AX)", r"write A\*X", "AX"),
        ("tr(A*X", "never closed", "("),
        ("A*X)", "not expected", ")"),
        ("A*", "missing", None),
        ("", "missing", None),
        ("A $ X", "not part of a formula", "$"),
        ("log det(X)", r"needs its argument in brackets: log\(…\)", "log"),
        ("sin^2(t)", r"brackets: sin\(…\)", "sin"),
        ("tr A X", r"brackets: tr\(…\)", "tr"),
        ("log1q(X)", "log1q is no function called here", "log1"),
        ("np.e*X", "np.e is no function called here", "np.e"),
        ("np.pi*X", "np.pi is no function called here", "np.pi"),
        ("1^T*x", r"a row of ones is ones\(n,1\)'", "1"),
        ("1'*x", r"a row of ones is ones\(n,1\)'", "1"),
        ("theta'*x", 'declare vector="theta"', "t"),
        ("(x - μ)'*(x - μ)", 'if μ is a column, declare vector="μ"', "x"),
        ("x_i*X", "an index is a number", "_"),
        (r"X^\top X", "LaTeX is not read", "\\"),
        ("f(X) = tr(X)", "stands alone", "="),
        ("X.sum(0)", "takes 1 argument", ".sum"),
        ("foo(X)", "no function called here.*; known are", "foo"),
        ("A(X + B)", r"a product is A\*", "A"),
        ("x*x", "declare scalar", "x"),
        ("det(A - t*I)", "declare scalar", "t"),
        ("A + x", "do not fit", "A"),
        ("tr(a*B)", "do not fit", "a"),
        ("A/X", r"A\*inv", "A"),
        ("x^2", r"x\.\^2", "x"),
        ("X^(1/2)", r"write \.\^", "X"),
        ("X^t", "a power is a number", "t"),
        ("X^(1/0)", "divides by zero", "1"),
        ("X^2^3", "write brackets", "^"),
        ("X^99", "up to 32", "X"),
        ("t + A", "do not fit", "t"),
        ("tr(X) + A", "do not add", "t"),
        ("A/tr(X) B", "write brackets", "B"),
        ("A ⊗ B * C", "write brackets", "*"),
        ("X 2", r"write \*2 or \^2", "2"),
        ("kron(A)", "takes 2 arguments", "kron"),
        ("norm(X, Y)", "only Frobenius's norm", ", Y"),
        ("norm(X, 2)", "of a matrix only Frobenius's", ", 2"),
        ("||X||_2", "of a matrix only Frobenius's", "||"),
        ("norm(x, inf)", "only Frobenius's norm", ", inf"),
        ("log X", "log", "log"),
        ("K(m)", "takes 2 arguments", "K"),
        ("ones(x+1, n)", "not expected", "+"),
        ("ones(m*", "never closed", "("),
        ("ones((m,n)*X", "not expected", "*"),
        ("αβ*X", "run together", "αβ"),
        ("Σx", "run together", "Σx"),
        ("unvec(X, m, n)", "a column", "unvec"),
        ("inv(x)", "square", "inv"),
        ("A\\b", r"inv\(A\)\*b", "\\"),
        ("expm(X)", "the cookbook may have it", "expm"),
        ("slogdet(X)[1]", "known are .*logdet", "slogdet"),
        ("dot(A, X)", r"takes columns, and is x'\*y", "dot"),
        ("softmax(A)", "takes columns", "softmax"),
        ("solve(A, b + C)", "do not fit", "b"),
        ("solve(x, b)", r"solve is inv\(x\)\*y, and this needs a square matrix", "solve"),
        ("tr(X, 'fro')", "never closed|not expected", ","),
        ("x'*A*x + c", 'if c is a number, declare scalar="c"', "x"),
        ("s^2*X", 'if s is a number, declare scalar="s"', "s"),
        ("N*ones(n,1) + n", "a size and a symbol", None),
        ("X^8^8", "write brackets", "^"),
        ("((((((X^32)^32)^32)^32)^32)^32)^32", "write it shorter", None),
        ("1_000*X", "not part", "_"),
        ("0x10*X", "0|size", None),
        ("__import__('os')", "not part", "_"),
        ("A[0]", "not expected", "["),
        ("A = X", "not part", "="),
        ("|x|", r"norm\(x\)", "|"),
        ("|X*Y", "never closed", "|"),
    ],
)
def test_errors_mark_the_place_in_the_text(text, words, marked):
    with pytest.raises(ValueError, match=words) as caught:
        formula(text).derivative("X")
    if marked:
        _, line, mark = str(caught.value).split("\n")
        assert line[mark.index("^") :].startswith(marked)
        assert line.strip() in text + " "


@pytest.mark.parametrize(
    ("declared", "error"),
    [
        ({"scalars": "t"}, TypeError),
        ({"scalar": "t!"}, ValueError),
        ({"scalar": "t", "vector": "t"}, ValueError),
        ({"symmetric": "Q"}, ValueError),
        ({"symmetric": "X"}, ValueError),
    ],
)
def test_wrong_declarations(declared, error):
    with pytest.raises(error, match=r"kind|names|twice|occur|symmetric"):
        formula("tr(A*X)", **declared).derivative("X")


@pytest.mark.parametrize("value", [3, None, ["tr(X)"], b"tr(X)"])
def test_what_is_no_text(value):
    with pytest.raises(TypeError, match="text"):
        formula(value)


def test_a_variable_that_is_not_there():
    with pytest.raises(ValueError, match="its symbols are A, X"):
        formula("tr(A*X)").derivative("Z")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000, "(" * 1000 + "X" + ")" * 1000, "-" * 1999 + "X", "X" + "'" * 1999,
        "X*" * 999 + "X",
        "X+" * 999 + "X", "tr(" * 400, "‖" * 1999, "X^" * 999, "1e" * 900, "9" * 1900, "9^9^9",
        "(9^32)^32*X", "9^999999999", "9^999999999*X",
        "X⁻" * 500, "exp(" * 70 + "X" + ")" * 70, "A ⊗ " * 400 + "A",
        "kron(" * 50 + "X" + ",X)" * 50, "((X^32)^32)*tr(X)", "inv(" * 59 + "X" + ")" * 59,
        "\x00", "\ud800",
        "X.T.T.T", "X''''", "I", "2", "(2-2)^-1*X", "inv(X-X)", "log(0)*X", "tr(X)*" + "x" * 400,
        "𝐗", "Ⅷ*X",
        "tr(A\nX)", "’", "..", ".T", "X.", "A.*", "1.5.2*X", "ₙ", "Iₙ*X", "np.", "np.linalg.X",
        "numpy.exp(X)",
    ],
)  # fmt: skip
def test_hostile_text_is_read_or_refused_soon(text):
    with suppress(ValueError):
        formula(text).derivative("X")


ALPHABET = [
    *"ABXxbt2 ()'+-*/^.,@|‖ᵀ⁻¹²⊗∘·",
    "tr(",
    "inv(",
    "np.",
    "exp(",
    ".T",
    "I",
    "log(",
    "det(",
]


@examples(1000)
@given(st.lists(st.sampled_from(ALPHABET), max_size=25).map("".join))
def test_random_text_is_read_or_refused(text):
    with suppress(ValueError):
        formula(text)


@examples(200)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text):
    with suppress(ValueError):
        formula(text)


def test_broken_formulas_are_read_or_refused():
    whole = "tr((A*X - B)'*inv(X'*X + I))*log(det(C)) + ‖X.*D‖^2"
    draw = random.Random(1)
    for _ in range(2000):
        at = draw.randrange(len(whole))
        text = whole[:at] + draw.choice(["", "", *ALPHABET]) + whole[at + draw.randrange(3) :]
        with suppress(ValueError):
            formula(text)


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("sp.Trace(A*X)*sp.Trace(B*X)", "tr(A X) tr(B X)"),
        ("t*Y.I.T + sp.Identity(3)", "t Yᵀ⁻¹ + I"),
        ("sp.log(sp.Determinant(Y))", "log(det(Y))"),
        ("x.T*Y*x", "xᵀ Y x"),
        ("sp.HadamardProduct(Y, Y)", "Y ∘ Y"),
        ("sp.KroneckerProduct(A, X)/2", "1/2 (A ⊗ X)"),
        ("sp.sqrt(sp.Trace(Y.T*Y))", "sqrt(tr(Yᵀ Y))"),
        ("Y*sp.OneMatrix(n, n)*Y", "Y ones(n, n) Y"),
        ("x.T*sp.OneMatrix(n, 1)", "xᵀ ones(n, 1)"),
        ("Y + sp.ZeroMatrix(3, 3)*Y", "Y"),
        ("sp.HadamardPower(Y, 2)", "Y.^2"),
        ("Y.applyfunc(sp.sin)", "sin(Y)"),
        ("sp.DiagMatrix(x)*Y", "diag(x) Y"),
        ("sp.DiagonalOf(Y)", "diag(Y)"),
        ("sp.Abs(t)*Y", "abs(t) Y"),
        ("sp.Max(t, 2)*Y", "(relu(2 − t) + t) Y"),
    ],
)
def test_expressions_of_sympy(code, read):
    m, n = sp.symbols("m n")
    names = {"A": (n, m), "B": (n, m), "X": (m, n), "Y": (3, 3), "x": (3, 1)}
    symbols = {name: sp.MatrixSymbol(name, *shape) for name, shape in names.items()}
    f = formula(eval(code, {"sp": sp, "n": n, "t": sp.Symbol("t")} | symbols))
    assert re.sub("I[ₐ-ₜ]", "I", str(f)).replace("Yᵀ⁻¹", "Y⁻ᵀ") == read.replace("Yᵀ⁻¹", "Y⁻ᵀ")
    f.derivative(next(name for name in "XYx" if name in f.symbols))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("n*sp.log(sp.Determinant(S))", "n is a size and a number"),
        ("sp.Trace(S)/n", "n is a size and a number"),
        ("sp.E*sp.Trace(S)", "SymPy's Exp1"),
        ("sp.I*sp.Trace(S)", "SymPy's ImaginaryUnit"),
        ("sp.pi*sp.Trace(S)", "SymPy's Pi"),
        ("sp.exp(S)", r"entry by entry it is X\.applyfunc\(exp\)"),
        ("S.applyfunc(sp.Lambda(t, t**2 + 1))", "SymPy's Elementwise"),
        ("sp.MatrixSymbol('r', 1, n)*S", "r is a row"),
        ("sp.Symbol('Q', commutative=False)*t", "Q does not commute"),
        ("sp.Matrix([[1, 2], [3, 4]])*sp.Symbol('t')", "MatrixSymbols"),
    ],
)
def test_what_has_another_meaning_in_sympy_is_refused(code, words):
    n, t = sp.symbols("n t")
    names = {"sp": sp, "n": n, "t": t, "S": sp.MatrixSymbol("S", n, n)}
    with pytest.raises((TypeError, ValueError), match=words):
        formula(eval(code, names))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("||X||_F^2", "‖X‖²"), ("‖X‖_{F}", "‖X‖"), ("||x||_2", "‖x‖"), ("‖x‖₂²", "‖x‖²"),
        ("norm(x, 2)", "‖x‖"), ("Tr(A*X)", "tr(A X)"), ("ln(tr(X))", "log(tr(X))"),
        ("log|A|", "log(det(A))"), ("|A|*X", "det(A) X"), ("|tr(X)|", "abs(tr(X))"),
        ("‖ |tr(X)|*X ‖", "‖abs(tr(X)) X‖"), ("X^⊤*X", "Xᵀ X"), ("X^{⊤}*X", "Xᵀ X"),
        ("X^'*X", "Xᵀ X"), ("I_n*X", "Iₙ X"), ("I_{n}*X", "Iₙ X"), ("µ*X", "μ X"),
        ("tr(X);", "tr(X)"), ("I_n² X", "Iₙ² X"), ("x @ A @ x", "xᵀ A x"), ("(y - X@b)@(y - X@b)",
        "(y − X b)ᵀ (y − X b)"), ("x @ y", "xᵀ y"), ("x @ y.T", "x yᵀ"), ("x @ A", "xᵀ A"),
        ("np.dot(A, x)", "A x"), ("A.dot(x)", "A x"), ("x.dot(y)", "xᵀ y"), ("X.T.dot(X)", "Xᵀ X"),
        ("X.trace()", "tr(X)"), ("(X**2).sum()", "sum(X.^2)"), ("X.transpose() @ X", "Xᵀ X"),
        ("np.maximum(X, 0)", "relu(X)"), ("max(0, X)", "relu(X)"),
        ("np.log1p(X)", "log(X + 1)"), ("np.expm1(X)", "exp(X) − 1"),
        ("(y - X*b)^T(y - X*b)", "(y − X b)ᵀ (y − X b)"), ("x^T(A x)", "xᵀ (A x)"),
        ("∥A∗x − b∥²", "‖A x − b‖²"), ("ln∣X∣", "log(det(X))"), ("‖a‖ F*b", "‖a‖ F b"),
    ],
)  # fmt: skip
def test_what_people_type(text, read):
    assert str(formula(text)) == read


@pytest.mark.parametrize("name", ["max", "min"])
def test_the_larger_and_the_smaller_of_two(name):
    X, Y = [[1.0, -2.0, 3.0]], [[-1.0, 2.0, 5.0]]
    assert formula(f"{name}(X, Y)")(X=X, Y=Y).tolist() == [[*map(eval(name), X[0], Y[0])]]
    assert formula(f"{name}(0, X)")(X=X).tolist() == [[eval(name)(0, x) for x in X[0]]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exp(-norm(x)^2/2σ^2)", "a quotient beside a product"),
        ("x'*x/2α", "a quotient beside a product"),
        ("A·*2", "not expected"),
        ("norm([A X])", "entries are not read"),
        ("A %*% X", r"A \* ?B|A\*B"),
        ("X[0,0]", "entries are not read"),
        ("X.mean()", "X.sum"),
        ("X.max(0)", "X.sum"),
        ("np.max(X, 0)", "np.max is no function called here.* maximum"),  # of each column there
        ("X.eye()", "X.sum"),
        ("∇f", "give f alone"),
        ("x.T @ A * x", "goes entry by entry"),
        ("-N/2*log(det(S)) - tr(S)/2", 'declare scalar="N"'),
        ("‖X‖F", r"‖X‖_F, and a product ‖X‖\*F"),
        ("‖x‖ 2", "after a factor write"),
        ("T(X)", "T is no function here"),
        ("‖_2 x‖", "not expected"),
        ("eye(2)*eye(3)", "2×2 and 3×3 do not fit"),
        ("tr(ones(2,3))", "needs a square matrix"),
        ("A/0", "divides by zero"),
        ("X/t", 'if t is a number, declare scalar="t"'),
        ("norm(y - X*β)", 'if β is a column, declare vector="β"'),
        ("np.mean(X)", "known are .*sum"),
        ("np.linalg.pinv(X)", "no function called here; the cookbook"),
        ("tr(XI)", "names run together"),
        ("A*PI", "names run together"),
        ("A^TB", r"write T\*B"),
        ("‖x‖^2_2", "as in ‖x‖_2\\^2"),
        ("½*X", "write 1/2"),
        ("A×B", "a product is A\\*B"),
        ("A:B", r"write tr\(A'\*B\)"),
        ("<A, B>", r"write tr\(A'\*B\)"),
        ("e^(x'*A*x)", r"e\^x is exp\(x\)"),
        ("D^(-1/2)*A*D^(-1/2)", r"a diagonal one diag\(x\.\^p\)"),
        ("diag(sum(A, 2)) - A", r"A\*ones\(n,1\) those of rows"),
        ("X'*(eye(n) - ones(n,n)/n)*X", r"as a number the size n is tr\(I\(n\)\)"),
        ("np.linalg.slogdet(X)[1]", r"write logdet\(X\); known are"),
        ("np.mean(X)", r"write sum\(X\), and divide"),
    ],
)
def test_what_is_read_otherwise_elsewhere_is_refused_with_the_way_out(text, message):
    with pytest.raises(ValueError, match=message):
        formula(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("λ/2 norm(w)^2", "(λ/2)*norm(w)^2"),
        ("1/2x'*x", "(1/2)*x'*x"),
        ("1/2tr(X)", "(1/2)*tr(X)"),
        ("I_3*X", "eye(3)*X"),
        ("I₃*X", "eye(3)*X"),
        ("A ⊘ X", "A ./ X"),
        ("X′*X", "X'*X"),
        ("norm1(x)", "sum(abs(x))"),
        ("exp(tr(A)*norm(X))*norm(2*norm(X)*Y)", "exp(tr(A)*‖X‖)*norm(2*‖X‖*Y)"),
    ],
)
def test_spellings_of_one_formula(text, same):
    f, g = formula(text), formula(same)
    assert repr(f.of(f.node)) == repr(g.of(g.node))


@pytest.mark.parametrize("text", ["norm(2*norm(X)*Y)", "‖exp(tr(A) ‖X‖) X‖"])
def test_norms_in_norms_are_read_again(text):
    f = formula(text)
    again = formula(str(f))
    assert again.node == f.node


def test_names_are_spelled_in_one_way_at_every_door():
    assert str(formula("µ*x'*x").derivative("µ").gradient) == "‖x‖²"
    assert formula("x₁'*x₁").derivative("x₁").X.data[0] == "x1"
    assert formula("µ*x", vector="x", scalar="µ").symbols["μ"].is_number


def test_a_number_beside_a_matrix_is_said_to_go_to_each_entry():
    said = str(formula("log(det(1 + X'*X))").derivative("X"))
    assert "a number beside a matrix is added to each entry" in said
    assert "each entry" not in str(formula("log(det(I + X'*X))").derivative("X"))


def test_a_formula_that_would_fill_the_memory_is_refused():
    f = formula("X⊗X⊗X⊗X⊗X⊗X")
    with pytest.raises(ValueError, match="too large to check"):
        f.derivative("X")


def test_a_size_that_is_declared_a_number_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"another letter; as a number the size n is tr\(I\(n\)\)"):
        formula("X'*(eye(n) - ones(n,n)/n)*X", scalar="n")


def test_what_is_declared_a_column_is_not_asked_to_be_a_number():
    with pytest.raises(ValueError, match=r"matrices do not divide: [^;]*$"):
        formula("2/x", vector="x")


def test_sizes_that_are_told_are_not_tried():
    said = str(formula("I_3*x").derivative("x"))
    assert said.splitlines()[-1] == "checked without rules at two points"
    for text in ("-n/2*logdet(S) + tr(S)", "1/(2n)*norm(x)^2"):
        with pytest.raises(ValueError, match='if n is a number, declare scalar="n"'):
            formula(text)
