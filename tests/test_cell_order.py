"""Cells of a chapter may be run again in any order: no cell reads what two others bind."""

import symtable
from collections import Counter
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).parent.parent / "chapters").glob("*.ipynb"))


def bound_and_read(source):
    """Return the names that a cell binds, those it imports, and those it reads from outside."""
    cell = symtable.symtable(source, "cell", "exec")
    symbols = cell.get_symbols()
    imported = {s.get_name() for s in symbols if s.is_imported()}
    bound = {s.get_name() for s in symbols if s.is_assigned()} - imported
    read = {s.get_name() for s in symbols if s.is_referenced()}
    inner = cell.get_children()
    while inner:
        table = inner.pop()
        read |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        inner += table.get_children()
    return bound, imported, read - bound - imported


def ambiguous_names(sources):
    """List the names that two cells bind and a third one reads; all imports of a name are one."""
    binding, importing, reading = zip(*map(bound_and_read, sources), strict=True)
    bound = Counter(name for names in (*binding, set().union(*importing)) for name in names)
    return sorted(name for name in set().union(*reading) if bound[name] > 1)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_cell_reads_what_two_others_bind(path):
    cells = nbformat.read(path, as_version=4).cells
    assert ambiguous_names([cell.source for cell in cells if cell.cell_type == "code"]) == []


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["x = 1", "x = 2", "print(x)"], ["x"]),
        (["x = 1", "x = 2", "f = lambda y: x + y"], ["x"]),
        (["x = 1", "for x in (1, 2): pass", "def f():\n    return [x for _ in y]"], ["x"]),
        (["x = 1", "x = 2\nprint(x)"], []),
        (["import x", "import x", "x.y"], []),
        (["import x", "x.y", "x = 1"], ["x"]),
        (["def f(x):\n    return x", "x = 1", "x = 2"], []),
    ],
)
def test_ambiguous_names_are_noticed(sources, names):
    assert ambiguous_names(sources) == names
