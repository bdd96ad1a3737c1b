"""What a diagnosis says: the verdict on a candidate for a derivative, in words for its reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matderiv.spectra import Spectrum

KINDS = ("representation", "mixed orders", "rearrangement")
REPRESENTATIONS = ("i,j", ",ij", ",ji", "ij,", "ji,", "ij,kl", "ji,lk", "kl,ij", "lk,ji")
MIXED_ORDERS = ("ij,lk", "ji,kl", "kl,ji", "lk,ij")

NAMES = {
    "i,j": "the shape of X",
    "j,i": "the shape of Xᵀ",
    ",ij": "a row, in order C",
    ",ji": "a row, in order F",
    "ij,": "a column, in order C",
    "ji,": "a column, in order F",
    "ij,kl": "order C",
    "ji,lk": "order F",
    "ik,jl": "block table",
}
MEANINGS = {
    "representation": "the derivative, in coordinates",
    "mixed orders": "rows and columns list the coordinates in different orders",
    "rearrangement": "the right entries in other places",
    "no match": "no layout of the derivative, nor a multiple of one",
}
MULTIPLES = {
    "representation": "a multiple of a representation",
    "mixed orders": "a multiple of a matrix in mixed orders",
    "rearrangement": "a multiple of a rearrangement",
}
SURVIVES = {
    "gradient": "everything; its inner product with Y is Df(X)[Y]",
    "map": "everything; it takes the coordinates of Y to those of Df(X)[Y]",
    "adjoint": "everything, once transposed; it is the matrix of the adjoint map",
    "Hessian": "everything, so also rank, eigenvalues, definiteness",
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "transposed": "entries, rank, singular values; its inner product with Yᵀ, not Y, is Df(X)[Y]",
    "symmetrised": "its inner product with Y is Df(X)[Y] for symmetric Y only",
    "triangle": (
        "its inner product with Y is Df(X)[Y] for symmetric Y only, "
        "once its entries off the diagonal are halved"
    ),
    "no match": "nothing in common was found",
}
MULTIPLE_SURVIVES = {
    "gradient": "the direction; every slope is multiplied by {}",
    "map": "rank, kernel and range; every value is multiplied by {}",
    "adjoint": "rank, kernel and range, once transposed; every value is multiplied by {}",
    "Hessian": "rank and eigenvectors; every eigenvalue is multiplied by {}",
    "mixed orders": "rank and the ratios of singular values",
    "rearrangement": "the ratios of the entries; nothing else need survive",
    "transposed": "rank and the ratios of singular values",
}
SIGN_SURVIVES = {
    ("gradient", True): ", so uphill stays uphill",
    ("gradient", False): ", so uphill becomes downhill",
    ("Hessian", True): ", so definiteness survives",
    ("Hessian", False): ", so positive and negative change places",
}


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What `diagnose` found about a candidate for a derivative.

    Parameters
    ----------
    verdict
        "representation", "mixed orders", "rearrangement", "scaled" or "no match".
    layouts
        Every layout of the true derivative that the candidate is, or is a multiple of.
    scale
        The multiple; 1 for all verdicts but "scaled", and `None` for "no match".
    subject
        Which derivative it was compared with.
    survives
        What the candidate has in common with the derivative.
    slip
        The classic slip that explains the candidate, where it is one.
    candidate, true
        For square candidates of the second derivative: definiteness and least eigenvalue.
    closest
        For "no match" without a slip, how far the closest layout is from the candidate.
    """

    verdict: str
    layouts: tuple[str, ...]
    scale: Any
    subject: str
    survives: str
    slip: str | None = None
    candidate: Spectrum | None = None
    true: Spectrum | None = None
    closest: str | None = None

    @property
    def meaning(self) -> str:
        """The verdict in words."""
        if self.verdict == "scaled":
            return MULTIPLES[min(map(kind, self.layouts), key=KINDS.index)]
        return MEANINGS[self.verdict]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        count = len(self.layouts)
        layouts = " · ".join(map(named, self.layouts))
        rows = [
            ("verdict", f"{self.verdict} ({self.meaning})"),
            ("compared with", f"the {self.subject} of f at X"),
            ("layouts", f"{layouts} ({count} alike)" if count > 1 else layouts),
            ("scale", number(self.scale) if self.verdict == "scaled" else None),
            ("slip", self.slip),
            ("closest", self.closest),
            ("survives", self.survives),
            ("the candidate is", self.candidate),
            ("the Hessian is", self.true),
        ]
        return [(heading, str(text)) for heading, text in rows if text]

    def __str__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    def _repr_html_(self) -> str:
        from html import escape

        cells = "".join(
            f'<tr><th scope="row">{escape(heading)}</th><td>{escape(text)}</td></tr>'
            for heading, text in self.rows
        )
        return f"<table>{cells}</table>"


def kind(layout: str) -> str:
    """Say what a layout makes of a derivative: one of `KINDS`."""
    if layout in REPRESENTATIONS:
        return "representation"
    return "mixed orders" if layout in MIXED_ORDERS else "rearrangement"


def survival(form: str, c: Any = 1) -> str:
    """Say what survives in c times a form of the derivative."""
    if c == 1:
        return SURVIVES[form]
    return MULTIPLE_SURVIVES[form].format(number(c)) + SIGN_SURVIVES.get((form, c > 0), "")


def named(layout: str) -> str:
    """Return a layout with its name, where it has one."""
    return f"{layout} ({NAMES[layout]})" if layout in NAMES else layout


def number(value: Any) -> str:
    """Write a number: floats with six digits, exact ones in full."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
