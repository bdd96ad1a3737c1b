"""Entries hung up one by one, and shown together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from matderiv import LinearMap
from matderiv.book.gallery.entries import Entry, verify
from matderiv.book.gallery.typesetting import matrix_tex, space_tex, tex


@dataclass(frozen=True)
class Table:
    """A table that a notebook shows; its cells are Markdown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def _repr_markdown_(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass
class Gallery:
    r"""A collection of verified derivatives.

    Examples
    --------
    >>> gallery = Gallery()
    >>> gallery.add("X.T", "Y.T", "K(m, n)", "nm", X="mn")
    X.T: exact yes, order inf, matrices yes
    >>> gallery.matrices().rows
    [('$X^\\top$', '$K_{mn}$', '$K_{nm}$', '✓', '∞', '✓')]
    """

    entries: list[Entry] = field(default_factory=list)

    def add(
        self, f: str, df: str, matrix: str, codomain: str = "", where: str = "", **spaces: str
    ) -> None:
        """Verify a derivative, as `verify` does, print what was found and hang it up."""
        entry = verify(f, df, matrix, codomain, where, **spaces)
        print(entry)
        self.entries.append(entry)

    def maps(self) -> Table:
        """Show each function with its domain, its codomain and its derivative."""
        return Table(
            ["function $f(X)$", "domain → codomain", "derivative $Df(X)[Y]$"],
            [(f"${tex(entry.f)}$", _spaces(entry), _derivative(entry)) for entry in self.entries],
        )

    def matrices(self) -> Table:
        """Show the matrix of each derivative in both orders, and the three checks."""
        return Table(
            ["function $f(X)$", "order F", "order C", "exact", "order", "F, C"],
            [
                (
                    f"${tex(entry.f)}$",
                    f"${matrix_tex(entry.matrix, 'F')}$",
                    f"${matrix_tex(entry.matrix, 'C')}$",
                    _mark(entry.exact),
                    f"{entry.order:.2f}".replace("inf", "∞"),
                    _mark(entry.agrees),
                )
                for entry in self.entries
            ],
        )

    def larger(self) -> dict[str, LinearMap]:
        """Return the derivatives at larger matrices, by the functions' names in LaTeX."""
        return {f"${tex(entry.f)}$": entry.larger() for entry in self.entries}


def _spaces(entry: Entry) -> str:
    domain, codomain = space_tex(entry.spaces["X"]), space_tex(entry.codomain)
    condition = f", ${entry.where}$" if entry.where else ""
    return rf"${domain} \to {codomain}${condition}"


def _derivative(entry: Entry) -> str:
    return f"${tex(entry.df)}$"


def _mark(passed: bool) -> str:
    return "✓" if passed else "✗"
