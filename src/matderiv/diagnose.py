"""Which convention is my matrix in? The diagnosis of a matrix that somebody derived.

The candidate is compared with the derivative in every layout, entry by entry. Exact entries are
equal or not. Of floats each has its own tolerance: the derivative's error there, and some digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from matderiv.arrays import Matrix, exact, is_exact, matrix, real_array
from matderiv.coordinates import LAYOUTS, cut
from matderiv.definiteness import Spectrum, spectrum
from matderiv.derivatives import units
from matderiv.engines import AsNumber, Engine, Function, engine_of
from matderiv.engines.zeros import is_zero, shortest
from matderiv.traces import TraceProduct

DIGITS = 1e-6  # floats are compared to six digits
ROUNDING = 1e-12  # beside the larger entries of their row and column, to twelve
DOUBTFUL = 1e-3  # a derivative's error beside those, from which on nothing can be told

KINDS = ("representation", "mixed orders", "rearrangement")
VERDICTS = (*KINDS, "scaled", "cannot tell", "no match")
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
    "cannot tell": "it may be in these layouts; the derivative is not known well enough",
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
    "cannot tell": "nothing that is known for sure",
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

    def __bool__(self) -> bool:
        return self.verdict == "representation"

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


def diagnose(f: Function, X: Matrix, candidate: Matrix) -> Diagnosis:
    """Say which convention a matrix follows, or that it is a mere rearrangement.

    Parameters
    ----------
    f
        A function of a matrix shaped like `X`, as in `derivative`.
    X
        A matrix of shape (m, n). With exact `X`, `f` and `candidate` the comparison is exact;
        otherwise it allows a relative error of 1e-6.
    candidate
        A matrix that somebody derived: for a first derivative of a number, m n entries, in the
        shape of `X`, its transpose, a row or a column; for a second derivative, or a first one of
        a matrix, a matrix with as many entries as the derivative.

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
    engine = engine_of(AsNumber(f) if callable(f) else f, X, "diagnose(f, X, candidate)")
    found = [_compared(array, target) for target in _targets(engine, array)]
    return min(found, key=lambda diagnosis: VERDICTS.index(diagnosis.verdict))


@dataclass(frozen=True)
class Target:
    """A derivative to compare a candidate with: its table, and how far each entry may be off."""

    subject: str
    table: Any
    errors: Any

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that its table has."""
        return LAYOUTS if self.table.ndim == 4 else ("i,j", "j,i", ",ij", ",ji", "ij,", "ji,")


def _targets(engine: Engine, candidate: Any) -> list[Target]:
    """Return the derivatives that have as many entries as the candidate, with all their indices."""
    X, shape, found = engine.X, engine.shape, []
    number = not shape
    if candidate.size == X.size * prod(shape):
        slopes = engine.slopes(units(X.shape, "C", is_exact(X)))
        tables = (np.moveaxis(part, 0, -1).reshape(shape + X.shape) for part in slopes)
        found.append(Target("first derivative", *tables))
    if number and candidate.size == X.size**2:
        found.append(Target("second derivative", *_second(engine)))
    if not found:
        sizes = f"{X.size} or {X.size**2}" if number else X.size * prod(shape)
        raise ValueError(
            f"candidate must have {sizes} entries, as the derivatives of f at X do; "
            f"its shape is {candidate.shape}"
        )
    return found


def _second(engine: Engine) -> tuple[Any, Any]:
    """Return the table of second partial derivatives and its errors; a trace product's is known."""
    X, f = engine.X, engine.f.f
    if type(f) is TraceProduct and f.hessian.exact == is_exact(X):
        table = f.hessian.matrix("C")
        tables = (table, np.zeros(table.shape))
    else:
        tables = engine.twice().second_slopes(list(units(X.shape, "C", is_exact(X))))
    return tables[0].reshape(X.shape * 2), tables[1].reshape(X.shape * 2)


def _compared(candidate: Any, target: Target) -> Diagnosis:
    """Compare the candidate with a derivative in each layout."""
    fits = {layout: _fit(candidate, target, layout) for layout in target.layouts}
    best = min(target.layouts, key=lambda layout: _preference(layout, fits[layout]))
    here, there = _spectra(candidate, target)
    if fits[best] is None:
        form, slip = _slip_of_symmetric_matrices(candidate, target)
        closest = None if slip else _closest(candidate, target)
        return Diagnosis(
            "no match", (), None, target.subject, survival(form), slip, here, there, closest
        )
    scale, sure = fits[best]
    matched = tuple(name for name, fit in fits.items() if fit and _is(fit[0], scale))
    if not sure:
        verdict, survives = "cannot tell", survival("cannot tell")
    else:
        verdict = kind(best) if _is(scale, 1) else "scaled"
        survives = survival(_form(best, target.subject), scale)
    return Diagnosis(
        verdict, matched, scale, target.subject, survives, _slip(matched, scale), here, there
    )


def _fit(candidate: Any, target: Target, layout: str) -> tuple[Any, bool] | None:
    """Return c where the candidate is c times a layout, and whether that is sure."""
    true, errors = cut(target.table, layout), cut(target.errors, layout)
    if candidate.shape != true.shape:
        return None
    for c in (1, _ratio(candidate, true)):
        if c and not np.any(_differs(candidate, true, errors, c)):
            return (1 if _is(c, 1) else c), not np.any(_is_doubtful(candidate, true, errors))
    return None


def _ratio(candidate: Any, true: Any) -> Any:
    """Return the quotient of two matrices where the second is largest; 0 where it is zero."""
    if is_exact(candidate) and is_exact(true):
        place = next((i for i, entry in enumerate(true.flat) if not is_zero(entry)), None)
        return 0 if place is None else shortest(candidate.flat[place] / true.flat[place])
    candidate, true = (np.asarray(a, dtype=float).ravel() for a in (candidate, true))
    place = np.argmax(np.abs(true))
    return float(candidate[place] / true[place]) if true[place] else 0


def _differs(candidate: Any, true: Any, errors: Any, c: Any = 1) -> Any:
    """Tell entry by entry whether a matrix is something else than c times a derivative."""
    if is_exact(candidate) and is_exact(true):
        gaps = (candidate - c * true).flat
        return np.reshape([not is_zero(gap) for gap in gaps], candidate.shape)
    candidate, true = np.asarray(candidate, dtype=float), float(c) * np.asarray(true, dtype=float)
    sizes = np.maximum(np.abs(candidate), np.abs(true))
    tolerance = 2 * abs(float(c)) * errors + DIGITS * sizes + ROUNDING * _scales(sizes)
    return ~(np.abs(candidate - true) <= tolerance)


def _is_doubtful(candidate: Any, true: Any, errors: Any) -> Any:
    """Tell entry by entry whether the derivative's error hides what a wrong one would be."""
    if not np.any(errors):
        return False
    sizes = np.maximum(*(np.abs(np.asarray(a, dtype=float)) for a in (candidate, true)))
    if np.all(sizes <= 2 * errors):  # both are zero, up to rounding
        return False
    return errors > DOUBTFUL * _scales(sizes)


def _scales(sizes: Any) -> Any:
    """Return what entries are to be compared with, where rows and columns have units."""
    rows, columns = (np.sqrt(np.max(sizes, axis=axis, keepdims=True)) for axis in (1, 0))
    return rows * columns


def _spectra(candidate: Any, target: Target) -> tuple[Spectrum | None, Spectrum | None]:
    """Describe a square candidate for a Hessian, and the Hessian."""
    if target.subject == "first derivative" or candidate.shape[0] != candidate.shape[1]:
        return None, None
    true, errors = (cut(table, "ij,kl") for table in (target.table, target.errors))
    return spectrum(candidate), spectrum(true, errors)


def _preference(layout: str, fit: tuple[Any, bool] | None) -> tuple[bool, bool, bool, int]:
    """Order layouts: those that match, for sure, without a factor, representations first."""
    if fit is None:
        return True, True, True, 0
    return False, not fit[1], not _is(fit[0], 1), KINDS.index(kind(layout))


def _form(layout: str, subject: str) -> str:
    """Say in which form a layout gives a derivative, as far as something survives in it."""
    if layout == "j,i":
        return "transposed"
    if kind(layout) != "representation":
        return kind(layout)
    if subject == "second derivative":
        return "Hessian"
    if "k" not in layout:
        return "gradient"
    return "map" if layout[0] in "ij" else "adjoint"


def _slip(matched: tuple[str, ...], scale: Any) -> str | None:
    """Recognise the classic slips in a layout or its multiple."""
    slips = []
    if all(layout == "j,i" or layout[0] in "kl" for layout in matched):
        slips.append("transposed")
    for factor, name in ((2, "a factor 2"), (Fraction(1, 2), "a factor 1/2"), (-1, "the sign")):
        if _is(scale, factor):
            slips.append(name)
    return ", ".join(slips) or None


def _slip_of_symmetric_matrices(candidate: Any, target: Target) -> tuple[str, str | None]:
    """Recognise what people take for the gradient where X is symmetric."""
    true, errors = target.table, target.errors
    if true.ndim == 2 and candidate.shape == true.shape == true.T.shape:
        inside, doubt = (true + true.T) / 2, errors + errors.T
        if not np.any(_differs(candidate, inside, doubt)):
            return "symmetrised", (
                "the gradient G made symmetric: (G + Gᵀ)/2, the gradient if only symmetric X count"
            )
        if not np.any(_differs(candidate, 2 * inside - np.diag(np.diag(inside)), doubt)):
            return "triangle", (
                "G + Gᵀ − diag(G), the partial derivatives in the n(n+1)/2 coordinates of a "
                "symmetric X; the gradient, if only symmetric X count, is (G + Gᵀ)/2"
            )
    return "no match", None


def _closest(candidate: Any, target: Target) -> str:
    """Say how far the closest layout of the derivative is from the candidate."""
    shapes, best, differ = set(), "", np.ones((candidate.size + 1, 2), dtype=int)
    for layout in target.layouts:
        true, errors = cut(target.table, layout), cut(target.errors, layout)
        shapes.add("{}×{}".format(*true.shape))
        if candidate.shape == true.shape:
            here = np.argwhere(_differs(candidate, true, errors))
            best, differ = (layout, here) if len(here) < len(differ) else (best, differ)
    if not best:
        own = "{}×{}".format(*candidate.shape)
        return f"no layout is {own}; they are {' or '.join(sorted(shapes))}"
    alike = candidate.size - len(differ)
    if 2 * alike < candidate.size:
        return f"at most {alike} of {candidate.size} entries agree with any layout"
    i, j = differ[0]
    here, there = number(candidate[i, j]), number(cut(target.table, best)[i, j])
    return (
        f"{named(best)} agrees in {alike} of {candidate.size} entries; "
        f"in row {i + 1}, column {j + 1} it has {there}, and the candidate {here}"
    )


def _is(c: Any, number: Any) -> bool:
    """Whether a factor is a number: exactly if both are exact, else to so many digits."""
    if isinstance(c, float) or isinstance(number, float):
        return bool(abs(float(c) - float(number)) <= DIGITS * abs(float(number)))
    return bool(is_zero(exact(c)[()] - exact(number)[()]))
