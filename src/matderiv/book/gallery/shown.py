"""The cookbook as a reader sees it: Markdown, for a page and for a notebook alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from matderiv.book.gallery.entries import Entry, Row

SHORT = 90  # letters of LaTeX in a Hessian on the cheat sheet
PLAIN = "*()'/,"  # signs that a link may hold as they are


class Shown:
    """Markdown that a notebook shows; made of blocks."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self.text = "\n\n".join(blocks)

    def _repr_markdown_(self) -> str:
        return self.text

    __repr__ = _repr_markdown_


def recipes(groups: Mapping[str, Iterable[Entry]]) -> Shown:
    """Show entries, by the names of their groups: what is long is folded."""
    links = (f'<a href="#{_place(name)}">{name}</a>' for name in groups)
    blocks = ['<div class="cookbook">', f'<nav aria-label="Groups">{" · ".join(links)}</nav>']
    for name, entries in groups.items():
        blocks += [f'<section id="{_place(name)}" class="packed">', f"<h3>{name}</h3>"]
        blocks += [_folded(entry) for entry in entries]
        blocks.append("</section>")
    return Shown([*blocks, "</div>"])


def sheet(entries: Iterable[Entry]) -> Shown:
    """Show the entries of the cheat sheet: those that are numbers, then those that are not."""
    chosen = [entry for entry in entries if entry.sheet]
    numbers = [entry for entry in chosen if len(entry.maps) == 2]
    others = [entry for entry in chosen if len(entry.maps) == 1]
    legends = (f"{_math(entry.title)}: {entry.legend}" for entry in chosen if entry.legend)
    return Shown(
        [
            '<div class="cheat-sheet">',
            _table(
                ("A number $f(X)$", r"Gradient $\nabla f(X)$", r"Hessian $D\nabla f(X)[Y]$"),
                ((entry.title, entry.maps[1].latex, _short(entry.hessian)) for entry in numbers),
            ),
            _table(
                ("No number $f(X)$", "Derivative $Df(X)[Y]$", r"Matrix $[Df(X)]_{\mathrm F}$"),
                ((entry.title, entry.maps[0].latex, entry.matrices[0].latex) for entry in others),
            ),
            f"{'. '.join(legends)}.",
            "</div>",
        ]
    )


def _place(group: str) -> str:
    return f"cookbook-{re.sub('[^a-z]+', '-', group.lower())}"


def _folded(entry: Entry) -> str:
    """Show an entry: its function and derivative, and folded away the rest."""
    code = _asked(entry) if entry.sizes else f"`{entry.code}`, written by hand"
    unseen = f'<span class="visually-hidden">`{entry.code}`</span>'  # a name in letters
    blocks = [
        '<details class="recipe"><summary>',
        f"{_math(entry.title)} " + (f"*{entry.name}*" if entry.name else unseen),
        *map(_line, entry.maps),
        "</summary>",
        _math(entry.domain),
        *([entry.legend] if entry.legend else []),
        *map(_line, [*entry.matrices, *entry.hessian]),
        f"{code}; {_checked(entry)}",
        "</details>",
    ]
    return "\n\n".join(blocks)


def _asked(entry: Entry) -> str:
    """Link a formula to the page "Ask", with itself filled in."""
    declared = ", ".join(f"{kind} {names}" for kind, names in entry.declared.items())
    question = {"f": entry.code, "x": entry.by} | ({"declared": declared} if declared else {})
    return f'<a href="ask.html#{urlencode(question, safe=PLAIN)}">`{entry.code}`</a>'


def _checked(entry: Entry) -> str:
    """Say at which sizes an entry was checked."""
    if not entry.sizes:
        return "checked at $n = 2$ and $n = 3$"
    sizes = (", ".join(f"{letter} = {n}" for letter, n in at.items()) for at in entry.sizes)
    return "checked at " + " and ".join(f"${at}$" for at in sizes)


def _math(latex: str) -> str:
    return rf"$\displaystyle {latex}$"


def _line(row: Row) -> str:
    return _math(str(row))


def _short(rows: list[Row]) -> str:
    """Return the first row, if it is short enough for a sheet."""
    return rows[0].latex if rows and len(rows[0].latex) <= SHORT else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table in Markdown, of cells in LaTeX."""
    cells = ([_math(cell) if cell else "" for cell in row] for row in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in ([*head], ["---"] * 3, *cells))
