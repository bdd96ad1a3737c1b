"""Which convention is my matrix in? The diagnosis of a matrix that somebody derived.

The candidate is compared with the derivative in every layout, one after the other, entry by entry.
Exact entries are equal or not. Of floats each has its own tolerance: its last digits, those of the
larger entries beside it, and the derivative's own error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import floor, log10, prod
from typing import Any

import numpy as np

from matderiv.arrays import Matrix, exact, is_exact, matrix, real_array
from matderiv.coordinates import LAYOUTS, cut
from matderiv.definiteness import Spectrum, spectrum
from matderiv.derivatives import units
from matderiv.engines import Function, engine_of
from matderiv.engines.expressions import is_zero, shortest
from matderiv.traces import TraceProduct

DIGITS = 1e-6  # floats are compared to six digits of themselves
ROUNDING = 1e-10  # and to ten of the entries beside them
DOUBTFUL = 3e-3  # the error of a derivative's entry from which on nothing can be told

KINDS = ("representation", "mixed orders", "rearrangement")
VERDICTS = (*KINDS, "scaled", "cannot tell", "no match")
REPRESENTATIONS = ("i,j", ",ij", ",ji", "ij,", "ji,", "ij,kl", "ji,lk", "kl,ij", "lk,ji")
MIXED_ORDERS = ("ij,lk", "ji,kl", "kl,ji", "lk,ij")
OF_A_GRADIENT = ("i,j", "j,i", ",ij", ",ji", "ij,", "ji,")
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
    "cannot tell": "it may be in these layouts; the derivative is not known well enough",
    "no match": "no layout of the derivative, nor a multiple of one",
}
MAP = "everything; it takes the coordinates of Y to those of Df(X)[Y]"
ADJOINT = "everything, once transposed; it is the matrix of the adjoint map"
SURVIVES = {  # by layout, where it matters, else by verdict
    "representation": "everything; its inner product with Y is Df(X)[Y]",
    "Hessian": "everything, so also rank, eigenvalues, definiteness",
    **dict.fromkeys(("ij,kl", "ji,lk"), MAP),
    **dict.fromkeys(("kl,ij", "lk,ji"), ADJOINT),
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "j,i": "entries, rank, singular values; its inner product with Yᵀ, not Y, is Df(X)[Y]",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "symmetric": "its inner product with Y is Df(X)[Y] for symmetric Y only",
    "triangle": "its inner product with Y is Df(X)[Y] for symmetric Y only, "
    "once its entries off the diagonal are halved",
    "cannot tell": "nothing that is known for sure",
    "no match": "nothing in common was found",
}
FACTORS = {1: None, 2: "a factor 2", 0.5: "a factor 1/2", -1: "the sign"}
SYMMETRISED = "the gradient G made symmetric: (G + Gᵀ)/2, the gradient if only symmetric X count"
TRIANGLE = (
    "G + Gᵀ − diag(G), the partial derivatives in the n(n+1)/2 coordinates of a symmetric X; "
    "the gradient, if only symmetric X count, is (G + Gᵀ)/2"
)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What `diagnose` found about a candidate for a derivative; true where it is one.

    Parameters
    ----------
    verdict
        "representation", "mixed orders", "rearrangement", "scaled", "no match", or "cannot tell"
        where the derivative's own errors are wider than what would tell.
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
    digits
        How many of the six digits compared are known of the derivative, in its worst entry.
    also
        What it was compared with as well: of a 1×1 X both derivatives are numbers.
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
    digits: int = 6
    also: str = ""

    @property
    def meaning(self) -> str:
        """The verdict in words."""
        if self.verdict != "scaled":
            return MEANINGS[self.verdict]
        of = min(map(kind, self.layouts), key=KINDS.index)
        return f"a multiple of {'a matrix in ' if of == 'mixed orders' else 'a '}{of}"

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        count, known = len(self.layouts), f", known to {self.digits} of 6 digits in its worst entry"
        layouts = " · ".join(map(named, self.layouts))
        rows = [
            ("verdict", f"{self.verdict} ({self.meaning})"),
            ("compared with", f"the {self.subject} of f at X{'' if self.digits > 5 else known}"),
            ("and with", self.also),
            ("layouts", f"{layouts} ({count} alike)" if count > 1 else layouts),
            ("scale", number(self.scale) if self.verdict == "scaled" else None),
            ("slip", self.slip),
            ("closest", self.closest),
            ("survives", self.survives),
            ("the candidate is", self.candidate),
            ("the Hessian is", self.true),
        ]
        return [(heading, str(text)) for heading, text in rows if text]

    def __bool__(self) -> bool:
        return self.verdict == "representation"

    def __str__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    def _repr_html_(self) -> str:
        from html import escape

        row = '<tr><th scope="row">{}</th><td>{}</td></tr>'
        return f"<table>{''.join(row.format(*map(escape, pair)) for pair in self.rows)}</table>"


def kind(layout: str) -> str:
    """Say what a layout makes of a derivative: one of `KINDS`."""
    if layout in REPRESENTATIONS:
        return "representation"
    return "mixed orders" if layout in MIXED_ORDERS else "rearrangement"


def named(layout: str) -> str:
    """Return a layout with its name, where it has one."""
    return f"{layout} ({NAMES[layout]})" if layout in NAMES else layout


def number(value: Any) -> str:
    """Write a number: floats with six digits, exact ones in full."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def diagnose(f: Function, X: Matrix, candidate: Matrix) -> Diagnosis:
    """Say which convention a matrix follows, or that it is a mere rearrangement.

    Parameters
    ----------
    f
        A function of a matrix shaped like `X`, as in `derivative`. A value of shape (1, 1) counts
        as a number.
    X
        A matrix of shape (m, n). With exact `X`, `f` and `candidate` the comparison is exact.
        Otherwise an entry may differ by 10⁻⁶ of itself, by 10⁻¹⁰ of the larger entries in its row
        and column of the derivative, and by twice the derivative's own estimated error.
    candidate
        A matrix that somebody derived: for a first derivative of a number, m n entries, in the
        shape of `X`, its transpose, a row or a column; for a second derivative, or a first one of
        a matrix, a matrix with as many entries as the derivative. Where X is 1×1 it is compared
        with both derivatives of a number, and the first is named where both match.

    Returns
    -------
    Diagnosis
        True as a truth value where the verdict is "representation".

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
    >>> print(diagnose(TraceProduct(A, B), exact([[0, 0], [0, 0]]), E))
    verdict: rearrangement (the right entries in other places)
    compared with: the second derivative of f at X
    layouts: ik,jl (block table) · il,jk · jk,il · jl,ik · ki,lj · kj,li · li,kj · lj,ki (8 alike)
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the candidate is: positive definite, with the least eigenvalue 0.986033
    the Hessian is: indefinite, with the least eigenvalue 42 - 2*sqrt(510) = -3.16636
    """
    if callable(candidate):
        raise TypeError("candidate must be a matrix; the order is diagnose(f, X, candidate)")
    array = real_array(candidate, "candidate")
    array = matrix(array[:, None] if array.ndim == 1 else array, "candidate")
    engine = engine_of(f, X, "diagnose(f, X, candidate)", number=True)
    targets = list(_targets(engine, array))
    with np.errstate(all="ignore"):
        if not is_exact(candidate):  # it may hold SymPy's floats
            array = _of_one_kind(array, np.ones(1))[0]
        found = [_compared(array, *target) for target in targets]
    best, *rest = sorted(found, key=lambda diagnosis: VERDICTS.index(diagnosis.verdict))
    return replace(best, also="".join(f"the {other.subject}: {other.verdict}" for other in rest))


def _targets(engine: Any, candidate: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield what a candidate may be: derivatives with as many entries, and their errors."""
    X, shape, f = engine.X, engine.shape, engine.f.f
    if len(shape) not in (0, 2):
        raise ValueError(f"f must return a number or a matrix; its value has the shape {shape}")
    sizes = (X.size * prod(shape),) if shape else (X.size, X.size**2)
    if candidate.size not in sizes:
        count = " or ".join(map(str, sizes))
        raise ValueError(f"candidate must have {count} entries; its shape is {candidate.shape}")
    unit = list(units(X.shape, "C", is_exact(X)))
    if candidate.size == sizes[0]:
        tables: Any = [np.moveaxis(table, 0, -1) for table in engine.slopes(unit)]
        yield "first derivative", *(table.reshape(shape + X.shape) for table in tables)
    if candidate.size in sizes[1:]:
        try:
            if type(f) is TraceProduct and f.hessian.exact == is_exact(X):
                tables = f.hessian.matrix("C"), np.zeros((X.size, X.size))
            else:
                tables = engine.twice().second_slopes(unit)
            yield "second derivative", *(table.reshape(X.shape * 2) for table in tables)
        except ValueError:
            if X.size > 1:  # else there is a first derivative to compare with
                raise


def _compared(candidate: Any, subject: str, table: Any, errors: Any) -> Diagnosis:
    """Compare a candidate with a derivative in each layout; its table has all indices."""
    candidate, table = _of_one_kind(candidate, table)
    slack, pivot, blur = _tolerances(table, errors)
    here = there = None
    if subject == "second derivative" and candidate.shape[0] == candidate.shape[1]:
        here, there = spectrum(candidate), spectrum(*(cut(a, "ij,kl") for a in (table, errors)))
    layouts = LAYOUTS if table.ndim == 4 else OF_A_GRADIENT
    tried = {n: _factor(candidate, cut(table, n), cut(slack, n), pivot) for n in layouts}
    factors = {layout: c for layout, c in tried.items() if c}
    if not factors:
        survives, slip = _of_symmetric_matrices(candidate, table, slack)
        closest = None if slip else _closest(candidate, table, slack, layouts)
        return Diagnosis("no match", (), None, subject, survives, slip, here, there, closest)
    best = min(factors, key=lambda layout: (factors[layout] != 1, KINDS.index(kind(layout))))
    c, verdict = factors[best], kind(best)
    matched = tuple(layout for layout in factors if _is(factors[layout], c, DOUBTFUL))
    is_hessian = subject == "second derivative" and verdict == "representation"
    survives = SURVIVES["Hessian" if is_hessian else best if best in SURVIVES else verdict]
    if c != 1:
        verdict, survives = "scaled", f"once divided by {number(c)}: {survives}"
    if blur > DOUBTFUL:
        verdict, survives = "cannot tell", SURVIVES["cannot tell"]
    slips = ["transposed"] if all(n == "j,i" or n[0] in "kl" for n in matched) else []
    slips += [slip for factor, slip in FACTORS.items() if slip and _is(c, factor)]
    slip, digits = ", ".join(slips) or None, max(0, floor(-log10(max(blur, DIGITS))))
    return Diagnosis(verdict, matched, c, subject, survives, slip, here, there, None, digits)


def _of_one_kind(*arrays: Any) -> Any:
    """Return arrays as floats; exact, where all are or where one holds what is no float."""
    if not all(map(is_exact, arrays)):
        try:
            floats = [np.asarray(array, dtype=float) for array in arrays]
        except (TypeError, OverflowError):  # symbols, or numbers beyond all floats
            floats = [np.array(np.inf)]
        if all(np.isfinite(array).all() for array in floats):
            return floats
    return [exact(array) for array in arrays]


def _tolerances(table: Any, errors: Any) -> tuple[Any, Any, float]:
    """Return how far entries may differ beside their last digits; the entry to find factors by.

    Entries are compared with the largest of their row and column, as those may have units; where
    these are zero within their errors, with the largest of all. Also return the largest error:
    beside its entry, or, where that may be zero or is small, beside those.
    """
    if table.dtype == object:
        return errors, next((entry for entry in table.flat if not is_zero(entry)), None), 0.0
    sizes, doubts = (a.reshape(prod(a.shape[: a.ndim // 2]), -1) for a in (abs(table), 2 * errors))
    if np.all(sizes <= doubts):
        return 2 * errors, None, 0.0
    beside = np.ones_like(sizes)
    for axis in (0, 1):
        top, doubt = (np.max(a, axis, keepdims=True) for a in (sizes, doubts))
        beside *= np.sqrt(np.where(top > doubt, top, np.max(sizes)))
    known = np.where(sizes > doubts, np.maximum(sizes, DOUBTFUL * beside), beside)
    slack = (doubts + ROUNDING * beside).reshape(table.shape)
    return slack, table.flat[np.argmax(sizes)], float(np.max(doubts / known)) / 2


def _factor(candidate: Any, true: Any, slack: Any, pivot: Any) -> Any:
    """Return c where a candidate is c times a derivative that holds the pivot, else `None`."""
    if candidate.shape != true.shape:
        return None
    c: Any = 1
    digits: Any = DIGITS
    if pivot is not None:
        place = np.argmax(true == pivot)
        c, digits = candidate.flat[place] / pivot, DIGITS + slack.flat[place] / abs(pivot)
        near = next((factor for factor in FACTORS if _is(c, factor, digits)), c)
        c = shortest(c) if near != 1 and true.dtype == object else near
    return None if len(_gaps(candidate, true, slack, c, digits, 1)) else c


def _gaps(
    candidate: Any, true: Any, slack: Any, c: Any = 1, digits: float = DIGITS, most: Any = None
) -> Any:
    """Return the places where a matrix is something else than c times a derivative."""
    if true.dtype == object:
        pairs = enumerate(zip(candidate.flat, true.flat, strict=True))
        places = (place for place, (a, b) in pairs if not is_zero(a - c * b))
        return np.array([*islice(places, most)])
    candidate = candidate / c
    tolerance = slack + digits * np.maximum(np.abs(candidate), np.abs(true))
    return np.flatnonzero(~(np.abs(candidate - true) <= tolerance))


def _is(c: Any, number: Any, digits: float = DIGITS) -> bool:
    """Whether a factor is a number: exactly if it is exact, else to some digits."""
    if isinstance(c, (int, float)):
        return bool(abs(c - number) <= digits * max(abs(c), abs(number)))
    return is_zero(c - exact(number)[()])


def _of_symmetric_matrices(candidate: Any, table: Any, slack: Any) -> tuple[str, str | None]:
    """Recognise what people take for the gradient where X is symmetric."""
    if table.ndim == 2 and candidate.shape == table.shape == table.T.shape:
        half, slack = (table + table.T) / 2, slack + slack.T
        if not len(_gaps(candidate, half, slack)):
            return SURVIVES["symmetric"], SYMMETRISED
        if not len(_gaps(candidate, 2 * half - np.diag(np.diag(half)), slack)):
            return SURVIVES["triangle"], TRIANGLE
    return SURVIVES["no match"], None


def _closest(candidate: Any, table: Any, slack: Any, layouts: Sequence[str]) -> str:
    """Say how far the closest layout of the derivative is from the candidate."""
    size, shape, others, found = candidate.size, "{}×{}".format(*candidate.shape), set(), []
    for layout in layouts:
        true = cut(table, layout)
        others.add("{}×{}".format(*true.shape))
        if true.shape == candidate.shape:
            places = _gaps(candidate, true, cut(slack, layout))
            found.append((size - len(places), int(places[0]), layout))
    if not found:
        return f"no layout is {shape}; they are {' or '.join(sorted(others))}"
    alike, place, layout = max(found, key=lambda one: one[0])
    if 2 * alike < size:
        return f"at most {alike} of {size} entries agree with any layout"
    i, j = divmod(place, candidate.shape[1])
    here, there = number(candidate[i, j]), number(cut(table, layout)[i, j])
    return (
        f"{named(layout)} agrees in {alike} of {size} entries; "
        f"in row {i + 1}, column {j + 1} it has {there}, and the candidate {here}"
    )
