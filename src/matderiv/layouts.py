"""Which convention is my matrix in? Layouts, and the diagnosis of a matrix somebody derived."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from matderiv.derivatives import derivative, second_derivative
from matderiv.engines import Function
from matderiv.exactness import is_exact
from matderiv.flattenings import LAYOUTS, cut, flatten, partial_transpose, realign
from matderiv.matrices import Matrix, matrix, real_array
from matderiv.spectra import Spectrum, spectrum

__all__ = ["LAYOUTS", "Diagnosis", "diagnose", "flatten", "partial_transpose", "realign"]

REPRESENTATIONS = ("i,j", ",ij", ",ji", "ij,", "ji,", "ij,kl", "ji,lk", "kl,ij", "lk,ji")
MIXED_ORDERS = ("ij,lk", "ji,kl", "kl,ji", "lk,ij")
NAMES = {
    ",ij": "a row, in order C",
    ",ji": "a row, in order F",
    "ij,": "a column, in order C",
    "ji,": "a column, in order F",
    "ij,kl": "order C",
    "ji,lk": "order F",
}
MEANINGS = {
    "representation": "the derivative, in coordinates",
    "mixed orders": "rows and columns list the coordinates in different orders",
    "rearrangement": "the right entries in other places",
    "scaled": "a multiple of the derivative",
    "no match": "none of the layouts, nor a multiple of one",
}
SURVIVES = {
    "representation": "everything",
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "no match": "nothing that is known here",
}
TOLERANCE = 1e-6


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
    """

    verdict: str
    layouts: tuple[str, ...]
    scale: Any
    subject: str
    survives: str
    slip: str | None = None
    candidate: Spectrum | None = None
    true: Spectrum | None = None

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        rows = [
            ("verdict", f"{self.verdict}: {MEANINGS[self.verdict]}"),
            ("compared with", f"the {self.subject} of f at X"),
        ]
        if self.layouts:
            named = (f"{x} ({NAMES[x]})" if x in NAMES else x for x in self.layouts)
            rows.append(("layouts", " · ".join(named)))
        if self.verdict == "scaled":
            rows.append(("scale", f"{self.scale}"))
        if self.slip:
            rows.append(("slip", self.slip))
        rows.append(("survives", self.survives))
        if self.candidate and self.true:
            rows.append(("the candidate is", str(self.candidate)))
            rows.append(("the Hessian is", str(self.true)))
        return rows

    def __str__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    def _repr_html_(self) -> str:
        from html import escape

        cells = "".join(
            f'<tr><th scope="row">{escape(heading)}</th><td>{escape(text)}</td></tr>'
            for heading, text in self.rows
        )
        return f"<table>{cells}</table>"


def diagnose(candidate: Matrix, f: Function, X: Matrix) -> Diagnosis:
    """Say which convention a matrix follows, or that it is a mere rearrangement.

    Parameters
    ----------
    candidate
        A matrix that somebody derived: for a first derivative of a number, m n entries, in the
        shape of `X`, its transpose, a row or a column; for a second derivative, or a first one of
        a matrix, a matrix with as many entries as the derivative.
    f
        A function of a matrix shaped like `X`, as in `derivative`.
    X
        A matrix of shape (m, n). With exact `X`, `f` and `candidate` the comparison is exact;
        otherwise it allows a relative error of 1e-6.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        When the candidate has neither as many entries as the first derivative nor as the second.
    TypeError, ValueError
        As `derivative` and `second_derivative`.

    Examples
    --------
    >>> from matderiv import TraceProduct, exact
    >>> A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    >>> E = np.kron(A, B) + np.kron(B, A)
    >>> print(diagnose(E, TraceProduct(A, B), exact([[0, 0], [0, 0]])))
    verdict: rearrangement: the right entries in other places
    compared with: the second derivative of f at X
    layouts: ik,jl · il,jk · jk,il · jl,ik · ki,lj · kj,li · li,kj · lj,ki
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the candidate is: positive definite, with the least eigenvalue 0.986033
    the Hessian is: indefinite, with the least eigenvalue 42 - 2*sqrt(510) = -3.16636
    """
    X = matrix(X, "X")
    array = real_array(candidate, "candidate")
    array = matrix(array[:, None] if array.ndim == 1 else array, "candidate")
    true, subject = _derivative_with_size(array, f, X)
    layouts = LAYOUTS if true.ndim == 4 else ("i,j", "j,i", ",ij", ",ji", "ij,", "ji,")
    factors = {layout: _factor(array, cut(true, layout)) for layout in layouts}
    best = min(layouts, key=lambda layout: _preference(layout, factors[layout]))
    kind, scale = _kind(best), factors[best]
    matched = tuple(layout for layout in layouts if _close(factors[layout], scale))
    survives = SURVIVES[kind if matched else "no match"]
    verdict = kind if _close(scale, 1) else "scaled" if matched else "no match"
    slip = _slip(array, true, matched, scale)
    spectra: list[Spectrum | None] = [None, None]
    if subject == "second derivative" and array.shape[0] == array.shape[1]:
        spectra = [spectrum(M) for M in (array, cut(true, "ij,kl"))]
    return Diagnosis(verdict, matched, scale, subject, survives, slip, *spectra)


def _derivative_with_size(candidate: Any, f: Function, X: Any) -> tuple[Any, str]:
    """Return the derivative that has as many entries as the candidate, with all its indices."""
    first = derivative(f, X)
    if not first.codomain and candidate.size == X.size:
        return first.adjoint(1), "first derivative"
    if first.codomain and candidate.size == X.size * prod(first.codomain):
        return first.matrix("C").reshape(first.codomain + X.shape), "first derivative"
    if not first.codomain and candidate.size == X.size**2:
        return second_derivative(f, X).tensor, "second derivative"
    sizes = f"{X.size} or {X.size**2}" if not first.codomain else X.size * prod(first.codomain)
    raise ValueError(
        f"candidate must have {sizes} entries, as the derivatives of f at X do; "
        f"its shape is {candidate.shape}"
    )


def _factor(candidate: Any, true: Any) -> Any:
    """Return c where the candidate is c times the true matrix, and `None` where it is none."""
    if candidate.shape != true.shape:
        return None
    square = np.vdot(true, true)
    if square == 0:
        return 1 if _close(candidate, true) else None
    c = np.vdot(true, candidate) / square
    if not _close(candidate, c * true) or c == 0:
        return None
    return 1 if _close(c, 1) else c


def _preference(layout: str, factor: Any) -> tuple[bool, bool, int]:
    """Order layouts: those that match, without a factor, representations first."""
    kinds = ("representation", "mixed orders", "rearrangement")
    return factor is None, not _close(factor, 1), kinds.index(_kind(layout))


def _kind(layout: str) -> str:
    if layout in REPRESENTATIONS:
        return "representation"
    return "mixed orders" if layout in MIXED_ORDERS else "rearrangement"


def _slip(candidate: Any, true: Any, matched: tuple[str, ...], scale: Any) -> str | None:
    """Recognise the classic slips."""
    slips = []
    if matched and all(layout == "j,i" or layout[0] in "kl" for layout in matched):
        slips.append("transposed")
    for factor, name in ((2, "a factor 2"), (0.5, "a factor 1/2"), (-1, "the sign")):
        if matched and _close(scale, factor):
            slips.append(name)
    if not matched and true.ndim == 2 and candidate.shape == true.shape == true.T.shape:
        inside = (true + true.T) / 2
        if _close(candidate, inside):
            slips.append("the gradient G made symmetric: (G + Gᵀ)/2, right on symmetric matrices")
        if _close(candidate, 2 * inside - np.diag(np.diag(inside))):
            slips.append(
                "G + Gᵀ − diag(G), the partial derivatives in the n(n+1)/2 coordinates of a "
                "symmetric X; the gradient on symmetric matrices is (G + Gᵀ)/2"
            )
    return ", ".join(slips) or None


def _close(a: Any, b: Any) -> bool:
    """Whether two arrays or numbers are equal: exactly if exact, else within the tolerance."""
    if a is None or b is None or np.shape(a) != np.shape(b):
        return False
    if is_exact(a) and is_exact(b):
        return bool(np.all(a == b))
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return bool(np.linalg.norm(a - b) <= TOLERANCE * max(np.linalg.norm(a), np.linalg.norm(b)))
