"""Print the built book as one PDF, with an outline, page numbers and working links.

Usage: python tools/pdf.py [SITE]  (the site is changed: its pages then offer the PDF)

Chromium prints one page made of all pages, in their order. What links from page to page becomes a
link within the one; ids get their page's name, so that none occurs twice.
"""

import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from chromium import CHROMIUM
from playwright.sync_api import sync_playwright

NAME = "matrix-derivatives.pdf"
FIRST = "prologue"
PROLOGUE = "Prologue: the Hessian that lied"
MARK = re.compile(r"<!-- pdf (\S+) -->")
OMITTED = {"tests"}  # code to read on a screen
REMOVED = "p.live, ul.doors, .headerlink, script, button, input, label, .toctree-wrapper"
FOOTER = """<div style="font-size: 8pt; text-align: center; width: 100%">
<span class="pageNumber"></span></div>"""
CONTENTS = """<nav class="book-contents"><h1>{title}</h1><p><em>{subtitle}</em></p>{colophon}
{entries}</nav>"""
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="../_static/all.css">
<style>
.book-contents :is(ul, li) {{ display: block; list-style: none; padding: 0; }}
.book-contents .caption {{ font-weight: 600; margin: 0.8rem 0 0; }}
</style>
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{articles}
</div></div></main>
</html>
"""


def parsed(path):
    """Return a page's elements."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def stem(address):
    """Return the name of the page that an address leads to, without its folder and ending."""
    return Path(urlsplit(address).path).stem


def keep_inside(part, name, printed):
    """Let the links in a part of a page lead to the same places in the one page."""
    for link in part.select("a[href]"):
        address = urlsplit(link["href"])
        target = stem(link["href"]) or name
        if not address.scheme and target in printed:
            asked = address.fragment.startswith("f=")  # a question, which paper cannot answer
            place = f"--{address.fragment}" if address.fragment and not asked else ""
            link["href"] = f"#{target}{place}"
        elif not address.scheme:
            del link["href"]


def title_page(first, printed):
    """Return the title, what stands at the foot of each page, and the navigation as contents."""
    for part in first.select(".bd-links, .colophon"):
        keep_inside(part, FIRST, printed)
    entries = first.select(".bd-links :is(p.caption, ul)")
    for entry in entries:
        for item in entry.select("li:not(:has(> a[href]))"):
            item.decompose()
    article = first.find("article")
    return CONTENTS.format(
        title=article.h1.get_text().removesuffix("#"),
        subtitle=article.em.get_text(),
        colophon=first.select_one(".colophon"),
        entries="\n".join(map(str, entries)),
    )


def article_of(path, printed):
    """Return a page's text, its ids and links such that all pages can stand in one."""
    page = parsed(path)
    article = page.find("article")
    article.extend(page.select("aside.path"))
    if path.stem == FIRST:  # the title page has the book's title
        article.h1.string = PROLOGUE
        article.em.parent.decompose()
    for part in article.select(REMOVED):
        part.decompose()
    for details in article.select("details:is(.solution, .sd-dropdown)"):
        details["open"] = ""
    for packed in article.select("section > noscript"):
        packed.unwrap()
    for part in article.find_all(id=True):
        if not part.find_parent("svg"):
            part["id"] = f"{path.stem}--{part['id']}"
    keep_inside(article, path.stem, printed)
    article["id"] = path.stem
    article["style"] = "break-before: page"
    return article


def write_one_page(site):
    """Write the page that is printed; return its path."""
    folder = site / "chapters"
    first = parsed(folder / f"{FIRST}.html")
    links = [stem(link["href"]) or FIRST for link in first.select(".bd-links a[href]")]
    names = [name for name in dict.fromkeys(links) if name not in OMITTED]
    printed = set(names)
    articles = [article_of(folder / f"{name}.html", printed) for name in names]
    text = "\n".join([title_page(first, printed), *map(str, articles)])
    one = folder / "one-page.html"
    one.write_text(PAGE.format(title=first.find("h1").get_text(), articles=text), "utf-8")
    return one


def print_page(path, pdf):
    """Let Chromium print a page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        page.pdf(
            path=pdf,
            format="A4",
            margin=dict.fromkeys(("top", "right", "bottom", "left"), "20mm"),
            display_header_footer=True,
            header_template="<span></span>",
            footer_template=FOOTER,
            outline=True,
            tagged=True,
        )
        browser.close()


def offer(site):
    """Put a link to the PDF at the foot of each page."""
    for path in site.rglob("*.html"):
        html = path.read_text("utf-8")
        linked = MARK.sub(r'<a href="\1">The book as a PDF</a>.', html)
        if linked != html:
            path.write_text(linked, "utf-8")


if __name__ == "__main__":
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html").resolve()
    one = write_one_page(site)
    print_page(one, site / NAME)
    one.unlink()
    offer(site)
