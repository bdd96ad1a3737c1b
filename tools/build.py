"""Build the book strictly: a warning, a failing cell or a broken reference is an error.

Usage: python tools/build.py [SOURCE [OUTPUT]]  (the site is written to OUTPUT/_build/html)
"""

import sys
from pathlib import Path

from jupyter_book.cli.main import main
from live import add_live_chapters

source = sys.argv[1] if len(sys.argv) > 1 else "."
output = sys.argv[2] if len(sys.argv) > 2 else source
options = ["--path-output", output, "--all", "-W", "-n", "--keep-going"]
main(["build", source, *options], standalone_mode=False)
add_live_chapters(Path(output, "_build").resolve())
