"""Write each chapter's notebook as JupyterLite shows it, with the numbers and names of its page.

Kept: there, jupyterlab-myst sets the text of one notebook, and knows nothing of the cells that the
page hides, of the other chapters and of the numbering; jupyterlite-sphinx copies notebooks as they
are, which shows their directives' source.
"""

import json
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.errors import ExtensionError

LINK_ROLES = {"doc", "numref", "prf:ref", "py:class", "py:func", "ref", "term"}
ROLE = re.compile(r"\{([\w:]+)\}`(?:[^`<]*<)?([^`<>]+)>?`")
STATEMENT = re.compile(r"^([`:]{3,}\{prf:(?!proof)\w+\}.*\n):label: (\S+)$", re.MULTILINE)
PROOF = re.compile(r"^([`:]{3,}\{prf:proof\}.*)$", re.MULTILINE)
EXERCISE = re.compile(
    r"^(`{3,})\{exercise\} *(.*)\n:label: (\S+)\n\n?((?:.*\n)*?)\1$", re.MULTILINE
)
SOLUTION = re.compile(r"^(`{3,})\{solution-(start|end)\}.*\n(?:.*\n)*?\1$", re.MULTILINE)
NEW_CELL = "\f"
SOLUTION_HEAD = "#### Solution"

UNNUMBERED = "---\nnumbering:\n  equation: false\n---\n\n"
HOW = """This is the chapter as a notebook that runs in your browser.
**Press ▶▶ in its toolbar to run it all.** The first run fetches Python, some 50 MB, from a public
server. Where that is out of reach, every cell keeps its [*]; all results are on
[the chapter's page](%s.html)."""
FETCH = """\
# Here in the browser, the book's package comes first: from the book's own site, and only there.
try:
    from piplite import piplite as site
except ModuleNotFoundError:
    site = None
if site and site._PIPLITE_DISABLE_PYPI:
    await site.install("matderiv[book]")"""


def remember_links(app, doctree, docname):
    """Note what each reference of a page says and where it leads."""
    links = app.env.live_links[docname] = {}
    for reference in doctree.findall(nodes.reference):
        uri = reference.get("refuri") or "#" + reference.get("refid", "")
        page, _, anchor = uri.partition("#")
        links[(anchor or Path(page).stem).lower()] = (reference.astext(), page, anchor)


class Chapter:
    """A chapter as the builder knows it: what its references say, and its numbers."""

    def __init__(self, env, docname, glued):
        self.name, self.glued = docname, glued
        self.links = env.live_links.get(docname, {})
        self.folder = Path(env.doc2path(docname)).parent
        self.numbers = {
            label: ".".join(map(str, number))
            for labels in env.toc_fignumbers.get(docname, {}).values()
            for label, number in labels.items()
        }

    def value(self, key):
        """Return a number of the page: its LaTeX if it has one, else its text."""
        data = self.glued[key]["data"]
        return data.get("text/latex") or data["text/plain"].strip("'")

    def link(self, target):
        """Return what a reference says, linked to where the reader can go from a notebook."""
        key = target.strip().lstrip("~").lower().replace(" ", "-")
        text, page, anchor = self.links.get(key) or self.links[f"term-{key}"]
        if not page:
            return f"[{text}](#{anchor})" if not anchor.startswith("ex-") else text
        notebook = Path(page).with_suffix(".ipynb")
        return f"[{text}]({notebook})" if (self.folder / notebook).exists() else text

    def role(self, match):
        """Return what stands on the page in place of a role."""
        role, target = match.groups()
        try:
            if role.partition(":")[0] == "glue":
                return self.value(target)
            if role == "cite":
                return f"[{', '.join(self.link(key) for key in target.split(','))}]"
            if role in LINK_ROLES:
                return self.link(target)
        except KeyError as error:
            raise ExtensionError(f"{self.name}: no {error} for {match[0]}") from None
        return match[0]

    def markdown(self, source):
        """Return a cell's text, with `NEW_CELL` where another cell is to begin."""
        source = STATEMENT.sub(
            lambda m: f"{m[1]}:label: {m[2]}\n:enumerator: {self.numbers[m[2]]}", source
        )
        source = PROOF.sub(r"\1\n:enumerated: false\n", source)
        source = EXERCISE.sub(
            lambda m: f"{NEW_CELL}#### Exercise {self.numbers[m[3]]}: {m[2]}\n\n{m[4]}", source
        )
        source = SOLUTION.sub(
            lambda m: NEW_CELL + (SOLUTION_HEAD + NEW_CELL if m[2] == "start" else ""), source
        )
        return ROLE.sub(self.role, source)

    def cells(self, cell):
        """List the cells that stand for one of the chapter's cells."""
        if cell.cell_type == "markdown":
            parts = self.markdown(cell.source).split(NEW_CELL)
            return [text_cell(part.strip()) for part in parts if part.strip()]
        if "remove-cell" in cell.metadata.get("tags", []):
            return []
        figure = cell.metadata.get("mystnb", {}).get("figure")
        cell = nbformat.v4.new_code_cell(cell.source)
        if not figure:
            return [cell]
        caption = f"*Figure {self.numbers[figure['name']]}.* {figure['caption']}"
        return [cell, text_cell(ROLE.sub(self.role, caption))]


def text_cell(source):
    """Return a cell of text; solutions are folded."""
    cell = nbformat.v4.new_markdown_cell(source)
    if source == SOLUTION_HEAD:
        cell.metadata["jp-MarkdownHeadingCollapsed"] = True
    return cell


def glued_values(env):
    """Return the values that the book's cells leave for its text, by their keys."""
    glued = {}
    for path in Path(env.mystnb_config.output_folder).rglob("*.glue.json"):
        glued |= json.loads(path.read_text("utf-8"))
    return glued


def live_notebook(env, docname, glued):
    """Return a chapter as a notebook that runs in the browser."""
    chapter = Chapter(env, docname, glued)
    source = nbformat.read(env.doc2path(docname), as_version=4)
    cells = [new for cell in source.cells for new in chapter.cells(cell)]
    cells[0].source = UNNUMBERED + cells[0].source
    name = Path(docname).name
    cells[1:1] = [nbformat.v4.new_markdown_cell(HOW % name), nbformat.v4.new_code_cell(FETCH)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def add_links(app, pagename, templatename, context, doctree):
    """Offer a chapter's notebook under its title; the first page has a place of its own for it."""
    if context.get("sourcename", "").endswith(".ipynb") and pagename != app.config.root_doc:
        links = app.builder.templates.render("live.html", context)
        context["body"] = context["body"].replace("</h1>", "</h1>" + links, 1)


def write_notebooks(app, exception):
    """Write the notebooks beside the site, for tools/build.py to add them to it."""
    if exception:
        return
    folder = Path(app.outdir).with_name("live")
    folder.mkdir(exist_ok=True)
    glued = glued_values(app.env)
    for docname in sorted(app.env.found_docs):
        if app.env.doc2path(docname).endswith(".ipynb"):
            path = folder / f"{Path(docname).name}.ipynb"
            nbformat.write(live_notebook(app.env, docname, glued), path)


def setup(app):
    """Follow the build to its end."""
    app.connect("env-before-read-docs", lambda app, env, names: setattr(env, "live_links", {}))
    app.connect("doctree-resolved", remember_links)
    app.connect("html-page-context", add_links)
    app.connect("build-finished", write_notebooks)
