"""The built book: complete without other sites or JavaScript, and strict in the building."""

import os
import re
import shutil
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString
from pages import one_process, parsed
from strategies import in_sweep

from matderiv.book.gallery import entries
from tools.pdf import OMITTED, write_one_page

ROOT = Path(__file__).parent.parent

# (page, text): what the built pages must show. Mathematics is looked for as its TeX source,
# and spaces do not count.
PROMISES = [
    ("prologue", "(35, 27, 31, 32)"),
    ("prologue", "0.98603 17.48338 18.0 83.53059"),
    ("prologue", "The ends give 35 and 27, and their mean is 31. In the middle f is 32."),
    ("linear-functionals", "its Taylor remainder has the order 2.00"),
    ("linear-functionals", "its slopes from two sides differ"),
    ("coordinates", r"\left( 0, \ 0, \ 0, \ 0, \ 0, \ 0\right)"),
    ("kronecker", "7,450.6 GiB, above the limit of 2.0 GiB; apply the map instead"),
    ("matrix-times-trace", "(ArrayTensorProduct(A.T, B), (2, 2, 2, 2))"),
    ("two-hessians", r"x^{2} \left(x^{2} - 84 x - 276\right)"),
    ("two-hessians", r"\left(x - 18\right) \left(x^{3} - 102 x^{2} + 1560 x - 1440\right)"),
    ("two-hessians", "(42 - 2*sqrt(510), 42 + 2*sqrt(510))"),
    ("two-hessians", r"printed in 2011 as −3.1664 is exactly \displaystyle 42 - 2 \sqrt{510}"),
    ("two-hessians", "0.98603 is the least root"),
    ("two-hessians", "[0.98603334, 17.483378, 18.000000, 83.530589]"),
    ("two-hessians", "The angle is 21.58°"),
    ("two-hessians", "[-5.0294  0.  97.0294] [-3.1664  0.  87.1664]"),
    ("two-hessians", "false: it has rank at most two"),
    ("covariance", "± 0.54, and whoever forgets"),
    ("covariance", "throwing 19 of the 68 birds away"),
    ("machine", "16 variables: 160 304"),
    ("flattenings", "Counter({-3.166: 8, 0.986: 8, -18.0: 8})"),
    ("flattenings", "least eigenvalue −3.166, eight 0.986, and eight −18."),
    ("flattenings", "(exact([0, 18, -18, 0]), exact([0, -18, 18, 0]))"),
    ("convexity", "(967740, 948696, True)"),
    ("convexity", "(2, 19044, 19044)"),
    ("convexity", "indefinite: 1 positive, 1 negative, 0 zero"),
    ("convexity", "negative semidefinite: 0 positive, 2 negative, 2 zero"),
    ("convexity", "Here that is 12 %"),
    ("diagnose", "indefinite, with the least eigenvalue 42 - 2*sqrt(510) = -3.16636"),
    ("diagnose", "representation ('ji,lk',)mixed orders ('ji,kl',)rearrangement ('il,kj',)"),
    ("diagnose", "the candidate is not the derivative: its Taylor remainder has the order 1.00"),
    ("diagnose", "representation rearrangement rearrangement A match at one"),
    ("diagnose", "3.369854187"),
    ("diagnose", "-3.166359162"),
    ("diagnose", "0.0 indefinite"),
    ("gallery", "[0, 0, 0, 0]"),
    ("gallery", "the candidate is the derivative: its Taylor remainder has the order 2.00"),
    ("gallery", "v'*Y*v: n = 2: right; n = 3: right"),
    ("gallery", "{0} of {0} hold".format(sum(not entry.sizes for entry in entries()))),
    ("gallery", "[Df(X)]F = −X−⊤ ⊗ X−1"),
    ("gallery", "[Df(X)]C = A ⊗ B⊤"),
    ("gallery", "X^2: n = 2: map wrong; n = 3: map wrong"),
    ("gallery", "A*X*B: n = 2: F wrong; n = 3: F wrong"),
    ("gallery", "det(X): n = 2: right; n = 3: map wrong"),
    ("scale", "1,000,000 × 1,000,000: 7,450.6 GiB, above the limit of 2.0 GiB"),
    ("scale", "-83,333,250,000\n-83,333,250,000"),
    ("scale", "array([-1. , 0. , 3.008012])"),
    ("scale", "array([0. , 3.008012])"),
    ("scale", "[128, 719]"),
    ("claims", "False. That is the Hessian of another function."),
    ("claims", "Checked: The printed eigenvalues"),
    ("notation", "sp.diff(F(X), X).reshape(6, 6).tomatrix().T"),
    ("glossary", "the false Hessian to the true one: Theorem 6.3"),
]

# Where each of these elements names what the browser loads by itself.
RESOURCES = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


def pages_of(site):
    return {page.stem: parsed(page) for page in sorted(site.glob("chapters/*.html"))}


def visible_text(part, *without):
    """Return a part of a page as text, each formula as its TeX source, or as its letters."""
    if isinstance(part, NavigableString):
        return "" if isinstance(part, PreformattedString) else part
    if part.name in without:
        return ""
    if "katex" in part.get("class", ()):
        return (part.find("annotation") or part.find("math")).get_text()
    return "".join(visible_text(inner, *without) for inner in part)


@cache
def shown(page):
    """Return what a page shows, without spaces."""
    return "".join(visible_text(parsed(page).article).split())


@one_process
@pytest.mark.parametrize(("page", "text"), PROMISES)
def test_page_shows(site, page, text):
    assert "".join(text.split()) in shown(site / "chapters" / f"{page}.html")


@one_process
def test_solutions_are_folded(site):
    for name, page in pages_of(site).items():
        for solution in page.select("details.solution"):
            assert solution.select_one("summary ~ *"), f"{name}: {solution.summary.get_text()}"


@one_process
def test_no_formula_is_left_as_source(site):
    pages = pages_of(site).items()
    assert [name for name, page in pages if "$" in visible_text(page.article, "pre", "code")] == []


@one_process
def test_pages_do_not_load_mathjax(site):
    pages = site.rglob("*.html")
    assert [page for page in pages if "mathjax.js" in page.read_text("utf-8").lower()] == []


@one_process
def test_nothing_is_loaded_from_another_site(site):
    loaded = [
        (page.name, element[attribute])
        for page in sorted(site.rglob("*.html"))
        for element in parsed(page).find_all(list(RESOURCES))
        if (attribute := RESOURCES[element.name]) in element.attrs
    ]
    assert [(name, url) for name, url in loaded if "//" in url] == []
    styles = {path: path.read_text("utf-8") for path in site.rglob("*.css")}
    assert [
        path for path, css in styles.items() if "url(http" in css or "@import url(//" in css
    ] == []


@one_process
def test_internal_links_lead_somewhere(site):
    pages = {
        path: parsed(path)
        for path in sorted(site.glob("**/*.html"))
        if "live" not in path.relative_to(site).parts and path.name != "404.html"
    }
    places = {path: {tag["id"] for tag in html.find_all(id=True)} for path, html in pages.items()}
    broken = []
    for page, html in pages.items():
        for link in html.select("a[href]"):
            address = urlsplit(link["href"])
            target = Path(os.path.normpath(page.parent / address.path)) if address.path else page
            if address.scheme or link["href"] == "#" or address.fragment.startswith("f="):
                continue  # the page that answers reads a question from what follows #f=
            if not target.exists() or address.fragment not in {"", *places.get(target, ())}:
                broken.append((page.name, link["href"]))
    assert broken == []


SETTLED = {  # steps of the false proof, at the end of each page that counts them
    "prologue": 0,
    "linear-functionals": 1,
    "coordinates": 1,
    "kronecker": 1,
    "matrix-times-trace": 2,
    "two-hessians": 3,
    "flattenings": 3,
    "convexity": 4,
}


@one_process
def test_chapters_tick_off_the_steps_of_the_false_proof(site):
    found = {}
    for name, page in pages_of(site).items():
        if page.select(".path"):
            assert len(page.select(".path li")) == 4
            found[name] = len(page.select(".path li.settled"))
    assert found == SETTLED


@one_process
def test_nothing_names_a_place_twice(site):
    for name, page in pages_of(site).items():
        ids = [part["id"] for part in page.article.find_all(id=True) if not part.find_parent("svg")]
        assert len(ids) == len(set(ids)), name


@one_process
def test_every_page_leads_out_and_back(site):
    for name, page in pages_of(site).items():
        foot = page.select_one(".colophon")
        assert "Edition" in foot.get_text(), name
        assert foot.select_one("a[href$='#cite-this-book']"), name
    sources = parsed(site / "chapters/bibliography.html")
    for source in sources.select(".citation"):
        assert source.select_one(".uses a[href*='#']"), source.get_text()
    linked = [bool(source.select("a[href^='https://']")) for source in sources.select(".citation")]
    assert sum(linked) > len(linked) / 2
    assert "@book{matderiv," in sources.select_one("#cite-this-book pre").get_text()


@in_sweep
@one_process
def test_all_pages_fit_into_one_with_their_links(site, tmp_path):
    copy = shutil.copytree(site, tmp_path / "html", copy_function=os.symlink)
    page = BeautifulSoup(write_one_page(copy).read_text("utf-8"), "html.parser")
    places = [part["id"] for part in page.find_all(id=True) if not part.find_parent("svg")]
    assert len(places) == len(set(places))
    links = [link["href"] for link in page.select("a[href]") if "://" not in link["href"]]
    assert [link for link in links if link.removeprefix("#") not in places] == []
    names = {path.stem for path in site.glob("chapters/*.html")}
    assert {article["id"] for article in page.find_all("article")} == names - OMITTED


def test_katex_styles_and_renderer_have_the_same_version():
    from sphinxcontrib.katex import katex_version

    styles = (ROOT / "_static" / "katex" / "katex.min.css").read_text("utf-8")
    assert f'content:"{katex_version}"' in styles


def test_every_source_is_complete_and_cited():
    entries = re.split(r"^@", (ROOT / "references.bib").read_text("utf-8"), flags=re.MULTILINE)[1:]
    keys = {re.match(r"\w+\{(\w+),", entry)[1] for entry in entries}
    chapters = [path for path in (ROOT / "chapters").iterdir() if path.is_file()]
    cited = re.findall(r"\{cite(?::\w+)?\}`(.*?)`", "".join(p.read_text("utf-8") for p in chapters))
    assert {key.strip() for keys in cited for key in keys.split(",")} == keys
    for field in ("author", "title", "year"):
        assert [entry for entry in entries if f"  {field} " not in entry] == []
    assert len(keys) == len(entries)


def small_book(folder, cells):
    """Lay out a book of one page, set up like the real one."""
    shutil.copy(ROOT / "_config.yml", folder)
    for name in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "references.bib").write_text(
        "@misc{source, author={A. Author}, title={T}, year=2000}"
    )
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n")
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "page.ipynb")
    return folder


def sound_cells():
    """Return a page with one of everything that the broken pages break."""
    markdown = """# A page

(here)=
## A part with a [reference](#here), {prf:ref}`law`, {glue:text}`two`, {cite}`source`, $x$

```{prf:theorem} A law
:label: law

$$ x = x $$
```

```{bibliography}
```
"""
    code = "from myst_nb import glue\nglue('two', 1 + 1)"
    return [nbformat.v4.new_markdown_cell(markdown), nbformat.v4.new_code_cell(code)]


def test_a_sound_page_is_built_and_says_where_it_is(build, tmp_path, monkeypatch):
    monkeypatch.setenv("BASE_URL", "https://example.org/book/")
    monkeypatch.setenv("REPOSITORY_URL", "https://example.org/us/book/")
    process = build(small_book(tmp_path, sound_cells()), tmp_path)
    assert process.returncode == 0, process.stdout
    html = tmp_path / "_build" / "html"
    address = "https://example.org/book/page.html"
    assert f"<loc>{address}</loc>" in (html / "sitemap.xml").read_text("utf-8")
    page = BeautifulSoup((html / "page.html").read_text("utf-8"), "html.parser")
    assert page.find("link", rel="canonical")["href"] == address
    assert page.find("meta", property="og:title")["content"] == "A page"
    assert page.find("meta", property="og:image")["content"].endswith("/book/_static/preview.png")
    report = page.find("a", string="Report an error on this page")["href"]
    assert report.startswith("https://example.org/us/book/issues/new?")
    assert report.endswith("place=Prologue")
    search = BeautifulSoup((html / "search.html").read_text("utf-8"), "html.parser")
    assert search.find("meta", attrs={"name": "description"})["content"].startswith("Search")
    door = BeautifulSoup((html / "index.html").read_text("utf-8"), "html.parser")
    assert door.title.get_text() == "Matrix Derivatives as Linear Maps"
    assert door.a["href"] == "page.html"
    assert (html / door.find("link", rel="icon")["href"]).exists()
    assert door.find("link", rel="canonical")["href"] == "https://example.org/book/page.html"
    lost = BeautifulSoup((html / "404.html").read_text("utf-8"), "html.parser")
    assert lost.find("base")["href"] == "/book/"


def broken_build(build, folder, changes):
    """Build a page in which this is changed; return what the build says."""
    cells = sound_cells()
    for right, wrong in changes.items():
        assert any(right in cell.source for cell in cells)
        for cell in cells:
            cell.source = cell.source.replace(right, wrong)
    process = build(small_book(folder, cells), folder)
    assert process.returncode != 0
    return process.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        pytest.param("1 + 1", "1 / 0", "ZeroDivisionError", id="a failing cell"),
        pytest.param("$x$", r"$\\frac{x$", "KaTeX", id="a formula that does not parse"),
    ],
)
def test_what_cannot_be_shown_fails_the_build(build, tmp_path, right, wrong, complaint):
    assert complaint in broken_build(build, tmp_path, {right: wrong})


def test_broken_references_fail_the_build_and_all_are_told(build, tmp_path):
    changes = {
        "](#here)": "](#nowhere)",
        "{prf:ref}`law`": "{prf:ref}`order`",
        "`two`": "`three`",
        "{cite}`source`": "{cite}`nobody`",
    }
    said = broken_build(build, tmp_path, changes).splitlines()
    for name in ("nowhere", "order", "three", "nobody"):
        assert [line for line in said if "WARNING" in line and name in line]
