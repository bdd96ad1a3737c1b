"""The built pages, for the tests that read them: their names and their text."""

from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

CHAPTERS = sorted(path.stem for path in (Path(__file__).parent.parent / "chapters").glob("*.[im]*"))
one_process = pytest.mark.xdist_group("pages")  # it parses each page once

LAID_OUT = "'laidOut' in document.documentElement.dataset"
AT_REST = "* { transition: none !important; }"  # no colours in between


@cache
def parsed(path):
    """Return a page to be read, and left as it is."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def lay_out(page):
    """Have all of a page laid out, as whoever does something gets it."""
    page.keyboard.press("Shift")
    page.wait_for_function(LAID_OUT)
