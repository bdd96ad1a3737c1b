"""Build the book strictly: a warning, a failing cell or a broken reference is an error.

Usage: python tools/build.py [SOURCE [OUTPUT]]  (the site is written to OUTPUT/_build/html)
"""

import os
import re
import sys
from pathlib import Path
from urllib.parse import urljoin

from jupyter_book.cli.main import main
from live import add_live_chapters

DOOR = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="_static/favicon.svg">
<link rel="canonical" href="{canonical}">
<meta http-equiv="Refresh" content="0; url={page}">
<p><a href="{page}">{title}</a></p>
</html>
"""


def write_door(site):
    """Let the site's address lead to the first page, with the book's name, also for robots."""
    door = site / "index.html"
    page = re.search('url=(.*?)"', door.read_text("utf-8"))[1]
    title = re.search("&#8212; (.*?)</title>", (site / page).read_text("utf-8"))[1]
    canonical = urljoin(os.environ.get("BASE_URL", ""), page)
    door.write_text(DOOR.format(title=title, page=page, canonical=canonical), "utf-8")


source = sys.argv[1] if len(sys.argv) > 1 else "."
output = sys.argv[2] if len(sys.argv) > 2 else source
options = ["--path-output", output, "--all", "-W", "-n", "--keep-going"]
main(["build", source, *options], standalone_mode=False)
write_door(Path(output, "_build", "html"))
add_live_chapters(Path(output, "_build").resolve())
