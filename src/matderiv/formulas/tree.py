"""The tree of a formula: one class, and for each operator a small function that keeps it tidy.

A size is an ordered product of letters: ``("m", "p")`` is m·p, the rows of A ⊗ B for A with m and B
with p rows, and ``()`` is one. A number is a matrix of one row and one column.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from html.entities import codepoint2name
from itertools import chain as flattened
from math import isqrt, prod
from typing import Any

Size = tuple[str, ...]

GREEK = {  # by sign, as LaTeX spells them; of capitals those that are no Latin ones
    sign: codepoint2name[ord(sign)] for sign in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
}
LARGEST, DEEPEST = 4000, 100  # nodes in a formula, each repetition counted; their nesting
TOO_LARGE = f"the formula grows to more than {LARGEST} parts, or {DEEPEST} deep: write it shorter"
COMMUTATIVE = ("add", "hadamard")


@dataclass(frozen=True, eq=False)
class Node:
    """An operator, its arguments, what else belongs to it, and the sizes of its value."""

    op: str
    args: tuple[Node, ...] = ()
    data: tuple[Any, ...] = ()
    rows: Size = ()
    cols: Size = ()

    def __post_init__(self) -> None:
        if self.weight > LARGEST or self.depth > DEEPEST:
            raise ValueError(TOO_LARGE)

    @cached_property
    def weight(self) -> int:
        """How many nodes there are, each repetition counted."""
        return 1 + sum(arg.weight for arg in self.args)

    @cached_property
    def depth(self) -> int:
        """How deep it is nested."""
        return 1 + max((arg.depth for arg in self.args), default=0)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the symbols in it."""
        return frozenset(part.data[0] for part in walk(self) if part.op == "symbol")

    @cached_property
    def key(self) -> str:
        """What is equal for equal formulas: a trace has one key, however it is rotated."""
        if self.op == "tr":
            read = (turn for A in (self.args[0], transpose(self.args[0])) for turn in turns(A))
            return min(f"tr({'*'.join(arg.key for arg in turn)})" for turn in read)
        commutes = self.op in COMMUTATIVE  # in a product, the numbers do so
        keys = sorted(arg.key for arg in self.args if commutes or arg.is_number)
        keys += [arg.key for arg in self.args if not (commutes or arg.is_number)]
        return f"{self.op}{[*map(str, self.data)]}({','.join(keys)})"

    @cached_property
    def is_number(self) -> bool:
        """Whether its value is a number."""
        return not self.rows and not self.cols

    @property
    def factors(self) -> tuple[Node, ...]:
        """What is multiplied in a product; of anything else, itself."""
        return self.args if self.op == "times" else (self,)

    @property
    def kind(self) -> str:
        """What its value is: a scalar, a vector or a matrix."""
        return "scalar" if self.is_number else "matrix" if self.cols else "vector"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def turns(A: Node) -> list[tuple[Node, ...]]:
    """List the factors of A in each order that they may stand in a trace."""
    return [A.factors[i:] + A.factors[:i] for i in range(len(A.factors))]


def free_names(letters: Iterable[str], taken: Container[str]) -> Iterator[str]:
    """Yield names that are not taken: letters, and then letters with numbers."""
    names = (f"{letter}{i}" for i in ("", *range(2, 99)) for letter in letters)
    return (name for name in names if name not in taken)


def walk(node: Node) -> Iterator[Node]:
    """Yield a formula and all its parts."""
    yield node
    for arg in node.args:
        yield from walk(arg)


def atoms(*nodes: Node) -> dict[str, None]:
    """Return the letters and numbers that sizes are made of, in their order."""
    sizes = (part.rows + part.cols for node in nodes for part in walk(node))
    return dict.fromkeys(atom for size in sizes for atom in size)


def space(node: Node) -> str:
    """Say what a formula's values are."""
    rows, cols = ("*".join(size) or "1" for size in (node.rows, node.cols))
    return "a number" if node.is_number else f"{rows}×{cols}"


SHAPES: dict[str, Callable[..., tuple[Size, Size]]] = {  # where it is not that of the argument
    **dict.fromkeys(("tr", "det", "logdet", "sum", "norm"), lambda A: ((), ())),
    "times": lambda *args: _ends([arg for arg in args if not arg.is_number]),
    "T": lambda A: (A.cols, A.rows),
    "kron": lambda A, B: (A.rows + B.rows, A.cols + B.cols),
    "diag": lambda v: (v.rows, v.rows),
    "diagonal": lambda A: (A.rows, ()),
    "vec": lambda A: (A.cols + A.rows, ()),
    "unvec": lambda v, m, n: (m, n),
    "I": lambda n: (n, n),
    "J": lambda n: (n + n, n),
    "K": lambda m, n: (m + n, n + m),
    **dict.fromkeys(("ones", "zeros"), lambda m, n: (m, n)),
}


def _ends(chain: list[Node]) -> tuple[Size, Size]:
    return (chain[0].rows, chain[-1].cols) if chain else ((), ())


def make(op: str, *args: Node, data: tuple[Any, ...] = ()) -> Node:
    """Make a node of its arguments, which tell its sizes, or of its data for a constant."""
    shape = SHAPES[op](*args, *data) if op in SHAPES else (args[0].rows, args[0].cols)
    return Node(op, args, data, *shape)


def number(value: Fraction | int) -> Node:
    """Make a rational number."""
    return Node("number", data=(Fraction(value),))


ONE = number(1)


def constant(op: str, *sizes: Size) -> Node:
    """Make I(n), ones(m, n) or zeros(m, n), or J(n), with J v = vec(diag(v)) for n numbers v."""
    return make(op, data=sizes) if any(sizes) else number(op != "zeros")


eye, ones, zeros, selection = (partial(constant, op) for op in ("I", "ones", "zeros", "J"))


def commutation(m: Size, n: Size) -> Node:
    """Make the matrix K(m, n), with K vec(X) = vec(Xᵀ) for X of m rows and n columns."""
    return make("K", data=(m, n)) if m and n else eye(m + n)


def parts(node: Node) -> tuple[Fraction | int, list[Node], list[Node]]:
    """Take a product apart: its rational number, its other numbers, its matrices in order."""
    rationals = [arg.data[0] for arg in node.factors if arg.op == "number"]
    numbers = [arg for arg in node.factors if arg.is_number and arg.op != "number"]
    matrices = [arg for arg in node.factors if not arg.is_number]
    return prod(rationals) * (node.op != "zeros"), numbers, matrices


def product(numbers: Iterable[Node], matrices: Iterable[Node]) -> Node:
    """Put a product together of parts that are tidy already."""
    args = [*numbers, *matrices]
    return make("times", *args) if len(args) > 1 else args[0] if args else ONE


def scaled(node: Node) -> tuple[Node, Node]:
    """Return the numbers of a product, and the rest of it."""
    c, numbers, chain = parts(node)
    if chain:
        return times(number(c), *numbers), product([], chain)
    return number(c), product(numbers, [])


def terms(node: Node) -> Iterator[tuple[Fraction | int, Node]]:
    """Yield the terms of a sum, each as a rational number and the rest."""
    c, numbers, chain = parts(node)
    rest = product(numbers, chain)
    if rest.op == "add":
        yield from ((c * d, inner) for term in rest.args for d, inner in terms(term))
    else:
        yield c, rest


def collected(pairs: Iterable[tuple[Fraction | int, Node]]) -> dict[Node, Fraction | int]:
    """Add up what stands with equal formulas: coefficients, or exponents."""
    found: dict[Node, Fraction | int] = {}
    for c, node in pairs:
        found[node] = found.get(node, 0) + c
    return found


def add(*summands: Node) -> Node:
    """Add, and collect equal terms."""
    found = collected(flattened(*map(terms, summands)))
    kept = [times(number(c), rest) for rest, c in found.items() if c]
    if not kept:
        return zeros(summands[0].rows, summands[0].cols)
    return make("add", *kept) if len(kept) > 1 else kept[0]


def times(*factors: Node) -> Node:
    """Multiply numbers and matrices; a matrix cancels its inverse.

    Numbers come first. Of matrices whose product is a number, such as aᵀb, the trace is taken:
    they may be turned like those of any other trace.
    """
    rationals, numbers, matrices = zip(*map(parts, factors), strict=True)
    units, chain = _without_numbers([*flattened(*matrices)])
    coefficient, (rows, cols) = prod(rationals), _ends(chain)
    if coefficient == 0:
        return zeros(rows, cols)
    chain = _cancelled(chain)
    if rows and not chain:
        chain = [eye(rows)]
    of_matrices = (make("tr", product([], _cancelled(unit))) for unit in units)
    c, powers = _gathered([*flattened(*numbers), *of_matrices])
    coefficient *= c
    for i, factor in enumerate(chain):
        if coefficient < 0 and factor.op == "add" and any(c < 0 for c, _ in terms(factor)):
            opposite = add(*(times(number(-c), rest) for c, rest in terms(factor)))
            coefficient, chain[i] = -coefficient, opposite
    return product([number(coefficient)] * (coefficient != 1) + powers, chain)


def _without_numbers(chain: list[Node]) -> tuple[list[list[Node]], list[Node]]:
    """Split off the products that are numbers, such as bᵀc in a bᵀc dᵀ."""
    runs = [list[Node]()]
    for factor in chain:
        runs[-1].append(factor)
        if not factor.cols:
            runs.append([])
    *closed, last = runs
    rest = [*flattened(*(run for run in closed if run[0].rows)), *last]
    return [run for run in closed if not run[0].rows], rest


def _cancelled(chain: list[Node]) -> list[Node]:
    """Leave out what is the identity: I, and a matrix beside its inverse."""
    kept: list[Node] = []
    for factor in (factor for factor in chain if factor.op != "I"):
        beside = kept[-1:] and (factor, kept[-1])
        if any(A.op == "inv" and A.args[0] in beside for A in beside):
            kept.pop()
        else:
            kept.append(factor)
    return kept


def _gathered(factors: Iterable[Node]) -> tuple[Fraction | int, list[Node]]:
    """Gather the powers of equal factors; return what is rational, and the rest."""
    split = ((A.data[0], A.args[0]) if A.op == "power" else (1, A) for A in factors)
    powers = [power(base, p) for base, p in collected(split).items() if p]
    rational = prod(node.data[0] for node in powers if node.op == "number")
    return rational, [node for node in powers if node.op != "number"]


def transpose(A: Node) -> Node:
    """Transpose, down to the symbols."""
    match A.op:
        case "times":
            numbers = [arg for arg in A.args if arg.is_number]
            return product(numbers, map(transpose, reversed(A.args[len(numbers) :])))
        case _ if A.is_number or A.op in ("I", "diag") or (A.op == "symbol" and A.data[1]):
            return A
        case "ones" | "zeros":
            return make(A.op, data=A.data[::-1])
        case "K":
            return commutation(*A.data[::-1])
        case "add" | "hadamard" | "kron" | "inv" | "power" | "apply":
            return make(A.op, *map(transpose, A.args), data=A.data)
    return A.args[0] if A.op == "T" else make("T", A)


def applied(op: str, A: Node, *data: Size) -> Node:
    """Apply an operator of one matrix: numbers come out, but for det; a number is left as it is."""
    if A.is_number:
        return power(A, -1) if op == "inv" else A
    scale, A = (ONE, A) if op == "det" else scaled(A)
    rewrite = REWRITTEN.get((op, A.op))
    if op in ("vec", "unvec") and not all(data or (A.rows, A.cols)):
        image = transpose(A) if A.cols or any(data[1:]) else A
    else:
        image = (rewrite and rewrite(A, *data)) or make(op, A, data=data)
    return times(power(scale, -1) if op == "inv" else scale, image)


trace, total, diag, diagonal = (partial(applied, op) for op in ("tr", "sum", "diag", "diagonal"))
vec, unvec, inverse, det = (partial(applied, op) for op in ("vec", "unvec", "inv", "det"))


def _columns(A: Node) -> list[Node]:
    """Return the columns a and b of a product a bᵀ; of another one, none."""
    ends = [i for i, factor in enumerate(A.args, 1) if not factor.cols]
    return [times(*A.args[: ends[0]]), transpose(times(*A.args[ends[0] :]))] if ends else []


def _are_square(A: Node) -> bool:
    return all(arg.rows == arg.cols for arg in A.args)


REWRITTEN: dict[tuple[str, str], Callable[..., Any]] = {  # an operator of another
    ("tr", "add"): lambda A: add(*map(trace, A.args)),
    ("tr", "times"): lambda A: (of := _columns(A)) and times(transpose(of[1]), of[0]),
    ("tr", "kron"): lambda A: times(*map(trace, A.args)) if _are_square(A) else None,
    ("tr", "T"): lambda A: trace(A.args[0]),
    ("tr", "diag"): lambda A: total(A.args[0]),
    ("sum", "add"): lambda A: add(*map(total, A.args)),
    ("sum", "T"): lambda A: total(A.args[0]),
    ("diagonal", "times"): lambda A: (of := _columns(A)) and hadamard(*of),
    ("diagonal", "I"): lambda A: ones(A.rows, ()),
    ("diagonal", "T"): lambda A: diagonal(A.args[0]),
    ("diagonal", "diag"): lambda A: A.args[0],
    ("diag", "ones"): lambda v: eye(v.rows),
    ("vec", "unvec"): lambda A: A.args[0],
    ("unvec", "vec"): lambda v, m, n: v.args[0] if v.args[0].rows == m else None,
    ("inv", "I"): lambda A: A,
    ("inv", "inv"): lambda A: A.args[0],
    ("inv", "times"): lambda A: times(*map(inverse, A.args[::-1])) if _are_square(A) else None,
    ("inv", "kron"): lambda A: kron(*map(inverse, A.args)) if _are_square(A) else None,
    ("inv", "diag"): lambda A: diag(power(A.args[0], -1)),
    ("det", "I"): lambda A: ONE,
    ("det", "inv"): lambda A: power(det(A.args[0]), -1),
    ("det", "T"): lambda A: det(A.args[0]),
}


def power(A: Node, p: Fraction | int) -> Node:
    """Raise each entry to a rational power."""
    p = Fraction(p)
    if A.op == "number" and (value := _rational_power(A.data[0], p)) is not None:
        return number(value)
    if p == 0:
        return ones(A.rows, A.cols)
    if p == 1 or A.op == "ones":
        return A
    if A.op == "power" and p.denominator == 1:
        return power(A.args[0], A.data[0] * p)
    if A.op == "times":
        c, numbers, chain = parts(A)
        factors = [number(c)] * (c != 1) + numbers + [product([], chain)] * bool(chain)
        if p.denominator == 1 and len(factors) > 1:
            return times(*(power(factor, p) for factor in factors))
        if c > 0 and c != 1:
            return times(power(number(c), p), power(product(numbers, chain), p))
    return make("power", A, data=(p,))


def _rational_power(c: Fraction, p: Fraction) -> Fraction | None:
    """Return a power of a rational number, if it is one, with the root that the check takes."""
    if c == 0 and p < 0:
        raise ValueError("the formula divides by zero")
    if c < 0 and p.denominator > 1:
        raise ValueError("the formula takes a root of a negative number")
    root = Fraction(isqrt(abs(c.numerator)), isqrt(c.denominator))
    if p.denominator == 2 and root**2 == c and max(root.as_integer_ratio()) <= 40:
        c, p = root, 2 * p
    if abs(p) * (max(abs(c.numerator), c.denominator).bit_length() - 1) > 10_000:
        raise ValueError("the formula has a number with thousands of digits")
    return c**p.numerator if p.denominator == 1 else None


def hadamard(*factors: Node) -> Node:
    """Multiply entry by entry."""
    rows, cols = factors[0].rows, factors[0].cols
    if factors[0].is_number:
        return times(*factors)
    scales, rests = zip(*map(scaled, factors), strict=True)
    entries = [arg for A in rests for arg in (A.args if A.op == "hadamard" else [A])]
    powers = _gathered(entry for entry in entries if entry.op != "ones")[1] or [ones(rows, cols)]
    return times(*scales, make("hadamard", *powers) if len(powers) > 1 else powers[0])


def kron(A: Node, B: Node) -> Node:
    """Make the Kronecker product."""
    (a, A), (b, B) = scaled(A), scaled(B)
    if A.is_number or B.is_number:
        return times(a, b, A, B)
    product = make("kron", A, B)
    return times(a, b, eye(product.rows) if A.op == B.op == "I" else product)


def _repeated(A: Node, k: int) -> Node:
    if A.weight * abs(k) > LARGEST:
        raise ValueError(TOO_LARGE)
    return inverse(_repeated(A, -k)) if k < 0 else times(eye(A.rows), *[A] * k)


BUILD: dict[str, Callable[..., Node]] = {  # all others are applied
    "add": add, "times": times, "hadamard": hadamard, "kron": kron, "T": transpose, "power": power,
    "matpow": _repeated, "apply": lambda A, name: make("apply", A, data=(name,)),
    "logdet": lambda A: make("apply", det(A), data=("log",)),
    "norm": lambda A: power(trace(times(transpose(A), A)), Fraction(1, 2)),
}  # fmt: skip


def tidy(node: Node, **known: Node) -> Node:
    """Build a formula anew, each operator by its own function; put formulas for symbols."""
    if not node.args:
        return known.get(node.data[0], node) if node.op == "symbol" else node
    build = BUILD.get(node.op, partial(applied, node.op))
    return build(*(tidy(arg, **known) for arg in node.args), *node.data)
