"""The cookbook: the theorems of its chapter, every entry, what the check refuses, and the page."""

import re
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qsl

import numpy as np
import pytest
import sympy as sp
from asked import answer
from hypothesis import assume, given
from hypothesis import strategies as st
from katex_by_line import render_latex
from pages import lay_out
from scipy.linalg import expm, sqrtm
from strategies import assert_same, differ, matrices, some

from matderiv import LinearMap, commutation_matrix, derivative, exact, gradient, is_exact
from matderiv.book.gallery import constants, cookbook, entries, recipe, recipes, sheet, verify


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


# The entries

ENTRIES = entries()
BY_HAND = [entry for entry in ENTRIES if not entry.sizes]


def in_ascii(part):
    return getattr(part, "code", part).encode("ascii", "replace").decode()


every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=in_ascii)


@every_entry
def test_map_gradient_and_matrices_hold_at_two_sizes_and_two_points(entry):
    expected = {"map", "F", "C"} | ({"gradient"} if len(entry.maps) == 2 else set())
    assert {*entry.answers} == expected
    found = verify(entry)
    assert found, f"correct its formula in table.py: {found}"


@every_entry
def test_formulas_are_read_by_katex_in_strict_mode(entry):
    rows = [*entry.maps, *entry.matrices, *entry.hessian]
    inline = re.findall(r"\$(.+?)\$", entry.legend)
    for latex in (entry.title, entry.domain, *map(str, rows), *inline):
        render_latex(latex, {"strict": "error", "throwOnError": True})


def test_the_cookbook_is_large_and_says_each_thing_once():
    assert len(ENTRIES) >= 80
    said = Counter((entry.code, entry.title) for entry in ENTRIES)
    assert [code for (code, _), times in said.items() if times > 1] == []
    assert len(BY_HAND) < len(ENTRIES) / 4


def test_what_an_entry_needs_to_know_of_its_letters_is_printed_with_it():
    told = [entry for entry in ENTRIES if entry.declared]
    assert len(told) >= 7
    for entry in told:
        for kind, names in entry.declared.items():
            assert f"${names}$ {kind}" in recipes({"all": [entry]}).text
    quotient = recipe("x'*A*x/(x'*x)", by="x", sheet=True, symmetric="A")
    assert "$A$ symmetric" in sheet([quotient, recipe("A*X", sheet=True)]).text


def test_derived_entries_were_checked_by_formula_at_two_sizes():
    derived = [entry for entry in ENTRIES if entry not in BY_HAND]
    assert {len(entry.sizes) for entry in derived} == {2}
    assert all(entry.sizes[0] != entry.sizes[1] for entry in derived)


ANSWERS = [(entry, name) for entry in BY_HAND for name in entry.answers]


@pytest.mark.parametrize(("entry", "name"), some(ANSWERS, 24), ids=in_ascii)
def test_an_answer_that_is_a_little_off_is_noticed(entry, name):
    true = entry.answers[name]
    off = replace(entry, answers=entry.answers | {name: lambda arrays: 1.0001 * true(arrays)})
    assert verify(off).wrong == {2: [name], 3: [name]}


@pytest.mark.parametrize(
    ("text", "claim", "wrong_from"),
    [
        ("X^2", {"map": "2*X*Y"}, 2),
        ("X^2", {"map": "2*Y*X"}, 2),
        ("X^2", {"map": "X*Y + Y*X"}, None),
        ("inv(X)", {"map": "-inv(X)*inv(X)*Y"}, 2),
        ("inv(X)", {"map": "-inv(X)*Y*inv(X)"}, None),
        ("inv(X)", {"F": "-kron(inv(X)', inv(X))"}, None),
        ("inv(X)", {"C": "-kron(inv(X)', inv(X))"}, 2),
        ("A*X*B", {"F": "kron(A, B')"}, 2),
        ("A*X*B", {"C": "kron(A, B')"}, None),
        ("log(det(X))", {"gradient": "inv(X)"}, 2),
        ("log(det(X))", {"gradient": "inv(X)'"}, None),
        ("det(X)", {"map": "tr((tr(X)*I - X)*Y)"}, 3),
        ("det(X)", {"gradient": "(tr(X)*I - X)'"}, 3),
    ],
)
def test_each_claim_gets_the_verdict_it_deserves(text, claim, wrong_from):
    (name,) = claim
    wrong = {n: [name] if wrong_from and n >= wrong_from else [] for n in (2, 3)}
    verdict = verify(recipe(text), **claim)
    assert verdict.wrong == wrong
    assert bool(verdict) == (wrong_from is None)


def test_unknown_claims_are_refused():
    with pytest.raises(TypeError, match="expected map, F, C; got gradient"):
        verify(recipe("X^2"), gradient="X")


def test_a_function_without_a_point_in_its_domain_is_refused():
    with pytest.raises(ValueError, match="no point of its domain"):
        verify(recipe("log(-det(X)^2)"))


@given(matrices("nn", largest=4))
def test_the_adjugate_is_that_of_the_cofactors(X):
    X = X.astype(float)
    assert_same(constants.adjugate(X)["A"], cofactors(exact(X)).T.astype(float), 1e-7)


# The page


def test_every_entry_stands_on_the_page_with_all_its_rows():
    text = recipes(cookbook())._repr_markdown_()
    assert text.count("<details") == text.count("</details>") == len(ENTRIES)
    assert text.count("<h3>") == len(cookbook())
    for entry in ENTRIES:
        for row in (*entry.maps, *entry.matrices, *entry.hessian):
            assert f" {row}$" in text


def test_every_formula_leads_to_the_page_that_answers_and_gets_the_same_answer_there():
    text = recipes(cookbook())._repr_markdown_()
    links = re.findall(r'<a href="ask\.html#([^"]*)">`([^`]*)`</a>', text)
    derived = [entry for entry in ENTRIES if entry.sizes]
    assert [code for _, code in links] == [entry.code for entry in derived]
    for entry, (question, _) in zip(derived, links, strict=True):
        asked = {"declared": "", **dict(parse_qsl(question))}
        assert {*asked} == {"f", "x", "declared"}
        rows = answer(asked["f"], asked["x"], declarations=asked["declared"])["rows"]
        assert rows[0]["latex"] == str(entry.maps[0])


def test_the_cheat_sheet_holds_the_entries_that_are_marked():
    text = sheet(ENTRIES)._repr_markdown_()
    marked = [entry for entry in ENTRIES if entry.sheet]
    assert 30 <= len(marked) <= 50
    assert text.count("\n|") + text.count("|\n") >= 2 * len(marked)
    assert all(rf"| $\displaystyle {entry.title}$ |" in text for entry in marked)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_cheat_sheet_prints_on_one_page(browser, address, paper):
    page = browser.new_page()
    page.goto(f"{address}chapters/cheat-sheet.html")
    printed = page.pdf(format=paper)
    page.close()
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1


def test_typing_leaves_the_entries_that_are_sought(browser, address):
    page = browser.new_page()
    page.goto(f"{address}chapters/gallery.html")
    lay_out(page)
    shown = "details.recipe:visible"
    assert page.locator(shown).count() == len(ENTRIES)
    page.fill(".cookbook input", "log determ")
    assert 1 <= page.locator(shown).count() < 10
    assert page.inner_text(".cookbook output").endswith(f"of {len(ENTRIES)}")
    for printed in ("tr(AX)", "AXB", "x'Ax", "x^T A x", "XᵀX", "X^-1", "X⁻¹", "tr(A * X)"):
        page.fill(".cookbook input", printed)
        assert page.locator(shown).count() >= 1, printed
    page.fill(".cookbook input", "no such thing")
    assert page.locator(".cookbook h3:visible").count() == 0
    assert "try a word" in page.inner_text(".cookbook output")
    page.fill(".cookbook input", "")
    assert page.locator(shown).count() == len(ENTRIES)
    page.locator("details.recipe > summary").first.click()
    page.locator("details.recipe[open] code:visible").wait_for()  # a script has put it there
    page.wait_for_function("!document.querySelector('details[open] .katex-html:empty')")
    page.close()


def test_an_old_script_of_formulas_is_not_taken_for_a_new_one(site):
    page = (site / "chapters/gallery.html").read_text("utf-8")
    (address,) = set(re.findall(r'data-formulas="([^"]*)"', page))
    path, version = address.split("?v=")
    code = (site / "chapters" / path).read_bytes()
    assert sha256(code).hexdigest().startswith(version)
    assert len(version) == 8


def test_without_javascript_all_is_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}chapters/gallery.html")
    assert page.locator("details.recipe:visible").count() == len(ENTRIES)
    assert page.locator(".cookbook input").count() == 0
    page.locator("details.recipe > summary").first.click()
    page.locator("details.recipe[open] code:visible").wait_for()
    formula = page.locator("details.recipe[open] > p .katex-mathml").first
    assert formula.bounding_box()["height"] > 10, "what sets it stands in a script"
    context.close()
