"""The page "Ask": its answers worked at build time, what its worker loads, its security policy.

The worker runs the modules of this folder that are named here, and the package, from one archive.
Where the site has no Pyodide of its own (PYODIDE, as in tools/live.py), the worker fetches it from
the public server of the live chapters.
"""

import os
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZIP_DEFLATED, ZipFile

import asked
from docutils import nodes
from docutils.parsers.rst import directives
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from sphinx.util.docutils import SphinxDirective
from sphinxcontrib import katex

import matderiv

PAGE = "chapters/ask"
MODULES = ("asked.py", "numbers_typed.py", "numerical.py")
FIELDS = {"claim": "claimed", "declared": "declarations", "values": "values"}
ELSEWHERE = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full/"
NEXT = re.compile(r'<link rel="next"[^>]*>\s*')  # Firefox fetches it, which the policy forbids
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
STYLED = re.compile(r"\bstyle=\"([^\"]*)\"")


class Asked(SphinxDirective):
    """A question with its answer, as the page's form gives it."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(("variable", *FIELDS), directives.unchanged_required)

    def run(self):
        """Answer the question."""
        f, x = self.arguments[0], self.options["variable"]
        options = {name: self.options[name] for name in FIELDS if name in self.options}
        found = asked.answer(f, x, **{FIELDS[name]: text for name, text in options.items()})
        link = nodes.reference("", "Put it into the form", classes=["asked-again"])
        link["refuri"] = "#" + urlencode({"f": f, "x": x, **options})
        answer = nodes.container(classes=["asked"])
        answer += [nodes.paragraph("", note) for note in found["notes"][:-1]]
        if found["verdict"]:
            answer += entries(found["verdict"], "ask-verdict")
        answer += self.formulas(found["rows"])
        if found["values"]:
            answer += entries(found["values"])
        checked = nodes.paragraph("", f"{found['notes'][-1]}.", classes=["ask-checked"])
        answer += [checked, nodes.paragraph("", "", link)]
        return [answer]

    def formulas(self, rows):
        """Return a list of formulas under their headings."""
        listed = nodes.definition_list()
        for row in rows:
            formula = nodes.math_block("", row["latex"], nowrap=False, number=None, label=None)
            formula["docname"] = self.env.docname
            term = nodes.term("", row["heading"])
            listed += nodes.definition_list_item("", term, nodes.definition("", formula))
        return listed


def entries(pairs, *classes):
    """Return a list of texts under their headings."""
    listed = nodes.definition_list(classes=[*classes])
    for heading, text in pairs:
        shown = nodes.literal_block(text, text, language="none") if "\n" in text else None
        definition = nodes.definition("", shown or nodes.paragraph("", text))
        listed += nodes.definition_list_item("", nodes.term("", heading), definition)
    return listed


def write_archive(path):
    """Pack what the worker's Python imports; its package needs no NumPy before it is asked to."""
    package = Path(matderiv.__file__).parent
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("matderiv/__init__.py", "")
        for name in MODULES:
            archive.write(Path(__file__).with_name(name), name)
        for source in sorted(package.rglob("*.py")):
            name = source.relative_to(package)
            if name.parts[0] != "book" and str(name) not in ("__init__.py", "__main__.py"):
                archive.write(source, Path("matderiv", name))


def hashes(texts):
    """Return what allows these scripts or styles inside a page, and no others."""
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in sorted({*texts}))
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def policy(page, pyodide):
    """Return the Content-Security-Policy of the page, which its worker inherits."""
    elsewhere = f" {pyodide}" if pyodide.startswith("https:") else ""
    styles = STYLE.findall(page) + [unescape(text) for text in STYLED.findall(page)]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'wasm-unsafe-eval'{elsewhere} {hashes(SCRIPT.findall(page))}",
            f"style-src 'self' 'unsafe-hashes' {hashes(styles)}",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{elsewhere}",
            "worker-src blob:",
            "form-action 'none'",
            "base-uri 'none'",
        )
    )


def finish(app, exception):
    """Write what the page's worker loads, and the policy into the page."""
    path = Path(app.outdir, f"{PAGE}.html")
    if exception or not path.exists():
        return
    static = path.parent.parent / "_static"
    shutil.copy(Path(katex.__file__).with_name("katex.min.js"), static / "katex")
    write_archive(static / "ask.zip")
    page = NEXT.sub("", path.read_text("utf-8"))
    pyodide = "../live/static/pyodide/" if os.environ.get("PYODIDE") else ELSEWHERE
    tags = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy(page, pyodide)}" />'
        f'<meta name="pyodide" content="{pyodide}" />'
    )
    path.write_text(re.sub(r'<meta charset="utf-8" ?/?>', rf"\g<0>{tags}", page, count=1), "utf-8")


def setup(app):
    """Work the answers, and finish the page when it is there."""
    app.add_directive("asked", Asked)
    app.connect("build-finished", finish, priority=950)
