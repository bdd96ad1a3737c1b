"""Print the built book as one PDF, with an outline, page numbers and working links.

Usage: python tools/pdf.py [SITE]  (the site is changed: its pages then offer the PDF)

Chromium prints one page made of all pages, in their order. What links from page to page becomes a
link within the one; ids get their page's name, so that none occurs twice.
"""

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright

NAME = "matrix-derivatives.pdf"
MARK = re.compile(r"<!-- pdf (\S+) -->")
REMOVED = "p.live, ul.doors, .headerlink, script, button, input, label, .toctree-wrapper"
FOOTER = """<div style="font-size: 8pt; text-align: center; width: 100%">
<span class="pageNumber"></span></div>"""
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="../_static/all.css">
<main class="bd-main"><div class="bd-content"><div class="bd-article-container">
{articles}
</div></div></main>
</html>
"""


def pages_in_order(site):
    """List the chapters' pages as the navigation does."""
    first = next(site.glob("chapters/prologue.html"))
    html = BeautifulSoup(first.read_text("utf-8"), "html.parser")
    names = [urlsplit(link["href"]).path for link in html.select(".bd-links a[href]")]
    return [first, *(first.parent / name for name in dict.fromkeys(names) if name)]


def article_of(path, printed):
    """Return a page's text, its ids and links such that all pages can stand in one."""
    article = BeautifulSoup(path.read_text("utf-8"), "html.parser").find("article")
    for part in article.select(REMOVED):
        part.decompose()
    for details in article.select("details.solution"):
        details["open"] = ""
    for part in article.find_all(id=True):
        if not part.find_parent("svg"):
            part["id"] = f"{path.stem}--{part['id']}"
    for link in article.select("a[href]"):
        address = urlsplit(link["href"])
        target = address.path.removesuffix(".html") or path.stem
        if not address.scheme and target in printed:
            link["href"] = f"#{target}--{address.fragment}" if address.fragment else f"#{target}"
    article["id"] = path.stem
    article["style"] = "break-before: page"
    return article


def write_one_page(site):
    """Write the page that is printed; return its path."""
    paths = pages_in_order(site)
    printed = {path.stem for path in paths}
    articles = [article_of(path, printed) for path in paths]
    title = articles[0].find("h1").get_text()
    one = paths[0].with_name("one-page.html")
    one.write_text(PAGE.format(title=title, articles="\n".join(map(str, articles))), "utf-8")
    return one


def print_page(path, pdf):
    """Let Chromium print a page."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
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
