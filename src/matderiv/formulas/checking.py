"""The check before the answer: a formula is differentiated again, without a rule.

Over the integers modulo p², f(X + pY) = f(X) + p Df(X)[Y]: whatever f is made of, running it twice
gives its derivative exactly. Square roots are lifted from the integers modulo p; exp, log and their
kin are *formal*: any values will do for exp(r), so long as exp(r + ps) is exp(r) (1 + ps). Where
roots cannot be had, the complex step in floats takes over. It is evidence for all sizes, not a
proof: the sizes tried are two.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from fractions import Fraction
from functools import reduce
from itertools import chain, cycle
from math import prod
from operator import add, mul
from random import Random
from typing import Any

from .tree import Node, Size, atoms

Rows = list[list[Any]]
PRIME = 2147366399  # one modulo 4, 3 and 5 less than each; all primes up to 37 are squares
TRIES = 16
LARGEST_NUMERATOR, LARGEST_DENOMINATOR = 1000, 100  # of a multiple
LENGTHS = ((2, 3, 4), (3, 2, 2, 4), (4, 3, 2), (2, 4, 3, 3))  # what the letters stand for, in turn


class Undefined(Exception):
    """A formula has no value at a point."""


class Singular(Undefined):
    """A matrix has no inverse, and so at all points of its size."""


class Integers:
    """The integers modulo p²: a + pb stands for a value a with the slope b."""

    step = PRIME

    def __init__(self, random: Random) -> None:
        self.random = random
        self.formal: dict[tuple[str, int], int] = {}

    def entry(self) -> int:
        return self.random.randrange(1, PRIME)

    def rational(self, c: Fraction) -> int:
        return int(c.numerator * self.inverse(c.denominator))

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

    def inverse(self, a: int) -> int:
        if a % PRIME == 0:
            raise Undefined
        return int(pow(a, -1, PRIME**2))

    def root(self, a: int, n: int) -> int:
        """Lift the n-th root of a residue; where n is even, the root that is itself a square."""
        if n % 2 == 0:
            a, n = self.root(a, n // 2), 2
        r = a % PRIME
        s = pow(r, (PRIME + 1) // 4 if n == 2 else pow(n, -1, PRIME - 1), PRIME)
        if r == 0 or (s**n - r) % PRIME:
            raise Undefined
        return int(s - (s**n - a) * self.inverse(n * s ** (n - 1)))

    def sign(self, a: int) -> int:
        """Say in which half of the residues a is: any such choice is constant around a."""
        return 1 if 2 * (a % PRIME) < PRIME else -1

    def formally(self, name: str, a: int) -> int:
        """Apply a function of which only its slope is known: any value will do."""
        r = a % PRIME
        value = self.formal.setdefault((name, r), self.entry())
        return value + (a - r) * self.formal_slope(name, r, value) if a != r else value

    def formal_slope(self, name: str, r: int, value: int) -> int:
        match name:
            case "exp":
                return value
            case "log":
                return self.inverse(r)
            case "sin":
                return self.formally("cos", r)
            case "cos":
                return -self.formally("sin", r)
        return self.inverse(1 + r * r)  # of arctan


class Floats:
    """Complex floats: a + ihb stands for a value a with the slope b."""

    step = 1e-40j

    def __init__(self, random: Random) -> None:
        self.random = random

    def entry(self) -> float:
        return self.random.uniform(0.2, 1.8)

    def rational(self, c: Fraction) -> float:
        return float(c)

    def reduced(self, a: complex) -> complex:
        return a

    def pivot(self, a: complex) -> float:
        return abs(a) if abs(a) > 1e-9 else 0.0

    def slope(self, there: complex, here: complex) -> float:
        return there.imag / 1e-40

    def same(self, a: complex, b: complex) -> bool:
        return abs(a - b) <= 1e-8 * (1 + abs(a) + abs(b))

    def fraction(self, a: complex) -> Fraction | None:
        c = Fraction(complex(a).real).limit_denominator(LARGEST_DENOMINATOR)
        return c if self.same(a, float(c)) else None

    def inverse(self, a: complex) -> complex:
        return 1 / a

    def root(self, a: complex, n: int) -> complex:
        return self.positive(a) ** (1 / n)

    def sign(self, a: complex) -> int:
        return 1 if complex(a).real > 0 else -1

    def formally(self, name: str, a: complex) -> complex:
        function = {"arctan": cmath.atan, "log": lambda a: cmath.log(self.positive(a))}
        return function.get(name, getattr(cmath, name, cmath.exp))(a)

    def positive(self, a: complex) -> complex:
        if complex(a).real <= 0:
            raise Undefined
        return a


HALF = Fraction(1, 2)
Field = Integers | Floats

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "tan": lambda F, a: F.formally("sin", a) * F.inverse(F.formally("cos", a)),
    "sinh": lambda F, a: (F.formally("exp", a) - _exp_of_minus(F, a)) * F.rational(HALF),
    "cosh": lambda F, a: (F.formally("exp", a) + _exp_of_minus(F, a)) * F.rational(HALF),
    "tanh": lambda F, a: 1 - 2 * F.inverse(F.formally("exp", a) ** 2 + 1),
    "sigmoid": lambda F, a: F.inverse(1 + _exp_of_minus(F, a)),
    "softplus": lambda F, a: F.formally("log", F.reduced(1 + F.formally("exp", a))),
    "abs": lambda F, a: F.sign(a) * a,
    "sign": lambda F, a: F.sign(a),
    "step": lambda F, a: (1 + F.sign(a)) // 2,
    "relu": lambda F, a: (1 + F.sign(a)) // 2 * a,
}


def _exp_of_minus(F: Any, a: Any) -> Any:
    return F.inverse(F.formally("exp", a))


def power(F: Any, a: Any, p: Fraction) -> Any:
    """Raise an entry to a rational power."""
    root = a if p.denominator == 1 else F.root(a, p.denominator)
    base = root if p > 0 else F.inverse(root)
    return reduce(lambda b, _: F.reduced(b * base), range(abs(p.numerator) - 1), base)


def eliminated(F: Any, A: Rows) -> tuple[Any, Rows]:
    """Return the determinant and the inverse, by Gauss and Jordan."""
    n, determinant = len(A), 1
    work = [[*row, *unit] for row, unit in zip(A, identity(n), strict=True)]
    for k in range(n):
        best = max(range(k, n), key=lambda i: F.pivot(work[i][k]))
        if F.pivot(work[best][k]) == 0:
            raise Singular
        if best != k:
            work[k], work[best], determinant = work[best], work[k], -determinant
        pivot = work[k][k]
        determinant, scale = F.reduced(determinant * pivot), F.inverse(pivot)
        work[k] = [F.reduced(a * scale) for a in work[k]]
        for i in range(n):
            if i != k and (c := work[i][k]):
                work[i] = [F.reduced(a - c * b) for a, b in zip(work[i], work[k], strict=True)]
    return determinant, [row[n:] for row in work]


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
        A = [[self.F.entry() for _ in range(n)] for _ in range(m)]
        if symbol.data[1]:
            A = [[A[max(i, j)][min(i, j)] for j in range(n)] for i in range(m)]
        return A

    def moved(self, name: str, Y: Rows) -> Point:
        """Return the point a step along Y."""
        there = copy(self)
        X = combined(self.F, self.values[name], Y, lambda a, b: a + self.F.step * b)
        there.values, there.found = self.values | {name: X}, {}
        return there

    def evaluate(self, node: Node) -> Rows:
        """Evaluate a formula, each part once."""
        if id(node) not in self.found:
            self.found[id(node)] = node, self.evaluated(node)
        return self.found[id(node)][1]

    def evaluated(self, node: Node) -> Rows:
        """Evaluate a formula, of the values of its arguments."""
        if node.op == "symbol":
            return self.values[node.data[0]]
        args = [self.evaluate(arg) for arg in node.args]
        if node.op == "times":
            return self.product(node, args)
        m, n = length(node.rows, self.sizes), length(node.cols, self.sizes)
        data = [length(d, self.sizes) if isinstance(d, tuple) else d for d in node.data]
        return OPERATORS[node.op](self.F, m, n, *args, *data)

    def product(self, node: Node, args: list[Rows]) -> Rows:
        """Multiply matrices and numbers, from the left."""
        product, is_number = args[0], node.args[0].is_number
        for arg, B in zip(node.args[1:], args[1:], strict=True):
            if arg.is_number:
                product = scaled(self.F, B[0][0], product)
            elif is_number:
                product = scaled(self.F, product[0][0], B)
            else:
                product = multiplied(self.F, product, B)
            is_number = is_number and arg.is_number
        return product

    def slope(self, node: Node, name: str, Y: Rows) -> Rows:
        """Differentiate a formula along Y, by running it twice."""
        there, here = self.moved(name, Y).evaluate(node), self.evaluate(node)
        return combined(self.F, there, here, self.F.slope)


def combined(F: Any, A: Rows, B: Rows, by: Callable[[Any, Any], Any]) -> Rows:
    """Combine two matrices entry by entry."""
    pairs = (zip(a, b, strict=True) for a, b in zip(A, B, strict=True))
    return [[F.reduced(by(a, b)) for a, b in row] for row in pairs]


def columns(A: Rows) -> Rows:
    """Stack the columns of a matrix."""
    return [[a] for column in zip(*A, strict=True) for a in column]


def rows(A: Rows) -> Rows:
    """Stack the rows of a matrix."""
    return [[a] for row in A for a in row]


def multiplied(F: Any, A: Rows, B: Rows) -> Rows:
    """Multiply two matrices."""
    columns = [*zip(*B, strict=True)]
    return [[F.reduced(sum(map(mul, row, column))) for column in columns] for row in A]


def scaled(F: Any, c: Any, A: Rows) -> Rows:
    """Multiply a matrix by a number."""
    return [[F.reduced(c * a) for a in row] for row in A]


def repeated(F: Any, A: Rows, k: int) -> Rows:
    """Multiply a matrix by itself, or its inverse."""
    factor = eliminated(F, A)[1] if k < 0 else A
    return reduce(lambda B, _: multiplied(F, B, factor), range(abs(k)), identity(len(A)))


def applied(F: Any, A: Rows, name: str) -> Rows:
    """Apply a function to each entry."""
    f = FUNCTIONS.get(name, lambda F, a: F.formally(name, a))
    return [[F.reduced(f(F, a)) for a in row] for row in A]


OPERATORS: dict[str, Callable[..., Rows]] = {  # of a field, rows and columns, arguments and data
    "number": lambda F, m, n, c: [[F.rational(c)]],
    "I": lambda F, m, n, _: identity(n),
    "ones": lambda F, m, n, *_: [[1] * n for _ in range(m)],
    "zeros": lambda F, m, n, *_: [[0] * n for _ in range(m)],
    "K": lambda F, m, n, p, q: [identity(m)[j * p + i] for i in range(p) for j in range(q)],
    "J": lambda F, m, n, _: [
        [int(i == j == k) for k in range(n)] for i in range(n) for j in range(n)
    ],
    "add": lambda F, m, n, *args: reduce(lambda A, B: combined(F, A, B, add), args),
    "hadamard": lambda F, m, n, *args: reduce(lambda A, B: combined(F, A, B, mul), args),
    "kron": lambda F, m, n, A, B: [
        [F.reduced(a * b) for a in row for b in other] for row in A for other in B
    ],
    "T": lambda F, m, n, A: [[*row] for row in zip(*A, strict=True)],
    "inv": lambda F, m, n, A: eliminated(F, A)[1],
    "matpow": lambda F, m, n, A, k: repeated(F, A, k),
    "tr": lambda F, m, n, A: [[F.reduced(sum(A[i][i] for i in range(len(A))))]],
    "sum": lambda F, m, n, A: [[F.reduced(sum(map(sum, A)))]],
    "norm": lambda F, m, n, A: [[F.root(F.reduced(sum(a * a for row in A for a in row)), 2)]],
    "det": lambda F, m, n, A: [[eliminated(F, A)[0]]],
    "logdet": lambda F, m, n, A: [[F.reduced(F.formally("log", eliminated(F, A)[0]))]],
    "power": lambda F, m, n, A, p: [[power(F, a, p) for a in row] for row in A],
    "apply": lambda F, m, n, A, name: applied(F, A, name),
    "diag": lambda F, m, n, v: [[v[i][0] if i == j else 0 for j in range(n)] for i in range(n)],
    "diagonal": lambda F, m, n, A: [[A[i][i]] for i in range(m)],
    "vec": lambda F, m, n, A: columns(A),
    "unvec": lambda F, m, n, v, *_: [[v[j * m + i][0] for j in range(n)] for i in range(m)],
}


def points(
    symbols: Iterable[Node],
    sizes: Mapping[str, int],
    fields: Iterable[type[Field]] = (Integers, Floats),
) -> Iterator[Point]:
    """Yield random points of one field after the other."""
    random = Random(2011)
    for field in fields:
        for _ in range(TRIES):
            yield Point(field(random), symbols, sizes)


def agree(point: Point, answers: Mapping[str, Node], slope: Rows, Y: Rows) -> Iterator[str]:
    """Yield the names of the answers that do not give the slope along Y."""
    F = point.F
    for name, node in answers.items():
        value = point.evaluate(node)
        if name == "gradient":
            value = [[F.reduced(sum(map(sum, combined(F, value, Y, mul))))]]
        there = slope
        if name in ("F", "C"):
            unfold = columns if name == "F" else rows
            value, there = multiplied(F, value, unfold(Y)), unfold(slope)
        pairs = zip(chain(*value), chain(*there), strict=True)
        if not all(F.same(a, b) for a, b in pairs):
            yield name


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
        The other symbols of f.
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
    symbols = [X, Y, *symbols]
    letters = atoms(*symbols, raw)
    tried: list[dict[str, int]] = []
    for lengths in LENGTHS:
        sizes = dict(zip(letters, cycle(lengths), strict=False))
        wrong = wrong_at(sizes, raw, symbols, answers)
        if wrong:
            raise RuntimeError(f"the {wrong[0]} found is wrong at the sizes {sizes}; please report")
        if wrong is not None:
            tried.append(sizes)
        if len(tried) == 2:
            return tried
    raise ValueError("f has no value at any of the points tried, so nothing can be checked")


def wrong_at(
    sizes: Mapping[str, int], raw: Node, symbols: list[Node], answers: Mapping[str, Node]
) -> list[str] | None:
    """Name the answers that are wrong, at the first point where all have a value, if any."""
    X, Y, *_ = (symbol.data[0] for symbol in symbols)
    for point in points(symbols, sizes):
        try:
            return [*agree(point, answers, point.slope(raw, X, point.values[Y]), point.values[Y])]
        except Singular:
            return None
        except (Undefined, ArithmeticError):
            continue
    return None
