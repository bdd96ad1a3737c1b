"""Claims about formulas: verdicts, layouts, what symmetry buys; the command line as well."""

import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from matderiv import diagnose, formula, symmetric
from matderiv.__main__ import main

TRACES = "tr(A*X)*tr(B*X)"
SYMMETRIC = {"ik,jl", "il,jk", "jk,il", "jl,ik", "ki,lj", "kj,li", "li,kj", "lj,ki"}


@pytest.mark.claim("Q3")
def test_the_threads_hessian_is_a_rearrangement():
    claim = diagnose(TRACES, "X", "kron(A,B)+kron(B,A)", symmetric="A B")
    assert not claim
    assert claim.verdict == "rearrangement"
    assert {*claim.layouts} == SYMMETRIC
    assert claim.symmetric == ("A", "B")
    assert {*claim.bought} == SYMMETRIC - {"jl,ik", "lj,ki"}
    assert str(claim.matrix) == "vec(A) vec(B)ᵀ + vec(B) vec(A)ᵀ"
    assert "the second derivative of f" in str(claim)


@pytest.mark.claim("Q3")
def test_without_symmetry_fewer_layouts_fit_and_it_is_said_what_it_would_buy():
    claim = diagnose(formula(TRACES), "X", "kron(A,B)+kron(B,A)", order="C")
    assert {*claim.layouts} == {"jl,ik", "lj,ki"}
    assert claim.symmetric == ("A", "B")
    assert {*claim.layouts} | {*claim.bought} == SYMMETRIC
    assert str(claim.matrix) == "vec(A) vec(B)ᵀ + vec(B) vec(A)ᵀ"


@pytest.mark.parametrize(("candidate", "layout"), [("kron(A,B)", "ij,kl"), ("kron(B,A)", "ji,lk")])
def test_of_two_symmetries_that_is_named_which_gives_the_derivative_not_its_transpose(
    candidate, layout
):
    claim = diagnose("A*X*B", "X", candidate)
    assert (claim.verdict, claim.symmetric, claim.bought) == ("rearrangement", ("B",), (layout,))


def test_a_differential_is_sent_away_and_a_sentence_speaks_of_the_variable():
    with pytest.raises(ValueError, match="a differential such as dX is no part"):
        diagnose("tr(A*X)", "X", "tr(A*dX)")
    claim = diagnose("(y-X*b)'*(y-X*b)", "b", "2*X'*(X*b-y)")
    assert claim.survives == "everything; its inner product with z is Df(b)[z]"


@pytest.mark.parametrize(
    ("text", "by", "candidate", "multiple"),
    [
        ("x'*A*x", "x", "A*x", "1/2"),
        ("x'*A*x", "x", "2*A*x", 1),
        ("tr(X'*A*X)", "X", "A*X", "1/2"),
        ("x'*A*x", "x", "-A", "-1/2"),
        ("norm(X*X'-A)^2", "X", "(X*X'-A)*X", "1/4"),
    ],
)
def test_a_factor_may_be_lost_as_well_where_a_matrix_is_taken_for_symmetric(
    text, by, candidate, multiple
):
    claim = diagnose(text, by, candidate)
    assert (claim.verdict, claim.symmetric, claim.multiple) == (
        "no match",
        ("A",),
        Fraction(multiple),
    )
    assert claim.survives == "nothing in common was found"
    assert diagnose(text, by, candidate, symmetric="A").scale == claim.multiple


def test_symmetry_buys_a_multiple_no_further_layout():
    claim = diagnose("tr(A*X)", "X", "2*A")
    assert (claim.verdict, claim.scale, claim.bought) == ("scaled", 2, ())


@pytest.mark.claim("Q2")
@pytest.mark.parametrize(
    ("candidate", "layouts"),
    [
        ("kron(B, A)", ("il,jk",)),
        ("kron(B, A')", ("ik,jl",)),
        ("kron(A', B)", ("ki,lj",)),
        ("vec(B)*vec(A')'", ("ji,lk",)),
        ("vec(B')*vec(A)'", ("ij,kl",)),
        ("vec(B)*vec(A)'", ("ji,kl",)),
        ("vec(A')*vec(B)'", ("lk,ji",)),
    ],
)
def test_layouts_of_the_derivative_of_b_trace(candidate, layouts):
    claim = diagnose("B*tr(A*X)", "X", candidate)
    assert claim.layouts == layouts
    kinds = {"ji,lk": "representation", "ij,kl": "representation", "lk,ji": "representation"}
    kinds["ji,kl"] = "mixed orders"
    assert claim.verdict == kinds.get(layouts[0], "rearrangement")
    assert bool(claim) == (claim.verdict == "representation")


@pytest.mark.claim("Q2")
def test_for_symmetric_a_the_claim_is_the_block_table():
    claim = diagnose("B*tr(A*X)", "X", "kron(B, A)")
    assert claim.symmetric == ("A",)
    assert claim.bought == ("ik,jl",)
    assert {"ik,jl", "il,jk"} <= {*diagnose("B*tr(A*X)", "X", "kron(B, A)", symmetric="A").layouts}


@pytest.mark.parametrize(
    ("text", "X", "candidate", "verdict", "layouts", "scale"),
    [
        ("tr(A*X)", "X", "A'", "representation", ("i,j",), 1),
        ("tr(A*X)", "X", "A", "rearrangement", ("j,i",), 1),
        ("norm(X - A)^2", "X", "X - A", "scaled", ("i,j",), "1/2"),
        ("norm(X' - A)^2", "X", "2*X' - A - A'", "no match", (), None),
        ("log(det(X))", "X", "inv(X)", "rearrangement", ("j,i",), 1),
        ("log(det(X))", "X", "-inv(X')", "scaled", ("i,j",), -1),
        ("log(det(X))", "X", "-kron(inv(X), inv(X'))*K(n,n)", "representation", None, 1),
        ("x'*A*x", "x", "(A + A')*x", "representation", ("i,",), 1),
        ("x'*A*x", "x", "A + A'", "representation", ("i,k", "k,i"), 1),
        ("x'*A*x", "x", "2*A*x", "no match", (), None),
        ("A*x", "x", "A", "representation", ("i,k",), 1),
        ("A*x", "x", "A'", "representation", ("k,i",), 1),
        ("A*X*B", "X", "kron(B', A)", "representation", ("ji,lk",), 1),
        ("A*X*B", "X", "kron(A, B')", "representation", ("ij,kl",), 1),
        ("A*X*B", "X", "kron(A', B)", "representation", ("kl,ij",), 1),
        ("A*X*B", "X", "kron(A, B)", "rearrangement", None, 1),
        ("inv(X)", "X", "-kron(inv(X'), inv(X))", "representation", ("ji,lk", "kl,ij"), 1),
        ("sum(tanh(X))", "X", "1 ./ cosh(X).^2", "representation", ("i,j",), 1),
        ("sum(exp(2*X))", "X", "2*exp(X).*exp(X)", "representation", ("i,j",), 1),
        ("tr(A*X)", "X", "kron(A, X)", "no match", (), None),
        ("tr(A*X*B*X')", "X", "kron(B, A') + kron(B', A)", "representation", ("ji,lk", "lk,ji"), 1),
        ("sum(relu(x))", "x", "2*step(x)", "scaled", ("i,",), 2),
        ("relu(a'*x)", "x", "(1 + sign(a'*x))*a", "scaled", ("i,",), 2),
        ("sign(a'*x)", "x", "0*x", "representation", ("i,",), 1),
        ("exp(20*tr(X'*X)) + tr(A*X)", "X", "40*exp(20*tr(X'*X))*X", "no match", (), None),
        ("exp(-30*tr(X'*X))", "X", "exp(-30*tr(X'*X))*X*X'*X", "no match", (), None),
    ],
)
def test_verdicts(text, X, candidate, verdict, layouts, scale):
    claim = diagnose(text, X, candidate)
    assert claim.verdict == verdict
    assert str(claim.scale) == str(scale)
    if layouts is not None:
        assert claim.layouts == layouts


def test_what_symmetry_would_buy_is_said_of_a_candidate_that_fits_nowhere():
    claim = diagnose("x'*A*x", "x", "2*A*x")
    assert (claim.verdict, claim.symmetric, claim.bought) == ("no match", ("A",), ("i,",))
    assert "if A were symmetric, also: i," in str(claim)


def test_a_candidate_that_fits_only_for_some_sizes():
    claim = diagnose("B*tr(A*X)", "X", "kron(B, A) + kron(A, B)")
    assert len(claim.conditions) == 2
    assert "sizes fit only if: " in str(claim)
    square = diagnose("X*A + A*X", "X", "kron(A', I) + kron(I, A)")
    assert square.conditions == ()
    assert square


@pytest.mark.parametrize(
    ("candidate", "words"),
    [("kron(Q, A)", "Q does not occur"), ("kron(B,, A)", "not expected")],
)
def test_candidates_that_are_refused(candidate, words):
    with pytest.raises(ValueError, match=words):
        diagnose("B*tr(A*X)", "X", candidate)


@pytest.mark.parametrize(
    ("candidate", "order"), [("2*kron(A'*A, I)", "ij,kl"), ("2*kron(I, A'*A)", "ji,lk")]
)
def test_sizes_that_nothing_tells_are_taken_from_f(candidate, order):
    claim = diagnose("norm(A*X - B)^2", "X", candidate)
    assert claim.verdict == "representation"
    assert order in claim.layouts
    assert "Iₙ" in str(claim).splitlines()[0]


def test_roots_are_compared_in_floats_where_they_must():
    assert diagnose("sum(sqrt(X))", "X", "1 ./ (2*sqrt(X))")
    assert diagnose("norm(X)", "X", "X/norm(X)")


@pytest.mark.parametrize(
    ("text", "X", "candidate", "subject"),
    [
        (TRACES, "X", "kron(A, B)", "second derivative"),
        (TRACES, "X", "B*tr(A*X)", "first derivative"),
        (TRACES, "X", "A*B'*A", "first derivative"),
        ("x'*A*x", "x", "A", "second derivative"),
        ("log(det(X))", "X", "kron(inv(X), X)", "second derivative"),
    ],
)
def test_what_fits_nowhere_is_compared_with_what_has_as_many_entries(text, X, candidate, subject):
    answer = diagnose(text, X, candidate)
    assert answer.verdict in ("no match", "scaled")
    assert answer.subject == subject


@pytest.mark.parametrize(
    ("text", "X", "candidate", "name"),
    [
        (
            "norm(P - A*B')^2",
            "A",
            "2*(A*B' - P)*B",
            "i,j (the shape of A: denominator layout (gradient), Matrix Cookbook",
        ),
        (
            "norm(P - A*B')^2",
            "A",
            "2*B'*(A*B' - P)'",
            "j,i (the shape of Aᵀ: numerator layout (Jacobian))",
        ),
        ("x'*x", "x", "2*x", "i, (a column: denominator layout (gradient))"),
        ("x'*x", "x", "2*x'", ",i (a row: numerator layout (Jacobian))"),
        ("A*x", "x", "A", "i,k (numerator layout (Jacobian), JAX, PyTorch)"),
        ("A*x", "x", "A'", "k,i (denominator layout (gradient))"),
    ],
)
def test_layouts_have_the_names_that_readers_know(text, X, candidate, name):
    assert f"\nlayouts: {name}" in str(diagnose(text, X, candidate))


def test_a_claim_is_shown_as_a_table():
    html = diagnose("B*tr(A*X)", "X", "kron(B, A)")._repr_html_()
    assert html.count("<tr>") >= 5
    assert "rearrangement" in html


def test_only_formulas_take_declarations():
    with pytest.raises(TypeError, match="only formulas take symmetric"):
        diagnose(np.trace, np.eye(2), np.eye(2), symmetric="A")


@pytest.mark.parametrize("only", ["within", "tolerance", "engine"])
def test_what_only_functions_take_is_refused_with_the_way_out(only):
    given = {"within": symmetric(2), "tolerance": 1e-3, "engine": "jax"}[only]
    for f in ("tr(A*X)", formula("tr(A*X)")):
        with pytest.raises(TypeError, match=rf"^{only} must be left out.* f as a function"):
            diagnose(f, "X", "A'", **{only: given})
    with pytest.raises(TypeError, match=r"^within and engine must be left out"):
        diagnose("tr(A*X)", "X", "A'", symmetric(2), engine="jax")


def test_candidates_agree_with_the_package_on_arrays():
    rng = np.random.default_rng(1)
    A, B, X = rng.normal(size=(3, 2)), rng.normal(size=(2, 2)), rng.normal(size=(2, 3))
    E = np.kron(B, A)
    on_arrays = diagnose(lambda X: B * np.trace(A @ X), X, E)
    assert on_arrays.layouts == diagnose("B*tr(A*X)", "X", "kron(B, A)").layouts


def test_the_command_line_answers_the_threads_questions(capsys):
    asked = [TRACES, "X", "--claim", "kron(A,B)+kron(B,A)", "--symmetric", "A B", "--order", "C"]
    assert main(asked) == 0
    text = capsys.readouterr().out
    assert "∇f(X) = tr(B X) A + tr(A X) B" in text
    assert "[D∇f(X)] in order F = vec(A) vec(B)ᵀ + vec(B) vec(A)ᵀ" in text
    assert "verdict: rearrangement" in text
    assert main(["B*tr(A*X)", "X", "--claim", "kron(B,A)"]) == 0
    assert "if A were symmetric, also: ik,jl" in capsys.readouterr().out


def test_at_the_command_line_declarations_add_up(capsys):
    once = ["B*tr(A*X)", "X", "--claim", "kron(B,A)", "--symmetric", "A B"]
    twice = [*once[:-1], "A", "--symmetric", "B"]
    assert (main(once), main(twice)) == (0, 0)
    said = capsys.readouterr().out
    assert said[: len(said) // 2] == said[len(said) // 2 :]


def test_the_command_line_refuses_in_a_sentence(capsys):
    assert main(["B*tr(AX)", "X"]) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert caught.err.splitlines()[1:] == ["  B*tr(AX)", "       ^^"]


def test_the_package_runs_as_a_module():
    command = [sys.executable, "-m", "matderiv", "tr(A*X)", "X"]
    text = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    assert "∇f(X) = Aᵀ" in text


@pytest.mark.parametrize(
    ("f", "x", "wrong", "right"),
    [  # the wrong ones hold where everything is positive
        ("v'*relu(W*x)", "W", "v*x'", "(v.*step(W*x))*x'"),
        ("sum(abs(X))", "X", "ones(m,n)", "sign(X)"),
        ("sum(relu(X))", "X", "ones(m,n)", "step(X)"),
        ("sum(sqrt(X.^2))", "X", "ones(m,n)", "X./sqrt(X.^2)"),
        ("norm(A*x-b)^2 + λ*sum(abs(x))", "x", "2*A'*(A*x-b) + λ*ones(n,1)",
         "2*A'*(A*x-b) + λ*sign(x)"),
        ("abs(det(X))", "X", "det(X)*inv(X)'", "abs(det(X))*inv(X)'"),
        ("abs(t)", "t", "-1", "sign(t)"),
        ("abs(t)", "t", "1", "t/abs(t)"),
        ("norm(t*x)", "t", "norm(x)", "sign(t)*norm(x)"),
        ("sqrt(t^2)", "t", "1", "sign(t)"),
        ("abs(t)^3", "t", "3*t^2", "3*t*abs(t)"),
        ("abs(x)", "x", "I", "diag(sign(x))"),
        ("sum(abs(A*x-b))", "x", "A'*ones(k,1)", "A'*sign(A*x-b)"),
        ("norm(y-V*relu(W*x))^2", "V", "-2*(y-V*W*x)*x'*W'", "-2*(y-V*relu(W*x))*relu(W*x)'"),
        ("t^2", "t", "2.000000001*t", "2*t"),
        ("tr(A*X)", "X", "1.000000001*A'", "A'"),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_holds_for_positive_numbers_only_or_nearly_is_no_match(f, x, wrong, right):
    declared = {"scalar": "t"} if x == "t" else {}
    assert diagnose(f, x, wrong, **declared).verdict == "no match"
    assert diagnose(f, x, right, **declared)


def test_floats_that_overflow_are_no_point_of_comparison():
    f = "exp(400*t)*exp(300*t)*exp(300*t)"
    assert not diagnose(f, "t", "exp(500*t)*exp(500*t)*sinh(t)", scalar="t").fits


def test_identities_of_functions_hold_in_so_many_digits():
    claim = diagnose("sin(t)^2", "t", "sin(2*t)", scalar="t")
    assert claim
    assert "compared in: 8 digits" in str(claim)
    assert "compared in" not in str(diagnose("sin(t)^2", "t", "2*sin(t)*cos(t)", scalar="t"))


@pytest.mark.parametrize("letter", "mnkd")
def test_a_claim_may_call_sizes_by_other_letters(letter):
    assert diagnose("sum(A*x - b)", "x", f"A'*ones({letter},1)")


def test_a_formula_and_a_claim_on_the_command_line_may_begin_with_minus(capsys):
    assert main(["-x'*x", "x", "--claim", "-2*x"]) == 0
    assert "verdict: representation" in capsys.readouterr().out
    assert main(["x'*x", "x", "--claim", ""]) == 2
    assert "something is missing" in capsys.readouterr().err


def test_the_command_line_writes_utf_8_wherever_it_writes():
    command = [sys.executable, "-m", "matderiv", "-x'*x", "x"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, capture_output=True, env=environment)
    assert "∇f(x) = −2 x" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("text", "X", "candidate", "declared"),
    [
        ("X", "X", "I", {}),
        ("vec(X)", "X", "I", {}),
        ("norm(X)^2/2", "X", "I", {}),
        ("tr(X'*X)", "X", "2*I", {}),
        ("t*A", "t", "A", {"scalar": "t"}),
        ("inv(A + t*B)", "t", "-inv(A + t*B)*B*inv(A + t*B)", {"scalar": "t"}),
        ("t^2", "t", "2*t", {"scalar": "t"}),
        ("tr(eye(3)*X)", "X", "I", {}),
        ("tr(I*X)", "X", "I'", {"matrix": "I"}),
    ],
)
def test_right_claims_are_representations(text, X, candidate, declared):
    assert diagnose(text, X, candidate, **declared)


@pytest.mark.parametrize(
    ("text", "candidate", "who"),
    [
        ("log(det(A*X*B))", "inv(X)'", "A"),
        ("det(A*X*B)", "det(A*X*B)*inv(X)'", "A"),
        ("sum(X)", "ones(n, n)", "X"),
        ("X'", "K(n, n)", "X"),
        ("norm(X)^2", "2*kron(I(n), I(n))", "X"),
    ],
)
def test_what_holds_for_square_matrices_is_said_so(text, candidate, who):
    claim = diagnose(text, "X", candidate)
    assert (claim.verdict, claim.symmetric, claim.square) == ("no match", (who,), True)
    assert f"if {who} were square, also: i" in str(claim)


def test_a_transposed_gradient_is_named_as_such():
    claim = diagnose("tr(A*X)", "X", "A")
    assert "numerator layout (Jacobian)" in str(claim)
    assert "singular values; its inner product with Yᵀ" in claim.survives
    assert diagnose("tr(A*X)", "X", "2*A'").survives.startswith("once divided by 2: everything")
    assert "nothing" in diagnose("tr(A*X)", "X", "A .* A").survives


def test_by_a_number_the_other_derivative_is_named_too():
    claim = diagnose("sin(t)", "t", "-sin(t)", scalar="t")
    assert claim
    assert "and with: the first derivative: no match" in str(claim)
    assert "and with" not in str(diagnose("tr(A*X*B*X)", "X", "A"))


@pytest.mark.parametrize(
    ("text", "candidate", "who"),
    [
        ("X", "I(m)", None),
        ("vec(X)", "I(m)", None),
        ("norm(X)^2", "2*I(m)", None),
        ("A*X", "kron(I(p), A)", ("X", "A")),
        ("A*X", "kron(I(m), A)", ("X",)),
        ("norm(A*X)^2", "2*kron(I(p), A*A)", None),
    ],
)
def test_sizes_that_are_typed_stay_those_of_the_formula(text, candidate, who):
    claim = diagnose(text, "X", candidate)
    assert not claim.fits
    assert (claim.symmetric or None) == who


def test_a_size_that_is_bound_is_no_other_one():
    claim = diagnose("A*X", "X", "kron(I, A + A') - kron(I, A')")
    assert claim
    assert len(claim.conditions) == 1


def test_what_holds_for_square_matrices_is_compared_with_the_derivative_that_it_fits():
    claim = diagnose("norm(X)^2", "X", "2*kron(I(n), I(n))")
    assert claim.subject == "second derivative"
    assert "order F: numerator layout" in str(claim)
    assert "and with" not in str(diagnose("tr(X)", "X", "I"))


def test_variables_are_named_as_they_are_typed():
    assert diagnose("tr(A*X₁)", "X₁", "A'")
    with pytest.raises(ValueError, match="not expected here; brackets are"):
        formula("[x'x]*A")


@pytest.mark.parametrize(
    ("text", "candidate", "slip"),
    [
        ("log(det(X))", "2*inv(X) - I .* inv(X)", "triangle"),
        ("log(det(X))", "inv(X) + inv(X)' - I .* inv(X)", "triangle"),
        ("tr(A*X)", "A + A' - I .* A", "triangle"),
        ("a'*X*b", "a*b' + b*a' - I .* (a*b')", "triangle"),
        ("a'*X*b", "(a*b' + b*a')/2", "symmetric"),
        ("log(det(X))", "inv(X) - I .* inv(X)", ""),
        ("tr(A*X)", "A + A'", ""),
        ("tr(A*X*B)", "A .* B", ""),
    ],
)
def test_the_slips_of_symmetric_matrices_are_named(text, candidate, slip):
    claim = diagnose(text, "X", candidate)
    assert (claim.verdict, claim.slip) == ("no match", slip)
    assert ("slip: " in str(claim)) == bool(slip)
    if slip:
        assert "for symmetric Y only" in claim.survives


def test_the_shape_of_a_candidate_counts_however_many_sizes_there_are():
    f = formula("sum(A) + sum(x) + sum(C) + sum(B) + 0*x'*B*y")  # B n×s, the third and sixth size
    assert diagnose(f, "B", "ones(n, s)").verdict == "representation"
    assert diagnose(f, "B", "ones(s, n)").verdict == "rearrangement"


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        ("np.sum(X**3)", "3*X**2"), ("np.sum(A*X*X)", "2*A*X"), ("np.sum(X**3)", "3*X.^2"),
        ("np.trace(A @ X @ X)", "(A*X + X*A)'"), ("np.trace(A @ X @ X)", "Xᵀ*Aᵀ + Aᵀ*Xᵀ"),
    ],
)  # fmt: skip
def test_a_candidate_is_read_in_the_way_of_the_formula(text, candidate):
    assert diagnose(text, "X", candidate)


def test_what_symmetry_explains_is_read_in_the_way_of_the_formula():
    assert diagnose("np.trace(A @ X)", "X", "A + A.T - I*A").slip == "triangle"
    given = diagnose("np.sum(A*X*A*X)", "X", "2*A*A*X", symmetric="A")
    assert (given.verdict, given.bought) == ("representation", ())


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        ("tr(A*X)", "A'/(tr(A) - tr(A))"),
        ("sum(X*C)", "ones(m,p)*C' + 0*tr(inv(X*X'))*X + 0*tr(inv(C*C'))*X"),  # at 2×3, 3×4 alone
    ],
)
def test_what_has_no_values_or_for_one_choice_of_sizes_only_is_no_match(text, candidate):
    assert diagnose(text, "X", candidate).verdict == "no match"


def test_roots_that_cancel_leave_claims_exact():
    assert diagnose("sum(sqrt(X).^2)", "X", "ones(m,n)")
    assert diagnose("norm(X)^2", "X", "2.000000001*X").verdict == "no match"


def test_symmetry_buys_nothing_where_matrices_need_be_square_only():
    claim = diagnose("log(det(A*X*B))", "X", "inv(X')", symmetric="A")
    assert (claim.verdict, claim.symmetric, claim.bought) == ("representation", ("A",), ())


@pytest.mark.parametrize(
    ("text", "X", "candidate", "declared", "who"),
    [
        ("k'*inv(K)*y", "K", "-inv(K)*k*y'*inv(K)", "", ("K",)),
        ("log(abs(det(W))) - sum(log(cosh(W*X)))", "W", "inv(W) - tanh(W*X)*X'", "", ("W",)),
        ("A'*X + X*A - X*S*X", "X", "kron(I,(A - S*X)') + kron((A - S*X)',I)", "S", ("X",)),
        ("A'*X + X*A - X*S*X", "X", "kron(I,(A - S*X)') + kron((A - S*X)',I)", "", ("S", "X")),
        ("tr(inv(X)*A)", "X", "-inv(X)*A*inv(X)", "A", ("A",)),  # a rearrangement needs no more
        ("tr(inv(X)*A)", "X", "inv(X)*A*inv(X)*A", "A", ()),
    ],
)
def test_what_a_symmetric_variable_buys_is_said_where_nothing_fits(
    text, X, candidate, declared, who
):
    claim = diagnose(text, X, candidate, symmetric=declared)
    assert (claim.symmetric, bool(claim.bought)) == (who, bool(set(who) & {X}))
    assert not claim
    if X in who:
        assert f"if {' and '.join(who)} were symmetric, also: i" in str(claim)


def test_a_gradient_made_symmetric_is_named_by_its_slip_before_a_symmetric_variable_is_tried():
    G = "(X + 3*I)^-1"
    claim = diagnose("det(inv(X + 3*I))", "X", f"-det({G})*({G} + ({G})')/2")
    assert (claim.slip, claim.bought) == ("symmetric", ())
