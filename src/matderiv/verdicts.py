"""What is said of a candidate for a derivative, be it an array or a formula."""

from __future__ import annotations

MEANINGS = {
    "representation": "the derivative, in coordinates",
    "mixed orders": "rows and columns list the coordinates in different orders",
    "rearrangement": "the right entries in other places",
    "cannot tell": "it may be in these layouts; the derivative is not known well enough",
    "no match": "no layout of the derivative, nor a multiple of one",
}
SURVIVES = {
    "representation": "everything",
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "no match": "nothing in common was found",
}


class Judgement:
    """What was found about a candidate; true where it represents the derivative."""

    @property
    def verdict(self) -> str:
        """What the candidate is, in a word."""
        raise NotImplementedError

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        return self.verdict == "representation"

    def __str__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    def _repr_html_(self) -> str:
        from html import escape

        row = '<tr><th scope="row">{}</th><td>{}</td></tr>'
        return f"<table>{''.join(row.format(*map(escape, pair)) for pair in self.rows)}</table>"
