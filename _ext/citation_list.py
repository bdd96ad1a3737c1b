"""The bibliography: entries called as the text calls them, with the chapters that cite each.

Kept, because sphinxcontrib-bibtex labels by number or by abbreviation, links back only within one
page, and gives the entries a role that ARIA has withdrawn.
"""

from pathlib import Path

import yaml
from concordance import uses
from docutils import nodes
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle
from sphinx.util.docutils import SphinxDirective
from sphinx.util.i18n import format_date

BIBTEX = """\
@book{{matderiv,
  author  = {{{author}}},
  title   = {{{title}}},
  edition = {{{edition}}},
  year    = {{{year}}}{url}
}}"""


class AuthorYear(BaseLabelStyle):
    """Labels such as "Magnus and Neudecker, 2019"."""

    def format_labels(self, sorted_entries):
        """Yield the label of each entry."""
        for entry in sorted_entries:
            people = entry.persons["author"]
            names = [" ".join(person.last_names).strip("{}") for person in people]
            who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
            yield f"{who}, {entry.fields['year']}"


class NamedStyle(PlainStyle):
    """The plain style, with these labels."""

    default_label_style = AuthorYear


class CiteThisBook(SphinxDirective):
    """The book's own entry for a bibliography, to copy; from CITATION.cff."""

    def run(self):
        """Write it as code."""
        self.env.note_dependency("CITATION.cff")
        source = Path(self.env.srcdir, "CITATION.cff").read_text("utf-8")
        citation = yaml.safe_load(source)
        address = self.config.html_baseurl or self.config.html_context["repository_url"]
        text = BIBTEX.format(
            author=" and ".join(f"{{{author['name']}}}" for author in citation["authors"]),
            title=citation["title"],
            edition=self.config.html_context["edition"],
            year=format_date("%Y", language="en"),
            url=f",\n  url     = {{{address}}}" if address else "",
        )
        return [nodes.literal_block(text, text, language="bibtex")]


def add_citing_chapters(app, doctree, docname):
    """Write behind each entry of a bibliography where it is cited."""
    titles = app.env.titles
    numbers = app.env.toc_secnumbers
    order = [app.config.root_doc, *app.env.toctree_includes.get(app.config.root_doc, [])]
    for citation in doctree.findall(nodes.citation):
        places = {}
        for reference in app.env.get_domain("cite").citation_refs:
            if {key.key for key in reference.targets} & set(citation["ids"]):
                places.setdefault(reference.docname, reference.citation_ref_id)
        links = []
        for place in sorted(places.keys() - {docname}, key=lambda place: order.index(place)):
            number = numbers.get(place, {}).get("")
            text = f"chapter {number[0]}" if number else f"“{titles[place].astext()}”"
            links.append((text, f"{app.builder.get_relative_uri(docname, place)}#{places[place]}"))
        if links:
            citation += uses("Cited in ", links)


def mend_roles(app, pagename, templatename, context, doctree):
    """Replace the role that docutils writes, which ARIA has withdrawn."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    """Call the entries by their names, and mend every page before it is written."""
    register_plugin("pybtex.style.formatting", "named", NamedStyle)
    app.add_directive("cite-this-book", CiteThisBook)
    app.connect("doctree-resolved", add_citing_chapters)
    app.connect("html-page-context", mend_roles)
