"""The built pages, for the tests that read them: their names, their text, and how many to try."""

from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from strategies import SWEEP

CHAPTERS = sorted(path.stem for path in (Path(__file__).parent.parent / "chapters").glob("*.[im]*"))
one_process = pytest.mark.xdist_group("pages")  # it parses each page once
in_sweep = pytest.mark.skipif(not SWEEP, reason="only `make sweep` tries it")


@cache
def parsed(path):
    """Return a page to be read, and left as it is."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def some(things, count):
    """Return up to `count` of the things, evenly spread from the last, or all in `make sweep`."""
    things = list(things)
    return things if SWEEP else things[:: -max(1, -(-len(things) // count))]
