"""The page of the package: docstrings as they are written, and a list of its names.

Kept, because autosummary lists modules and not one page's names, and because a docstring read in
a terminal should not write the norm of A with backslashes, nor addresses.
"""

import re

from docutils import nodes
from sphinx import addnodes

CLAIMS = re.compile(r"[Cc]laims?\s+[QWL]\d(?:(?:,|\s+and)\s+[QWL]\d)*")
SOURCE = re.compile(r"((?:Van )?[A-Z][a-z]+)(?:\s+and\s+[A-Z][a-z]+)?\s+\((\d{4})\)")


def list_names(app, doctree):
    """Fill the lists of names once the page is read: section by section."""
    for place in doctree.findall(nodes.container):
        if "names" in place["classes"]:
            place += nodes.bullet_list("", *lines_of_names(doctree))


def lines_of_names(doctree):
    """Yield a line for each section of a page that describes names."""
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
            yield nodes.list_item("", line)


def mark_up(app, what, name, obj, options, lines):
    r"""Escape a docstring's bars, as \|A\| is no substitution; link its claims and sources."""
    sources = app.env.get_domain("cite").bibdata.data.entries

    def cited(match):
        name = " ".join(match[0].split())
        key = re.sub(r"\W", "", match[1]).lower() + match[2]
        return f"`{name} <bibliography.html#{key}>`__" if key in sources else name

    def linked(match):
        return re.sub(r"[QWL]\d", r"`\g<0> <claims.html#claim-\g<0>>`__", match[0])

    text = "\n".join(lines).replace("|", r"\|")
    lines[:] = SOURCE.sub(cited, CLAIMS.sub(linked, text)).split("\n")


def setup(app):
    """Mark docstrings up before they are parsed, and list the names after."""
    app.connect("autodoc-process-docstring", mark_up)
    app.connect("doctree-read", list_names)
