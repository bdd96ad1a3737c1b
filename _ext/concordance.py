"""Say in the glossary which chapters use a term, and lead to the first section that does.

Kept: an index made by hand goes stale with every chapter; this one is computed, and tested.
"""

import re

from docutils import nodes
from sphinx import addnodes

SKIPPED = (nodes.literal, nodes.literal_block, nodes.math, nodes.raw)


def first_sections(doctree, terms):
    """Return {term: the id of the first section of a chapter whose text has it}."""
    found = {}
    for text in doctree.findall(nodes.Text):
        ancestors = []
        node = text
        while node := node.parent:
            ancestors.append(node)
        sections = [node for node in ancestors if isinstance(node, nodes.section) and node["names"]]
        if sections and not any(isinstance(node, SKIPPED) for node in ancestors):
            for term in terms - set(found):
                if re.search(rf"\b{term}(s|es)?\b", text.replace("\n", " "), re.IGNORECASE):
                    found[term] = sections[0]["ids"][0]
    return found


def chapters(env):
    """List (document, number) of the numbered chapters, in their order."""
    numbers = {
        doc: sections[""][0] for doc, sections in env.toc_secnumbers.items() if sections.get("")
    }
    return sorted(numbers.items(), key=lambda item: item[1])


def add_chapters(app, doctree, docname):
    """Write them behind each definition of a page's glossaries."""
    items = [
        item
        for glossary in doctree.findall(addnodes.glossary)
        for item in glossary.findall(nodes.definition_list_item)
    ]
    names = [[term.astext() for term in item.findall(nodes.term)] for item in items]
    places = {}
    for chapter, number in chapters(app.env) if items else []:
        found = first_sections(app.env.get_doctree(chapter), set().union(*names))
        address = app.builder.get_relative_uri(docname, chapter)
        for term, section in found.items():
            places.setdefault(term, {}).setdefault(number, f"{address}#{section}")
    for item, terms in zip(items, names, strict=True):
        uses = {}
        for term in reversed(terms):  # the first name of what it is called has the last word
            uses |= places.get(term, {})
        if uses:
            links = [
                nodes.reference("", str(number), refuri=uri, internal=True)
                for number, uri in sorted(uses.items())
            ]
            text = [nodes.Text("In chapter " if len(links) == 1 else "In chapters ")]
            for link in links:
                text += [link, nodes.Text(", ")]
            line = nodes.paragraph("", "", *text[:-1], nodes.Text("."), classes=["uses"])
            next(item.findall(nodes.definition)).append(line)


def setup(app):
    """Look the terms up when all chapters are read and numbered."""
    app.connect("doctree-resolved", add_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
