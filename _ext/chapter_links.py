"""Call a chapter "Chapter 7" where a link does not say what it is called.

Kept: the chapters' titles are questions, which read badly inside a sentence, and Sphinx numbers
sections, figures and statements in links, but not documents.
"""

from docutils import nodes


def name_chapters(app, doctree, docname):
    """Rename the links of a page that carry the title of a numbered chapter."""
    for reference in doctree.findall(nodes.reference):
        page, _, place = reference.get("refuri", "").partition("#")
        target = page.removesuffix(".html").rpartition("/")[2]
        document = docname.rpartition("/")[0] + "/" + target
        number = app.env.toc_secnumbers.get(document, {}).get("")
        if number and not place and reference.astext() == app.env.titles[document].astext():
            reference["reftitle"] = reference.astext()
            reference.children[0].children = [nodes.Text(f"Chapter {number[0]}")]


def setup(app):
    """Rename them before a live notebook takes their names."""
    app.connect("doctree-resolved", name_chapters, priority=400)
