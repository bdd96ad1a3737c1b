"""Say under each statement, and each claim of the thread, by which tests it is checked.

Kept: it carries the book's idea, and nothing else does it. A test names what it checks by its
mark: ``@pytest.mark.claim("label")``.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx_proof.nodes import NODE_TYPES

# Names that Python's small letters hide.
NAMES = (
    "Autograd Frobenius Gram Hessian Hessians Jacobian Kronecker Laplacian NumPy Sylvester SymPy"
)
SPELLED = {name.lower(): name for name in NAMES.split()}


@dataclass(frozen=True)
class Check:
    """A test: the name of its file, its own name, and its source with its marks."""

    file: str
    name: str
    source: str

    @property
    def sentence(self):
        """The test's name, read as a sentence."""
        words = self.name.removeprefix("test_").split("_")
        text = " ".join(SPELLED.get(word, word) for word in words)
        return f"{text[0].upper()}{text[1:]}."

    @property
    def place(self):
        """The id of the test on the page of all tests."""
        return f"{self.file.removesuffix('.py')}-{self.name}".replace("_", "-")

    def unfolding(self, summary, classes="checked-by"):
        """Return what unfolds to the source below the name of the test."""
        code = nodes.literal_block(self.source, self.source, language="python")
        return fold(summary.format(escape(self.sentence)), code, classes=classes)


def checks_in(file, source):
    """Yield (label, test) for each label that a test of a module carries in `pytest.mark.claim`."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            check = Check(file, node.name, "\n".join(lines[first - 1 : node.end_lineno]))
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.claim":
                    yield mark.args[0].value, check


def checks_by_label(folder):
    """Return the tests of each label, from the sources in a folder."""
    found = defaultdict(list)
    for path in sorted(Path(folder).glob("test_*.py")):
        for label, test in checks_in(path.name, path.read_text("utf-8")):
            found[label].append(test)
    return found


def fold(summary, *content, classes="checked-by"):
    """Return what unfolds below its summary, HTML."""
    start, end = f'<details class="{classes}"><summary>{summary}</summary>', "</details>"
    return [nodes.raw("", start, format="html"), *content, nodes.raw("", end, format="html")]


def add_tests(app, doctree):
    """Put the tests of each statement below it."""
    for statement in doctree.findall(lambda node: isinstance(node, tuple(NODE_TYPES.values()))):
        if tests := app.checks.get(statement["label"]):
            count = "1 test" if len(tests) == 1 else f"{len(tests)} tests"
            page = app.builder.get_relative_uri(app.env.docname, PAGE_OF_TESTS)
            items = "".join(
                f'<li><a href="{page}#{test.place}">{escape(test.sentence)}</a></li>'
                for test in tests
            )
            listed = nodes.raw("", f"<ul>{items}</ul>", format="html")
            statement += fold(f"Checked by {count}", listed)


class ThreadClaims(SphinxDirective):
    """The claims in a YAML file whose ids begin with a letter, each with its tests."""

    required_arguments = 2

    def run(self):
        """Write each claim as a heading, what was said, the verdict, the place and the tests."""
        name, letter = self.arguments
        path, _ = self.env.relfn2path(name)
        self.env.note_dependency(path)
        with open(Path(self.env.srcdir) / path, encoding="utf-8") as file:
            claims = yaml.safe_load(file)
        return [self._card(claim) for claim in claims if claim["id"].startswith(letter)]

    def _card(self, claim):
        card = nodes.container(classes=["claim"], ids=[f"claim-{claim['id']}"])
        text = CARD.format(**claim)
        self.state.nested_parse(StringList(text.splitlines(), claim["id"]), 0, card)
        tests = self.env.app.checks.get(claim["id"])
        if not tests:
            raise ExtensionError(f"no test checks claim {claim['id']}")
        for test in tests:
            card += test.unfolding("Checked: {}")
        return card


PAGE_OF_TESTS = "chapters/tests"
CARD = """\
**{id}** · {who}

> {said}

**{verdict}.** {because}

See {where}.
"""


class AllTests(SphinxDirective):
    """Every test of a statement or a claim, by file, with its source."""

    def run(self):
        """Write a section for each file, and in it a place for each test."""
        tests = {test for tests in self.env.app.checks.values() for test in tests}
        sections = {}
        for test in sorted(tests, key=lambda test: (test.file, test.place)):
            if test.file not in sections:
                ids = [nodes.make_id(test.file)]
                title = nodes.title("", test.file)
                sections[test.file] = nodes.section("", title, ids=ids, names=[test.file])
            folded = test.unfolding("{}", "checked-by packed")
            sections[test.file] += nodes.container("", *folded, ids=[test.place])
        return [*sections.values()]


def setup(app):
    """Read the tests at the start, and show them where their labels are."""
    app.checks = checks_by_label(Path(app.srcdir) / "tests")
    app.connect("doctree-read", add_tests)
    app.add_directive("thread-claims", ThreadClaims)
    app.add_directive("all-tests", AllTests)
