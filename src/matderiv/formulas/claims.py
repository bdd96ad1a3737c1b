"""Judge a formula that somebody derived: is it the derivative, and in which layout.

At random points, for two assignments of sizes, the candidate is applied to a random direction in
every layout that its shape admits, and compared with the slope of f, up to a factor: what fits
every time is kept. A layout names the indices of the rows, then those of the columns, the last one
running fastest: i, j are the indices of f's value and k, l those of X; of X, if f is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import chain, combinations, islice, product
from typing import Any, NamedTuple

from .. import verdicts
from ..layouts import KINDS, fitting, is_transposed, kind
from ..verdicts import FIRST, SECOND
from . import Derivative, Formula, formula
from .calculus import Order
from .checking import DIGITS, Floats, Integers, Point, Rows, Undefined, applied, length, trials
from .printing import Text
from .reading import FUNCTIONS, Reading, Sizes, read
from .tree import Node, Size, atoms, parts, tidy, walk

VERDICTS = (*KINDS, "scaled", "no match")
MEANINGS = verdicts.MEANINGS | {"scaled": "a multiple of the derivative"}
MOST_READINGS = 64  # of a candidate whose sizes are not told
POINTS = 7  # for each assignment of sizes
SLIPS = {  # directions along which f has the slope ⟨C, Y⟩, where C is no gradient but a slip
    "": "{0}",
    "symmetric": "({0} + {0}')/2",
    "triangle": "{0} + {0}' - I .* {0}",
}
Target = tuple[str, Derivative]  # a derivative, and which it is
Conditions = tuple[tuple[str, Size], ...]  # sizes that are not free, and what they are


class Amendment(NamedTuple):
    """What else has to be: some matrices symmetric, or only square; or a slip made."""

    names: tuple[str, ...] = ()
    square: bool = False
    slip: str = ""


AS_ASKED = Amendment()


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
        The layouts of the derivative that the candidate is a multiple of, and which multiple.
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
    conditions: Conditions
    fits: Mapping[str, Fraction]
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
        kinds = {layout: KINDS.index(kind(layout, self.values)) for layout in self.fits}
        found = sorted((c != 1, kinds[layout], c, layout) for layout, c in self.fits.items())
        return tuple(layout for *_, c, layout in found if c == found[0][2])

    @property
    def scale(self) -> Fraction | None:
        """What multiple it is; `None` for no match."""
        return self.fits[self.layouts[0]] if self.fits else None

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        if not self.fits:
            return "no match"
        return kind(self.layouts[0], self.values) if self.scale == 1 else "scaled"

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
    kinds = {name: node.kind for name, node in f.symbols.items() if name in FUNCTIONS}
    reading = read(candidate, kinds, f.symbols, f.like_numpy)
    if new := [name for name in reading.symbols if name not in f.symbols]:
        raise ValueError(f"{new[0]} does not occur in f = {f}")
    targets = derivatives(f, variable)
    found = judged(targets, reading)
    symmetric = tuple(name for name, node in f.symbols.items() if node.data[1])
    if symmetric and found.fits:
        plain = {name: replace(node, data=(name, False)) for name, node in f.symbols.items()}
        others = derivatives(Formula(tidy(f.raw, **plain), plain), variable)
        general = judged(others, reading).layouts
        bought = tuple(n for n in found.layouts if n not in general)
        found = replace(found, symmetric=symmetric, bought=bought)
    elif not found:
        found = explained(found, targets, reading)
    return replace(found, order=order)


def derivatives(f: Formula, variable: str) -> list[Target]:
    """Return the derivatives of f that a candidate may be, the first one first."""
    D = f.derivative(variable)
    return [(FIRST, D), *([(SECOND, D.hessian)] if f.node.is_number else [])]


def explained(found: Claim, targets: list[Target], reading: Reading) -> Claim:
    """Say what a candidate is where some matrices are symmetric, or only square; or its slip.

    The fewest matrices are named. Where the candidate is nothing without, it may be a multiple; of
    as many matrices those come first that make it the derivative, not its transpose.
    """
    f, X = found.f, targets[0][1].X.data[0]
    constants = [name for name, node in f.symbols.items() if node.cols and name != X]
    matrices = (X, *constants) if f.symbols[X].cols else (*constants,)
    squares = [] if found.fits else [*((name,) for name in matrices), matrices]
    slip = ""
    if f.node.is_number and f.symbols[X].cols and not found.fits:
        made = [Amendment((X,), slip=name) for name in ("symmetric", "triangle")]
        slips = (one.slip for one in made if judged(targets[:1], reading, one).scale == 1)
        slip = next(slips, "")
    square = f.symbols[X].rows == f.symbols[X].cols != ()
    tried = [*constants, *([X] if square and not (found.fits or slip) else [])]
    subsets = chain(*(combinations(tried, count) for count in (1, 2, 3)))
    hits = []
    for amended in (*(Amendment(names, True) for names in squares), *map(Amendment, subsets)):
        fit = judged(targets, reading, amended)
        more = tuple(n for n in fit.layouts if n not in found.layouts)
        is_multiple = fit.scale != 1
        if is_multiple and (found.fits or not fit.fits):
            continue
        if fit.verdict != found.verdict or any(map(fit.named, more)):
            turned = is_transposed(in_order((more or fit.layouts)[0]), fit.values)
            rank = is_multiple, not amended.square, len(amended.names), turned
            hits.append((rank, amended, more, fit))
    if hits:
        _, amended, more, fit = min(hits, key=lambda hit: hit[0])
        shown = replace(found if found.fits else fit, fits=found.fits, symmetric=amended.names)
        return replace(shown, square=amended.square, bought=more, multiple=fit.scale)
    return replace(found, slip=slip)


def judged(targets: list[Target], reading: Reading, amended: Amendment = AS_ASKED) -> Claim:
    """Compare a candidate with derivatives; of all that it may mean take what fits best."""
    first = targets[0][1]
    found = [
        Claim(first.f, subject, D, raw, reading.conditions, *fits(D, raw, reading, amended))
        for raw in islice(readings(first, reading.raw), MOST_READINGS)
        for subject, D in targets
    ]
    found.sort(key=lambda claim: (VERDICTS.index(claim.verdict), not claim.as_many_entries))
    best, *rest = found
    alike = (one for one in rest if one.candidate == best.candidate and one.as_many_entries)
    also = next((f"the {other.subject}: {other.verdict}" for other in alike), "")
    return replace(best, also=also if best.as_many_entries else "")


def readings(D: Derivative, raw: Node) -> Iterator[Node]:
    """Yield the candidate with sizes that nothing tells, as those of I, taken from f."""
    letters = [(a,) for a in atoms(*D.f.symbols.values())]
    words = dict.fromkeys([*letters, *(A.cols + A.rows for A in (D.X, D.f.node))])
    free = [a for a in atoms(raw) if not a.isdigit() and (a,) not in words]
    for choice in product(words, repeat=len(free)):
        sizes = Sizes()
        sizes.known = dict(zip(free, choice, strict=True))
        yield sizes.settle(raw)


def fits(
    D: Derivative, raw: Node, reading: Reading, amended: Amendment
) -> tuple[dict[str, Fraction], bool]:
    """Return the layouts that fit at every point, as the same multiple; and if numbers were equal.

    Over the integers modulo p², where numbers are equal or not, exp and its kin are formal, so that
    what hangs on the identity of two functions only fits in floats: then it is told.
    """
    sizes, symbols = Sizes(), {**D.f.symbols, D.Y.data[0]: D.Y}
    sizes.known = dict(reading.conditions)
    for name in amended.names:
        A = symbols[name]
        if not sizes.unify(A.rows, A.cols):
            return {}, True
        symbols[name] = A if amended.square else replace(A, data=(name, True))
    conditions = [(letter, sizes.resolve((letter,))) for letter in sizes.known]
    direction = read(SLIPS[amended.slip].format(D.Y.data[0]), {}, {D.Y.data[0]: D.Y}).raw
    act = partial(multiples, D, raw, direction)
    formal = any(map(is_formal, (*walk(D.f.node), *walk(raw))))
    for field in (Integers, Floats) if formal else (Integers,):
        tried = trials(act, symbols.values(), (raw, D.f.node), (field,), POINTS, conditions)
        found = [at_points for _, at_points in islice(tried, 2)]
        if len(found) == 2 and (everywhere := set.intersection(*chain(*found))):
            return dict(everywhere), field is Integers
    return {}, True


def is_formal(part: Node) -> bool:
    """Whether a part of a formula is no rational function."""
    fractional = part.op == "power" and part.data[0].denominator > 1
    return fractional or part.op in ("logdet", "norm", "apply")


def multiples(D: Derivative, raw: Node, to: Node, point: Point) -> set[tuple[str, Fraction]]:
    """Return the layouts in which a candidate is a multiple of the derivative at a point."""
    f, X, A = D.f.node, D.X, point.evaluate(raw)
    slope = point.slope(f, X.data[0], point.evaluate(to))
    if parts(D.map.node)[0] and not any(map(point.F.pivot, chain(*A, *slope))):
        raise Undefined  # any multiple would fit
    words = f.rows, f.cols, X.rows, X.cols
    lengths = tuple(length(word, point.sizes) for word in words)
    found = {}
    for layout in fitting((len(A), len(A[0])), lengths):
        name = "".join(a for a in layout if a == "," or words["ijkl".index(a)])
        found[in_order(name) if f.is_number else name] = layout
    image = partial(applied, point.F, A, Y=point.evaluate(D.Y), like=slope)
    fit = ((name, multiple(point.F, image(layout), slope)) for name, layout in found.items())
    return {(name, c) for name, c in fit if c}


def multiple(F: Any, A: Rows, B: Rows) -> Fraction | None:
    """Return c where A is c B."""
    pairs = [*zip(chain(*A), chain(*B), strict=True)]
    ratios = (a * F.inverse(b) for a, b in pairs if F.pivot(b))
    c = F.fraction(next(ratios, 1))
    return c if c and all(F.same(a, F.rational(c) * b) for a, b in pairs) else None
