"""Judge a formula that somebody derived: is it the derivative, and in which layout.

Candidate and derivative are evaluated at random points, for two assignments of sizes. The table of
the derivative is cut into a matrix in every layout, and those that fit both times are kept. A
layout names the indices of the rows, then those of the columns, the last one running fastest: i, j
are the indices of f's value and k, l those of X; of X and X again, if f is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from html import escape
from itertools import chain, combinations, islice, permutations, product
from operator import attrgetter
from typing import Any

from . import Derivative, Formula, formula
from .calculus import Order
from .checking import Floats, Integers, Point, Rows, length, trials
from .printing import Text
from .reading import Reading, Sizes, read
from .tree import Node, Size, atoms

KINDS = ("representation", "mixed orders", "rearrangement")
VERDICTS = (*KINDS, "scaled", "no match")
REPRESENTATIONS = ("i,j", ",ij", ",ji", "ij,", "ji,", "ij,kl", "ji,lk", "kl,ij", "lk,ji")
MIXED_ORDERS = ("ij,lk", "ji,kl", "kl,ji", "lk,ij")
OF_A_GRADIENT = ("i,j", "j,i", ",ij", ",ji", "ij,", "ji,")
OF_A_TABLE = tuple(f"{a}{b},{c}{d}" for a, b, c, d in permutations("ijkl"))
NAMES = {
    "i,j": "the shape of X", "j,i": "the shape of Xᵀ", ",ij": "a row, in order C",
    ",ji": "a row, in order F", "ij,": "a column, in order C", "ji,": "a column, in order F",
    "i,": "a column", ",i": "a row", "i,k": "numerator layout",
    "k,i": "denominator layout, its transpose",
    "ij,kl": "order C", "ji,lk": "order F", "ik,jl": "block table, blocks numbered by i, j",
    "ki,lj": "block table, blocks numbered by k, l",
}  # fmt: skip
MEANINGS = {
    "representation": "the derivative, in coordinates",
    "mixed orders": "rows and columns list the coordinates in different orders",
    "rearrangement": "the right entries in other places",
    "scaled": "a multiple of the derivative",
    "no match": "no layout of the derivative, nor a multiple of one",
}
SURVIVES = {
    "representation": "everything",
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "scaled": "",
    "no match": "nothing in common was found",
}


MOST_READINGS = 64  # of a candidate whose sizes are not told
Fit = tuple[int, Fraction]  # a place in KINDS, and a multiple


@dataclass(frozen=True)
class Match:
    """The layouts of a derivative that a candidate is a multiple of, and how they fit."""

    subject: str
    derivative: Derivative
    fits: Mapping[str, Fit]
    candidate: Node
    conditions: tuple[tuple[str, Size], ...]

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts with the best multiple, which is 1; the representations first."""
        found = sorted(self.fits, key=lambda layout: (self.fits[layout][1] != 1, self.fits[layout]))
        return tuple(layout for layout in found if self.fits[layout][1] == self.fits[found[0]][1])

    @property
    def as_many_entries(self) -> bool:
        """Whether candidate and derivative have the same number of entries."""
        known = dict(self.conditions)
        of_both = (
            sorted(b for a in node.rows + node.cols for b in known.get(a, (a,)))
            for node in (self.candidate, self.derivative.matrix("C").node)
        )
        return next(of_both) == next(of_both)

    @property
    def scale(self) -> Fraction | None:
        """The multiple; `None` for no match."""
        return self.fits[self.layouts[0]][1] if self.fits else None

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if not self.fits:
            return "no match"
        return KINDS[self.fits[self.layouts[0]][0]] if self.scale == 1 else "scaled"


@dataclass(frozen=True)
class Claim:
    """What `claim` found; true where the candidate represents the derivative.

    Parameters
    ----------
    f
        The formula.
    found
        The verdict, the layouts, and on which conditions on the sizes.
    symmetric, bought
        Matrices, and the layouts that need these to be symmetric.
    matrix
        The derivative's own matrix, in the order asked for.
    order
        That order.
    """

    f: Formula
    found: Match
    symmetric: tuple[str, ...]
    bought: tuple[str, ...]
    matrix: Formula
    order: Order

    verdict = property(attrgetter("found.verdict"), doc="One of `VERDICTS`.")
    layouts = property(attrgetter("found.layouts"), doc="The layouts that the candidate is in.")
    scale = property(attrgetter("found.scale"), doc="What multiple it is; `None` for no match.")

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        who = " and ".join(self.symmetric)
        declared = all(self.f.symbols[name].data[1] for name in self.symmetric)
        symmetry = f"thanks to symmetric {who}" if declared else f"if {who} were symmetric, also"
        conditions, x = self.found.conditions, self.found.derivative.X.data[0]
        rows = [
            ("the candidate", Text(as_typed=True)(self.found.candidate)),
            ("verdict", f"{self.verdict} ({MEANINGS[self.verdict]})"),
            ("compared with", f"the {self.found.subject} of f = {self.f!r}"),
            ("layouts", named(self.layouts, x)),
            ("scale", str(self.scale) if self.verdict == "scaled" else ""),
            ("fits only if", " and ".join(f"{a} = {'*'.join(b)}" for a, b in conditions)),
            (symmetry, named(self.bought, x)),
            ("survives", SURVIVES.get(self.verdict, "")),
            (f"the matrix in order {self.order}", str(self.matrix)),
        ]
        return [(heading, text) for heading, text in rows if text]

    def __bool__(self) -> bool:
        return bool(self.verdict == "representation")

    def __str__(self) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        row = '<tr><th scope="row">{}</th><td>{}</td></tr>'
        return f"<table>{''.join(row.format(*map(escape, pair)) for pair in self.rows)}</table>"


def named(layouts: Iterable[str], x: str) -> str:
    """List layouts, with their names."""
    return " · ".join(f"{n} ({NAMES[n].replace('X', x)})" if n in NAMES else n for n in layouts)


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
        is a number, the second.
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
    if A were symmetric, also: ik,jl (block table, blocks numbered by i, j)
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the matrix in order F: vec(B) vec(Aᵀ)ᵀ
    """
    f = text if isinstance(text, Formula) else formula(text, **declared)
    constants = [n for n, node in f.symbols.items() if n != variable and node.cols]
    declared_so = tuple(n for n in constants if f.symbols[n].data[1])
    found = judged(f, variable, candidate)
    names, bought = declared_so, found.layouts if declared_so else ()
    with suppress(ValueError):  # where the candidate has no sizes but for symmetric matrices
        general = judged(_with_symmetric(f, ()), variable, candidate) if declared_so else found
        bought = tuple(n for n in bought if n not in general.layouts)
    for some in _subsets(constants) if not declared_so and found.verdict != KINDS[0] else ():
        with suppress(ValueError):  # where it cannot be square
            special = judged(_with_symmetric(f, some), variable, candidate)
            more = tuple(n for n in special.layouts if n not in found.layouts)
            if special.scale == 1 and (special.verdict != found.verdict or {*more} & {*NAMES}):
                names, bought = some, more
                break
    return Claim(f, found, names, bought, found.derivative.matrix(order), order)


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield one name after the other, then several together."""
    for count in range(1, min(len(names), 3) + 1):
        yield from combinations(names, count)


def _with_symmetric(f: Formula, symmetric: tuple[str, ...]) -> Formula:
    """Read a formula again, with these matrices declared symmetric and no others."""
    kinds: dict[str, list[str]] = {"scalar": [], "vector": [], "matrix": []}
    for name, node in f.symbols.items():
        if name not in symmetric:
            kinds[node.kind].append(name)
    return formula(str(f), **kinds, symmetric=symmetric)


def judged(f: Formula, variable: str, candidate: str) -> Match:
    """Compare a candidate with the derivatives of f that it may be."""
    reading = read(candidate, {}, f.symbols)
    if new := [name for name in reading.symbols if name not in f.symbols]:
        raise ValueError(f"{new[0]} does not occur in f = {f}")
    D = f.derivative(variable)
    targets = [("first derivative", D)]
    if f.node.is_number:
        targets.append(("second derivative", f.second_derivative(variable).hessian))
    found = [
        Match(subject, D, fits(D, raw, reading), raw, reading.conditions)
        for raw in islice(readings(f, reading), MOST_READINGS)
        for subject, D in targets
    ]
    return min(found, key=lambda match: (VERDICTS.index(match.verdict), not match.as_many_entries))


def readings(f: Formula, reading: Reading) -> Iterator[Node]:
    """Yield the candidate with sizes that nothing tells, as those of I, taken from f."""
    letters = [a for a in atoms(*f.symbols.values()) if not a.isdigit()]
    free = [a for a in atoms(reading.raw) if not a.isdigit() and a not in letters]
    for choice in product(letters, repeat=len(free)):
        sizes = Sizes()
        sizes.known = {a: (b,) for a, b in zip(free, choice, strict=True)}
        yield sizes.settle(reading.raw)


def fits(D: Derivative, raw: Node, reading: Reading) -> dict[str, Fit]:
    """Return the layouts that fit at two assignments of sizes, in the same way both times.

    Over the integers modulo p² exp and its kin are formal, so that what hangs on the identity of
    two functions only fits in floats.
    """
    letters = atoms(*D.f.symbols.values(), raw, D.f.node)
    for field in (Integers, Floats):
        act, symbols = partial(_matches, D, raw), D.f.symbols.values()
        found = islice(trials(act, symbols, letters, (field,), reading.conditions), 2)
        first, second = [*(match for _, match in found), {}, {}][:2]
        if both := {layout: fit for layout, fit in first.items() if second.get(layout) == fit}:
            return both
    return {}


def _matches(D: Derivative, raw: Node, point: Point) -> dict[str, Fit]:
    """Return the layouts that a candidate is a multiple of, without the indices of size 1."""
    f, X = D.f.node, D.X
    words = (X.rows, X.cols) if f.is_number else (f.rows, f.cols, X.rows, X.cols)
    ranges = [range(length(word, point.sizes)) for word in words]
    table = dict(zip(product(*ranges), chain(*point.evaluate(D.matrix("C").raw)), strict=True))
    found = {}
    for layout in sorted(OF_A_GRADIENT if f.is_number else OF_A_TABLE, key=_rank, reverse=True):
        if c := _multiple(point.F, point.evaluate(raw), cut(table, ranges, layout)):
            name = "".join(a for a in layout if a == "," or words["ijkl".index(a)])
            found[name] = _rank(layout), c
    return found


def cut(table: Mapping[tuple[int, ...], Any], ranges: list[range], layout: str) -> Rows:
    """Write a table as a matrix: of the indices of rows, and of columns, the last runs fastest."""
    rows, columns = (["ijkl".index(letter) for letter in part] for part in layout.split(","))
    turn = [(rows + columns).index(axis) for axis in range(len(ranges))]

    def places(axes: list[int]) -> Iterator[tuple[int, ...]]:
        return product(*(ranges[axis] for axis in axes))

    return [[table[tuple((r + c)[i] for i in turn)] for c in places(columns)] for r in places(rows)]


def _rank(layout: str) -> int:
    """Say what a layout makes of a derivative: the place of that in `KINDS`."""
    return 0 if layout in REPRESENTATIONS else 1 if layout in MIXED_ORDERS else 2


def _multiple(F: Any, candidate: Rows, matrix: Rows) -> Fraction | None:
    """Return c where the candidate is c times a matrix."""
    if (len(candidate), len(candidate[0])) != (len(matrix), len(matrix[0])):
        return None
    pairs = [*zip(chain(*candidate), chain(*matrix), strict=True)]
    ratios = (a * F.inverse(b) for a, b in pairs if F.pivot(b))
    c = F.fraction(next(ratios, 1))
    return c if c and all(F.same(a, F.rational(c) * b) for a, b in pairs) else None
