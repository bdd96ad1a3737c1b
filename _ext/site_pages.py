"""Tell readers and search engines what the site is, and add a page for who is lost.

Kept: sphinx-sitemap and sphinxext-opengraph would be two more packages for forty lines, and
neither knows mathematics in a description. Where the site and its repository will be is known only
if the environment variables BASE_URL and REPOSITORY_URL say so.
"""

import os
import re
from html import escape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from concordance import chapters
from docutils import nodes

LONGEST = 155
TITLES = re.compile(r"</h1>(?:\s*<p><em>.*?</em></p>)?")
COUNTS = "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
LOST = """<section><h1>There is no such page</h1>
<p>The address may be misspelt, or the page has moved.
Start from the <a class="reference internal" href="{home}.html">first page</a>,
or search the book.</p></section>"""


def set_address(app, config):
    """Take the addresses of the site and of its repository from the environment."""
    config.html_baseurl = os.environ.get("BASE_URL", config.html_baseurl)
    config.html_context |= {
        "repository_url": os.environ.get("REPOSITORY_URL", "").rstrip("/"),
        "edition": ".".join(version("matderiv").split(".")[:2]),
    }


def description(doctree):
    """Return the first words of a page, without its mathematics' markup."""
    texts = [paragraph.astext() for paragraph in doctree.findall(nodes.paragraph)]
    plain = " ".join(texts[:3]).replace(r"\times", "×").replace(r"\otimes", "⊗")
    words = re.sub(r"\\\w+|[{}$]", "", plain).split()
    text = ""
    while words and len(text) + len(words[0]) < LONGEST:
        text += words.pop(0) + " "
    return text.strip()


def describe(app, pagename, templatename, context, doctree):
    """Add a page's description, and what link previews show of it."""
    context["chapter_numbers"] = dict(chapters(app.env))
    tags = {}
    if doctree:
        tags["description"] = description(doctree)
    base = app.config.html_baseurl
    if doctree and base:
        tags |= {
            "og:title": context["title"],
            "og:description": tags["description"],
            "og:type": "article",
            "og:url": urljoin(base, f"{pagename}.html"),
            "og:image": urljoin(base, "_static/preview.png"),
            "og:image:alt": "Two contour plots: a saddle and a bowl.",
            "twitter:card": "summary_large_image",
        }
    lines = [context.get("metatags", "")]
    for name, content in tags.items():
        key = "property" if name.startswith("og:") else "name"
        lines.append(f'<meta {key}="{name}" content="{escape(content)}" />')
    if pagename == "404":  # it is shown at any depth
        lines.append(f'<base href="{urlsplit(base).path or "/"}" />')
    context["metatags"] = "\n".join(lines)


def open_the_book(app, pagename, templatename, context, doctree):
    """Call the first page what it is, and put the book's first screen under its title."""
    context["root_title"] = "Prologue: the Hessian that lied"
    if pagename == app.config.root_doc:
        context["title"] = "Prologue"
        count = len(chapters(app.env))
        context["number_of_chapters"] = COUNTS.split()[count]
        front = app.builder.templates.render("front.html", context)
        context["body"] = TITLES.sub(lambda titles: titles[0] + front, context["body"], count=1)


def lost_page(app):
    """Yield the page that servers show where there is none."""
    body = LOST.format(home=app.config.root_doc)
    yield "404", {"title": "There is no such page", "body": body}, "page.html"


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


def setup(app):
    """Follow the build from its settings to its end."""
    app.connect("config-inited", set_address)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", open_the_book)
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
