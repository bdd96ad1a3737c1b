"""The page of the package: every public name is there, and the chapters' code leads to it."""

from api_links import with_links
from bs4 import BeautifulSoup
from pages import one_process, parsed
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import matderiv
import matderiv.book.figures
import matderiv.book.gallery

NAMES = [f"matderiv.{name}" for name in matderiv.__all__]
FIGURES = [f"matderiv.book.figures.{name}" for name in matderiv.book.figures.__all__]
GALLERY = [f"matderiv.book.gallery.{name}" for name in matderiv.book.gallery.__all__]


@one_process
def test_every_public_name_is_documented_and_nothing_else(site):
    page = parsed(site / "chapters/api.html")
    documented = {item["id"] for item in page.select("dt.sig[id]")}
    assert documented >= {*NAMES, *FIGURES, *GALLERY}
    assert "matderiv.book.data.chinstrap" in documented
    public = (*NAMES, *FIGURES, *GALLERY, "matderiv.traces.Violation", "matderiv.book.data")
    assert [name for name in documented if not name.startswith(public)] == []


@one_process
def test_code_of_the_chapters_links_to_what_it_imports(site):
    targets = {item["id"] for item in parsed(site / "chapters/api.html").select("[id]")}
    links = [link["href"] for link in parsed(site / "chapters/kronecker.html").select("pre a.api")]
    assert "api.html#matderiv.sandwich" in links
    assert "api.html#matderiv.book.figures.kronecker_blocks" in links
    assert [href for href in links if href.split("#")[1] not in targets] == []


def linked(*cells):
    """List the names that are linked in cells of code, cell by cell."""
    html = "".join(highlight(code, PythonLexer(), HtmlFormatter()) for code in cells)
    page = BeautifulSoup(with_links(html, lambda name: f"api.html#{name}"), "html.parser")
    return [[link.text for link in pre.select("a")] for pre in page.select("pre")]


def test_names_are_linked_from_their_import_on_once_a_cell():
    cells = "vec(X)", "from matderiv import vec, unvec\nvec(vec(X))", "unvec(x)"
    assert linked(*cells) == [[], ["vec", "unvec"], ["unvec"]]


def test_other_things_of_the_same_name_are_not_linked():
    start = "from matderiv import gradient, identity"
    assert linked(start, "f.gradient(X), dict(identity=1)")[1] == []
    assert linked(start, "identity = 2", "identity(2, 2)")[1:] == [[], []]
    assert linked(start, "def gradient(X): ...", "gradient(X)")[1:] == [[], []]
    assert linked("from numpy import identity", "identity(2)") == [[], []]


def test_figures_are_linked_by_their_own_names():
    assert linked("from matderiv.book import figures\nfigures.chord(f)")[0][-1] == "chord"
    assert linked("figures.chord(f)") == [[]]
