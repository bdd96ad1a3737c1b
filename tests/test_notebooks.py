"""The committed notebooks: clean, self-contained, claiming only what is tested."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median

import nbformat
import pytest
import yaml
from checked_by import checks_by_label, checks_in

pytest_plugins = "pytester"

ROOT = Path(__file__).parent.parent
CLAIMS = yaml.safe_load((ROOT / "chapters" / "claims.yml").read_text("utf-8"))
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

IMPORTABLE = {"matderiv", *sys.stdlib_module_names, *packages_distributions()}
STATEMENTS = {"corollary", "definition", "example", "lemma", "proposition", "theorem"}
OPENING = re.compile(r"^\s*(?:`{3,}|:{3,})\{prf:(\w+)\}", re.MULTILINE)
LABEL = re.compile(r"^\s*:label: *(\S+)$")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def uncleanness(notebook):
    """List what a committed notebook must not hold."""
    problems = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        problems.append("the kernel is not python3")
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        problems.append("cells without an id of their own")
    for cell in code_cells(notebook):
        if cell.outputs:
            problems.append(f"cell {cell.get('id')} has outputs")
        if cell.execution_count is not None:
            problems.append(f"cell {cell.get('id')} has an execution count")
    return problems


def foreign_code(source):
    """List what keeps a cell from running in any Jupyter with the requirements installed."""
    problems = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        else:
            modules = []
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.path", "os.chdir"):
                problems.append(ast.unparse(node))
        problems += [name for name in modules if name.split(".")[0] not in IMPORTABLE]
    return problems


def statements(markdown):
    """List the (kind, label) of each `prf:` directive; the label is None where there is none."""
    found = []
    for opening in OPENING.finditer(markdown):
        label = None
        for line in markdown[opening.end() :].splitlines()[1:]:
            if not line.strip().startswith(":"):
                break
            if match := LABEL.match(line):
                label = match[1]
        found.append((opening[1], label))
    return found


def read(path):
    """Read a notebook as it is: `nbformat.read` would mend missing ids."""
    return nbformat.reader.reads(path.read_text("utf-8"))


def statements_of_the_book():
    markdown = [cell.source for path in NOTEBOOKS for cell in read(path).cells]
    return [statement for source in markdown for statement in statements(source)]


@every_notebook
def test_is_committed_clean(path):
    problems = uncleanness(read(path))
    assert problems == [], f"run .venv/bin/nbstripout --keep-id chapters/{path.name}"


@every_notebook
def test_imports_only_installed_packages(path):
    assert [
        problem for cell in code_cells(read(path)) for problem in foreign_code(cell.source)
    ] == []


@every_notebook
def test_code_cells_are_short(path):
    lines = [len(cell.source.splitlines()) for cell in code_cells(read(path))]
    assert max(lines) <= 12
    assert median(lines) <= 4


@every_notebook
def test_chapters_are_neither_short_nor_long(path):
    cells = read(path).cells
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
    assert 1200 <= words <= 3000
    assert 12 <= len(cells) <= 50


def exercises(markdown):
    """List (stars, title, label, whether it is solved) of the exercises in a text."""
    found = re.findall(r"^`{3,}\{exercise\} (★*) ?(.+)\n:label: (\S+)$", markdown, re.MULTILINE)
    return [
        (len(stars), title, label, f"{{solution-start}} {label}\n" in markdown)
        for stars, title, label in found
    ]


@every_notebook
def test_chapters_end_with_graded_exercises_most_of_them_solved(path):
    markdown = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    found = exercises(markdown)
    assert 6 <= len(found) <= 10
    assert len(found) == markdown.count("{exercise}")
    assert {stars for stars, *_ in found} == {1, 2, 3}
    assert 1 <= sum(not solved for *_, solved in found) <= len(found) // 2
    assert markdown.count("```{dropdown} Check yourself: ") == 3


@every_notebook
def test_code_fits_the_column(path):
    lines = [line for cell in code_cells(read(path)) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 72] == []


def test_every_statement_has_a_label():
    without = [kind for kind, label in statements_of_the_book() if kind in STATEMENTS and not label]
    assert without == [], "statements without a label: write :label: thm-name below its first line"


def test_every_statement_and_claim_has_a_test_and_every_test_a_statement_or_claim():
    statements = {label for _, label in statements_of_the_book() if label}
    labels = statements | {claim["id"] for claim in CLAIMS}
    tested = set(checks_by_label(ROOT / "tests"))
    advice = 'give each a test that is marked @pytest.mark.claim("its label")'
    assert labels - tested == set(), f"statements and claims without a test: {advice}"
    assert tested - labels == set(), "tests of what is not in the book: correct their marks"


def test_every_test_of_a_statement_or_claim_asserts_something():
    tests = {test for tests in checks_by_label(ROOT / "tests").values() for test in tests}
    assert [test.name for test in tests if not re.search(r"\bassert|raises", test.source)] == []


def test_all_20_claims_are_answered():
    groups = {"Q": 4, "W": 7, "L": 9}
    ids = [f"{letter}{k}" for letter, count in groups.items() for k in range(1, count + 1)]
    assert [claim["id"] for claim in CLAIMS] == ids
    fields = {"id", "who", "said", "verdict", "because", "where"}
    assert all(set(claim) == fields for claim in CLAIMS)
    assert all(value and isinstance(value, str) for claim in CLAIMS for value in claim.values())


# The checks above, checked on notebooks and sources that they must refuse.


def notebook_with(**changes):
    cell = nbformat.v4.new_code_cell("1 + 1")
    cell.update(changes)
    kernel = {"name": "python3", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})


def test_a_clean_notebook_passes():
    assert uncleanness(notebook_with()) == []


def test_outputs_are_noticed():
    output = nbformat.v4.new_output("stream", text="2")
    assert uncleanness(notebook_with(id="a", outputs=[output])) == ["cell a has outputs"]


def test_execution_counts_are_noticed():
    assert uncleanness(notebook_with(id="a", execution_count=1)) == [
        "cell a has an execution count"
    ]


def test_missing_and_shared_ids_and_other_kernels_are_noticed():
    notebook = notebook_with()
    notebook.cells *= 2
    notebook.metadata.kernelspec.name = "julia"
    assert uncleanness(notebook) == [
        "the kernel is not python3",
        "cells without an id of their own",
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import sys\nsys.path.append('../src')", "sys.path"),
        ("import os\nos.chdir('..')", "os.chdir"),
        ("from . import helper", "."),
        ("from .helper import f", ".helper"),
        ("import not_installed.at_all", "not_installed.at_all"),
    ],
)
def test_foreign_code_is_noticed(source, problem):
    assert foreign_code(source) == [problem]


def test_exercises_are_found_with_their_stars_and_solutions():
    markdown = """
```{exercise} ★★ A title
:label: ex-a

Text.
```

````{solution-start} ex-a
:class: dropdown
````

```{exercise} Another
:label: ex-b
```
"""
    assert exercises(markdown) == [(2, "A title", "ex-a", True), (0, "Another", "ex-b", False)]


def test_statements_are_found_in_either_fence():
    markdown = """
```{prf:theorem} A title
:label: first
:nonumber:

Text.
```
::::{prf:lemma}
:label: second

:::{prf:proof}
Text.
:::
::::
```{prf:example}
Text
:label: not-an-option
```
"""
    assert statements(markdown) == [
        ("theorem", "first"),
        ("lemma", "second"),
        ("proof", None),
        ("example", None),
    ]


def test_claims_are_found_on_test_functions_that_pytest_runs():
    source = """
@pytest.mark.claim("a")
@pytest.mark.claim("b")
@pytest.mark.parametrize("n", [1])
def test_one(n): ...

class Two:
    @pytest.mark.claim("c")
    def test_method(self): ...

@pytest.mark.claim("d")
def helper(): ...
"""
    assert [(label, test.name) for label, test in checks_in("test_x.py", source)] == [
        ("a", "test_one"),
        ("b", "test_one"),
    ]


def test_a_skipped_test_of_a_claim_fails(pytester):
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    pytester.makepyfile("""
import pytest

pytestmark = pytest.mark.claim("a")

@pytest.mark.skip
def test_skipped(): ...

@pytest.mark.xfail
def test_expected_to_fail():
    assert False

@pytest.mark.parametrize("n", [])
def test_without_cases(n): ...

def test_skipping_itself():
    pytest.skip()
""")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=2, errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
