"""The check before the answer: a formula is differentiated again, without a rule.

Over the integers modulo p², f(X + pY) = f(X) + p Df(X)[Y]: whatever f is made of, running it twice
gives its derivative exactly. Square roots are lifted from the integers modulo p; exp, log and their
kin are *formal*: any values will do for exp(r), so long as exp(r + ps) is exp(r) (1 + ps). Where
roots cannot be had, the complex step in floats takes over. It is evidence for all sizes, not a
proof: the sizes tried are two.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import copy
from fractions import Fraction
from functools import partial, reduce
from itertools import chain, cycle, islice, product
from math import prod
from operator import add, itemgetter, mul
from random import Random
from typing import Any, TypeVar

from .tree import Node, Size, atoms

Rows = list[list[Any]]
Result = TypeVar("Result")
PRIME = 2147366399  # one modulo 4, 3 and 5 less than each; all primes up to 37 are squares
TRIES = 32
MOST_ENTRIES = 2_000_000  # of a part of a formula
DIGITS = 8  # in which floats are compared
LARGEST_NUMERATOR, LARGEST_DENOMINATOR = 1000, 100  # of a multiple
LAYOUTS = {"gradient": "ik,jl", "F": "ji,lk", "C": "ij,kl"}  # of what is no map
# What the letters stand for, in turn:
LENGTHS = ((2, 3, 4), (3, 2, 2, 4, 3, 3), (4, 3, 2), (2, 4, 3, 3))


class Undefined(Exception):
    """A formula has no value at a point."""


class Field:
    """Numbers to evaluate formulas in, drawn at random."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.formal: dict[tuple[str, int], int] = {}

    def inverse(self: Any, a: Any) -> Any:
        return self.power(a, Fraction(-1))


class Integers(Field):
    """The integers modulo p²: a + pb stands for a value a with the slope b."""

    step = PRIME

    def entries(self, count: int) -> list[int]:
        """Draw the numbers of a symbol."""
        return [self.random.randrange(1, PRIME) for _ in range(count)]

    def rational(self, c: Fraction) -> int:
        return c.numerator * self.inverse(c.denominator)

    def reduced(self, a: int) -> int:
        return a % PRIME**2

    def pivot(self, a: int) -> float:
        return float(a % PRIME != 0)

    def slope(self, there: int, here: int) -> int:
        return (there - here) // PRIME % PRIME

    def same(self, a: int, b: int) -> bool:
        return (a - b) % PRIME == 0

    def fraction(self, a: int) -> Fraction | None:
        """Return the small fraction that a number is."""
        for d in range(1, LARGEST_DENOMINATOR):
            n = (a * d + LARGEST_NUMERATOR) % PRIME - LARGEST_NUMERATOR
            if n <= LARGEST_NUMERATOR:
                return Fraction(n, d)
        return None

    def power(self, a: int, p: Fraction) -> int:
        base = self.root(a, p.denominator) if p.denominator > 1 else a
        if p < 0 and base % PRIME == 0:
            raise Undefined
        return int(pow(base, p.numerator, PRIME**2))

    def root(self, a: int, n: int) -> int:
        """Lift the n-th root of a residue; where n is even, the root that is itself a square."""
        if n % 2 == 0:
            a, n = self.root(a, n // 2), 2
        r = a % PRIME
        s = pow(r, (PRIME + 1) // 4 if n == 2 else pow(n, -1, PRIME - 1), PRIME)
        if r == 0 or pow(s, n, PRIME) != r:
            raise Undefined
        slope = n * pow(s, n - 1, PRIME**2)
        return int(s - (pow(s, n, PRIME**2) - a) * self.inverse(slope))

    def sign(self, a: int) -> int:
        """Say in which half of the residues a is: any such choice is constant around a."""
        return 1 if 2 * (a % PRIME) < PRIME else -1

    def formally(self, name: str, a: int) -> int:
        """Apply a function of which only its slope is known: any value will do."""
        r = a % PRIME
        value = self.formal.setdefault((name, r), *self.entries(1))
        return value + (a - r) * FORMAL_SLOPES[name](self, r, value) if a != r else value


FORMAL_SLOPES: dict[str, Callable[[Integers, int, int], int]] = {  # at r, where the value is v
    "exp": lambda F, r, v: v,
    "log": lambda F, r, v: F.inverse(r),
    "sin": lambda F, r, v: F.formally("cos", r),
    "cos": lambda F, r, v: -F.formally("sin", r),
    "arctan": lambda F, r, v: F.inverse(1 + r * r),
}


class Floats(Field):
    """Complex floats: a + ihb stands for a value a with the slope b."""

    step = 1e-40j
    library: Any = cmath

    def entries(self, count: int) -> list[float]:
        """Draw of both signs, or, more often, positive ones only, as log needs them; or small."""
        least, unit = self.random.choice((-1.8, 0.2, 0.2)), self.random.choice((0.1, 1.0))
        return [self.random.uniform(least, 1.8) * unit for _ in range(count)]

    def rational(self, c: Fraction) -> Any:
        return float(c)

    def reduced(self, a: Any) -> Any:
        return a

    def pivot(self, a: Any) -> float:
        return abs(a) if abs(a) > 1e-9 else 0.0

    def slope(self, there: complex, here: complex) -> float:
        return self.finite(there).imag / 1e-40

    def same(self, a: complex, b: complex) -> bool:
        return abs(a - b) <= 10.0**-DIGITS * (1 + abs(a) + abs(b))

    def fraction(self, a: complex) -> Fraction | None:
        c = Fraction(self.finite(a).real).limit_denominator(LARGEST_DENOMINATOR)
        return c if self.same(a, float(c)) else None

    def power(self, a: Any, p: Fraction) -> Any:
        return self.positive(a) ** float(p) if p.denominator > 1 else a**p.numerator

    def sign(self, a: Any) -> Any:
        return 1 if complex(a).real > 0 else -1

    def formally(self, name: str, a: Any) -> Any:
        a = self.positive(a) if name == "log" else a
        return getattr(self.library, "atan" if name == "arctan" else name)(a)

    def finite(self, a: Any) -> complex:
        if not cmath.isfinite(a):
            raise Undefined
        return complex(a)

    def positive(self, a: Any) -> Any:
        if complex(a).real <= 0:
            raise Undefined
        return a


HALF = Fraction(1, 2)

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "tan": lambda F, a: F.formally("sin", a) * F.inverse(F.formally("cos", a)),
    "sinh": lambda F, a: (F.formally("exp", a) - _exp_of_minus(F, a)) * F.rational(HALF),
    "cosh": lambda F, a: (F.formally("exp", a) + _exp_of_minus(F, a)) * F.rational(HALF),
    "tanh": lambda F, a: 1 - 2 * F.inverse(F.formally("exp", a) ** 2 + 1),
    "sigmoid": lambda F, a: F.inverse(1 + _exp_of_minus(F, a)),
    "softplus": lambda F, a: F.formally("log", F.reduced(1 + F.formally("exp", a))),
    "abs": lambda F, a: F.sign(a) * a,
    "sign": lambda F, a: F.sign(a),
    "step": lambda F, a: (1 + F.sign(a)) * F.rational(HALF),
    "relu": lambda F, a: (1 + F.sign(a)) * F.rational(HALF) * a,
}


def _exp_of_minus(F: Any, a: Any) -> Any:
    return F.inverse(F.formally("exp", a))


def eliminated(F: Any, A: Rows) -> tuple[Any, Rows]:
    """Return the determinant and the inverse, by Gauss and Jordan."""
    n, determinant = len(A), 1
    work = [[*row, *unit] for row, unit in zip(A, identity(n), strict=True)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: F.pivot(work[i][k]))
        if F.pivot(work[best][k]) == 0:
            raise Undefined
        if best != k:
            work[k], work[best], determinant = work[best], work[k], -determinant
        pivot = work[k][k]
        determinant, scale = F.reduced(determinant * pivot), F.inverse(pivot)
        work[k] = [F.reduced(a * scale) for a in work[k]]
        for i in range(n):
            if i != k and (c := work[i][k]):
                work[i] = [F.reduced(a - c * b) for a, b in zip(work[i], work[k], strict=True)]
    return determinant, [row[n:] for row in work]


def determinant(F: Any, A: Rows) -> Any:
    """Return the determinant, also of a singular matrix."""
    try:
        return eliminated(F, A)[0]
    except Undefined:
        return 0


def identity(n: int) -> Rows:
    """Return the identity matrix."""
    return [[int(i == j) for j in range(n)] for i in range(n)]


def length(size: Size, sizes: Mapping[str, int]) -> int:
    """Return a size as a number."""
    return prod(int(atom) if atom.isdigit() else sizes[atom] for atom in size)


class Point:
    """A point of a field at which formulas are evaluated: rows for each symbol."""

    def __init__(self, field: Any, symbols: Iterable[Node], sizes: Mapping[str, int]) -> None:
        self.F: Any = field
        self.sizes = sizes
        self.values = {symbol.data[0]: self.drawn(symbol) for symbol in symbols}
        self.found: dict[int, tuple[Node, Rows]] = {}

    def drawn(self, symbol: Node) -> Rows:
        """Draw a matrix at random, symmetric where that is declared."""
        m, n = length(symbol.rows, self.sizes), length(symbol.cols, self.sizes)
        entries = self.F.entries(m * n)
        A = [entries[n * i : n * (i + 1)] for i in range(m)]
        if symbol.data[1]:
            A = [[A[max(i, j)][min(i, j)] for j in range(n)] for i in range(m)]
        return A

    def evaluate(self, node: Node) -> Rows:
        """Evaluate a formula, each part once."""
        if node.op == "symbol":
            return self.values[node.data[0]]
        if id(node) not in self.found:
            m, n = length(node.rows, self.sizes), length(node.cols, self.sizes)
            if m * n > MOST_ENTRIES:
                raise ValueError(f"a part of the formula is too large to check: {m}×{n}")
            data = [length(d, self.sizes) if isinstance(d, tuple) else d for d in node.data]
            value = OPERATORS[node.op](self.F, m, n, *map(self.evaluate, node.args), *data)
            self.found[id(node)] = node, value
        return self.found[id(node)][1]

    def slope(self, node: Node, name: str, Y: Rows) -> Rows:
        """Differentiate a formula along Y, by running it again, a step along Y."""
        there, step = copy(self), self.F.step
        X = entrywise(self.F, lambda a, b: a + step * b, self.values[name], Y)
        there.values, there.found = self.values | {name: X}, {}
        return entrywise(self.F, self.F.slope, there.evaluate(node), self.evaluate(node))


def entrywise(F: Any, f: Callable[..., Any], *matrices: Rows) -> Rows:
    """Apply a function to the entries of a matrix, or of several."""
    together = zip(*matrices, strict=True)
    return [[F.reduced(f(*entries)) for entries in zip(*rows, strict=True)] for rows in together]


def multiplied(F: Any, A: Rows, B: Rows) -> Rows:
    """Multiply two matrices, or a number and a matrix."""
    for number, matrix in ((A, B), (B, A)):
        if len(number) == len(number[0]) == 1:
            c = number[0][0]
            return [[F.reduced(c * a) for a in row] for row in matrix]
    columns = [*zip(*B, strict=True)]
    return [[F.reduced(sum(map(mul, row, column))) for column in columns] for row in A]


def inner(F: Any, A: Rows, B: Rows) -> Rows:
    """Return the inner product of two matrices."""
    return [[F.reduced(sum(map(mul, chain(*A), chain(*B))))]]


OPERATORS: dict[str, Callable[..., Rows]] = {  # of a field, rows and columns, arguments and data
    "number": lambda F, m, n, c: [[F.rational(c)]],
    "I": lambda F, m, n, _: identity(n),
    "ones": lambda F, m, n, *_: [[1] * n for _ in range(m)],
    "zeros": lambda F, m, n, *_: [[0] * n for _ in range(m)],
    "K": lambda F, m, n, p, q: [identity(m)[j * p + i] for i in range(p) for j in range(q)],
    "J": lambda F, m, n, _: [[int(i == k * (n + 1)) for k in range(n)] for i in range(m)],
    "add": lambda F, m, n, *args: reduce(lambda A, B: entrywise(F, add, A, B), args),
    "hadamard": lambda F, m, n, *args: reduce(lambda A, B: entrywise(F, mul, A, B), args),
    "times": lambda F, m, n, *args: reduce(lambda A, B: multiplied(F, A, B), args),
    "kron": lambda F, m, n, A, B: [
        [F.reduced(a * b) for a in row for b in other] for row in A for other in B
    ],
    "T": lambda F, m, n, A: [[*row] for row in zip(*A, strict=True)],
    "inv": lambda F, m, n, A: eliminated(F, A)[1],
    "matpow": lambda F, m, n, A, k: reduce(
        partial(multiplied, F), [eliminated(F, A)[1] if k < 0 else A] * abs(k), identity(n)
    ),
    "tr": lambda F, m, n, A: inner(F, A, identity(len(A))),
    "sum": lambda F, m, n, A: [[F.reduced(sum(map(sum, A)))]],
    "norm": lambda F, m, n, A: [[F.power(inner(F, A, A)[0][0], HALF)]],
    "det": lambda F, m, n, A: [[determinant(F, A)]],
    "logdet": lambda F, m, n, A: [[F.reduced(F.formally("log", eliminated(F, A)[0]))]],
    "power": lambda F, m, n, A, p: entrywise(F, lambda a: F.power(a, p), A),
    "apply": lambda F, m, n, A, name: entrywise(
        F, lambda a: FUNCTIONS[name](F, a) if name in FUNCTIONS else F.formally(name, a), A
    ),
    "diag": lambda F, m, n, v: [[v[i][0] if i == j else 0 for j in range(n)] for i in range(n)],
    "diagonal": lambda F, m, n, A: [[A[i][i]] for i in range(m)],
    "vec": lambda F, m, n, A: [[a] for column in zip(*A, strict=True) for a in column],
    "unvec": lambda F, m, n, v, *_: [[v[j * m + i][0] for j in range(n)] for i in range(m)],
}


def trials(
    act: Callable[[Point], Result],
    symbols: Collection[Node],
    formulas: Iterable[Node],
    fields: Iterable[type[Field]] = (Integers, Floats),
    points: int = 1,
    conditions: Iterable[tuple[str, Size]] = (),
) -> Iterator[tuple[dict[str, int], list[Result]]]:
    """Act at random points, for each assignment of sizes at which the formulas have values.

    There are so many `points`, but no more once nothing is found at one.
    `conditions` are sizes that are not free, with what they are.
    """
    letters = [a for a in atoms(*symbols, *formulas) if not a.isdigit()]
    for seed, lengths in enumerate(LENGTHS, 2011):
        sizes, random = dict(zip(letters, cycle(lengths), strict=False)), Random(seed)
        for letter, size in conditions:
            sizes[letter] = length(size, sizes)
        found: list[Result] = []
        for field in [field for field in fields for _ in range(TRIES)]:
            with suppress(Undefined, ArithmeticError):
                found.append(act(Point(field(random), symbols, sizes)))
                if len(found) == points or not found[-1]:
                    break
        if found:
            yield sizes, found


def applied(F: Any, A: Rows, layout: str, Y: Rows, like: Rows) -> Rows:
    """Apply the map that a matrix is in a layout to Y; i, j are the indices of an image `like` it.

    A layout names the indices of the rows, then those of the columns, the last one running fastest.
    """
    letters, lengths = layout.replace(",", ""), (len(like), len(like[0]), len(Y), len(Y[0]))
    places = product(*(range(lengths["ijkl".index(letter)]) for letter in letters))
    in_turn = itemgetter(*map(letters.index, "ijkl"))
    image = [[0] * len(row) for row in like]
    for (row, column, i, j), entry in zip(map(in_turn, places), chain(*A), strict=True):
        image[row][column] += entry * Y[i][j]
    return entrywise(F, lambda a: a, image)


def check(
    raw: Node, X: Node, Y: Node, symbols: Iterable[Node], answers: Mapping[str, Node]
) -> list[dict[str, int]]:
    """Compare a derivative's formulas with the slope of f as typed, at two assignments of sizes.

    Parameters
    ----------
    raw
        The formula f, as typed.
    X, Y
        The symbols of the variable and of the direction.
    symbols
        The symbols of f.
    answers
        Formulas by name: "map", "gradient", and "F" and "C" for the matrices.

    Returns
    -------
    The sizes tried.

    Raises
    ------
    ValueError
        When f has no value at any of the points tried.
    RuntimeError
        When a formula is wrong: a fault of this package.
    """

    def wrong(point: Point) -> str:
        F, direction = point.F, point.evaluate(Y)
        slope = point.slope(raw, X.data[0], direction)
        for name, node in answers.items():
            value = point.evaluate(node)
            if name in LAYOUTS:
                value = applied(F, value, LAYOUTS[name], direction, slope)
            if not all(map(F.same, chain(*value), chain(*slope))):
                return name
        return ""

    tried = []
    for sizes, (name,) in islice(trials(wrong, [X, Y, *symbols], [raw]), 2):
        if name:
            raise RuntimeError(f"the {name} found is wrong at {sizes}; please report this")
        tried.append(sizes)
    if len(tried) < 2:
        raise ValueError("f has no value at any of the points tried, so nothing can be checked")
    return tried
