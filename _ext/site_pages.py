"""Tell search engines and link previews what each page says, and add a page for lost readers.

Where the site will be is known only if html_baseurl or the environment variable BASE_URL says so.
"""

import os
import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from docutils import nodes

LONGEST = 155
LOST = """<section><h1>There is no such page</h1>
<p>The address may be misspelt, or the page has moved.
Start from the <a class="reference internal" href="{home}.html">first page</a>,
or search the book.</p></section>"""


def set_address(app, config):
    """Take the site's address from the environment, if it is there."""
    config.html_baseurl = os.environ.get("BASE_URL", config.html_baseurl)


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
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
