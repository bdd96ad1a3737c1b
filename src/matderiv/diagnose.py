"""Which convention is my matrix in? The diagnosis of a matrix that somebody derived.

The derivative is a table: the indices of f's values come first, those of X after them, and for a
second derivative those of X twice. The candidate is compared with it in every layout, entry by
entry. Exact entries are equal or not. Of floats each has its own tolerance: its last digits, those
of the larger entries beside it, the digits in which the candidate is given, and the derivative's
own error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from math import floor, isqrt, log10, prod
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from matderiv import arrays, verdicts
from matderiv.arrays import Matrix, Shape, exact, is_exact, is_finite, real_array, scales
from matderiv.coordinates import Basis, duplication_matrix
from matderiv.definiteness import Spectrum, spectrum
from matderiv.derivatives import problem
from matderiv.engines import SINGLE, Engine, Function
from matderiv.engines.expressions import is_zero, shortest
from matderiv.layouts import KINDS, each, fitting, is_transposed, kind, layouts, lengths, recut
from matderiv.maps import LinearMap
from matderiv.subspaces import Subspace
from matderiv.verdicts import FACTORS, FIRST, SECOND, Diagnosis, named, number

if TYPE_CHECKING:
    from matderiv.formulas import Formula
    from matderiv.formulas.claims import Claim

DIGITS = 1e-6  # floats are compared to six digits of themselves
ROUNDING = 1e-10  # and to ten of the entries beside them
NOTHING = 1e-13  # what rounding leaves of zero, beside those
ROUGHLY = 1e-3  # the tolerance that is proposed where it makes a match
DOUBTFUL = 3e-3  # the error of a derivative's entry from which on nothing can be told
FEWEST, MOST = 3, 6  # digits that make a candidate look printed


@overload
def diagnose(f: str | Formula, X: str, candidate: str, **declared: Any) -> Claim: ...


@overload
def diagnose(
    f: Function,
    X: Matrix,
    candidate: Matrix,
    within: LinearMap | None = None,
    tolerance: float | None = None,
    *,
    engine: str | None = None,
) -> Diagnosis: ...


def diagnose(
    f: Any,
    X: Any,
    candidate: Any,
    within: LinearMap | None = None,
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
        `candidate` a formula too, and the answer that of `matderiv.formulas.claims.claim`; it takes
        what `formula` takes, such as ``symmetric="A"``, and nothing of what follows here.
    X
        An array. With exact `X`, `f` and `candidate` the comparison is exact, and so it is with
        symbols: beside these write fractions, as a decimal such as 0.7 is not quite 7/10. Otherwise
        an entry may differ by 10⁻⁶ of itself, by 10⁻¹⁰ of the larger entries in its row and column
        of the derivative, and by twice the derivative's own estimated error; the verdict is "cannot
        tell" where that error hides the sign of an entry of the candidate which is not zero.
    candidate
        What somebody derived. For a first derivative of a number, m n entries, in the shape of
        `X`, its transpose, a row or a column; for a second derivative, or a first one of a matrix,
        as many entries as the derivative has, as a matrix or with all its indices, as JAX and
        PyTorch return them. Entries with three to six digits, or up to six places after the
        point, may be rounded ones; then so many digits are compared. Whole numbers of four or more
        digits may be so, too, where they fit no better. Numbers of single precision may be off by
        4·10⁻⁶ of the larger entries in their row and column. Where X is 1×1 it is compared with
        both derivatives of a number, and the first is named where both match.
    within
        A subspace, as in `derivative`: only directions in it count. The candidate may be one for
        all matrices, or for the subspace's own coordinates, such as vech.
    tolerance
        How far entries may differ beside their size, instead of 10⁻⁶; those that should be zero,
        beside the larger entries in their row and column.
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
        given = {"within": within, "tolerance": tolerance, "engine": engine}
        if names := " and ".join(name for name, value in given.items() if value is not None):
            way = "or give f as a function, X and candidate as arrays"
            raise TypeError(f"{names} must be left out where f is a formula; {way}")
        from matderiv.formulas.claims import claim

        return claim(f, X, candidate, **declared)
    if declared:
        raise TypeError(f"only formulas take {', '.join(declared)}; f is a function here")
    if callable(candidate):
        raise TypeError("candidate must be an array; the order is diagnose(f, X, candidate)")
    array = real_array(candidate, "candidate")
    wanted = real_array(DIGITS if tolerance is None else tolerance, "tolerance")
    if wanted.shape or not 0 < wanted < 0.1:
        raise ValueError(f"tolerance must be a number between 0 and 0.1; it is {tolerance!r}")
    at, subspace = problem(f, X, "diagnose(f, X, candidate)", within, engine, number=None)
    with np.errstate(all="ignore"):
        if not is_exact(candidate) or tolerance:  # it may hold SymPy's floats
            array = _of_one_kind(array, np.ones(1))[0]
        found: list[tuple[bool, Diagnosis]] = []
        for one in _comparisons(at, subspace, array, tolerance and float(wanted)):
            if not any(known and second == one.is_second for second, known in found):
                found.append((one.is_second, one.diagnosis()))
    found.sort(key=lambda pair: (verdicts.VERDICTS.index(pair[1].verdict), -pair[1].agreement))
    (second, best), *rest = found
    also = next((f"the {one.subject}: {one.verdict}" for its, one in rest if its != second), "")
    broadcasting = "" if best.layouts else _broadcasting(f, at, array, engine)
    return replace(best, also=also, broadcasting=broadcasting)


def _broadcasting(f: Function, at: Engine, candidate: NDArray[Any], engine: str | None) -> str:
    """Say where f takes a column for something else than the vector of its entries."""
    n = at.X.size
    if at.X.shape == (n, 1) and not at.shape:
        with suppress(Exception):  # whatever f may raise that takes columns only
            here, there = (float(value) for value in (at.here, at.near(at.X[:, 0])))
            if abs(here - there) > 1e-8 + DIGITS * abs(there):
                said = f"f(X) is {here:g}, and {there:g} at the vector X[:, 0]"
                if diagnose(f, at.X[:, 0], candidate.reshape(n, -1), engine=engine).layouts:
                    way = "take X as a vector, or y[:, None] for a vector y in f"
                    return f"{said}, where the candidate is right, up to a layout or factor; {way}"
                return f"{said}: a column beside a vector may make a matrix in one of the two"
    return ""


def _comparisons(
    engine: Engine, subspace: Subspace | None, candidate: NDArray[Any], wanted: float | None
) -> Iterator[Comparison]:
    """Yield the candidate beside each derivative that it may be: those with as many entries."""
    X, unit = engine.X, list(Basis(engine.X.shape, "C", is_exact(engine.X)))
    spaces = [*subspace.readings(is_exact(X))] if subspace else [(X.shape, None, "")]
    tried = [(FIRST, engine.shape, *space) for space in spaces]
    tried += [(SECOND, space[0], *space) for space in spaces if not engine.shape]
    fits = [one for one in tried if prod(one[1] + one[2]) == candidate.size]
    if not fits:
        raise ValueError(f"candidate must have {_sizes(tried, candidate.shape)}")
    for subject, its in groupby(fits, lambda one: one[0]):
        second = subject == SECOND
        try:
            found = engine.twice().second_slopes(unit, unit) if second else engine.slopes(unit)
        except ValueError:
            if not second or X.size > 1:  # else there is a first derivative to compare with
                raise
            continue
        first = X.shape if second else engine.shape  # the second are symmetric
        table, errors = (np.moveaxis(part, 0, -1).reshape(first + X.shape) for part in found)
        for _, values, space, J, words in its:
            one, table = _of_one_kind(_shaped(candidate, values + space), table)
            if J is not None and table.dtype != object:
                J = J.astype(float)
            where = f" within {subspace}{words}" if subspace else ""
            beside = subject + where, one, Measure.of(table, errors, wanted), values + space
            yield Comparison(*beside, len(values), second, J, arrays.is_symmetric(X))


def _shaped(candidate: NDArray[Any], shape: Shape) -> NDArray[Any]:
    """Make a column of a number or a list; omit the indices of a value of one entry."""
    if candidate.ndim > 2 and candidate.shape[-len(shape) :] == shape:
        return candidate.reshape(shape)
    is_list = candidate.ndim < 2 and (candidate.size == 1 or candidate.shape != shape)
    return candidate.reshape(-1, 1) if is_list else candidate


def _sizes(tried: list[Any], given: Shape) -> str:
    """Say of which sizes candidates are, for which derivative of f by what, and this one."""
    each = dict.fromkeys(one[:3] for one in tried)
    sizes = " or ".join(str(prod(values + space)) for _, values, space in each)
    whose = " or ".join(f"the {what}, {times(v)} by {times(x)}" for what, v, x in each)
    spaces = {space for _, _, space in each}
    n = isqrt(prod(next(iter(spaces))))
    is_vech = spaces == {(n, n)} and n * (n + 1) // 2 in given
    way = f"; one in the coordinates vech(X) needs within=symmetric({n})" if is_vech else ""
    return f"{sizes} entries, as has {whose}; its shape is {given}{way}"


class Measure(NamedTuple):
    """A derivative as a table, with errors, that tells what is equal to it.

    Of floats, what is within its ``slack`` and these ``digits``, and within doubts of its own where
    it is printed. ``beside`` are the sizes of the larger entries beside each; what is ``nothing``
    beside those is zero.
    """

    table: NDArray[Any]
    errors: NDArray[Any]
    slack: NDArray[Any]
    beside: NDArray[Any]
    digits: float
    nothing: float

    @classmethod
    def of(cls, table: NDArray[Any], errors: NDArray[Any], given: float | None = None) -> Measure:
        """Make the measure of a derivative; a given tolerance holds for what is zero, too."""
        digits, nothing = given or DIGITS, given or NOTHING
        if table.dtype == object:
            return cls(table, errors, errors, errors, digits, nothing)
        beside = scales(abs(table), 2 * errors)
        slack = 2 * errors + ROUNDING * beside
        slack = np.where(abs(table) <= slack, np.maximum(slack, nothing * beside), slack)
        return cls(table, errors, slack, beside, digits, nothing)

    @property
    def is_exact(self) -> bool:
        """Whether entries are equal or not."""
        return bool(self.table.dtype == object)

    def differs(self, array: NDArray[Any], doubt: NDArray[Any], c: Any = 1) -> Iterable[bool]:
        """Say of each entry whether it is something else than c times that of the table."""
        if self.is_exact:
            pairs = zip(array.flat, self.table.flat, strict=True)
            return (not is_zero(a - c * b) for a, b in pairs)
        array = array / c
        beside = self.digits * np.maximum(np.abs(array), np.abs(self.table))
        alike = np.abs(array - self.table) <= self.slack + doubt / abs(c) + beside
        return np.ravel(~alike)  # also of NaN

    def known(self, array: NDArray[Any], doubt: NDArray[Any]) -> tuple[bool, int, int]:
        """Say whether the errors are small enough to tell, and in how many digits all is known.

        Of each entry the sign must be known, and of those that are not small three digits. What is
        zero up to rounding, in both, is measured by what is beside it. The digits are those known
        of the table's worst entry, and those given of the array's.
        """
        sizes, doubts, nothing = np.abs(self.table), 2 * self.errors, self.nothing * self.beside
        is_zero = (sizes <= doubts + nothing) & (np.abs(array) <= nothing + doubt)
        own = np.where(is_zero, self.beside, np.maximum(sizes, np.abs(array)))
        enough = np.where(sizes > doubts, np.maximum(own, DOUBTFUL * self.beside), own)
        told = np.all(self.errors <= DOUBTFUL * enough) or np.all(sizes <= doubts)
        own = np.maximum(own, np.finfo(float).tiny)
        worst = (np.clip(np.max(a / own), 1e-99, 1) for a in (self.errors, doubt / 5))
        known, given = (floor(1e-9 - log10(part)) for part in worst)
        return bool(told), known, given

    def factor(self, array: NDArray[Any], doubt: NDArray[Any]) -> Any:
        """Return c where an array is c times the table, and c is not zero; else `None`."""
        measure, c = (self._only if self.is_exact else self._near)(array, doubt)
        return c if c and not any(measure.differs(array, doubt, c)) else None

    def _only(self, array: NDArray[Any], _: Any) -> tuple[Measure, Any]:
        """Return the only factor that there can be."""
        pairs = zip(array.flat, self.table.flat, strict=True)
        c = next((shortest(a / b) for a, b in pairs if not is_zero(b)), 1)
        return self, 1 if _is(c, 1) else c

    def _near(self, array: NDArray[Any], doubt: NDArray[Any]) -> tuple[Measure, Any]:
        """Return the factor of the largest entry; a usual one, if that is within its doubts."""
        place, sizes = np.argmax(np.abs(self.table)), np.abs(self.table)
        if not np.any(sizes > self.slack):
            return self, 1
        a, b, slack, off = (one.flat[place] for one in (array, self.table, self.slack, doubt))
        c = float(a / b)
        measure = self._replace(digits=self.digits + (slack + off / abs(c)) / abs(b))
        for usual in FACTORS:
            if _is(c, usual, measure.digits):
                return self, usual
        few = 2 * sum(measure.differs(array, doubt)) < np.count_nonzero(sizes > self.slack + doubt)
        return measure, None if few else c  # but for a few entries it is no multiple


@dataclass(frozen=True)
class Comparison:
    """A candidate beside a derivative that it may be.

    The candidate is read as a table of a ``shape``, whose first indices are those of ``values``; of
    the first X, in a second derivative. Within a subspace it may be one for all X: then ``J`` takes
    the coordinates, those of the derivative, to X.
    """

    subject: str
    candidate: NDArray[Any]
    measure: Measure
    shape: Shape
    values: int
    is_second: bool = False
    J: NDArray[Any] | None = None
    at_symmetric: bool = False
    whole: bool = False

    @cached_property
    def printed(self) -> NDArray[Any]:
        """How far entries may be off that were rounded, or computed in single precision.

        They may be rounded to the last place that any of them has, or to the most digits that any
        has; ``whole`` numbers to digits. Those with fewer than three digits (four, of whole
        numbers) are not rounded, nor those with more than six digits and places, or than asked for.
        """
        given, digits, places = self.candidate, 0, 0
        most = max(MOST, floor(-log10(self.measure.digits)))
        for entry in given.flat if given.dtype != object else ():
            _, figures, exponent = Decimal(repr(float(entry))).normalize().as_tuple()
            digits, places = max(digits, len(figures)), max(places, -int(exponent))
            if min(digits, places) > most:
                break
        if digits > most and places > 0 and np.array_equal(given, given.astype(np.float32)):
            return SINGLE * scales(abs(given), 0.0)
        is_printed = digits >= FEWEST + self.whole and min(digits, places) <= most
        if not is_printed or self.whole != (places < 1):
            return np.zeros(given.shape)
        last = 0.0 if self.whole else 10.0**-places
        sizes = np.floor(np.log10(np.where(given, np.abs(given), last or 1.0)))
        return 0.5 * np.maximum(last, 10.0 ** (sizes + 1 - digits))

    @cached_property
    def layouts(self) -> list[str]:
        """The layouts that the candidate's shape may be in."""
        return fitting(self.candidate.shape, self.shape)

    def reading(self, layout: str) -> list[NDArray[Any]]:
        """Read the candidate in a layout: return a table, and how far its entries may be off."""
        given, table = (self.candidate, self.printed), each(self.shape)
        read = [recut(part, layout, table, self.shape) for part in given]
        if self.J is None:
            return read
        return [self._pulled(self.J, read[0]), self._pulled(abs(self.J), read[1])]

    def _pulled(self, J: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
        """Pull a table for all X back to the coordinates that J takes to X."""
        rows = table.reshape(-1, len(J)) @ J
        return J.T @ rows if self.is_second else rows.reshape(*self.shape[: self.values], -1)

    def factor(self, layout: str) -> Any:
        """Return which multiple of the derivative the candidate is in a layout; else `None`."""
        return self.measure.factor(*self.reading(layout))

    def diagnosis(self) -> Diagnosis:
        """Say what the candidate is; whole numbers are rounded ones only if nothing else fits."""
        found, rounded = self._diagnosed(), replace(self, whole=True)
        if found.layouts or found.slip or not np.any(rounded.printed):
            return found
        again = rounded._diagnosed()
        return again if again.layouts or again.slip else found

    def _diagnosed(self) -> Diagnosis:
        factors = {n: c for n in self.layouts if (c := self.factor(n))}
        told, digits, limit = self._told(factors)
        found = Diagnosis(self.subject, self.candidate, self.shape, self.values, digits, limit)
        found = self._matched(found, factors) if factors else self._unmatched(found)
        if not told and factors:
            return replace(found, verdict="cannot tell", survives=verdicts.survives("cannot tell"))
        return replace(found, on_symmetric=self._on_symmetric(found.layouts))

    def _told(self, factors: dict[str, Any]) -> tuple[bool, int | None, str]:
        """Say whether enough is known to tell, how many digits were compared, and why no more."""
        if self.measure.is_exact:
            way = "; for a tolerance all must be floats, and beside symbols decimals be fractions"
            return True, None, way * (self.measure.nothing != NOTHING)
        layout, c = next(iter(factors.items()), (next(iter(self.layouts), ""), 1))
        array, doubt = self.reading(layout) if layout else [0 * self.measure.table] * 2
        told, known, given = self.measure.known(array / c, doubt / abs(c))
        limits = {known: ", those known of its worst entry"}
        limits |= {given: ", those in which the candidate is given"}
        limits |= {floor(-log10(self.measure.digits)): ""}
        return told, min(limits), limits[min(limits)]

    def _matched(self, found: Diagnosis, factors: dict[str, Any]) -> Diagnosis:
        """Describe a candidate that is a multiple of the derivative in some layouts."""
        everywhere = self.J is None  # else a multiple may be what a transposition makes of it
        kinds = {n: KINDS.index(kind(n, self.values)) for n in factors}
        ranks = {n: (everywhere and c != 1, kinds[n], c != 1) for n, c in factors.items()}
        best, *_ = ordered = sorted(ranks, key=ranks.__getitem__)
        c, verdict = factors[best], kind(best, self.values)
        alike = tuple(layout for layout in ordered if _is(factors[layout], c, DOUBTFUL))
        slips = ["transposed"] * all(is_transposed(layout, self.values) for layout in alike)
        slips += [slip for factor, slip in FACTORS.items() if slip and _is(c, factor)]
        here, there = self._spectra(best)
        survives = verdicts.in_common(best, self.values, self.is_second)
        if survives == "Hessian" and c == 1 and here and there and here.verdict != there.verdict:
            here, there, survives = None, None, "undecided"
        if self.J is not None:
            moved = self.reading(best)[0]
            found = replace(found, array=moved, shape=moved.shape, pulled=True)
            survives = "within" if survives == "Hessian" else survives
        found = replace(found, verdict=verdict if c == 1 else "scaled", layouts=alike, scale=c)
        found = replace(found, slip=", ".join(slips) or None, candidate=here, true=there)
        return replace(found, survives=verdicts.survives(survives, c))

    def _unmatched(self, found: Diagnosis) -> Diagnosis:
        """Describe a candidate that is no multiple of the derivative."""
        here, there = self._spectra()
        name, c = self._slip()
        found = replace(found, candidate=here, true=there, survives=verdicts.survives(name, c))
        if name not in verdicts.SLIPS:
            return self._closest(found)
        return replace(found, slip=f"{number(c)} times " * (c != 1) + verdicts.SLIPS[name])

    def _spectra(self, layout: str = "") -> tuple[Spectrum | None, Spectrum | None]:
        """Describe candidate and second derivative as matrices, where the candidate is one.

        One that represents it in a layout is described in coordinates, others as they stand.
        """
        n = isqrt(self.candidate.size)
        if not self.is_second or self.candidate.shape not in ((n, n), self.shape):
            return None, None
        is_one = layout and kind(layout, self.values) == KINDS[0]
        given = self.reading(layout) if is_one else (self.candidate, self.printed)
        parts = (*given, *self.measure[:2])
        here, off, true, errors = (part.reshape(isqrt(part.size), -1) for part in parts)
        return spectrum(here, off), spectrum(true, errors)

    @cached_property
    def inside(self) -> Comparison | None:
        """If X is a square matrix, the same in its coordinates vech(X)."""
        n, *others = self.shape[self.values :] or (1,)
        if others != [n] or n == 1:
            return None
        D = duplication_matrix(n)
        if self.J is not None:
            return self if np.array_equal(self.J, D) else None
        table, errors, slack = (self._pulled(D, part) for part in self.measure[:3])
        measure = self.measure._replace(table=table, errors=errors, slack=slack)
        return replace(self, J=D, measure=measure)

    def _on_symmetric(self, layouts: Sequence[str]) -> str | None:
        """Say what the candidate is where only symmetric matrices count."""
        if not (self.at_symmetric and self.inside):
            return None
        inside, (table, errors, *_), told = self.inside, self.measure, []
        if table.ndim == 2:
            known = table != 0 if self.measure.is_exact else abs(table) > errors
            if np.any(np.tril(known, -1)) != np.any(np.triu(known, 1)):
                told.append("the gradient G of f at X is triangular, as where f reads one triangle")
        proper = [layout for layout in self.layouts if kind(layout, self.values) == KINDS[0]]
        c = next((c for layout in proper if (c := inside.factor(layout))), None)
        if c and (told or not {*proper} & {*layouts}):
            there = spectrum(*inside.measure[:2]) if self.is_second else None
            where = f", where that is {there.verdict}" if there else ""
            multiple = "the same as" if c == 1 else f"{number(c)} times"
            told.append(f"it is {multiple} the {self.subject}{where}")
        return "; ".join(told) or None

    def _slip(self) -> tuple[str, Any]:
        """Name the classic slip that explains a gradient by a square X, and its multiple."""
        if self.inside and self.layouts and not self.values:
            measure, D = self.inside.measure, duplication_matrix(self.shape[0])
            given = [part.reshape(self.shape) for part in (self.candidate, self.printed)]
            for slip, counts in (("symmetric", D.sum(axis=0)), ("triangle", 1)):
                parts = (measure.table / counts, measure.slack / counts)
                table, slack = ((D @ part).reshape(self.shape) for part in parts)
                if c := measure._replace(table=table, slack=slack).factor(*given):
                    return slip, c
        return "no match", 1

    def _closest(self, found: Diagnosis) -> Diagnosis:
        """Say how far the closest layout of the derivative is from the candidate."""
        given, measure = self.candidate.shape, self.measure
        if not self.layouts:
            tried = layouts(len(self.shape), len(given)) or [each(self.shape)]
            others = " or ".join(sorted({times(lengths(n, self.shape)) for n in tried}))
            return replace(found, closest=f"no layout is {times(given)}; they are {others}")

        read = {n: self.reading(n) for n in self.layouts}
        gaps = {n: np.array([*measure.differs(*read[n])]) for n in read}
        layout = min(gaps, key=lambda layout: np.count_nonzero(gaps[layout]))
        parts = [read[layout][0], measure.table, gaps[layout].reshape(measure.table.shape)]
        if self.J is None:
            parts = [recut(part, each(self.shape), layout, self.shape) for part in parts]
        here, there, wrong = parts
        size, alike = wrong.size, int(np.count_nonzero(~wrong))
        said = f"{layout}{named(layout, self.values)} agrees in {alike} of {size} entries; "
        place = tuple(np.argwhere(wrong)[0])
        index = [int(k) + 1 for k in place]
        said += "in row {}, column {}".format(*index) if len(index) == 2 else f"at {index}"
        said += f" it has {number(there[place])}, and the candidate {number(here[place])}"
        if 2 * alike < size:
            said = f"at most {alike} of {size} entries agree with any layout"
        rough, inexact = Measure.of(*measure[:2], ROUGHLY), [] if measure.is_exact else [*read]
        if near := [n for n in inexact if not any(rough.differs(*read[n]))]:
            said += f"; with tolerance={ROUGHLY:g} it is taken for {near[0]}"
        elif self.J is None and not self.values and given == self.shape:
            said += f"; the second derivative has the shape {times((self.candidate.size,) * 2)}"
        said = said if self.J is None else f"in coordinates, {said}"
        return replace(found, closest=said, agreement=alike / size)


def _of_one_kind(*given: NDArray[Any]) -> list[Any]:
    """Return arrays as floats; exact, where all are or where one holds what is no float."""
    if not all(map(is_exact, given)):
        with suppress(TypeError, OverflowError):  # symbols, or numbers beyond all floats
            floats = [np.asarray(array, dtype=float) for array in given]
            if all(map(is_finite, floats)):
                return floats
    return [exact(array) for array in given]


def _is(c: Any, number: Any, digits: float = DIGITS) -> bool:
    """Whether a factor is a number: exactly if it is exact, else to some digits."""
    if isinstance(c, (int, float)):
        return bool(abs(c - number) <= digits * max(abs(c), abs(number)))
    return is_zero(c - exact(number)[()])


def times(shape: Shape) -> str:
    """Write a shape as in 2×3."""
    return "×".join(map(str, shape)) or "1"
