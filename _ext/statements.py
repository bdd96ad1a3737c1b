"""Mend what sphinx-proof and sphinx-exercise write: proofs, solutions, and ids that are no places.

Kept, because neither offers it: solutions fold without a script, whole bar and all, so that
sphinx-togglebutton is not needed; a proof's name is set apart; and no id occurs twice on a page.
"""

from docutils import nodes
from sphinx_exercise.nodes import solution_node

NO_PLACES = {"proof", "proof-content", "exercise-content", "solution-content"}
NAME = "Proof. "


def mend(app, doctree, docname):
    """Mend a page whose numbers are known."""
    for solution in list(doctree.findall(solution_node)):
        content = solution.children[1:]
        summary = solution["title"].replace("Solution to Exercise", "Solution of exercise")
        start = f'<details class="solution"><summary>{summary}</summary>'
        raw = [nodes.raw("", html, format="html") for html in (start, "</details>")]
        solution.parent.replace(solution, [raw[0], *content, raw[1]])  # without its classes
    for node in doctree.findall(nodes.Element):
        if set(node["ids"]) & NO_PLACES:
            name_proof(node)
            node["ids"] = []


def name_proof(node):
    """Set the name of a proof apart from its first sentence."""
    text = next(node.findall(nodes.Text), "")
    if node["ids"] == ["proof"] and text.startswith(NAME):
        rest = nodes.Text(" " + text[len(NAME) :])
        text.parent.replace(text, [nodes.emphasis("", NAME.strip()), rest])


def setup(app):
    """Mend each page when its references are resolved."""
    app.connect("doctree-resolved", mend, priority=900)
