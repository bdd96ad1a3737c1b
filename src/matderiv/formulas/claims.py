"""Judge a formula that somebody derived: is it the derivative, and in which layout.

Candidate and derivative are evaluated at random points, for two assignments of sizes. The table of
the derivative is cut into a matrix in every layout, and those that fit both times are kept. A
layout names the indices of the rows, then those of the columns, the last one running fastest: i, j
are the indices of f's value and k, l those of X; of X and X again, if f is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, combinations, islice, product
from typing import Any

from .. import verdicts
from ..layouts import KINDS, fitting, is_transposed, kind
from ..verdicts import FIRST, SECOND
from . import Derivative, Formula, formula
from .calculus import Order
from .checking import DIGITS, Floats, Integers, Point, Rows, Undefined, length, trials
from .printing import LETTERS, Text
from .reading import FUNCTIONS, Reading, Sizes, read
from .reading import KINDS as KINDS_OF_SYMBOLS
from .tree import Node, Size, atoms, free_names, walk

VERDICTS = (*KINDS, "scaled", "no match")
MEANINGS = verdicts.MEANINGS | {"scaled": "a multiple of the derivative"}
MOST_READINGS = 64  # of a candidate whose sizes are not told
POINTS = 6  # more for each assignment of sizes
Fit = tuple[int, Fraction]  # a place in KINDS, and a multiple
Target = tuple[str, Derivative]  # a derivative, and which it is


@dataclass(frozen=True)
class Claim(verdicts.Judgement):
    """What `claim` found; true where the candidate represents the derivative.

    Parameters
    ----------
    f
        The formula.
    subject, derivative
        Which derivative the candidate was compared with.
    candidate
        The formula that somebody derived, as it was read.
    conditions
        What the sizes must be for it to fit.
    fits
        The layouts of the derivative that the candidate is a multiple of, and how they fit.
    exactly
        Whether numbers were compared that are equal or not; else in eight digits.
    order
        The order in which to show the derivative's own matrix.
    symmetric, bought
        Matrices, and the layouts that need these to be symmetric, or ``square``, and in which it is
        a ``multiple``.
    also
        The verdict beside the other derivative, where that has as many entries.
    slip
        For "no match", the classic slip that explains it at symmetric matrices, by its name.
    """

    f: Formula
    subject: str
    derivative: Derivative
    candidate: Node
    conditions: tuple[tuple[str, Size], ...]
    fits: Mapping[str, Fit]
    exactly: bool = True
    order: Order = "F"
    symmetric: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()
    square: bool = False
    multiple: Any = 1
    also: str = ""
    slip: str = ""

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that the candidate is in, with the multiple 1 if any; the best first."""
        found = sorted(self.fits, key=lambda layout: (self.fits[layout][1] != 1, self.fits[layout]))
        return tuple(layout for layout in found if self.fits[layout][1] == self.fits[found[0]][1])

    @property
    def scale(self) -> Fraction | None:
        """What multiple it is; `None` for no match."""
        return self.fits[self.layouts[0]][1] if self.fits else None

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if not self.fits:
            return "no match"
        return KINDS[self.fits[self.layouts[0]][0]] if self.scale == 1 else "scaled"

    @property
    def matrix(self) -> Formula:
        """The derivative's own matrix, in the order asked for."""
        return self.derivative.matrix(self.order)

    @property
    def as_many_entries(self) -> bool:
        """Whether candidate and derivative have the same number of entries."""
        known, both = dict(self.conditions), (self.candidate, self.matrix.node)
        mine, its = (sorted(b for a in M.rows + M.cols for b in known.get(a, (a,))) for M in both)
        return mine == its

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        who = " and ".join(self.symmetric)
        declared = all(self.f.symbols[name].data[1] for name in self.symmetric)
        needed = f"if {who} were {'square' if self.square else 'symmetric'}, also"
        needed += f" {self.multiple} times" * (self.multiple != 1)
        symmetry = f"thanks to symmetric {who}" if declared else needed
        named = {n: f"{n}{self.named(n)}" for n in (*self.layouts, *self.bought)}
        rows = [
            ("the candidate", Text(as_typed=True)(self.candidate)),
            ("verdict", f"{self.verdict} ({MEANINGS[self.verdict]})"),
            ("compared with", f"the {self.subject} of f = {self.f!r}"),
            ("and with", self.also),
            ("compared in", "" if self.exactly else f"{DIGITS} digits"),
            ("layouts", " · ".join(named[n] for n in self.layouts)),
            ("slip", verdicts.SLIPS.get(self.slip, "")),
            ("scale", str(self.scale) if self.verdict == "scaled" else ""),
            ("sizes fit only if", " and ".join(f"{a} = {'*'.join(b)}" for a, b in self.conditions)),
            (symmetry, " · ".join(named[n] for n in self.bought)),
            ("survives", self.survives),
            (f"the matrix in order {self.order}", str(self.matrix)),
        ]
        return [(heading, text) for heading, text in rows if text]

    @property
    def values(self) -> int:
        """How many indices the values have of what was differentiated last."""
        node = self.derivative.f.node
        return sum(map(bool, (node.rows, node.cols)))

    @property
    def survives(self) -> str:
        """What the candidate has in common with the derivative."""
        known = self.slip or "no match"
        if self.fits:
            layout = in_order(self.layouts[0])
            known = verdicts.in_common(layout, self.values, self.subject != FIRST)
        return self._in_letters_of_f(verdicts.survives(known, self.scale or 1))

    def named(self, layout: str) -> str:
        """Return a layout's name in brackets, where it has one."""
        return self._in_letters_of_f(verdicts.named(in_order(layout), self.values))

    def _in_letters_of_f(self, words: str) -> str:
        """Write the variable in place of X, and a direction in place of Y."""
        letters = {"X": self.derivative.X.data[0], "Y": self.derivative.Y.data[0]}
        return re.sub(r"\b[XY]", lambda letter: letters[letter[0]], words)

    __repr__ = verdicts.Judgement.__str__


def in_order(layout: str) -> str:
    """Name the indices i, j, k, l in turn, where some are left out."""
    letters = sorted({*layout} - {","})
    return layout.translate(dict(zip(map(ord, letters), "ijkl", strict=False)))


def claim(
    text: str | Formula, variable: str, candidate: str, order: Order = "F", **declared: Any
) -> Claim:
    """Say which layout of the derivative a formula is, or that it is none.

    Parameters
    ----------
    text
        The formula f, as in `matderiv.formula`.
    variable
        The symbol to differentiate by.
    candidate
        The formula that somebody derived, in the symbols of f: for the first derivative, or, if f
        is a number, the second. Beside an f that is typed as in NumPy its stars go entry by entry
        as well, unless it has signs that NumPy has not, as ``A'*B`` has.
    order
        The order in which to show the derivative's own matrix.
    **declared
        As in `matderiv.formula`. The verdict holds for the matrices declared symmetric; what needs
        that is named. Where none is declared, it is said what symmetry would buy.

    Raises
    ------
    ValueError
        When one of the texts is no formula, or the candidate's sizes fit no derivative of f.

    Notes
    -----
    Claims Q2 and Q3 of the thread.

    Examples
    --------
    >>> print(claim("B*tr(A*X)", "X", "kron(B, A)"))
    the candidate: B ⊗ A
    verdict: rearrangement (the right entries in other places)
    compared with: the first derivative of f = tr(A X) B, p×q, with B p×q; A n×m; X m×n
    layouts: il,jk
    if A were symmetric, also: ik,jl (block table)
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the matrix in order F: vec(B) vec(Aᵀ)ᵀ
    """
    if isinstance(text, Formula) and declared:
        raise TypeError(f"{', '.join(declared)} must be declared where f is read, in formula(…)")
    if not isinstance(candidate, (str, Formula)):
        raise TypeError(f"candidate must be a formula, as f is one; it is {candidate!r}")
    candidate, f = str(candidate), text if isinstance(text, Formula) else formula(text, **declared)
    variable = f.variable(variable).data[0]
    constants = [n for n, node in f.symbols.items() if n != variable and node.cols]
    reading, targets = asked(f, variable, candidate)
    found = replace(judged(reading, targets), order=order)
    if declared_so := tuple(n for n in constants if f.symbols[n].data[1]):
        general: tuple[str, ...] = ()
        with suppress(ValueError):  # where the candidate has no sizes but for symmetric matrices
            general = judged(*asked(_declared(f, str(f), f.symbols), variable, candidate)).layouts
        bought = tuple(n for n in found.layouts if n not in general)
        return replace(found, symmetric=declared_so, bought=bought)
    matrices = tuple(n for n in (variable, *constants) if f.symbols[n].cols)
    squares = [*((n,) for n in matrices), matrices] if not found.fits else []
    subsets = chain(*(combinations(constants, count) for count in (1, 2, 3)))
    tried = [*((some, True) for some in squares), *((some, False) for some in subsets)]
    shown = found if found else _bought(found, reading, targets, tried)
    if found or shown.bought:
        return replace(shown, order=order)
    explained = not found.fits and f.node.is_number and f.symbols[variable].cols
    return replace(found, slip=_slip(targets[0][1], candidate) if explained else "")


def _bought(
    found: Claim, reading: Reading, targets: list[Target], tried: list[tuple[tuple[str, ...], bool]]
) -> Claim:
    """Say what a candidate is where some matrices are symmetric, or only square; the fewest.

    Where it is nothing without, it may be a multiple; of as many matrices those come first that
    make it the derivative, not its transpose.
    """
    hits: dict[tuple[bool, bool, int, bool], Claim] = {}
    for some, square in tried:
        asks = not square, len(some)
        if hits and min(hits) < (False, *asks):
            break
        fit = judged(reading, targets, some, square)
        more = tuple(n for n in fit.layouts if n not in found.layouts)
        if fit.scale != 1 and (found.fits or not fit.fits):
            continue
        if fit.verdict != found.verdict or any(map(fit.named, more)):
            shown = replace(found if found.fits else fit, fits=found.fits, multiple=fit.scale)
            shown = replace(shown, symmetric=some, bought=more, square=square)
            turned = is_transposed(in_order((more or fit.layouts)[0]), fit.values)
            hits.setdefault((fit.scale != 1, *asks, turned), shown)
    return hits[min(hits)] if hits else found


def _slip(D: Derivative, candidate: str) -> str:
    """Name the slip that a candidate is, as a gradient by a symmetric matrix."""
    G, names = f"({D.gradient})", D.gradient.node.names
    Z = next(free_names(LETTERS, D.f.symbols))
    for slip, text in (("symmetric", f"({G} + {G}')/2"), ("triangle", f"{G} + {G}' - I .* {G}")):
        with suppress(ValueError):  # where it cannot be square
            symmetric = tuple({D.X.data[0]} & {*names})
            functional = _declared(D.f, f"tr(({text})'*{Z})", names, symmetric)
            if judged(*asked(functional, Z, candidate)).scale == 1:
                return slip
    return ""


def _declared(
    f: Formula, text: str, names: Iterable[str], symmetric: tuple[str, ...] = ()
) -> Formula:
    """Read a text in names of f, with some declared symmetric and no others; its stars as f's."""
    others = [(n, f.symbols[n].kind) for n in names if n not in symmetric]
    kinds = {kind: [name for name, its in others if its == kind] for kind in KINDS_OF_SYMBOLS}
    found = formula(text, **kinds | {"symmetric": symmetric})
    return replace(found, like_numpy=f.like_numpy)


def asked(f: Formula, variable: str, candidate: str) -> tuple[Reading, list[Target]]:
    """Read a candidate, and return the derivatives of f that it may be, the first one first."""
    declared = {name: node.kind for name, node in f.symbols.items() if name in FUNCTIONS}
    reading = read(candidate, declared, f.symbols, f.like_numpy)
    if new := [name for name in reading.symbols if name not in f.symbols]:
        raise ValueError(f"{new[0]} does not occur in f = {f}")
    D = f.derivative(variable)
    return reading, [(FIRST, D), *([(SECOND, D.hessian)] if f.node.is_number else [])]


def judged(
    reading: Reading, targets: list[Target], some: tuple[str, ...] = (), square: bool = False
) -> Claim:
    """Compare a candidate with derivatives, where some matrices are symmetric, or only `square`."""
    first = targets[0][1]
    found = [
        Claim(first.f, subject, D, raw, reading.conditions, *fits(D, raw, reading, some, square))
        for raw in islice(readings(first, reading), MOST_READINGS)
        for subject, D in targets
    ]
    found.sort(key=lambda claim: (VERDICTS.index(claim.verdict), not claim.as_many_entries))
    best, *rest = found
    alike = (one for one in rest if one.candidate == best.candidate and one.as_many_entries)
    also = next((f"the {other.subject}: {other.verdict}" for other in alike), "")
    return replace(best, also=also if best.as_many_entries else "")


def readings(D: Derivative, reading: Reading) -> Iterator[Node]:
    """Yield the candidate with sizes that nothing tells, as those of I, taken from f."""
    letters = [(a,) for a in atoms(*D.f.symbols.values())]
    words = dict.fromkeys([*letters, *(A.cols + A.rows for A in (D.X, D.f.node))])
    free = [a for a in atoms(reading.raw) if not a.isdigit() and (a,) not in words]
    for choice in product(words, repeat=len(free)):
        sizes = Sizes()
        sizes.known = dict(zip(free, choice, strict=True))
        yield sizes.settle(reading.raw)


def fits(
    D: Derivative, raw: Node, reading: Reading, some: tuple[str, ...], square: bool
) -> tuple[dict[str, Fit], bool]:
    """Return the layouts that fit at two assignments of sizes, in the same way at every point.

    Over the integers modulo p², where numbers are equal or not, exp and its kin are formal, so that
    what hangs on the identity of two functions only fits in floats: then it is told.
    """
    sizes, symbols = Sizes(), dict(D.f.symbols)
    sizes.known = dict(reading.conditions)
    for name in some:
        A = symbols[name]
        if not sizes.unify(A.rows, A.cols):
            return {}, True
        symbols[name] = A if square else replace(A, data=(name, True))
    conditions = [(letter, sizes.resolve((letter,))) for letter in sizes.known]
    letters = atoms(*symbols.values(), raw, D.f.node)
    act, parts = partial(_matches_around, D, raw), (*walk(D.f.node), *walk(raw))
    for field in (Integers, Floats) if any(map(is_formal, parts)) else (Integers,):
        found = islice(trials(act, symbols.values(), letters, (field,), conditions), 2)
        first, second = [*(match for _, match in found), {}, {}][:2]
        if both := _shared(first, second):
            return both, field is Integers
    return {}, True


def is_formal(part: Node) -> bool:
    """Whether a part of a formula is no rational function."""
    fractional = part.op == "power" and part.data[0].denominator > 1
    return fractional or part.op in ("logdet", "norm", "apply")


def _matches_around(D: Derivative, raw: Node, point: Point) -> dict[str, Fit]:
    """Return what matches at a point, and at others: what has corners has other signs there."""
    found = _matches(D, raw, point)
    for _ in range(POINTS):
        if not found:
            break
        with suppress(Undefined, ArithmeticError):
            found = _shared(found, _matches(D, raw, point.another()))
    return found


def _shared(first: dict[str, Fit], second: dict[str, Fit]) -> dict[str, Fit]:
    return {layout: fit for layout, fit in first.items() if second.get(layout) == fit}


def _matches(D: Derivative, raw: Node, point: Point) -> dict[str, Fit]:
    """Return the layouts that a candidate is a multiple of, without the indices of size 1."""
    f, X = D.f.node, D.X
    words = (X.rows, X.cols) if f.is_number else (f.rows, f.cols, X.rows, X.cols)
    ranges = [range(length(word, point.sizes)) for word in words]
    shape = length(raw.rows, point.sizes), length(raw.cols, point.sizes)
    if not (tried := fitting(shape, tuple(map(len, ranges)))):
        return {}
    table = dict(zip(product(*ranges), chain(*point.evaluate(D.matrix("C").raw)), strict=True))
    values, found = sum(map(bool, words[:-2])), {}
    for layout in tried:
        if c := _multiple(point.F, point.evaluate(raw), cut(table, ranges, layout)):
            name = "".join(a for a in layout if a == "," or words["ijkl".index(a)])
            found[name] = KINDS.index(kind(name, values)), c
    return found


def cut(table: Mapping[tuple[int, ...], Any], ranges: list[range], layout: str) -> Rows:
    """Write a table as a matrix: of the indices of rows, and of columns, the last runs fastest."""
    axes = [["ijkl".index(letter) for letter in part] for part in layout.split(",")]
    rows, columns = ([*product(*(ranges[axis] for axis in part))] for part in axes)
    turn = [[*chain(*axes)].index(axis) for axis in range(len(ranges))]
    return [[table[tuple((r + c)[i] for i in turn)] for c in columns] for r in rows]


def _multiple(F: Any, candidate: Rows, matrix: Rows) -> Fraction | None:
    """Return c where the candidate is c times a matrix."""
    if (len(candidate), len(candidate[0])) != (len(matrix), len(matrix[0])):
        return None
    pairs = [*zip(chain(*candidate), chain(*matrix), strict=True)]
    ratios = (a * F.inverse(b) for a, b in pairs if F.pivot(b))
    c = F.fraction(next(ratios, 1))
    return c if c and all(F.same(a, F.rational(c) * b) for a, b in pairs) else None
