"""Writing a formula: as text that can be read again, as LaTeX, as NumPy code."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, pairwise
from keyword import iskeyword
from typing import Any, ClassVar, NamedTuple

# isort: off
from .tree import (
    GREEK, ONE, Node, Size, add, atoms, eye, free_names, make, number, parts, product, space,
    times, transpose, turns, walk,
)  # fmt: skip
# isort: on

SUM, SPECIAL, PRODUCT, FACTOR, ATOM = range(5)  # how tightly it holds together; ⊗, ∘
HALF = Fraction(1, 2)
LETTERS = "PQRMNVW"  # for an inverse that occurs twice

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPTS = str.maketrans("aehklmnoprst", "ₐₑₕₖₗₘₙₒₚᵣₛₜ")
CONSTANTS = ("I", "ones", "zeros", "K", "J", "unvec")
FLIPPED = ("add", "hadamard", "apply", "power", "times")
OWN_LATEX = ("exp", "log", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "det")


class Written(NamedTuple):
    """A part of a formula, how tightly it holds together, and what brackets it would get."""

    text: str
    level: int
    brackets: str

    def __format__(self, above: str) -> str:
        """Put it into brackets if it does not hold together more tightly than a level."""
        return self.text if self.level > int(above or -1) else self.brackets.format(self.text)


class Text:
    """Writes text that can be read again; its subclasses use other words on the same walk.

    Words are templates; a part that is not above the level after the colon stands in brackets.
    """

    words: ClassVar = {
        "minus": "−", "times": " ", "matrices": " ", "hadamard": " ∘ ", "size": "*",
        "brackets": "({})", "rational": "{}/{}", "fraction": "{:1} / {:2}", "norm": "‖{}‖",
        "call": "{name}({})", "kron": "{:2} ⊗ {:2}", "T": "{:3}ᵀ", "inv": "{:3}⁻¹", "-T": "{:3}⁻ᵀ",
        "matpow": "{:3}{}", "I": "I({})", "J": "J({})", "K": "K({}, {})", "ones": "ones({}, {})",
        "zeros": "zeros({}, {})", "unvec": "unvec({}, {}, {})", "by_entries": ", entry by entry",
        "naming": ", where {} = {}",
    }  # fmt: skip
    levels: ClassVar = {  # of what is written by words; of others it is ATOM
        "kron": SPECIAL, "T": FACTOR, "inv": FACTOR, "-T": FACTOR, "matpow": FACTOR,
        "rational": PRODUCT, "fraction": PRODUCT,
    }  # fmt: skip

    def __init__(self, as_typed: bool = False) -> None:
        self.as_typed = as_typed

    def __call__(self, node: Node) -> str:
        """Write a formula: as it is, or as a person would."""
        return self.write(node if self.as_typed else presented(node)).text

    def name(self, name: str) -> str:
        """Write the name of a symbol."""
        return name

    def size(self, size: Size) -> str:
        """Write a size."""
        return str(self.words["size"].join(map(self.name, size)) or "1")

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        """Write what stands after the base of a power."""
        if p.denominator > 1:
            return "." * by_entries + f"^({p})"
        return f".^{p}" if by_entries else str(p).translate(SUPERSCRIPTS)

    def part(self, text: str, level: int = ATOM) -> Written:
        """Say how tightly a text holds together."""
        return Written(text, level, self.words["brackets"])

    def filled(self, name: str, *written: Any) -> Written:
        """Fill in the words for an operator, or those for any function."""
        nested = name == "norm" and "‖" in written[0].text
        template = self.words["call"] if nested else self.words.get(name, self.words["call"])
        text = template.format(*written, name="diag" if name == "diagonal" else name)
        return self.part(text, self.levels.get(name, ATOM))

    def write(self, node: Node) -> Written:
        """Write a formula as it is, and say how tightly it holds together."""
        if positive := without_sign(node):
            return self.part(f"{self.words['minus']}{self.write(positive):0}", SUM)
        match node.op, node.args:
            case "symbol", _:
                return self.part(self.name(node.data[0]))
            case "number", _ if node.data[0].denominator == 1:
                return self.part(str(node.data[0]))
            case "number", _:
                return self.filled("rational", *node.data[0].as_integer_ratio())
            case "add", summands:
                return self.part(self.sum(summands), SUM)
            case "times", _:
                return self.product(node)
            case "hadamard", factors:
                written = (f"{self.write(factor):2}" for factor in factors)
                return self.part(self.words["hadamard"].join(written), SPECIAL)
            case "T" | "inv", (A,) if {A.op, node.op} == {"T", "inv"}:
                return self.filled("-T", self.write(A.args[0]))
            case "matpow", (A,):
                return self.filled("matpow", self.write(A), self.exponent(*node.data), *node.data)
            case "power", (A,):
                return self.power(A, node.data[0])
        name = node.data[0] if node.op == "apply" else node.op
        sizes = [*map(self.size, node.data if node.op in CONSTANTS else ())]
        if type(self) is Text and node.op == "I" and sizes[0] in "aehklmnoprst":
            return self.part("I" + sizes[0].translate(SUBSCRIPTS))
        return self.filled(name, *map(self.write, node.args), *sizes)

    def power(self, A: Node, p: Fraction) -> Written:
        """Write a power of a number, or of the entries of a matrix."""
        if A.is_number and p < 0:
            return self.filled("fraction", self.part("1"), self.write(raised(A, -p)))
        if p == HALF:
            return self.filled("sqrt", self.write(A))
        return self.part(f"{self.write(A):3}{self.exponent(p, not A.is_number)}", FACTOR)

    def sum(self, summands: Sequence[Node]) -> str:
        """Write a sum; matrices of ones are written as numbers."""
        text, split = "", [parts(term) for term in summands]
        plain = any(chain and chain[0].op != "ones" for _, _, chain in split)
        for term, (c, numbers, chain) in zip(summands, split, strict=True):
            if plain and not numbers and [factor.op for factor in chain] == ["ones"]:
                term = number(c)
            positive = without_sign(term)
            sign = self.words["minus"] if positive else "+"
            text += f" {sign} {self.write(positive or term):0}"
        return text[3:] if text[1] == "+" else text[1] + text[3:]

    def product(self, node: Node) -> Written:
        """Write a product: a rational, numbers, matrices; negative powers below a line."""
        numbers = [arg for arg in node.args if arg.is_number and arg.key != ONE.key]
        chain = [arg for arg in node.args if not arg.is_number]
        if below := [arg for arg in numbers if arg.op == "power" and arg.data[0] < 0]:
            top = product([arg for arg in numbers if arg not in below], chain)
            bottom = product([raised(arg.args[0], -arg.data[0]) for arg in below], [])
            return self.filled("fraction", self.write(top), self.write(bottom))
        first, *rest = numbers + chain or [ONE]
        if not rest:
            return self.write(first)
        is_literal = first.op == "number" and first.data[0] > 0
        above = SUM if is_literal and not chain and len(rest) == 1 else PRODUCT
        text = f"{self.write(first):{'' if is_literal else above}}"
        for before, factor in pairwise([first, *rest]):
            written = f"{self.write(factor):{above}}"
            between = self.words["times" if before.is_number else "matrices"]
            text += (" * " if written[0].isdigit() or factor.op == "number" else between) + written
        return self.part(text, PRODUCT)


def raised(A: Node, p: Fraction) -> Node:
    """Write a power, as it is."""
    return A if p == 1 else make("power", A, data=(p,))


def without_sign(term: Node) -> Node | None:
    """Return a product that begins with a negative number with the sign changed."""
    first, *rest = term.factors
    if first.op != "number" or first.data[0] >= 0:
        return None
    return product([number(-first.data[0])] * (first.data[0] != -1), rest)


class Latex(Text):
    """Writes LaTeX."""

    words: ClassVar = Text.words | {
        "minus": "-", "kron": r"{:2} \otimes {:2}", "hadamard": r" \circ ", "size": " ",
        "brackets": r"\left({}\right)", "rational": r"\frac{{{}}}{{{}}}",
        "fraction": r"\frac{{{}}}{{{}}}", "call": r"\operatorname{{{name}}}\left({}\right)",
        "norm": r"\left\lVert {} \right\rVert", "T": r"{:3}^{{\top}}", "inv": "{:3}^{{-1}}",
        "-T": r"{:3}^{{-\top}}", "I": "I_{{{}}}", "J": "J_{{{}}}", "K": "K_{{{}, {}}}",
        "ones": r"\mathbf{{1}}_{{{} \times {}}}", "zeros": "0", "naming": r",\quad {} = {}",
        "unvec": r"\operatorname{{unvec}}_{{{1} \times {2}}}\left({0}\right)",
        "by_entries": r"\text{, entry by entry}", "sqrt": r"\sqrt{{{}}}",
        **{name: rf"\{name}\left({{}}\right)" for name in OWN_LATEX},
    }  # fmt: skip

    def name(self, name: str) -> str:
        letters = re.sub(r"_?\d+$", "", name)
        index = name[len(letters) :].lstrip("_")
        word = GREEK.get(letters, letters)
        if len(word) > 1:
            letters = rf"\{word}" if word in GREEK.values() else rf"\mathit{{{word}}}"
        return f"{letters}_{{{index}}}" if index and letters else letters or index

    def size(self, size: Size) -> str:
        return re.sub(r"(\d) (?=\d)", r"\1 \\cdot ", super().size(size))

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        return rf"^{{\circ {p}}}" if by_entries else f"^{{{p}}}"


class Numpy(Text):
    """Writes NumPy code; columns have the shape (n, 1)."""

    words: ClassVar = Text.words | {
        "minus": "-", "times": " * ", "matrices": " @ ", "hadamard": " * ", "size": " * ",
        "call": "np.{name}({})", "norm": "np.linalg.norm({})", "T": "{:3}.T",
        "inv": "np.linalg.inv({})", "-T": "np.linalg.inv({}).T", "kron": "np.kron({}, {})",
        "matpow": "np.linalg.matrix_power({0}, {2})", "I": "np.eye({})",
        "ones": "np.ones(({}, {}))", "zeros": "np.zeros(({}, {}))",
        "J": "np.eye(({0}) ** 2)[:, :: {0} + 1]",
        "K": "np.eye({0} * {1})[np.arange({0} * {1}).reshape({1}, {0}).T.ravel()]",
        "unvec": 'np.reshape({}, ({}, {}), order="F")', "tr": "np.trace({})",
        "det": "np.linalg.det({})", "diag": "np.diagflat({})", "diagonal": "np.diag({})[:, None]",
        "vec": 'np.reshape({}, (-1, 1), order="F")', "sigmoid": "(1 / (1 + np.exp(-({}))))",
        "softplus": "np.logaddexp(0, {})", "relu": "np.maximum({}, 0)",
        "step": "np.heaviside({}, 0.5)",
        "logdet": "(np.log(np.linalg.slogdet({0})[0]) + np.linalg.slogdet({0})[1])",
    }  # fmt: skip
    levels: ClassVar = {"rational": PRODUCT, "fraction": PRODUCT, "T": FACTOR}

    def name(self, name: str) -> str:
        return f"{name}_" if iskeyword(name) or name == "np" else name

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        whole = p if p > 0 else float(p)  # of integers NumPy refuses negative whole powers
        return f"**{whole}" if p.denominator == 1 else f"**({p})"

    def write(self, node: Node) -> Written:
        match node.op, node.args:
            case "apply", (A,) if A.op == "det" and node.data[0] == "log":
                return self.filled("logdet", self.write(A.args[0]))
            case "times", (A, *_) if node.is_number and not A.is_number:
                return self.part(f"({super().write(node)}).item()")
        return super().write(node)


def presented(node: Node, inside: bool = False) -> Node:
    """Return a tidy formula as a person would write it: with norms, powers, few transposes.

    `inside` another formula it may be (A B)ᵀ, if that needs fewer of them.
    """
    if inside and node.op in FLIPPED and not node.is_number:
        flipped = transpose(node)
        if transposes(flipped) + (node.op == "times") < transposes(node):
            return make("T", presented(flipped))
    base, p = (node.args[0], node.data[0]) if node.op == "power" else (node, Fraction(1))
    if M := normed(base):
        return raised(make("norm", presented(M)), 2 * p)
    match node.op, node.args:
        case "tr", (A,) if A.is_number:
            return presented(A)
        case "tr", (A,) if transposes(B := transpose(A)) < transposes(A):
            args = [presented(times(*B.factors[1:], B.factors[0]))]
        case "add", summands:  # positive terms first, and then fewer transposes before more
            found = sorted(summands, key=lambda term: (parts(term)[0] <= 0, transposes(term)))
            args = [*map(presented, found)]
        case "times", _:
            numbers = [presented(arg) for arg in node.args if arg.is_number]
            args = numbers + powers([arg for arg in node.args if not arg.is_number])
        case _:
            args = [presented(arg, inside=True) for arg in node.args]
    return args[0] if len(args) == 1 and node.op == "times" else replace(node, args=tuple(args))


def powers(chain: list[Node]) -> list[Node]:
    """Write equal neighbours of a product as a power."""
    found = []
    for factor, group in groupby(chain):
        k = len([*group])
        base, sign = (factor.args[0], -1) if factor.op == "inv" and k > 1 else (factor, 1)
        shown = presented(base, inside=True)
        found.append(make("matpow", shown, data=(sign * k,)) if k > 1 else shown)
    return found


def transposes(node: Node) -> int:
    """Count the transposes to write; a sum in brackets may be written as a transpose."""
    if node.op == "tr" and node.args[0].is_number:
        return transposes(node.args[0])
    found = (min(count(arg), 1 + count(transpose(arg))) for arg in node.args)
    return (node.op == "T") + sum(found)


def count(node: Node) -> int:
    """Count the transposes as they stand."""
    return sum(part.op == "T" for part in walk(node))


def normed(node: Node) -> Node | None:
    """Return M where a tidy formula is tr(MᵀM), for an M with few transposes."""
    A = node.args[0] if node.op == "tr" else ONE
    if A.op != "times" or len(A.args) % 2:
        return None
    k = len(A.args) // 2
    halves = ([product([], half) for half in (turn[:k], turn[k:])] for turn in turns(A))
    found = [second for first, second in halves if transpose(first) == second]
    return min(found, key=transposes, default=None)


def where(symbols: Mapping[str, Node]) -> str:
    """Say what the symbols are."""
    kinds: dict[str, list[str]] = {}
    for name, node in symbols.items():
        kind = space(node) + (" symmetric" if node.data[1] else "")
        kinds.setdefault(kind, []).append(name)
    return ", with " + "; ".join(f"{', '.join(names)} {kind}" for kind, names in kinds.items())


CORNERS = ("abs", "sign", "relu", "step", "det")  # and det(X) X⁻ᵀ is written with an inverse
READ = {
    "norm": "norms are Frobenius's", "sum": "sums are over all entries",
    "apply": "{} goes entry by entry", "power": "roots and powers with a point go entry by entry",
    "add": "a number beside a matrix is added to each entry",
}  # fmt: skip


def is_constant(node: Node) -> bool:
    """Whether a matrix is a number, at each entry."""
    return not node.is_number and all(arg.is_number or arg.op == "ones" for arg in node.factors)


def ways(f: Node) -> list[str]:
    """Say in which way functions were read that others read differently."""
    found = []
    for node in (node for node in walk(f) if node.op in READ):
        of_entries = node.op == "norm" or not node.args[0].is_number
        if any(map(is_constant, node.args)) if node.op == "add" else of_entries:
            found.append(READ[node.op].format(*node.data))
    return [*dict.fromkeys(found)]


def domain(f: Node, X: str, write: Text) -> list[str]:
    """List what must hold for a formula to have a value, and a derivative by X as it is written."""
    found = dict.fromkeys(words for arg in f.args for words in domain(arg, X, write))
    A, p = f.args[0] if f.args else f, f.data[0] if f.op == "power" else Fraction(1)
    varies, op = X in A.names, f.data[0] if f.op == "apply" else f.op
    condition = ""
    if op == "log" or p.denominator > 1 + bool(normed(A)):
        condition = ">"
    elif op == "inv" or p < 0 or (varies and (op in CORNERS or p.denominator > 1)):
        condition = "≠"
    if condition:
        by_entries = "" if f.is_number or op == "inv" else write.words["by_entries"]
        A = min(A, transpose(A), key=transposes)
        written = write(make("det", A) if op in ("inv", "det") else A)
        found[f"{written} {condition} 0{by_entries}"] = None
    return [words for words in found if words.replace("≠", ">") not in {*found} - {words}]


def code(node: Node, symbols: Mapping[str, Node]) -> str:
    """Write a formula as a function in NumPy; sizes are read off the arrays."""
    numpy = Numpy()
    names = [name for name in symbols if name in node.names]
    told = {
        size[0]: f"{numpy.name(name)}.shape[{axis}]"
        for name in reversed(names)
        for axis, size in enumerate((symbols[name].rows, symbols[name].cols))
        if len(size) == 1
    }
    constants = [part for part in walk(node) if part.op in CONSTANTS]
    needed = [letter for letter in atoms(*constants) if not letter.isdigit()]
    more = [letter for letter in needed if letter not in told]
    columns = any(symbols[name].rows and not symbols[name].cols for name in names)
    lines = ["    # columns have the shape (n, 1)"] * columns
    lines += [f"    {letter} = {told[letter]}" for letter in needed if letter in told]
    lines.append(f"    return {numpy(node)}")
    arguments = ", ".join([*map(numpy.name, names), *more])
    return "\n".join(["import numpy as np", "", "", f"def f({arguments}):", *lines, ""])


def written(node: Node, taken: Container[str], write: Text) -> str:
    """Write a formula; an inverse of more than a symbol that occurs twice or more gets a name."""
    found = [A for A in walk(node) if A.op == "inv" and A.args[0].op not in ("symbol", "T")]
    counts = {A: found.count(A) + found.count(transpose(A)) for A in found}
    inverse = max(counts, key=lambda A: (counts[A], -transposes(A)), default=node)
    if counts.get(inverse, 0) < 2:
        return write(node)
    name, turned = next(free_names(LETTERS, taken)), transpose(inverse)
    P = Node("symbol", (), (name, turned == inverse), inverse.rows, inverse.cols)

    def renamed(part: Node) -> Node:
        if part in (inverse, turned):
            return P if part == inverse else transpose(P)
        return replace(part, args=tuple(map(renamed, part.args)))

    return write(renamed(node)) + write.words["naming"].format(write(P), write(inverse))


def factored(node: Node) -> Node:
    """Write a sum for people: what its terms share is taken out."""
    if node.op != "add":
        return node
    groups: dict[Node, list[Node]] = {}
    for term in node.args:
        c, numbers, chain = parts(term)
        groups.setdefault(product(numbers, []), []).append(times(number(c), product([], chain)))
    found = [times(scale, _common(summands)) for scale, summands in groups.items()]
    return Node("add", tuple(found), (), node.rows, node.cols) if len(found) > 1 else found[0]


def _common(summands: list[Node]) -> Node:
    """Take out what terms share: matrices on the left and right, and the rational number."""
    if len(summands) < 2:
        return add(*summands)
    for flip in (add, transpose):  # a sum of one is itself; the right stands left in a transpose
        split = [parts(flip(term)) for term in summands]
        shared = split[0][2][0]
        if all(chain[0] == shared for _, _, chain in split):
            units = [eye(shared.cols)]
            inner = _common([times(number(c), *(chain[1:] or units)) for c, _, chain in split])
            return flip(times(shared, inner))
    rationals: list[Any] = [c for c, _, _ in split]
    size = abs(rationals[0]) if len({*map(abs, rationals)}) == 1 else 1
    c = -size if max(rationals) < 0 else size
    return times(number(c), add(*(times(number(1 / Fraction(c)), term) for term in summands)))
