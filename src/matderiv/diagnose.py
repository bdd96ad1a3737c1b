"""Which convention is my matrix in? The diagnosis of a matrix that somebody derived.

The derivative is a table: the indices of f's values come first, those of X after them, and for a
second derivative those of X twice. The candidate is compared with it in every layout, entry by
entry. Exact entries are equal or not. Of floats each has its own tolerance: its last digits, those
of the larger entries beside it, the digits in which the candidate is given, and the derivative's
own error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from math import floor, isqrt, log10, prod
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from matderiv.arrays import Matrix, Shape, exact, is_exact, real_array
from matderiv.coordinates import cut, duplication_matrix, units
from matderiv.definiteness import Spectrum, number, spectrum
from matderiv.derivatives import problem
from matderiv.diagnosis import (
    FACTORS,
    KINDS,
    SLIPS,
    SURVIVES,
    VERDICTS,
    Diagnosis,
    fitting,
    kind,
    layouts,
    named,
    rearranged,
)
from matderiv.engines import Engine, Function
from matderiv.engines.expressions import is_zero, shortest
from matderiv.subspaces import Subspace

if TYPE_CHECKING:
    from matderiv.formulas import Formula
    from matderiv.formulas.claims import Claim

DIGITS = 1e-6  # floats are compared to six digits of themselves
ROUNDING = 1e-10  # and to ten of the entries beside them
DOUBTFUL = 3e-3  # the error of a derivative's entry from which on nothing can be told
FEWEST = 3  # digits that make a candidate look printed


@overload
def diagnose(f: str | Formula, X: str, candidate: Any, **declared: Any) -> Claim: ...


@overload
def diagnose(
    f: Function,
    X: Matrix,
    candidate: Matrix,
    within: Any = None,
    tolerance: float | None = None,
    *,
    engine: str | None = None,
) -> Diagnosis: ...


def diagnose(
    f: Any,
    X: Any,
    candidate: Any,
    within: Any = None,
    tolerance: float | None = None,
    *,
    engine: str | None = None,
    **declared: Any,
) -> Diagnosis | Claim:
    """Say which convention a matrix follows, or that it is a mere rearrangement.

    Parameters
    ----------
    f
        A function of an array shaped like `X`, as in `derivative`. A value of one entry counts as
        a number. Or a formula, as text or from `formula`: then `X` is the name of its variable,
        `candidate` a formula too, and the answer that of `matderiv.formulas.claims.claim`.
    X
        An array. With exact `X`, `f` and `candidate` the comparison is exact. Otherwise an entry
        may differ by 10⁻⁶ of itself, by 10⁻¹⁰ of the larger entries in its row and column of the
        derivative, and by twice the derivative's own estimated error.
    candidate
        What somebody derived. For a first derivative of a number, m n entries, in the shape of
        `X`, its transpose, a row or a column; for a second derivative, or a first one of a matrix,
        as many entries as the derivative has, as a matrix or with all its indices, as JAX and
        PyTorch return them. Entries with three to six digits, some after the point, may be
        rounded ones; then so many digits are compared. Where X is 1×1 it is compared with both
        derivatives of a number, and the first is named where both match.
    within
        A subspace, as in `derivative`: only directions in it count. The candidate may be one for
        all matrices, or for the subspace's own coordinates, such as vech.
    tolerance
        How far entries may differ beside their size, instead of 10⁻⁶.
    engine
        As in `derivative`.

    Returns
    -------
    Diagnosis
        True as a truth value where the verdict is "representation". Its ``repair()`` brings the
        entries to where they belong.

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
    >>> print(diagnose(TraceProduct(A, B), exact([[0, 1], [0, 0]]), E))
    verdict: rearrangement (the right entries in other places)
    compared with: the second derivative of f at X, exactly
    layouts: ik,jl (block table) · il,jk · jk,il · jl,ik · ki,lj · kj,li · li,kj · lj,ki (8 alike)
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the candidate is: positive definite, with the least eigenvalue 0.986033
    the Hessian is: indefinite, with the least eigenvalue 42 - 2*sqrt(510) = -3.16636
    repaired, in order F: np.reshape(candidate, (2, 2, 2, 2)).transpose(2, 0, 3, 1).reshape(4, 4)
    """
    if isinstance(X, str) and (isinstance(f, str) or hasattr(f, "second_derivative")):
        from matderiv.formulas.claims import claim

        return claim(f, X, candidate, **declared)
    if declared:
        raise TypeError(f"only formulas take {', '.join(declared)}; f is a function here")
    if callable(candidate):
        raise TypeError("candidate must be an array; the order is diagnose(f, X, candidate)")
    array = real_array(candidate, "candidate")
    wanted = _tolerance(tolerance)
    at, subspace = problem(f, X, "diagnose(f, X, candidate)", within, engine, number=True)
    if array.ndim < 2 and (array.size == 1 or array.shape != at.shape + at.X.shape):
        array = array.reshape(-1, 1)  # a column
    with np.errstate(all="ignore"):
        if not is_exact(candidate) or tolerance:  # it may hold SymPy's floats
            array = _of_one_kind(array, np.ones(1))[0]
        found = [_compared(array, target, wanted) for target in _targets(at, array, subspace)]
    best, *rest = sorted(found, key=lambda diagnosis: VERDICTS.index(diagnosis.verdict))
    return replace(
        best,
        also="".join(f"the {other.subject}: {other.verdict}" for other in rest),
        broadcasting=_broadcasting(at) if best.verdict == "no match" else "",
    )


def _broadcasting(at: Engine) -> str:
    """Say where f takes a column for something else than the vector of its entries."""
    if at.X.shape != (at.X.size, 1) or at.shape:
        return ""
    try:
        here, there = (float(value) for value in (at.here, at.near(at.X[:, 0])))
    except Exception:  # whatever f may raise that takes columns only
        return ""
    if np.isnan(there) or np.isclose(here, there, DIGITS):
        return ""
    n = at.X.size
    return (
        f"f(X) is {here:g}, and {there:g} at the vector X[:, 0]: an array y of shape ({n},) and a "
        f"column in f make a matrix {n}×{n}; take X as a vector, or y[:, None]"
    )


def _tolerance(tolerance: Any) -> float:
    if tolerance is None:
        return DIGITS
    wanted = real_array(tolerance, "tolerance")
    if wanted.shape or not 0 < wanted < 0.1:
        raise ValueError(f"tolerance must be a number between 0 and 0.1; it is {tolerance!r}")
    return float(wanted)


@dataclass(frozen=True)
class Target:
    """A derivative that a candidate may be: its table, errors, and how many indices are values'."""

    subject: str
    table: Any
    errors: Any
    values: int
    at_symmetric: bool
    subspace: Subspace | None = None  # whose coordinates those of X in the table are

    @property
    def is_second(self) -> bool:
        """Whether it is a second derivative."""
        return self.subject == "second derivative"

    @property
    def sides(self) -> list[Any]:
        """The axes of each X in the table."""
        axes = range(self.table.ndim)
        return [axes[: self.values], axes[self.values :]][not self.is_second :]

    @property
    def is_square(self) -> bool:
        """Whether X is a square matrix, of more than one entry."""
        lengths = [self.table.shape[axis] for axis in self.sides[-1]]
        return len(lengths) == 2 and lengths[0] == lengths[1] > 1

    @property
    def is_triangular(self) -> bool:
        """Whether it is a gradient in which one triangle is missing."""
        if self.table.ndim != 2:
            return False
        exactly = self.table.dtype == object
        known = self.table != 0 if exactly else abs(self.table) > self.errors
        return bool(np.any(np.tril(known, -1)) != np.any(np.triu(known, 1)))

    def symmetrised(self, array: Any) -> Any:
        """Return the part of a table that counts for symmetric matrices."""
        for pair in self.sides:
            array = (array + array.swapaxes(*pair)) / 2
        return array

    @property
    def on_symmetric(self) -> Spectrum | None:
        """The definiteness of a second derivative on symmetric matrices."""
        if not self.is_second:
            return None
        n = self.table.shape[0]
        D = duplication_matrix(n)
        M, errors = (D.T @ a.reshape(n**2, -1) @ D for a in (self.table, self.errors))
        return spectrum(M, errors)


def _targets(engine: Engine, candidate: Any, subspace: Subspace | None) -> Iterator[Target]:
    """Yield what a candidate may be: derivatives with as many entries."""
    X, shape = engine.X, engine.shape
    spaces = [X.shape, subspace.J.codomain] if subspace else [X.shape]
    first = [prod(shape + space) for space in spaces]
    second = [] if shape else [prod(space) ** 2 for space in spaces]
    if candidate.size not in first + second:
        raise ValueError(_sizes(candidate.shape, spaces, shape))
    unit = list(units(X.shape, "C", is_exact(X)))
    at_symmetric = X.ndim == 2 and X.shape == X.T.shape and bool(np.all(X == X.T))
    if candidate.size in first:
        table, errors = (
            np.moveaxis(a, 0, -1).reshape(shape + X.shape) for a in engine.slopes(unit)
        )
        yield Target("first derivative", table, errors, len(shape), at_symmetric, subspace)
    if candidate.size in second:
        try:
            table, errors = (a.reshape(X.shape * 2) for a in engine.twice().second_slopes(unit))
            yield Target("second derivative", table, errors, X.ndim, at_symmetric, subspace)
        except ValueError:
            if X.size > 1:  # else there is a first derivative to compare with
                raise


def _sizes(given: Shape, spaces: list[Shape], value: Shape) -> str:
    """Say which sizes there are, and why."""
    told = []
    for space, of in zip(spaces, ("X", "the matrices"), strict=False):
        n, by = prod(space), f"by {_times(space)} {'coordinates' if spaces[1:] else 'entries'} of"
        if value:
            why = f"the derivatives of {_times(value)} entries of f {by} {of}"
            told.append(f"{prod(value) * n} entries, {why}")
        else:
            why = f"the first derivatives of a number {by} {of} or the second ones"
            told.append(f"{n} or {n**2} entries, {why}")
    X = spaces[-1]
    half = (prod(X) + isqrt(prod(X))) // 2
    is_vech = not spaces[1:] and len(X) == 2 and X[0] == X[1] and half in given
    way = f"; one in the coordinates vech(X) needs within=symmetric({X[0]})" if is_vech else ""
    return f"candidate must have {', or '.join(told)}; its shape is {given}{way}"


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "1"


def _compared(candidate: Any, target: Target, wanted: float) -> Diagnosis:
    """Compare a candidate with a derivative in each layout."""
    is_own = target.subspace is not None
    if target.subspace and candidate.size != target.table.size:
        return _within(candidate, target, target.subspace, wanted)
    candidate, table = _of_one_kind(candidate, target.table)
    target, size = replace(target, table=table), isqrt(table.size)
    slack, blur = _tolerances(table, target.errors)
    printed, digits = _printed(candidate, wanted)
    limit = ", those in which the candidate is given" if np.any(printed) else ""
    if blur > 10.0**-digits:
        digits, limit = floor(-log10(min(blur, 1))), ", those known of its worst entry"
    here = there = None
    if target.is_second and candidate.shape in ((size, size), table.shape):
        square = [a.reshape(size, size) for a in (candidate, printed, table, target.errors)]
        here, there = spectrum(*square[:2]), spectrum(*square[2:])
    found = Diagnosis(
        verdict="no match",
        layouts=(),
        scale=None,
        subject=target.subject + (f" within {target.subspace}, in coordinates" * is_own),
        survives=SURVIVES["no match"],
        array=candidate,
        shape=table.shape,
        values=target.values,
        digits=None if table.dtype == object else digits,
        limit=limit,
        candidate=here,
        true=there,
    )
    tried = fitting(candidate.shape, table.shape)
    measure = partial(_factor, wanted=wanted)
    factors = {n: measure(candidate, cut(table, n), cut(slack, n), printed) for n in tried}
    factors = {layout: c for layout, c in factors.items() if c}
    if factors:
        found = _matched(found, target, factors)
        if blur > DOUBTFUL:
            return replace(found, verdict="cannot tell", survives=SURVIVES["cannot tell"])
    symmetric = _of_symmetric(candidate, target, slack, printed, measure)
    found = replace(found, on_symmetric=_said(symmetric, target, found.verdict))
    slip = next((name for name in SLIPS if name in symmetric), None)
    if factors:
        return found
    if not slip:
        return replace(found, closest=_closest(found, target, slack, printed, wanted))
    return _slipped(found, slip, symmetric[slip])


def _slipped(found: Diagnosis, slip: str, c: Any) -> Diagnosis:
    """Explain a candidate by a slip, of which it is c times what that gives."""
    told, survives = SLIPS[slip], SURVIVES[slip]
    if c != 1:
        told, survives = f"{number(c)} times {told}", f"once divided by {number(c)}: {survives}"
    return replace(found, slip=told, survives=survives)


def _within(candidate: Any, target: Target, subspace: Subspace, wanted: float) -> Diagnosis:
    """Compare a candidate for all matrices with a derivative within a subspace.

    In each layout, the candidate is pulled back to the subspace's coordinates.
    """
    candidate, table = _of_one_kind(candidate, target.table)
    J, X = subspace.J.matrix("C"), subspace.J.codomain
    shape = (X if target.is_second else table.shape[:-1]) + X
    values = len(shape) - len(X)
    printed, digits = _printed(candidate, wanted)
    slack, _ = _tolerances(table, target.errors)
    indices, pulled, factors = ",".join("ijkl"[: len(shape)]), {}, {}
    for layout in fitting(candidate.shape, shape):
        found = []
        for array, K in ((candidate, J), (printed, np.abs(J))):
            array = rearranged(array, layout, indices, shape).reshape(-1, prod(X)) @ K
            array = K.T @ array if target.is_second else array
            found.append(array.reshape(table.shape))
        pulled[layout] = found[0]
        factors[layout] = _factor(found[0], table, slack, found[1], wanted)
    factors = {layout: c for layout, c in factors.items() if c}
    own = pulled.get(next(iter(factors or pulled), ""), candidate)
    own = own if own.ndim > 1 else own.reshape(-1, 1)
    told = _compared(own, replace(target, subspace=None, at_symmetric=False), wanted)
    subject = f"{target.subject} within {subspace}"
    if not factors:
        told = replace(told, subject=subject)
        if table.ndim > 1 or candidate.shape != X:
            return told
        placed, doubt = map(subspace.J._image, (table, slack))
        c = _factor(candidate, placed, doubt, printed, wanted)
        return _slipped(told, "triangle", c) if c else told
    if np.any(printed):
        told = replace(told, digits=digits, limit=", those in which the candidate is given")
    told = _matched(told, replace(target, values=values), factors)
    return replace(told, subject=subject, values=values, moved=pulled[told.layouts[0]])


def _matched(found: Diagnosis, target: Target, factors: dict[str, Any]) -> Diagnosis:
    """Describe a candidate that is a multiple of the derivative in some layouts."""
    ranks = {layout: KINDS.index(kind(layout, target.values)) for layout in factors}
    best = min(factors, key=lambda layout: (factors[layout] != 1, ranks[layout]))
    c, verdict, here, there = factors[best], KINDS[ranks[best]], found.candidate, found.true
    matched = sorted((n for n in factors if _is(factors[n], c, DOUBTFUL)), key=ranks.__getitem__)
    turned = [
        n == "j,i" if not target.values else n[0] in "jkl"[target.values - 1 :] for n in matched
    ]
    slips = ["transposed"] if all(turned) else []
    slips += [slip for factor, slip in FACTORS.items() if slip and _is(c, factor)]
    survives = "j,i" if best == "j,i" and not target.values else verdict
    if verdict == "representation" and target.is_second:
        survives = "Hessian"
        if c == 1 and here and there and here.verdict != there.verdict:
            here, there, survives = None, None, "undecided"
    elif verdict == "representation" and target.values:
        survives = "adjoint" if turned[0] else "map"
    told = SURVIVES[survives]
    if c != 1:
        verdict, told = "scaled", f"once divided by {number(c)}: {told}"
    return replace(
        found,
        verdict=verdict,
        layouts=tuple(matched),
        scale=c,
        survives=told,
        slip=", ".join(slips) or None,
        candidate=here,
        true=there,
    )


def _of_symmetric(
    candidate: Any, target: Target, slack: Any, printed: Any, measure: Any
) -> dict[str, Any]:
    """Return what a candidate is where only symmetric matrices count, and its multiples."""
    found: dict[str, Any] = {}
    table = target.table
    if not (target.is_square and (target.at_symmetric or table.ndim == 2)):
        return found
    half, slack = target.symmetrised(table), target.symmetrised(slack)
    indices = ",".join("ijkl"[: table.ndim])
    for layout in fitting(candidate.shape, table.shape):
        if kind(layout, target.values) != "representation":
            continue
        array, doubt = (rearranged(a, layout, indices, table.shape) for a in (candidate, printed))
        tried = [("same", target.symmetrised(array), half, slack)]
        if table.ndim == 2:
            W = 2 - np.eye(len(table), dtype=int)
            tried += [("symmetric", array, half, slack), ("triangle", array, W * half, W * slack)]
        found |= {name: c for name, *compared in tried if (c := measure(*compared, doubt))}
    return found


def _said(symmetric: dict[str, Any], target: Target, verdict: str) -> str | None:
    """Say what a candidate is where only symmetric matrices count."""
    if not target.at_symmetric:
        return None
    told = []
    if target.is_triangular:
        told.append("f reads one triangle of X, and its gradient G is triangular")
    c = symmetric.get("same")
    if c and (told or verdict != "representation"):
        times = "the same as" if c == 1 else f"{number(c)} times"
        there = target.on_symmetric
        where = f", where that is {there.verdict}" if there else ""
        told.append(f"it is {times} the {target.subject}{where}")
    return "; ".join(told) or None


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


def _printed(candidate: Any, wanted: float) -> tuple[Any, int]:
    """Return how far entries may be off that were rounded, and in how many digits they are given.

    They may be rounded to the last place that any of them has, or to the most digits that any has.
    Whole numbers, and those with fewer than three digits or more than asked for, are not rounded.
    """
    asked, none = floor(-log10(wanted)), np.zeros(candidate.shape)
    if candidate.dtype == object:
        return none, asked
    digits, places = 0, 0
    for entry in candidate.flat:
        _, figures, exponent = Decimal(repr(float(entry))).normalize().as_tuple()
        digits, places = max(digits, len(figures)), max(places, -int(exponent))
        if digits >= asked:
            return none, asked
    if digits < FEWEST or places < 1:
        return none, asked
    sizes = np.floor(np.log10(np.where(candidate, np.abs(candidate), 10.0**-places)))
    return 0.5 * np.maximum(10.0**-places, 10.0 ** (sizes + 1 - digits)), digits


def _tolerances(table: Any, errors: Any) -> tuple[Any, float]:
    """Return how far entries may differ beside their last digits, and the largest error.

    Entries are compared with the largest of their row and column, as those may have units; where
    these are zero within their errors, with the largest of all. The largest error is that beside
    its entry, or, where that may be zero or is small, beside those.
    """
    if table.dtype == object:
        return errors, 0.0
    rows = prod(table.shape[: table.ndim // 2])
    sizes, doubts = (a.reshape(rows, -1) for a in (abs(table), 2 * errors))
    if np.all(sizes <= doubts):
        return 2 * errors, 0.0
    beside = np.ones_like(sizes)
    for axis in (0, 1):
        top, doubt = (np.max(a, axis, keepdims=True) for a in (sizes, doubts))
        beside *= np.sqrt(np.where(top > doubt, top, np.max(sizes)))
    known = np.where(sizes > doubts, np.maximum(sizes, DOUBTFUL * beside), beside)
    slack = (doubts + ROUNDING * beside).reshape(table.shape)
    return slack, float(np.max(doubts / known)) / 2


def _factor(candidate: Any, true: Any, slack: Any, printed: Any, wanted: float) -> Any:
    """Return c where a candidate is c times a derivative, else `None`."""
    place, exactly = _pivot(true, slack), true.dtype == object
    c: Any = 1
    if place is not None:
        pivot, c = true.flat[place], candidate.flat[place] / true.flat[place]
        doubt: Any = (
            0 if exactly else (slack.flat[place] + printed.flat[place] / abs(c)) / abs(pivot)
        )
        near = [factor for factor in FACTORS if _is(c, factor, wanted + doubt)]
        if near or exactly:
            c = shortest(c) if exactly and 1 not in near else near[0]
        else:
            wanted += doubt
            gaps = _gaps(candidate, true, slack + printed, 1, wanted)
            if 2 * len(gaps) < np.count_nonzero(np.abs(true) > slack + printed):
                return None  # but for a few entries it is no multiple
    slack = slack if exactly else slack + printed / abs(c)
    return None if len(_gaps(candidate, true, slack, c, wanted, 1)) else c


def _pivot(true: Any, slack: Any) -> Any:
    """Return the place of an entry that is not zero; the largest, of floats."""
    if true.dtype == object:
        return next((place for place, entry in enumerate(true.flat) if not is_zero(entry)), None)
    place = np.argmax(np.abs(true))
    return place if np.any(np.abs(true) > slack) else None


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


def _closest(found: Diagnosis, target: Target, slack: Any, printed: Any, wanted: float) -> str:
    """Say how far the closest layout of the derivative is from the candidate."""
    candidate, table, gaps = found.array, target.table, {}
    for layout in fitting(candidate.shape, table.shape):
        doubt = cut(slack, layout) + printed
        places = _gaps(candidate, cut(table, layout), doubt, 1, wanted)
        gaps[layout] = len(places), int(places[0])
    if not gaps:
        shapes = {_times(cut(table, n).shape) for n in layouts(table.ndim, candidate.ndim)}
        others = " or ".join(sorted(shapes)) or _times(table.shape)
        return f"no layout is {_times(candidate.shape)}; they are {others}"
    is_gradient = not target.values and candidate.shape == table.shape
    note = f"; the second derivative has the shape {table.size}×{table.size}" if is_gradient else ""
    layout, size = min(gaps, key=lambda one: gaps[one][0]), candidate.size
    alike, place = size - gaps[layout][0], gaps[layout][1]
    if 2 * alike < size:
        return f"at most {alike} of {size} entries agree with any layout{note}"
    here, there = (number(array.flat[place]) for array in (candidate, cut(table, layout)))
    index = [int(k) + 1 for k in np.unravel_index(place, candidate.shape)]
    where = "in row {}, column {}".format(*index) if len(index) == 2 else f"at {index}"
    return (
        f"{layout}{named(layout, target.values)} agrees in {alike} of {size} entries; "
        f"{where} it has {there}, and the candidate {here}{note}"
    )
