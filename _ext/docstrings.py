"""The page of the package: docstrings as they are written, and a list of its names.

Kept, because autosummary lists modules and not one page's names, and because a docstring read in
a terminal should not write the norm of A with backslashes.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective


class names(nodes.General, nodes.Element):
    """The place of the list of names."""


class Names(SphinxDirective):
    """The names that a page describes, section by section."""

    def run(self):
        """Mark the place."""
        return [names()]


def list_names(app, doctree):
    """Fill the list once the page is read."""
    for place in list(doctree.findall(names)):
        items = nodes.bullet_list(classes=["names"])
        for section in doctree.findall(nodes.section):
            described = [
                signature
                for signature in section.findall(addnodes.desc_signature)
                if signature.get("ids") and not signature.get("class")
            ]
            if section is not doctree[0] and described:
                line = nodes.paragraph("", "", nodes.strong("", section[0].astext()))
                for signature in described:
                    text = nodes.literal("", signature["fullname"].rpartition(".")[2])
                    reference = nodes.reference("", "", text, refid=signature["ids"][0])
                    line += [nodes.Text(" "), reference]
                items += nodes.list_item("", line)
        place.replace_self(items)


def keep_bars(app, what, name, obj, options, lines):
    r"""Escape the bars of a docstring's lines: \|A\| is a norm, not a substitution."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app):
    """Escape them before the docstring is parsed, and list the names after."""
    app.add_directive("names", Names)
    app.connect("autodoc-process-docstring", keep_bars)
    app.connect("doctree-read", list_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
