"""Tell readers and search engines what the site is (with _templates/layout.html).

Kept: sphinx-sitemap and sphinxext-opengraph would be two more packages for forty lines, and
neither knows mathematics in a description. Where the site and its repository will be is known only
if the environment variables BASE_URL and REPOSITORY_URL say so.
"""

import os
import re
from html import escape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin

from concordance import chapters
from docutils import nodes

LONGEST = 155
SIGNS = {"times": "×", "otimes": "⊗", "mapsto": "↦", "langle": "⟨", "rangle": "⟩", "top": "ᵀ"}
SIGNS |= {"to": "→", "colon": ":", "cdot": "·", "log": "log", "det": "det", "quad": " "}
SUPERSCRIPTS = str.maketrans("0123456789-+nm", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵐ")
TITLES = re.compile(r"</h1>(?:\s*<p><em>.*?</em></p>)?")


def set_address(app, config):
    """Take the addresses of the site and of its repository from the environment."""
    config.html_baseurl = os.environ.get("BASE_URL", config.html_baseurl)
    config.html_context |= {
        "repository_url": os.environ.get("REPOSITORY_URL", "").rstrip("/"),
        "edition": ".".join(version("matderiv").split(".")[:2]),
    }


def description(doctree):
    """Return the first words of a page, with its mathematics in plain characters."""
    texts = [paragraph.astext() for paragraph in doctree.findall(nodes.paragraph)]
    plain = re.sub(r"\\([a-zA-Z]+)", lambda name: SIGNS.get(name[1], ""), " ".join(texts[:3]))
    plain = re.sub(r"\^(\{.*?\}|.)", lambda power: power[1].translate(SUPERSCRIPTS), plain)
    words = re.sub(r"[{}$]", "", plain).split()
    text = ""
    while words and len(text) + len(words[0]) < LONGEST:
        text += words.pop(0) + " "
    return text.strip()


def describe(app, pagename, templatename, context, doctree):
    """Tell the templates what a page is about, and put the book's first screen under its title."""
    context["chapter_numbers"] = dict(chapters(app.env))
    context["description"] = description(doctree) if doctree else ""
    context["root_title"] = "Prologue: the Hessian that lied"
    context["heading"] = context.get("title")
    if pagename == app.config.root_doc:
        context["title"] = "Prologue"
        front = app.builder.templates.render("front.html", context)
        context["body"] = TITLES.sub(lambda titles: titles[0] + front, context["body"], count=1)


def write_sitemap(app, exception):
    """List the pages for search engines, if the site's address is known."""
    base = app.config.html_baseurl
    if exception or not base:
        return
    addresses = [urljoin(base, f"{name}.html") for name in sorted(app.env.found_docs)]
    entries = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
    (Path(app.outdir) / "sitemap.xml").write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{schema}">\n{entries}</urlset>\n'
    )


def be_light(app, exception):
    """Let pages be light without scripts: it takes one to find out what "auto" is."""
    for page in [] if exception else Path(app.outdir).rglob("*.html"):
        html = page.read_text("utf-8")
        page.write_text(html.replace('data-theme="auto"', 'data-theme="light"', 1), "utf-8")


def setup(app):
    """Follow the build from its settings to its end."""
    app.connect("config-inited", set_address)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_sitemap)
    app.connect("build-finished", be_light)
