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


def uses(start, links):
    """Return a line of links, (text, address), for what is used in several places."""
    line = nodes.paragraph("", start, classes=["uses"])
    for text, address in links:
        line += [nodes.reference("", text, refuri=address, internal=True), nodes.Text(", ")]
    line[-1] = nodes.Text(".")
    return line


def add_chapters(app, doctree, docname):
    """Write them behind each definition of a page's glossaries."""
    for glossary in doctree.findall(addnodes.glossary):
        terms = {term.astext() for term in glossary.findall(nodes.term)}
        found = {
            (str(number), app.builder.get_relative_uri(docname, chapter)): first_sections(
                app.env.get_doctree(chapter), terms
            )
            for chapter, number in chapters(app.env)
        }
        for item in glossary.findall(nodes.definition_list_item):
            names = [term.astext() for term in item.findall(nodes.term)]
            links = [
                (number, f"{address}#{next(sections[name] for name in names if name in sections)}")
                for (number, address), sections in found.items()
                if sections.keys() & names
            ]
            if links:
                start = "In chapter " if len(links) == 1 else "In chapters "
                next(item.findall(nodes.definition)).append(uses(start, links))


def setup(app):
    """Look the terms up when all chapters are read and numbered."""
    app.connect("doctree-resolved", add_chapters)
