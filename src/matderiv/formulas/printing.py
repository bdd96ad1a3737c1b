"""Writing a formula: as text that can be read again, as LaTeX, as NumPy code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from keyword import iskeyword
from typing import ClassVar

# isort: off
from .tree import (
    GREEK, ONE, Node, add, atoms, eye, free_names, make, number, parts, product, times,
    transpose, turns, walk,
)  # fmt: skip
# isort: on

SUM, SPECIAL, PRODUCT, FACTOR, ATOM = range(5)  # how tightly it holds together; ⊗, ∘
Written = tuple[str, int]
HALF = Fraction(1, 2)
LETTERS = "PQRMNVW"  # for an inverse that occurs twice

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPTS = str.maketrans("aehklmnoprst", "ₐₑₕₖₗₘₙₒₚᵣₛₜ")
CONSTANTS = ("I", "ones", "zeros", "K", "J", "unvec")
FLIPPED = ("add", "hadamard", "apply", "power", "times")
CAPITALS = (
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)  # fmt: skip
SIGNS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
SPELT = dict(zip(SIGNS, (*GREEK, *CAPITALS), strict=True))  # as LaTeX has them
OWN_LATEX = ("exp", "log", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "det")


def wrapped(p: Fraction | int) -> str:
    """Write an exponent, in brackets unless it is a whole number above zero."""
    return str(p) if p > 0 and p.denominator == 1 else f"({p})"


class Text:
    """Writes text that can be read again; its subclasses use other words on the same walk."""

    words: ClassVar = {
        "minus": "−", "times": " ", "matrices": " ", "kron": " ⊗ ", "hadamard": " ∘ ", "size": "*",
        "brackets": "(%s)", "rational": "%s/%s", "fraction": "%s / %s", "norm": "‖%s‖",
        "call": "{}(%s)", "T": "%sᵀ", "inv": "%s⁻¹", "-T": "%s⁻ᵀ", "I": "I(%(n)s)", "J": "J(%(n)s)",
        "K": "K(%(m)s, %(n)s)", "ones": "ones(%(m)s, %(n)s)", "zeros": "zeros(%(m)s, %(n)s)",
        "unvec": "unvec(%(v)s, %(m)s, %(n)s)", "by_entries": ", entry by entry",
        "naming": ", where %s = %s",
    }  # fmt: skip

    def __init__(self, as_typed: bool = False) -> None:
        self.as_typed = as_typed

    def __call__(self, node: Node) -> str:
        """Write a formula: as it is, or as a person would."""
        return self.write(node if self.as_typed else presented(node))[0]

    def name(self, name: str) -> str:
        """Write the name of a symbol."""
        return name

    def call(self, name: str, argument: str) -> str:
        """Write a function: in its own words, if there are any."""
        usual = self.words["call"].format(name.replace("diagonal", "diag"))
        name = "" if "‖" in argument and name == "norm" else name
        return str(self.words.get(name, usual) % argument)

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        """Write what stands after the base of a power."""
        if by_entries:
            return f".^({p})" if p.denominator > 1 else f".^{p}"
        return f"^({p})" if p.denominator > 1 else str(p).translate(SUPERSCRIPTS)

    def fraction(self, top: Written, bottom: Written) -> Written:
        """Write a quotient."""
        return self.words["fraction"] % (self.closed(top, SPECIAL), self.closed(bottom)), PRODUCT

    def constant(self, node: Node) -> str:
        """Write a matrix that is given by its sizes, or a column folded into it."""
        sizes = [self.words["size"].join(map(self.name, size)) or "1" for size in node.data]
        if type(self) is Text and node.op == "I" and sizes[0] in "aehklmnoprst":
            return "I" + sizes[0].translate(SUBSCRIPTS)
        v = self.write(node.args[0])[0] if node.args else ""
        return str(self.words[node.op] % {"m": sizes[0], "n": sizes[-1], "v": v})

    def closed(self, written: Written, above: int = PRODUCT) -> str:
        """Put into brackets what does not hold together more tightly than a level."""
        text, level = written
        return text if level > above else self.words["brackets"] % text

    def write(self, node: Node) -> Written:
        """Write a formula as it is, and say how tightly it holds together."""
        if positive := without_sign(node):
            return self.words["minus"] + self.closed(self.write(positive), SUM), SUM
        match node.op, node.args:
            case "symbol", _:
                return self.name(node.data[0]), ATOM
            case "number", _ if node.data[0].denominator == 1:
                return str(node.data[0]), ATOM
            case "number", _:
                return self.words["rational"] % node.data[0].as_integer_ratio(), PRODUCT
            case "add", summands:
                return self.sum(summands), SUM
            case "times", _:
                return self.product(node)
            case "kron" | "hadamard", factors:
                written = (self.closed(self.write(factor)) for factor in factors)
                return self.words[node.op].join(written), SPECIAL
            case "T" | "inv", (A,):
                turned = {A.op, node.op} == {"T", "inv"}
                base = self.closed(self.write(A.args[0] if turned else A), FACTOR)
                return self.words["-T" if turned else node.op] % base, FACTOR
            case "matpow", (A,):
                return self.closed(self.write(A), FACTOR) + self.exponent(node.data[0]), FACTOR
            case "power", (A,):
                return self.power(A, node.data[0])
            case _ if node.op in CONSTANTS:
                return self.constant(node), ATOM
        name = node.data[0] if node.op == "apply" else node.op
        return self.call(name, self.write(node.args[0])[0]), ATOM

    def power(self, A: Node, p: Fraction) -> Written:
        """Write a power of a number, or of the entries of a matrix."""
        if A.is_number and p < 0:
            return self.fraction(("1", ATOM), self.write(raised(A, -p)))
        if p == HALF:
            return self.call("sqrt", self.write(A)[0]), ATOM
        return self.closed(self.write(A), FACTOR) + self.exponent(p, not A.is_number), FACTOR

    def sum(self, summands: Sequence[Node]) -> str:
        """Write a sum; matrices of ones are written as numbers."""
        text, minus = "", self.words["minus"]
        split = [parts(term) for term in summands]
        plain = any(chain and chain[0].op != "ones" for _, _, chain in split)
        for term, (c, numbers, chain) in zip(summands, split, strict=True):
            if plain and not numbers and [factor.op for factor in chain] == ["ones"]:
                term = number(c)
            positive = without_sign(term)
            sign, written = minus if positive else "+", self.write(positive or term)
            text += f" {sign} {self.closed(written, SUM)}"
        return text[3:] if text.startswith(" +") else minus + text[len(minus) + 2 :]

    def product(self, node: Node) -> Written:
        """Write a product: a rational, numbers, matrices; negative powers below a line."""
        numbers = [arg for arg in node.args if arg.is_number and arg.key != ONE.key]
        chain = [arg for arg in node.args if not arg.is_number]
        if below := [arg for arg in numbers if arg.op == "power" and arg.data[0] < 0]:
            above = [arg for arg in numbers if arg not in below]
            bottom = product([raised(arg.args[0], -arg.data[0]) for arg in below], [])
            return self.fraction(self.write(product(above, chain)), self.write(bottom))
        if not chain and len(numbers) < 2:
            return self.write(numbers[0] if numbers else ONE)
        literal = [self.write(arg)[0] for arg in numbers[:1] if arg.op == "number"]
        others = numbers[len(literal) :]
        level = PRODUCT if chain or len(others) > 1 else SUM
        written = literal + [self.closed(self.write(arg), level) for arg in others]
        if chain:
            written.append(self.words["matrices"].join(self.closed(self.write(A)) for A in chain))
        text = written[0]
        for factor in written[1:]:
            text += (" * " if factor[0].isdigit() else self.words["times"]) + factor
        return text, PRODUCT


def raised(A: Node, p: Fraction) -> Node:
    """Write a power, as it is."""
    return A if p == 1 else make("power", A, data=(p,))


def without_sign(term: Node) -> Node | None:
    """Return a product that begins with a negative number with the sign changed."""
    first, *rest = term.factors
    if first.op != "number" or first.data[0] >= 0:
        return None
    kept = [number(-first.data[0])] if first.data[0] != -1 or not rest else []
    return make("times", *kept, *rest) if len(kept + rest) > 1 else [*kept, *rest][0]


class Latex(Text):
    """Writes LaTeX."""

    words: ClassVar = Text.words | {
        "minus": "-", "kron": r" \otimes ", "hadamard": r" \circ ", "size": " ",
        "brackets": r"\left(%s\right)", "rational": r"\frac{%s}{%s}", "fraction": r"\frac{%s}{%s}",
        "call": r"\operatorname{{{}}}\left(%s\right)", "norm": r"\left\lVert %s \right\rVert",
        "T": r"%s^{\top}", "inv": "%s^{-1}", "-T": r"%s^{-\top}", "I": "I_{%(n)s}",
        "J": "J_{%(n)s}", "K": "K_{%(m)s, %(n)s}", "ones": r"\mathbf{1}_{%(m)s \times %(n)s}",
        "zeros": "0", "unvec": r"\operatorname{unvec}_{%(m)s \times %(n)s}\left(%(v)s\right)",
        "by_entries": r"\text{, entry by entry}", "naming": r",\quad %s = %s", "sqrt": r"\sqrt{%s}",
        **{name: rf"\{name}\left(%s\right)" for name in OWN_LATEX},
    }  # fmt: skip

    def name(self, name: str) -> str:
        letters = re.sub(r"_?\d+$", "", name)
        index = name[len(letters) :].lstrip("_")
        word = SPELT.get(letters, letters)
        if len(word) > 1:
            letters = rf"\{word}" if word in SPELT.values() else rf"\mathit{{{word}}}"
        return f"{letters}_{{{index}}}" if index else letters

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        return rf"^{{\circ {wrapped(p)}}}" if by_entries else f"^{{{p}}}"

    def fraction(self, top: Written, bottom: Written) -> Written:
        return self.words["fraction"] % (top[0], bottom[0]), PRODUCT


class Numpy(Text):
    """Writes NumPy code; columns have the shape (n, 1)."""

    words: ClassVar = Text.words | {
        "minus": "-", "times": " * ", "matrices": " @ ", "hadamard": " * ", "size": " * ",
        "call": "np.{}(%s)", "norm": "np.linalg.norm(%s)", "T": "%s.T", "inv": "np.linalg.inv(%s)",
        "-T": "np.linalg.inv(%s).T", "I": "np.eye(%(n)s)", "ones": "np.ones((%(m)s, %(n)s))",
        "zeros": "np.zeros((%(m)s, %(n)s))", "J": "np.eye((%(n)s) ** 2)[:, :: %(n)s + 1]",
        "K": "np.eye(%(m)s * %(n)s)[np.arange(%(m)s * %(n)s).reshape(%(n)s, %(m)s).T.ravel()]",
        "unvec": 'np.reshape(%(v)s, (%(m)s, %(n)s), order="F")',
        "tr": "np.trace(%s)", "det": "np.linalg.det(%s)", "diag": "np.diagflat(%s)",
        "vec": 'np.reshape(%s, (-1, 1), order="F")', "sigmoid": "(1 / (1 + np.exp(-(%s))))",
        "softplus": "np.logaddexp(0, %s)", "relu": "np.maximum(%s, 0)",
        "step": "np.heaviside(%s, 0.5)", "diagonal": "np.diag(%s)[:, None]",
    }  # fmt: skip

    def name(self, name: str) -> str:
        return f"{name}_" if iskeyword(name) else name

    def exponent(self, p: Fraction | int, by_entries: bool = False) -> str:
        whole_below = p < 0 and p.denominator == 1  # which integers in NumPy refuse
        return f"**{float(p)}" if whole_below else f"**{wrapped(p)}"

    def write(self, node: Node) -> Written:
        match node.op, node.args:
            case "kron", (A, B):
                return f"np.kron({self.write(A)[0]}, {self.write(B)[0]})", ATOM
            case "matpow", (A,):
                return f"np.linalg.matrix_power({self.write(A)[0]}, {node.data[0]})", ATOM
            case "apply", (A,) if A.op == "det" and node.data[0] == "log":
                sign_and_log = f"np.linalg.slogdet({self.write(A.args[0])[0]})"
                return f"(np.log({sign_and_log}[0]) + {sign_and_log}[1])", ATOM
            case "times", (A, *_) if node.is_number and not A.is_number:
                return f"({super().write(node)[0]}).item()", ATOM
        return super().write(node)


def presented(node: Node, inside: bool = False) -> Node:
    """Return a tidy formula as a person would write it: with norms, powers, few transposes.

    `inside` another formula it may be (A B)ᵀ, if that needs fewer of them.
    """
    if inside and is_better_flipped(node):
        return make("T", presented(transpose(node)))
    base, p = (node.args[0], node.data[0]) if node.op == "power" else (node, Fraction(1))
    if M := normed(base):
        return raised(make("norm", presented(M)), 2 * p)
    match node.op, node.args:
        case "tr", (A,) if A.is_number:
            return presented(A)
        case "tr", (A,) if transposes(B := transpose(A)) < transposes(A):
            args = [presented(times(*B.factors[1:], B.factors[0]))]
        case "add", summands:  # fewer transposes before more, but a positive term first
            found = sorted(summands, key=transposes)
            first = min(found, key=lambda term: parts(term)[0] <= 0)
            found.remove(first)
            args = [*map(presented, (first, *found))]
        case "times", (c, A) if c == number(-1) and not A.is_number:
            args = [c, presented(A)]
        case "times", _:
            numbers = [presented(arg) for arg in node.args if arg.is_number]
            args = numbers + powers([arg for arg in node.args if not arg.is_number])
        case _:
            args = [presented(arg, inside=True) for arg in node.args]
    return args[0] if len(args) == 1 and node.op == "times" else replace(node, args=tuple(args))


def is_better_flipped(node: Node) -> bool:
    """Whether the transpose needs fewer transposes."""
    if node.is_number or node.op not in FLIPPED:
        return False
    return transposes(transpose(node)) + (node.op == "times") < transposes(node)


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
    count = int(node.op == "T")
    for arg in node.args:
        count += min(_symbols_transposed(arg), 1 + _symbols_transposed(transpose(arg)))
    return count


def _symbols_transposed(node: Node) -> int:
    return (node.op == "T") + sum(map(_symbols_transposed, node.args))


def normed(node: Node) -> Node | None:
    """Return M where a tidy formula is tr(MᵀM), for an M with few transposes."""
    A = node.args[0] if node.op == "tr" else ONE
    if A.op != "times" or len(A.args) % 2:
        return None
    k = len(A.args) // 2
    halves = ([product([], half) for half in (turn[:k], turn[k:])] for turn in turns(A))
    found = [second for first, second in halves if transpose(first) == second]
    return min(found, key=transposes, default=None)


def space(node: Node) -> str:
    """Say what a formula's values are."""
    rows, cols = ("*".join(size) or "1" for size in (node.rows, node.cols))
    return "a number" if node.is_number else f"{rows}×{cols}"


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
    "apply": "{} goes entry by entry", "power": "powers with a point go entry by entry",
    "add": "a number beside a matrix is added to each entry",
}  # fmt: skip


def is_constant(node: Node) -> bool:
    """Whether a matrix is a number, at each entry."""
    return not node.is_number and all(arg.is_number or arg.op == "ones" for arg in node.factors)


def ways(node: Node) -> dict[str, None]:
    """Say in which way functions were read that others read differently."""
    found = {way: None for arg in node.args for way in ways(arg)}
    if node.op == "add":
        found |= {READ["add"]: None} if any(map(is_constant, node.args)) else {}
    elif node.op in READ and (node.op == "norm" or not node.args[0].is_number):
        name = "sqrt" if node.op == "power" and node.data == (HALF,) else ""
        words = READ["apply" if name else node.op]
        found[words.format(name or (node.data or [""])[0])] = None
    return found


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
        argument = write(min(A, transpose(A), key=transposes))
        argument = write.call("det", argument) if op in ("inv", "det") else argument
        found[f"{argument} {condition} 0{by_entries}"] = None
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
    found = Counter(
        part for part in walk(node) if part.op == "inv" and part.args[0].op not in ("symbol", "T")
    )
    counts = {part: found[part] + found[transpose(part)] for part in found}
    inverse = max(counts, key=lambda part: (counts[part], -transposes(part)), default=node)
    if counts.get(inverse, 0) < 2:
        return write(node)
    name, turned = next(free_names(LETTERS, taken)), transpose(inverse)
    P = Node("symbol", (), (name, turned == inverse), inverse.rows, inverse.cols)

    def renamed(part: Node) -> Node:
        if part in (inverse, turned):
            return P if part == inverse else transpose(P)
        return replace(part, args=tuple(map(renamed, part.args)))

    return write(renamed(node)) + write.words["naming"] % (write(P), write(inverse))


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
    rationals, _, chains = zip(*map(parts, summands), strict=True)
    for end, left in ((0, True), (-1, False)):
        shared = chains[0][end]
        if all(chain[end] == shared for chain in chains):
            size = shared.cols if left else shared.rows
            insides = (chain[1:] if left else chain[:-1] for chain in chains)
            cut = zip(rationals, insides, strict=True)
            inner = _common([times(number(c), *(inside or [eye(size)])) for c, inside in cut])
            return times(shared, inner) if left else times(inner, shared)
    size = abs(rationals[0]) if len({*map(abs, rationals)}) == 1 else 1
    c = -size if max(rationals) < 0 else size
    return times(number(c), add(*(times(number(1 / Fraction(c)), term) for term in summands)))
