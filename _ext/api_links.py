"""Link what a chapter's code imports from matderiv to its documentation, once a cell.

Kept: sphinx-codeautolink does the same by running an importer of its own, and stops at these pages.
"""

import ast
import re
from html import unescape

CELL = re.compile(r'(?<=<div class="highlight"><pre>).*?(?=</pre></div>)', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
NAME = re.compile(
    r'(?<!<span class="o">\.</span>)'
    r'(?:(?P<module><span class="n">figures</span><span class="o">\.</span>))?'
    r'<span class="n">(?P<name>\w+)</span>(?!<span class="o">=</span>)'
)


def names_of(source):
    """Return the names that a cell imports from matderiv, and those that it binds otherwise."""
    imported, bound = set(), set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return imported, bound
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("matderiv", "matderiv.book"):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return imported, bound


def with_links(html, address):
    """Link the names in a page's cells; `address` gives the place of "matderiv.name" or None."""
    known = set()

    def linked_cell(cell):
        imported, bound = names_of(unescape(TAG.sub("", cell[0])))
        known.difference_update(bound)
        known.update(imported)
        linked = set()

        def linked_name(match):
            module, name = match["module"] or "", match["name"]
            known_name = "figures" if module else name
            target = address(f"matderiv.book.figures.{name}" if module else f"matderiv.{name}")
            if known_name not in known or name in linked or target is None:
                return match[0]
            linked.add(name)
            return f'{module}<a class="api" href="{target}"><span class="n">{name}</span></a>'

        return NAME.sub(linked_name, cell[0])

    return CELL.sub(linked_cell, html)


def link_page(app, pagename, templatename, context, doctree):
    """Link a page that is about to be written."""
    objects = app.env.domaindata["py"]["objects"]

    def address(name):
        if name not in objects:
            return None
        entry = objects[name]
        return app.builder.get_relative_uri(pagename, entry.docname) + "#" + entry.node_id

    if "body" in context:
        context["body"] = with_links(context["body"], address)


def setup(app):
    """Link every page before it is written."""
    app.connect("html-page-context", link_page)
