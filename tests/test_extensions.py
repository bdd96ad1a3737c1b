"""Our Sphinx extensions, and what they expect of the libraries whose functions they replace."""

import inspect
import multiprocessing
import os
from pathlib import Path

import katex_by_line
import light_pages
import nbformat
import pydata_sphinx_theme
import pytest
import tinycss2
from docutils import nodes
from myst_nb.core import render, utils
from myst_nb.core.execute import direct
from sphinx_exercise.nodes import solution_node
from sphinx_proof import directive
from sphinx_proof import nodes as proof_nodes
from sphinxcontrib import katex
from statements import mend

# Each of these fails when the library changes what an extension of ours takes the place of.


def test_sphinxcontrib_katex_still_calls_the_function_that_we_replace():
    for visit in (katex.html_visit_math, katex.html_visit_displaymath):
        assert "render_latex(" in inspect.getsource(visit)
    source = inspect.getsource(katex.html_visit_displaymath)
    assert 'render_latex(get_latex(node), {"displayMode": True})' in source


def test_katex_still_gives_a_tree_whose_last_child_are_the_bases():
    html = katex_by_line.render_latex("a + b = c")
    assert html.count('class="base"') == 3
    assert html.count('class="unit"') == 1, "a + b = stays together, c may go on a line of its own"


def test_brackets_and_ordinals_stay_on_the_line_of_their_formula():
    formula = '<span class="math">$k$</span>'
    context = {"body": f"({formula}) the {formula}th, {formula}then"}
    katex_by_line.keep_brackets(None, "", "", context, None)
    glued, kept = f'<span class="glue">(</span>{formula}', f"{formula}\u2060th, {formula}then"
    assert context["body"] == f"{glued}) the {kept}"


def test_myst_nb_still_joins_streams_by_the_function_that_we_replace_and_with_line_breaks():
    assert "outputs = coalesce_streams(outputs)" in inspect.getsource(render)
    pieces = [nbformat.v4.new_output("stream", text=text) for text in ("a", "b")]
    joined = utils.coalesce_streams(pieces)[0].text
    assert joined != "ab", "our extension streams is not needed any more"


def test_myst_nb_still_runs_a_notebook_by_the_function_that_we_replace():
    assert "single_nb_execution(" in inspect.getsource(direct.NotebookClientDirect)
    wanted = {"cwd", "allow_errors", "timeout"}
    assert wanted <= set(inspect.signature(direct.single_nb_execution).parameters)


def test_the_theme_still_measures_boxes_by_the_list_that_we_shorten():
    script = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
    boxes = f"querySelectorAll([{light_pages.MEASURED},"
    assert boxes in (script / light_pages.THEME_SCRIPT.removeprefix("_static/")).read_text("utf-8")


def test_sphinx_proof_still_names_proofs_in_their_first_sentence():
    source = inspect.getsource(directive.ProofDirective.run)
    assert '"{}. ".format(realtyp.title()) + self.content[0]' in source
    assert "theorem" in proof_nodes.NODE_TYPES


def test_solutions_fold_and_name_their_exercise():
    solution = solution_node(classes=["dropdown"])
    solution["title"] = "Solution to Exercise 5.1"
    solution += [nodes.title("", "Solution to Exercise 5.1"), nodes.paragraph("", "It is so.")]
    page = nodes.section("", solution)
    mend(None, page, "page")
    start, text, _end = page.children
    assert "<summary>Solution of exercise 5.1</summary>" in start.astext()
    assert text.astext() == "It is so."
    assert not start["classes"], "it would become a box of its own, and nothing would be folded"


# Formulas.


@pytest.mark.parametrize(
    ("latex", "units"),
    [
        ("x", 0),
        ("i + (j - 1)m", 1),
        ("a = b", 0),
        ("f(M - Y) = (1 - c)", 2),
        ("f(g(M)) = (1 - c)", 1),
        ("A = rI + Y = B", 1),
        ("", 0),
    ],
    ids=["letter", "brackets", "relation", "brackets twice", "two brackets", "sum", "nothing"],
)
def test_lines_end_at_relations_outside_brackets(latex, units):
    assert katex_by_line.render_latex(latex).count('class="unit"') == units


def test_displays_break_at_wide_spaces_first():
    options = {"displayMode": True}
    html = katex_by_line.render_latex(r"f(X)\colon V\to W,\qquad f(X) = AX", options)
    assert html.count('class="unit"') == 2, "what comes before the space, and after it"
    assert r"\qquad f" in html, "the source is as it was"


def typesetters(queue):
    queue.put(katex_by_line.typesetter(os.getpid()).pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # JAX's, if a test before took it
def test_a_forked_writer_has_a_typesetter_of_its_own():
    mine = katex_by_line.typesetter(os.getpid()).pid
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=typesetters, args=(queue,))
    process.start()
    theirs = queue.get(timeout=60)
    process.join()
    assert theirs != mine


# What is packed.


def test_formulas_that_are_folded_are_set_elsewhere_each_once():
    twice = "".join(katex_by_line.render_latex(text) for text in ("x^2", "y", "x^2"))
    formulas = {}
    lean = light_pages.without_typesetting(f"<p>{twice}</p>", formulas)
    assert len(formulas) == 2
    assert lean.count("<math") == 3
    for number, formula in enumerate(formulas):
        lean = lean.replace(f' data-formula="{number}">', f">{formula}")
    assert lean == f"<p>{twice}</p>"


# The style sheet.


def split(prelude):
    (rule,) = tinycss2.parse_stylesheet(f"{prelude} {{}}", True, True)
    return light_pages.selectors(rule.prelude)


def test_selectors_are_split_at_their_own_commas_alone():
    parts = [tinycss2.serialize(part).strip() for part in split("a:not(.b, .c) > d, [e='f,g'], h")]
    assert parts == ["a:not(.b, .c) > d", '[e="f,g"]', "h"]


@pytest.mark.parametrize(
    ("selector", "used"),
    [
        (".known", True),
        (".known .strange", False),
        ("#strange", False),
        ("a:not(.strange)", True),
        ("div:is(.known, .strange)", True),
        ("div:has(> .strange)", True),
        ("[class~='strange']", True),
        ("p", True),
    ],
)
def test_a_rule_is_dropped_only_if_it_cannot_match(selector, used):
    (part,) = split(selector)
    assert light_pages.is_used(part, {"known"}) is used
