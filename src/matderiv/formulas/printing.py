"""Writing a formula: as text that can be read again, as LaTeX, as NumPy code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby, takewhile
from keyword import iskeyword
from typing import ClassVar

# isort: off
from .tree import (
    GREEK, ONE, Node, Size, add, atoms, eye, number, parts, power, product, times, transpose,
    walk,
)  # fmt: skip
# isort: on

SUM, PRODUCT, FACTOR, ATOM = range(4)  # how tightly something written holds together
Written = tuple[str, int]
HALF = Fraction(1, 2)
LETTERS = ("P", "Q", "R", "M", "N", "V", "W", "P1")  # for an inverse that occurs twice

SUPERSCRIPTS = str.maketrans("-0123456789T", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ")
SUBSCRIPTS = str.maketrans("aehklmnoprst0123456789", "ₐₑₕₖₗₘₙₒₚᵣₛₜ₀₁₂₃₄₅₆₇₈₉")
CONSTANTS = ("I", "ones", "zeros", "K", "J", "unvec")
FLIPPED = ("add", "hadamard", "apply", "power", "times")
CAPITALS = (
    "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)  # fmt: skip
OWN_LATEX = ("exp", "log", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh", "det")


class Text:
    """Writes text that can be read again."""

    space, and_, minus = " ", " ", "−"
    tensor, entrywise = " ⊗ ", " ∘ "

    def __init__(self, as_typed: bool = False) -> None:
        self.as_typed = as_typed

    def __call__(self, node: Node) -> str:
        """Write a formula."""
        return self.write(node)[0]

    def name(self, name: str) -> str:
        """Write the name of a symbol."""
        return name

    def call(self, name: str, *args: str) -> str:
        """Write a function of arguments."""
        return f"{name}({', '.join(args)})"

    def norm(self, text: str) -> str:
        """Write a norm."""
        return f"‖{text}‖"

    def raised(self, base: str, exponent: str) -> str:
        """Write a power, or a transpose."""
        return (
            f"{base}^({exponent})" if "/" in exponent else base + exponent.translate(SUPERSCRIPTS)
        )

    def repeated(self, base: str, k: int) -> str:
        """Write a power of a matrix."""
        return self.raised(base, str(k))

    def entries(self, base: str, p: Fraction) -> str:
        """Write a power entry by entry."""
        return f"{base}.^({p})" if p.denominator > 1 else f"{base}.^{p}"

    def fraction(self, top: str, bottom: Written) -> Written:
        """Write a quotient."""
        return f"{top} / {self.closed(bottom)}", PRODUCT

    def rational(self, c: Fraction) -> Written:
        """Write a rational number that is not negative."""
        return str(c), ATOM if c.denominator == 1 else PRODUCT

    def constant(self, op: str, *sizes: Size) -> str:
        """Write a matrix that is given by its sizes."""
        words = ["*".join(size) or "1" for size in sizes]
        if op == "I" and all(letter in "aehklmnoprst" for letter in words[0]):
            return op + words[0].translate(SUBSCRIPTS)
        return self.call(op, *words)

    def unit(self, text: str) -> Written:
        """Write a product of matrices that is a number."""
        return text, PRODUCT

    def unvec(self, v: str, m: Size, n: Size) -> str:
        """Write a column folded into a matrix."""
        return self.call("unvec", v, "*".join(m), "*".join(n))

    def closed(self, written: Written, above: int = PRODUCT) -> str:
        """Put into brackets what does not hold together more tightly than a level."""
        text, level = written
        return text if level > above else f"({text})"

    def inner(self, node: Node) -> Written:
        """Write a part, as the transpose of another where that needs fewer transposes."""
        if self.is_better_flipped(node):
            return self.raised(self.closed(self.write(transpose(node)), FACTOR), "T"), FACTOR
        return self.write(node)

    def is_better_flipped(self, node: Node) -> bool:
        """Whether the transpose needs fewer transposes."""
        if self.as_typed or node.is_number or node.op not in FLIPPED:
            return False
        return transposes(transpose(node)) + (node.op == "times") < transposes(node)

    def write(self, node: Node) -> Written:
        """Write a formula, and say how tightly it holds together."""
        if not self.as_typed and (M := normed(node)):
            return self.norm_to(M, Fraction(2))
        match node.op, node.args:
            case "symbol", _:
                return self.name(node.data[0]), ATOM
            case "number", _:
                negative, c = node.data[0] < 0, self.rational(abs(node.data[0]))
                return (self.minus + self.closed(c, SUM), SUM) if negative else c
            case "I" | "J" | "K" | "ones" | "zeros", _:
                return self.constant(node.op, *node.data), ATOM
            case "add", summands:
                return self.sum(summands), SUM
            case "times", _:
                return self.product(node)
            case "kron", factors:
                return self.tensor.join(self.closed(self.inner(f)) for f in factors), PRODUCT
            case "hadamard", factors:
                return self.entrywise.join(self.closed(self.inner(f)) for f in factors), PRODUCT
            case "T", (A,):
                return self.exponent(A, "T")
            case "inv", (A,):
                return self.exponent(A, "-1")
            case "matpow", (A,):
                return self.repeated(self.closed(self.inner(A), FACTOR), node.data[0]), FACTOR
            case "power", (A,):
                return self.power(A, node.data[0])
            case "norm", (A,):
                return self.norm(self.write(A)[0]), ATOM
            case "unvec", (v,):
                return self.unvec(self.inner(v)[0], *node.data), ATOM
            case "tr", (A,) if not self.as_typed and transposes(B := transpose(A)) < transposes(A):
                if B.op == "times":
                    B = times(*B.args[1:], B.args[0])
                return self.call("tr", self.write(B)[0]), ATOM
        name = {"apply": node.data[:1], "diagonal": ("diag",)}.get(node.op, (node.op,))[0]
        return self.call(name, *(self.inner(arg)[0] for arg in node.args)), ATOM

    def exponent(self, A: Node, sign: str) -> Written:
        """Write a transpose or an inverse, or both."""
        if (A.op, sign) in (("T", "-1"), ("inv", "T")):
            A, sign = A.args[0], "-T"
        if sign == "-1" and self.is_better_flipped(A):
            A, sign = transpose(A), "-T"
        return self.raised(self.closed(self.inner(A), FACTOR), sign), FACTOR

    def power(self, A: Node, p: Fraction) -> Written:
        """Write a power of a number, or of the entries of a matrix."""
        if not self.as_typed and (M := normed(A)):
            return self.norm_to(M, 2 * p)
        if A.is_number and p < 0:
            return self.fraction("1", self.power(A, -p))
        if p == 1:
            return self.inner(A)
        if p == HALF:
            return self.call("sqrt", self.inner(A)[0]), ATOM
        base = self.closed(self.inner(A), FACTOR)
        return self.raised(base, str(p)) if A.is_number else self.entries(base, p), FACTOR

    def norm_to(self, M: Node, p: Fraction) -> Written:
        """Write a power of a norm."""
        if p < 0:
            return self.fraction("1", self.norm_to(M, -p))
        norm = self.norm(self.write(M)[0])
        return (norm, ATOM) if p == 1 else (self.raised(norm, str(p)), FACTOR)

    def sum(self, summands: Iterable[Node]) -> str:
        """Write a sum, a positive term first, fewer transposes before more; ones are written 1."""
        summands, text = [*summands], ""
        if not self.as_typed:
            summands.sort(key=transposes)
            leading = next((i for i, term in enumerate(summands) if parts(term)[0] > 0), 0)
            summands.insert(0, summands.pop(leading))
        plain = any(parts(term)[2] and parts(term)[2][0].op != "ones" for term in summands)
        for term in summands:
            c, numbers, chain = parts(term)
            if plain and not numbers and [factor.op for factor in chain] == ["ones"]:
                term = number(c)
            first = term.args[0] if term.op == "times" else term
            negative = first.op == "number" and first.data[0] < 0
            written = self.write(self.negated(term) if negative else term)
            sign = self.minus if negative else "+"
            text += f" {sign} {self.closed(written, SUM)}"
        return text[3:] if text.startswith(" +") else self.minus + text[len(self.minus) + 2 :]

    def negated(self, term: Node) -> Node:
        """Change the sign of a product that begins with a number."""
        if term.op == "number":
            return number(-term.data[0])
        c, rest = -term.args[0].data[0], term.args[1:]
        if c == 1 and len(rest) == 1:
            return rest[0]
        return Node("times", ((number(c),) if c != 1 else ()) + rest, (), term.rows, term.cols)

    def product(self, node: Node) -> Written:
        """Write a product: a rational, numbers, matrices; negative powers below a line."""
        first = node.args[0]
        if first.op == "number" and first.data[0] < 0:
            return self.minus + self.closed(self.write(self.negated(node)), SUM), SUM
        if node.is_number and not any(arg.is_number for arg in node.args):
            return self.unit(self.factors(node.args))
        numbers = [arg for arg in node.args if arg.is_number and arg.key != ONE.key]
        below = [arg for arg in numbers if arg.op == "power" and arg.data[0] < 0]
        above = [arg for arg in numbers if arg not in below]
        chain = [arg for arg in node.args if not arg.is_number]
        if len(above) == 1 and not chain:
            top = self.write(above[0])[0]
        else:
            written = [self.closed(self.inner(arg), PRODUCT) for arg in above]
            if above and above[0].op == "number":
                written[0] = self.write(above[0])[0]
                if len(above) == 2 and not chain:
                    written[1] = self.closed(self.write(above[1]), SUM)
            written += [self.factors(chain)] if chain else []
            top = (
                "".join(
                    f" * {text}" if text[0].isdigit() else self.space + text for text in written
                )
                .removeprefix(" * ")
                .removeprefix(self.space)
            )
        if not below:
            return top, PRODUCT
        bottom = [power(arg.args[0], -arg.data[0]) for arg in below]
        return self.fraction(top or "1", self.write(product(bottom, [])))

    def factors(self, chain: Iterable[Node]) -> str:
        """Write a product of matrices, equal neighbours as a power."""
        written = []
        for _, group in groupby(chain, key=lambda factor: factor.key):
            run = [*group]
            base, k = (run[0].args[0], -1) if run[0].op == "inv" else (run[0], 1)
            if len(run) == 1 or self.as_typed:
                written += [self.closed(self.inner(factor)) for factor in run]
            else:
                written.append(self.repeated(self.closed(self.inner(base), FACTOR), k * len(run)))
        return self.and_.join(written)


class Latex(Text):
    """Writes LaTeX."""

    minus, tensor, entrywise = "-", r" \otimes ", r" \circ "

    def name(self, name: str) -> str:
        letters = re.sub(r"_?\d+$", "", name)
        index = name[len(letters) :].lstrip("_")
        if len(letters) > 1:
            greek = letters.islower() or letters in CAPITALS
            letters = (
                rf"\{letters}" if letters.lower() in GREEK and greek else rf"\mathit{{{letters}}}"
            )
        return f"{letters}_{{{index}}}" if index else letters

    def call(self, name: str, *args: str) -> str:
        if name == "sqrt":
            return rf"\sqrt{{{args[0]}}}"
        function = rf"\{name}" if name in OWN_LATEX else rf"\operatorname{{{name}}}"
        return rf"{function}\left({', '.join(args)}\right)"

    def norm(self, text: str) -> str:
        return rf"\left\lVert {text} \right\rVert"

    def raised(self, base: str, exponent: str) -> str:
        exponent = exponent.replace("T", r"\top")
        return f"{base}^{{{exponent}}}"

    def entries(self, base: str, p: Fraction) -> str:
        return rf"{base}^{{\circ {p if p > 0 and p.denominator == 1 else f'({p})'}}}"

    def fraction(self, top: str, bottom: Written) -> Written:
        return rf"\frac{{{top}}}{{{bottom[0]}}}", PRODUCT

    def rational(self, c: Fraction) -> Written:
        whole = c.denominator == 1
        text = str(c) if whole else rf"\frac{{{c.numerator}}}{{{c.denominator}}}"
        return text, ATOM if whole else PRODUCT

    def constant(self, op: str, *sizes: Size) -> str:
        if op == "zeros":
            return "0"
        letter = r"\mathbf{1}" if op == "ones" else op
        separator = r" \times " if op == "ones" else ", "
        return f"{letter}_{{{separator.join(map(self.size, sizes))}}}"

    def size(self, size: Size) -> str:
        """Write a size."""
        return " ".join(map(self.name, size)) or "1"

    def unvec(self, v: str, m: Size, n: Size) -> str:
        sizes = rf"{self.size(m)} \times {self.size(n)}"
        return rf"\operatorname{{unvec}}_{{{sizes}}}\left({v}\right)"

    def closed(self, written: Written, above: int = PRODUCT) -> str:
        text, level = written
        return text if level > above else rf"\left({text}\right)"


class Numpy(Text):
    """Writes NumPy code; columns have the shape (n, 1)."""

    space, and_, minus = " * ", " @ ", "-"
    entrywise = " * "
    calls: ClassVar = {
        "tr": "np.trace({})", "det": "np.linalg.det({})", "sum": "np.sum({})",
        "vec": 'np.reshape({}, (-1, 1), order="F")', "diag": "np.diagflat({})",
        "sigmoid": "(1 / (1 + np.exp(-({}))))", "softplus": "np.logaddexp(0, {})",
        "relu": "np.maximum({}, 0)", "step": "np.heaviside({}, 0.5)",
    }  # fmt: skip

    def name(self, name: str) -> str:
        return f"{name}_" if iskeyword(name) else name

    def call(self, name: str, *args: str) -> str:
        return self.calls.get(name, f"np.{name}({{}})").format(*args)

    def norm(self, text: str) -> str:
        return f"np.linalg.norm({text})"

    def raised(self, base: str, exponent: str) -> str:
        if "T" in exponent or exponent == "-1":
            inverse = f"np.linalg.inv({base})" if "1" in exponent or "-" in exponent else base
            return inverse + (".T" if "T" in exponent else "")
        return self.entries(base, Fraction(exponent))

    def repeated(self, base: str, k: int) -> str:
        return f"np.linalg.matrix_power({base}, {k})"

    def entries(self, base: str, p: Fraction) -> str:
        return f"{base}**({p})" if p.denominator > 1 or p < 0 else f"{base}**{p}"

    def constant(self, op: str, *sizes: Size) -> str:
        words = [" * ".join(size) or "1" for size in sizes]
        match op:
            case "ones" | "zeros":
                return f"np.{op}(({', '.join(words)}))"
            case "K":
                m, n = words
                return f"np.eye({m} * {n})[np.arange({m} * {n}).reshape({n}, {m}).T.ravel()]"
            case "J":
                return f"np.eye(({words[0]}) ** 2)[:, :: {words[0]} + 1]"
        return f"np.eye({words[0]})"

    def unit(self, text: str) -> Written:
        return f"({text}).item()", ATOM

    def unvec(self, v: str, m: Size, n: Size) -> str:
        return f'np.reshape({v}, ({" * ".join(m)}, {" * ".join(n)}), order="F")'

    def write(self, node: Node) -> Written:
        match node.op, node.args:
            case "kron", (A, B):
                return f"np.kron({self(A)}, {self(B)})", ATOM
            case "diagonal", (A,):
                return f"np.diag({self(A)})[:, None]", ATOM
            case "apply", (A,) if A.op == "det" and node.data[0] == "log":
                sign_and_log = f"np.linalg.slogdet({self(A.args[0])})"
                return f"(np.log({sign_and_log}[0]) + {sign_and_log}[1])", ATOM
        return super().write(node)


def transposes(node: Node) -> int:
    """Count the transposes to write; a sum in brackets may be written as a transpose."""
    count = int(node.op == "T")
    for arg in node.args:
        count += min(_symbols_transposed(arg), 1 + _symbols_transposed(transpose(arg)))
    return count


def _symbols_transposed(node: Node) -> int:
    return (node.op == "T") + sum(map(_symbols_transposed, node.args))


def normed(node: Node) -> Node | None:
    """Return M where a formula is tr(MᵀM), for an M with few transposes."""
    A = node.args[0] if node.op == "tr" else node
    if A.op != "times" or len(A.args) % 2 or not node.is_number or A.args[0].is_number:
        return None
    k, found = len(A.args) // 2, list[Node]()
    for i in range(len(A.args) if node.op == "tr" else 1):
        turned = A.args[i:] + A.args[:i]
        first, second = product([], turned[:k]), product([], turned[k:])
        if transpose(first, inside=True) == second:
            found.append(second)
    return min(found, key=transposes, default=None)


def space(node: Node) -> str:
    """Say what a formula's values are."""
    return "a number" if node.is_number else f"{size(node.rows)}×{size(node.cols)}"


def size(size: Size) -> str:
    """Write a size."""
    return "*".join(size) or "1"


def where(symbols: Mapping[str, Node]) -> str:
    """Say what the symbols are."""
    kinds: dict[str, list[str]] = {}
    for name, node in symbols.items():
        kind = space(node) + (" symmetric" if node.data[1] else "")
        kinds.setdefault(kind, []).append(name)
    return ", with " + "; ".join(f"{', '.join(names)} {kind}" for kind, names in kinds.items())


READ = {
    "norm": "norms are Frobenius's", "sum": "sums are over all entries",
    "apply": "{} goes entry by entry", "power": "powers with a point go entry by entry",
}  # fmt: skip


def ways(node: Node) -> dict[str, None]:
    """Say in which way functions were read that others read differently."""
    found = {way: None for arg in node.args for way in ways(arg)}
    if node.op in READ and (node.op == "norm" or not node.args[0].is_number):
        name = "sqrt" if node.op == "power" and node.data == (HALF,) else ""
        words = READ["apply" if name else node.op]
        found[words.format(name or (node.data or [""])[0])] = None
    return found


def domain(node: Node) -> list[str]:
    """List what must hold for a formula to have a value and a derivative."""
    found = dict[str, None]()

    def text(A: Node) -> str:
        return Text()(min(A, transpose(A), key=transposes))

    for arg in node.args:
        found |= dict.fromkeys(domain(arg))
    entries = "" if not node.args or node.args[0].is_number else ", entry by entry"
    match node.op, node.args, node.data:
        case "inv" | "det", (A,), _:
            found[f"det({text(A)}) ≠ 0"] = None
        case "apply", (A,), ("log",):
            found[f"{text(A)} > 0{entries}"] = None
        case "power", (A,), (p,) if p.denominator > 1 and not (normed(A) and p.denominator == 2):
            found[f"{text(A)} > 0{entries}"] = None
        case "power", (A,), (p,) if p < 0 or p.denominator > 1:
            found[f"{text(A)} ≠ 0{entries}"] = None
        case "apply", (A,), ("abs" | "sign" | "relu" | "step",):
            found[f"{text(A)} ≠ 0{entries}"] = None
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
    lines = [f"    {letter} = {told[letter]}" for letter in needed if letter in told]
    lines.append(f"    return {numpy(node)}")
    arguments = ", ".join([*map(numpy.name, names), *more])
    return "\n".join(["import numpy as np", "", "", f"def f({arguments}):", *lines, ""])


def abbreviated(node: Node, taken: Iterable[str]) -> tuple[Node, tuple[Node, Node] | None]:
    """Name an inverse of more than a symbol that occurs twice or more; return it with its name."""
    found = Counter(
        part for part in walk(node) if part.op == "inv" and part.args[0].op not in ("symbol", "T")
    )
    counts = {part: found[part] + found[transpose(part)] for part in found}
    inverse = max(counts, key=lambda part: counts[part], default=node)
    if counts.get(inverse, 0) < 2:
        return node, None
    name = next(letter for letter in LETTERS if letter not in taken)
    symmetric = transpose(inverse) == inverse
    P = Node("symbol", (), (name, symmetric), inverse.rows, inverse.cols)

    def rewritten(part: Node) -> Node:
        if part in (inverse, transpose(inverse)):
            return P if part == inverse else transpose(P)
        return replace(part, args=tuple(map(rewritten, part.args)))

    return rewritten(node), (P, inverse)


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


def _shared(chains: Sequence[list[Node]]) -> int:
    """Return how many factors, from the left, all products share."""
    columns = zip(*chains, strict=False)
    return sum(1 for _ in takewhile(lambda factors: len({*factors}) == 1, columns))


def _common(summands: list[Node]) -> Node:
    """Take out the rational number, and the matrices on the left and right, that terms share."""
    if len(summands) < 2 or summands[0].is_number:
        return add(*summands)
    rationals, _, chains = zip(*map(parts, summands), strict=True)
    size = abs(rationals[0]) if len({*map(abs, rationals)}) == 1 else Fraction(1)
    shared = -size if max(rationals) < 0 else size
    shortest = min(map(len, chains))
    left = _shared(chains)
    right = min(_shared([chain[::-1] for chain in chains]), shortest - left)
    middles = [chain[left : len(chain) - right] for chain in chains]
    size_between = chains[0][left - 1].cols if left else chains[0][-right].rows if right else ()
    inner = [
        times(number(c / shared), *(middle or [eye(size_between)]))
        for c, middle in zip(rationals, middles, strict=True)
    ]
    first = chains[0]
    return times(number(shared), *first[:left], add(*inner), *first[len(first) - right :])
