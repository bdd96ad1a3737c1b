"""Reading a formula: text is parsed, never evaluated; its sizes are found by unification.

The parser builds the tree as it was typed; tidying comes later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, NoReturn

from .functions import OF_COLUMNS, OPERATORS, OTHER_NAMES, SLOPES

# isort: off
from .tree import (
    GREEK, Node, Size, atoms, commutation, eye, free_names, make, number, ones, selection, zeros,
)  # fmt: skip
# isort: on

Kinds = Mapping[str, str]  # by name, as the next
Symbols = Mapping[str, Node]
LONGEST, DEEPEST, LARGEST_POWER = 2000, 60, 32
KINDS = ("scalar", "vector", "matrix", "symmetric")
CONSTANTS: dict[str, Callable[..., Node]] = {
    "I": eye, "eye": eye, "ones": ones, "zeros": zeros, "K": commutation, "J": selection,
}  # fmt: skip
FUNCTIONS = {  # how many formulas, and then sizes, are their arguments
    **dict.fromkeys((*SLOPES, *OPERATORS), (1, 0)), "unvec": (1, 2),
    **{name: (0, 1 if name in ("I", "eye", "J") else 2) for name in CONSTANTS},
    **{name: (1 + ("y" in text), 0) for name, text in OTHER_NAMES.items()},
}  # fmt: skip
ELSEWHERE = {
    **dict.fromkeys(
        ("expm", "logm", "sqrtm", "pinv", "eig", "eigvals", "eigvalsh", "svd", "cholesky"),
        "the cookbook has it by hand; with numbers take derivative(f, X)",
    ),
    "slogdet": "write logdet(X), or log(det(X))",
    "mean": "write sum(X) and divide by the number of entries",
}
SQUARE = {op: op for op in ("tr", "det", "logdet", "inv")}  # what is said of each
SQUARE |= {"diagonal": "diag", "matpow": "a power"}
FROBENIUS = ",'fro'"
WAYS = {  # for signs that are not read
    "\\": "; LaTeX is not read: X^T is X', and a solution A\\b is inv(A)*b",
    "_": "; an index is a number, as in x_1 or x1, and of norms 2 or F, as in ‖x‖_2^2",
    "=": "; a formula stands alone, without f(X) = before it, and functions take no keywords",
    "½": "; write 1/2",
    "×": "; a product is A*B",
    **dict.fromkeys("⁺†", "; for full rank inv(X'*X)*X'"),
    "⟨": "; write tr(A'*B), or a'*b for columns",
    "%": "; a product is A*B, or A @ B as in NumPy",
    ".": "; of methods X.T, X.sum(), X.trace() and X.dot(Y) are read, and functions as in exp(X)",
    "[": "; entries are not read, but x'*y and tr(A'*X), where y and A hold ones and zeros",
    **dict.fromkeys("∂∇", "; give f alone, and the variable apart from it"),
}
BRACKETS = dict(zip("([{‖|", ")]}‖|", strict=True))
BARS = ("‖", "|")
METHODS = (".sum", ".trace", ".transpose", ".dot")
ALIKE = str.maketrans("µϵϑϕ⋅∥∣∗", "μεθφ·‖|*")  # characters that keyboards have in place of others
SUBSCRIPTS = str.maketrans("ₐₑₕₖₗₘₙₒₚᵣₛₜ₀₁₂₃₄₅₆₇₈₉", "aehklmnoprst0123456789")
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ", "-0123456789'")
SPELLINGS = {
    "−": "-", "–": "-", "·": "*", "⊙": ".*", "∘": ".*", "⊘": "./",
    "’": "'", "′": "'", "ᵀ": "'", "⊤": "'",
    ".T": "'", ".'": "'", ".**": ".^",
}  # fmt: skip
NAME = r"(?:log1p|[A-Za-zΑ-Ωα-ω]+(?:_?[0-9]+)?)"
TOKENS = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<identity>I(?:[ₐ-ₜᵣ]+|[₀-₉]+|_(?:[A-Za-z]|\d+)\b|_\{(?:[A-Za-z]|\d+)\}))"
    rf"|(?P<name>(?:(?:np|numpy)\.(?:linalg\.)?)?{NAME}(?:[ₐ-ₜᵣ]+|[₀-₉]+)?)"
    r"|(?P<power>⁻?[⁰¹²³⁴-⁹]+|⁻ᵀ)"
    r"|(?P<frobenius>,\s*(?:ord\s*=\s*)?(?:'fro'|\"fro\"))"
    r"|(?P<norm>(?:\|\||‖)(?:_(?P<brace>\{)?[F2](?(brace)\})|₂)?)"
    r"|(?P<method>\.(?:sum|trace|transpose|dot)(?=\())"
    r"|(?P<sign>\.T\b|\.'|\.\*\*|\*\*|\.[*/^]|[-+*/@^'’′ᵀ⊤·⊗∘⊙⊘−–()\[\]{},|])"
    r"|(?P<other>.)"
)


class Token(NamedTuple):
    """A piece of the text, spelled in one way, and where it stands."""

    text: str
    start: int
    end: int

    @property
    def kind(self) -> str:
        """What it is: a name, a number, a sign, or the end."""
        if not self.text or self.text[0].isalpha():
            return "name" if self.text else "end"
        return "number" if self.text[-1].isdigit() else "sign"


def spelled(kind: str, text: str) -> list[str]:
    """Spell a piece of the text in one way: X⁻¹ as X^-1, Iₙ as eye(n), np.exp as exp."""
    match kind:
        case "power":
            return ["^", *re.findall(r"\d+|.", text.translate(SUPERSCRIPTS))]
        case "identity":
            return ["eye", "(", text[1:].translate(SUBSCRIPTS).strip("_{}"), ")"]
        case "name":
            return [re.sub(r"^(np|numpy)\.(linalg\.)?", "", text).translate(SUBSCRIPTS)]
        case "frobenius":
            return [FROBENIUS]
        case "norm":
            return ["‖", *(f"_{kind}_" for kind in re.findall("[F2₂]", text))]
    return [SPELLINGS.get(text, text)] if kind != "space" else []


def named(text: str) -> str:
    """Return a name as it is read: x₁ as x1, with the letters that stand for look-alikes."""
    return spelled("name", text.translate(ALIKE))[0]


class Sizes:
    """What is known of the sizes: letters stand for others, and no letter ever stands for 1."""

    def __init__(self) -> None:
        self.known: dict[str, Size] = {}
        self.count = 0

    def fresh(self) -> Size:
        """Return a size that nothing is known of."""
        self.count += 1
        return (f"?{self.count}",)

    def resolve(self, size: Size) -> Size:
        """Write a size in the letters that are left."""
        known = self.known
        return tuple(b for a in size for b in (self.resolve(known[a]) if a in known else (a,)))

    def unify(self, a: Size, b: Size) -> bool:
        """Make two sizes one, if they can be."""
        a, b = self.resolve(a), self.resolve(b)
        while a and b and a[0] == b[0]:
            a, b = a[1:], b[1:]
        while a and b and a[-1] == b[-1]:
            a, b = a[:-1], b[:-1]
        if not a or not b:
            return a == b
        for one, other in sorted([(a, b), (b, a)], key=lambda pair: pair[0][0][0] != "?"):
            if len(one) == 1 and not one[0].isdigit() and one[0] not in other:
                self.known[one[0]] = other
                return True
        letters = ([(letter,) for letter in size] for size in (a, b))
        return len(a) == len(b) > 1 and all(map(self.unify, *letters))

    def settle(self, node: Node) -> Node:
        """Write all sizes of a tree in the letters that are left."""
        data = tuple(self.resolve(d) if isinstance(d, tuple) else d for d in node.data)
        args = tuple(map(self.settle, node.args))
        return Node(node.op, args, data, self.resolve(node.rows), self.resolve(node.cols))


class Reader:
    """A parser of one text, by precedence; it builds the tree as typed, and makes sizes fit."""

    def __init__(self, text: str, declared: Kinds, known: Symbols, like_numpy: bool) -> None:
        self.text = text.rstrip("; \n").translate(ALIKE)
        self.declared, self.symbols = declared, dict(known)
        self.sizes, self.size_names = Sizes(), set[str]()
        self.rigid = atoms(*known.values())
        self.opened, self.like_numpy = list[Token](), like_numpy
        self.tokens = iter(self.scan())
        self.last = self.token = next(self.tokens)

    def fail(self, message: str, start: int | None = None, end: int | None = None) -> NoReturn:
        """Stop, and mark the place in the text."""
        if start is None:
            start, end = self.token.start, self.token.end
        left, width = max(0, start - 50), min(30, max(1, (end or self.token.start) - start))
        line = re.sub(r"\s", " ", self.text[left : start + 50])
        raise ValueError(f"{message}\n  {line}\n  {' ' * (start - left)}{'^' * width}")

    def scan(self) -> list[Token]:
        """Cut the text into tokens."""
        if len(self.text) > LONGEST:
            raise ValueError(f"the text has {len(self.text)} characters; up to {LONGEST} are read")
        tokens, end = list[Token](), len(self.text)
        for match in TOKENS.finditer(self.text):
            kind, text = str(match.lastgroup), match[0]
            if kind == "other":
                self.fail(f"{text!r} is not part of a formula{WAYS.get(text, '')}", *match.span())
            if kind == "identity" and named(text) in {*self.declared, *self.symbols}:
                kind = "name"
            self.like_numpy |= text.startswith(("@", "np.", "numpy.")) or kind == "method"
            tokens += [Token(piece, *match.span()) for piece in spelled(kind, text)]
        return [*tokens, Token("", end, end)]

    def advance(self) -> Token:
        """Go past the next token, and return it."""
        self.last, self.token = self.token, next(self.tokens)
        return self.last

    def take(self, *texts: str) -> str:
        """Go past the next token, if it is one of these."""
        return self.advance().text if self.token.text in texts else ""

    def unexpected(self) -> NoReturn:
        """Stop at the next token."""
        typed = self.text[self.token.start : self.token.end]
        way = WAYS.get(typed, "")
        self.fail(f"{typed!r} is not expected here{way}" if typed else "something is missing")

    def formula(self) -> Node:
        """Read the whole text."""
        node = self.sum()
        return node if self.token.kind == "end" else self.unexpected()

    def sum(self) -> Node:
        """Read terms, added or subtracted."""
        start, node = self.token.start, self.term()
        while sign := self.take("+", "-"):
            term = self.term()
            node, term = self.as_matrix(node, term, start), self.as_matrix(term, node, start)
            term = self.negative(term) if sign == "-" else term
            node = self.joined("add", node, term, start)
        return node

    def as_matrix(self, scalar: Node, beside: Node, start: int) -> Node:
        """Return a literal number beside a matrix as a multiple of ones."""
        if beside.is_number or not scalar.is_number:
            return scalar
        if scalar.names:
            hint = (not beside.cols and self.as_column(scalar)) or self.hint(beside)
            self.fail(f"a number and a matrix do not add; write t*I or t*ones(m,n){hint}", start)
        return self.make("times", start, scalar, ones(beside.rows, beside.cols))

    def negative(self, node: Node) -> Node:
        """Multiply by −1."""
        return self.make("times", self.token.start, number(-1), *node.factors)

    def term(self) -> Node:
        """Read factors, multiplied in one of several ways, or divided."""
        start, node, before = self.token.start, self.signed(), ""
        while True:
            sign = self.take("*", "@", ".*", "/", "./", "⊗")
            if not sign and not self.is_next_to():
                return node
            if before and (sign == "⊗") != (before == "⊗"):
                self.fail("⊗ and another product: write brackets", self.last.start)
            place, adjoins = self.token.start, self.token.start == self.last.end
            if before == "/" and not sign and self.last.kind != "number":
                self.fail("a quotient beside a product: write brackets")
            factor = self.signed()
            base = factor.args[0] if factor.op == "power" else factor
            if before == "/" and adjoins and not sign and base.is_number and base.op == "symbol":
                self.fail("a quotient beside a product: write brackets", place)
            node, before = self.combined(node, sign, factor, start), sign or " "

    def is_next_to(self) -> bool:
        """Whether a factor follows without a sign."""
        token, last = self.token, self.last
        if token.kind == "number":
            self.fail(f"a number after a factor: write *{token.text} or ^{token.text}")
        if token.text == "(" and last.kind == "name" and last.end == token.start:
            self.fail(f"{last.text} is no function here; a product is {last.text}*(…)", last.start)
        inside = self.opened[-1].text if self.opened else ""
        opens = token.text in BARS and token.text != inside
        follows = opens or token.kind == "name" or token.text == "("
        if follows and inside == "[" and token.start > last.end:
            self.fail("matrices are not put side by side; a product is A*X")
        return follows

    def combined(self, left: Node, sign: str, right: Node, start: int) -> Node:
        """Multiply or divide two factors, in the way that the sign says."""
        if sign == "⊗":
            return self.make("kron", start, left, right)
        if sign == "@" and right.rows and not right.is_number and not self.sizes.resolve(left.cols):
            left = self.make("T", start, left) if left.rows else left  # an array of one index
        by_entries = sign in (".*", "./") or (self.like_numpy and sign in ("*", "/"))
        if sign in ("/", "./"):
            if left.op == right.op == "number" and right.data[0]:
                return number(left.data[0] / right.data[0])
            if right == number(0):
                self.fail("this divides by zero", start)
            if not right.is_number and not by_entries:
                words = "matrices do not divide: write A*inv(B), or A ./ B entry by entry"
                self.fail(f"{words}{self.hint(right)}", start)
            right = self.make("power", start, right, data=(Fraction(-1),))
        both = not left.is_number and not right.is_number
        return self.joined("hadamard" if by_entries and both else "times", left, right, start)

    def joined(self, op: str, a: Node, b: Node, start: int) -> Node:
        """Append an argument to a sum or a product, once the sizes fit."""
        if op == "times":
            fit = a.is_number or b.is_number or self.sizes.unify(a.cols, b.rows)
        else:
            fit = self.sizes.unify(a.rows, b.rows) and self.sizes.unify(a.cols, b.cols)
        if not fit:
            shapes, way = f"{self.shape(a)} and {self.shape(b)}", self.hint(a, b)
            if op == "hadamard" and self.like_numpy:
                way = "; as in NumPy * goes entry by entry: a product of matrices is A @ B"
            self.fail(f"the sizes of {shapes} do not fit{way}", start)
        of_numbers = all(arg.is_number for arg in a.args)
        flat = a.op == op and (b.is_number or not a.is_number or of_numbers)
        return self.make(op, start, *(a.args if flat else [a]), b)

    def hint(self, *nodes: Node) -> str:
        """Ask whether one of the nodes is a number, if it is a column; or a factor a column."""
        for factor in (factor for node in nodes for factor in node.args):
            if asked := self.as_column(factor):
                return asked
        alone = [[A for A in node.factors if not A.is_number] for node in nodes]  # but for numbers
        symbols = dict.fromkeys(A for A, *more in alone if A.op == "symbol" and not more)
        found = [A.data[0] for A in symbols if not A.cols or A.data[0] == "N"]  # often a count
        small = "small letters are columns: " * any(name.islower() for name in found)
        asked = f"; {small}if {' or '.join(found)} is a number, declare "
        return f'{asked}scalar="{found[0]}"' if found else ""

    def as_column(self, node: Node) -> str:
        """Ask whether a node is a column, if it is a symbol that is taken for a number."""
        taken = node.op == "symbol" and node.is_number and node.data[0] not in self.declared
        return f'; if {node.data[0]} is a column, declare vector="{node.data[0]}"' if taken else ""

    def shape(self, node: Node) -> str:
        """Say what a node is, in words."""
        if node.is_number:
            return "a number"
        rows, cols = ("*".join(self.sizes.resolve(s)) or "1" for s in (node.rows, node.cols))
        name = f"{node.data[0]}, " if node.op == "symbol" else ""
        return name + re.sub(r"\?\d+", "·", f"{rows}×{cols}")

    def signed(self) -> Node:
        """Read a factor, with any signs before it."""
        negative = False
        while sign := self.take("-", "+"):
            negative ^= sign == "-"
        factor = self.raised()
        return self.negative(factor) if negative else factor

    def raised(self) -> Node:
        """Read a factor, with any powers and transposes after it."""
        start, node, powers = self.token.start, self.atom(), 0
        while sign := self.take("'", "^", "**", ".^", *METHODS):
            place = self.last.start
            if sign in METHODS:
                node = self.method(node, sign, start)
                continue
            p, turned = (Fraction(1), True) if sign == "'" else self.exponent()
            powers += not turned
            if powers > 1:
                self.fail("a power of a power: write brackets", place)
            by_entries = sign == ".^" or (sign == "**" and self.like_numpy)
            node = self.to_the_power(node, p, by_entries, start)
            node = self.transposed(node, start) if turned else node
        return node

    def transposed(self, node: Node, start: int) -> Node:
        """Transpose; a number is never meant."""
        if node.op == "number":
            self.fail("a number has no transpose: a row of ones is ones(n,1)'", start)
        if hint := self.as_column(node):
            self.fail(f"{node.data[0]} is a number{hint}", start)
        return self.make("T", start, node)

    def method(self, node: Node, name: str, start: int) -> Node:
        """Apply what NumPy's arrays have for a function: X.sum(), X.trace(), A.dot(B)."""
        if name == ".dot":
            return self.combined(node, "@", self.bracketed(self.sum), start)
        self.take("(")
        if not self.take(")"):
            self.fail(f"X{name}() takes no argument here")
        if name == ".transpose":
            return self.transposed(node, start)
        return self.make("tr" if name == ".trace" else "sum", start, node)

    def to_the_power(self, node: Node, p: Fraction, by_entries: bool, start: int) -> Node:
        """Raise a number, a matrix, or the entries of a matrix to a power."""
        if p == 1:
            return node
        if node.is_number or by_entries:
            return self.make("power", start, node, data=(p,))
        if p.denominator > 1 or abs(p) > LARGEST_POWER:
            words = f"a matrix has whole powers, up to {LARGEST_POWER}; entry by entry write .^"
            self.fail(words, start)
        if not node.cols:
            words = "a column has no powers: write x'*x, or x.^2 entry by entry"
            self.fail(f"{words}{self.hint(node)}", start)
        if p == -1:
            return self.make("inv", start, node)
        return self.make("matpow", start, node, data=(int(p),))

    def exponent(self, inside: bool = False) -> tuple[Fraction, bool]:
        """Read what follows a sign of power: a rational number, or T for the transpose."""
        if not inside and self.token.text in ("(", "{"):
            return self.bracketed(lambda: self.exponent(inside=True))
        start, sign = self.last.start, Fraction(-1 if self.take("-") else 1)
        if self.take("'") or ("T" not in self.declared and self.take("T")):
            self.last = self.last._replace(text="'")  # so that (y - X*b)^T(y - X*b) is a product
            return sign, True
        p = self.literal()
        if inside and self.take("/"):
            q = self.literal()
            p = p / q if q else self.fail("this divides by zero", start)
        return sign * p, False

    def literal(self) -> Fraction:
        """Read a number."""
        if self.token.kind != "number":
            self.fail("a power is a number, such as 2, -1 or (1/2), or T: X^T*Y, not X^TY")
        text = self.advance().text
        if len(text) > 20 or re.search(r"[eE][+-]?\d{3}", text):
            self.fail("a number has at most 20 digits", self.last.start)
        return Fraction(text)

    def atom(self) -> Node:
        """Read a number, a name, a function, or what stands in brackets."""
        token = self.token
        if token.kind == "number":
            return number(self.literal())
        if token.kind == "name":
            return self.name(self.advance())
        if token.text not in BRACKETS:
            self.unexpected()
        node = self.bracketed(self.sum)
        return self.between_bars(token, node) if token.text in BARS else node

    def between_bars(self, token: Token, node: Node) -> Node:
        """Read ‖X‖, ‖X‖_F and ‖x‖₂, |X| and |t|."""
        if token.text == "|":
            if not node.is_number and not self.sizes.resolve(node.cols):
                self.fail("|x| of a column is norm(x), or abs(x) entry by entry", token.start)
            name, data = ("apply", ("abs",)) if node.is_number else ("det", ())
            return self.make(name, token.start, node, data=data)
        if not self.take("_F_") and self.take("_2_", "_₂_"):
            self.must_be_a_vector(node, token.start)
        if self.token.text == "F" and self.token.start == self.last.end:  # as ‖X‖_F is pasted
            self.fail("Frobenius's norm is ‖X‖_F, and a product ‖X‖*F")
        return self.make("norm", token.start, node)

    def must_be_a_vector(self, node: Node, start: int) -> None:
        """Refuse the 2-norm of a matrix."""
        if self.sizes.resolve(node.rows) and self.sizes.resolve(node.cols):
            self.fail("of a matrix only Frobenius's norm is read: norm(X), or ‖X‖_F", start)

    def bracketed(self, read: Callable[[], Any]) -> Any:
        """Read an opening bracket, what stands in it, and the bracket that closes it."""
        self.opened.append(self.advance())
        if len(self.opened) > DEEPEST:
            self.fail(f"brackets stand more than {DEEPEST} deep", *self.last[1:])
        found, opening = read(), self.opened.pop()
        if not self.take(BRACKETS[opening.text]):
            if self.token.kind == "end":
                self.fail("this bracket is never closed", *opening[1:])
            self.unexpected()
        return found

    def name(self, token: Token) -> Node:
        """Read a name: of a symbol or a function."""
        name = token.text
        called = self.token.text == "(" and (len(name) > 1 or self.token.start == token.end)
        called = called or (self.token.text in BARS and FUNCTIONS.get(name) == (1, 0))
        if called and name not in self.declared and name in FUNCTIONS:
            return self.call(token)
        if name == "I" and "I" not in self.declared:
            return eye(self.sizes.fresh())
        if name not in self.symbols:
            self.symbols[name] = self.symbol(name, token)
        return self.symbols[name]

    def symbol(self, name: str, token: Token) -> Node:
        """Make a symbol of the kind declared, or of that of its letters."""
        letters = re.sub(r"_?\d+$", "", name)
        greek = letters[:1].lower() + letters[1:] in GREEK
        if name in ELSEWHERE and name not in self.declared:
            self.fail(f"{name} has no formula here; {ELSEWHERE[name]}", *token[1:])
        if token.end - token.start > len(name):
            typed = self.text[token.start : token.end]
            self.fail(f"{typed} is no function called here; a constant is a symbol", *token[1:])
        if not (name in self.declared or len(letters) == 1 or greek):
            if name in FUNCTIONS:
                self.fail(f"{name} needs its argument in brackets: {name}(…)", *token[1:])
            goes_on = self.token.kind == "name" and self.token.start == token.end
            if self.token.text == "(" or goes_on:
                word = re.compile(r"[\w.]*").match(self.text, token.start)
                known = f"known are {', '.join(sorted(FUNCTIONS))}"
                self.fail(f"{word and word[0]} is no function called here; {known}", *token[1:])
            spaced = "*".join(name if len(name) < 6 else name[:5] + "…")
            way = f'write {spaced}, or declare matrix="{name}"'
            if name[0] == "d" and name[1:] in self.symbols:
                way = "a candidate is no differential, but a gradient or a matrix"
            self.fail(f"names run together: {way}", *token[1:])
        small = "scalar" if greek or not letters.isascii() else "vector"
        kind = self.declared.get(name, "matrix" if letters[0].isupper() else small)
        rows = () if kind == "scalar" else self.sizes.fresh()
        cols = {"matrix": self.sizes.fresh(), "symmetric": rows}.get(kind, ())
        return Node("symbol", (), (name, kind == "symmetric"), rows, cols)

    def call(self, token: Token) -> Node:
        """Read the arguments of a function, and apply it."""
        name, (count, more) = token.text, FUNCTIONS[token.text]
        read = partial(self.arguments, count, more, name == "norm")
        found: list[Any] = [self.atom()] if self.token.text in BARS else self.bracketed(read)
        if len(found) != count + more:
            plural = "s" * (count + more > 1)
            self.fail(f"{name} takes {count + more} argument{plural}", *token[1:])
        if name in CONSTANTS:
            return CONSTANTS[name](*found)
        if name in OTHER_NAMES:
            return self.written_out(token, found)
        A, *sizes = found
        if sizes and (A.cols or not self.sizes.unify(A.rows, sizes[1] + sizes[0])):
            self.fail("unvec needs a column of as many entries", *token[1:])
        op = "apply" if name in SLOPES else "diagonal" if name == "diag" and A.cols else name
        return self.make(op, token.start, A, data=(name,) if op == "apply" else tuple(sizes))

    def written_out(self, token: Token, found: list[Node]) -> Node:
        """Read a function as the text that it stands for."""
        name, text = token.text, OTHER_NAMES[token.text]
        if name.startswith("max") and number(0) in found:
            found.remove(number(0))
            text = "relu(x)"
        columns = all(A.rows and not self.sizes.resolve(A.cols) for A in found)
        if name == "dot" and not columns and self.text[token.start :].startswith("n"):
            text = OTHER_NAMES["matmul"]  # as NumPy's, not MATLAB's
        elif name in OF_COLUMNS and not columns:
            self.fail(f"{name} takes columns, and is {text}", *token[1:])
        try:
            return written_out(text, *found, sizes=self.sizes)
        except ValueError as error:
            self.fail(f"{name} is {text}, and {str(error).splitlines()[0]}", *token[1:])

    def arguments(self, count: int, more: int, is_norm: bool = False) -> list[Any]:
        """Read formulas, and then sizes; or after that of a norm, that it is Frobenius's."""
        if not count and self.token.text == "(":  # as in ones((m, n))
            return list(self.bracketed(lambda: self.arguments(count, more)))
        found: list[Any] = []
        while not found or self.take(","):
            found.append(self.size() if more and len(found) >= count else self.sum())
            if is_norm and not self.take(FROBENIUS) and self.take(","):
                if not self.take("2"):
                    self.fail("only Frobenius's norm is read, and norm(x, 2) of a column")
                self.must_be_a_vector(found[0], self.last.start)
        return found

    def size(self) -> Size:
        """Read a size: letters and numbers, multiplied."""
        token, atoms = self.token, list[str]()
        while self.token.kind in ("name", "number"):
            atoms.append(self.advance().text)
            self.take("*")
        if not atoms or not all(re.fullmatch(r"[A-Za-z]\d*|[1-9]\d{0,3}", a) for a in atoms):
            self.fail("a size is a letter or a number", *token[1:])
        names = {atom for atom in atoms if not atom.isdigit()}
        self.size_names |= names
        free = names - {*self.rigid} if self.rigid else ()  # another name for a size of a formula
        return tuple(f"?{atom}" if atom in free else atom for atom in atoms if atom != "1")

    def make(self, op: str, start: int, *args: Node, data: tuple[Any, ...] = ()) -> Node:
        """Build a node of the text from `start` to here."""
        if op in SQUARE and not self.sizes.unify(args[0].rows, args[0].cols):
            words = f"{SQUARE[op]} needs a square matrix; this is {self.shape(args[0])}"
            self.fail(words, start)
        try:
            return make(op, *args, data=data)
        except ValueError as error:
            self.fail(str(error), start)


def written_out(text: str, *nodes: Node, sizes: Sizes | None = None) -> Node:
    """Read a text in x and y, which stand for formulas."""
    reader = Reader(text, {}, dict(zip("xy", nodes, strict=False)), like_numpy=False)
    reader.sizes = sizes or reader.sizes
    return reader.formula()


class Reading(NamedTuple):
    """What was read: the tree as typed, its symbols, the letters of its sizes; and in which way."""

    raw: Node
    symbols: dict[str, Node]
    conditions: tuple[tuple[str, Size], ...]
    like_numpy: bool


def declarations(**kinds: str | Iterable[str]) -> dict[str, str]:
    """Return the kind of each name declared."""
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        if kind not in KINDS:
            raise TypeError(f"{kind} is no kind of symbol; the kinds are {', '.join(KINDS)}")
        if not isinstance(names, (str, Iterable)):
            raise TypeError(f"{kind} must hold names, such as 'A B'; it is {names!r}")
        for name in re.findall(r"[^\s,]+", names) if isinstance(names, str) else names:
            name = named(str(name))
            if not re.fullmatch(NAME, name):
                raise ValueError(f"{kind} must hold names, such as 'A B'; it holds {name!r}")
            if found.get(name, kind) != kind:
                raise ValueError(f"{name} is declared twice: as {found[name]} and as {kind}")
            found[name] = kind
    return found


def read(
    text: str, declared: Kinds, known: Symbols | None = None, like_numpy: bool = False
) -> Reading:
    """Read a text; `known` are symbols of another formula, with their sizes.

    If that is `like_numpy`, so is this, unless it has signs that NumPy has not.
    """
    like_numpy &= not re.search(r"['^ᵀ]|\.[*/]", text)
    reader = Reader(text, declared, known or {}, like_numpy)
    raw = reader.formula()
    if known is None and (missing := [name for name in declared if name not in reader.symbols]):
        raise ValueError(f"{missing[0]} is declared, but does not occur in {text!r}")
    if twice := reader.size_names & {*reader.symbols}:
        raise ValueError(f"{min(twice)} is a size and a symbol in {text!r}; take another letter")
    name_sizes(reader, raw)
    sizes = reader.sizes
    bound = sorted({*atoms(*(known or {}).values())} & {*sizes.known})
    conditions = tuple((letter, sizes.resolve((letter,))) for letter in bound)
    symbols = {name: sizes.settle(node) for name, node in reader.symbols.items()}
    return Reading(sizes.settle(raw), symbols, conditions, reader.like_numpy)


def name_sizes(reader: Reader, raw: Node) -> None:
    """Name the sizes: m×n for X, or n×n if it is square, then other letters in their order."""
    symbols, resolve = reader.symbols, reader.sizes.resolve
    nodes = [symbols[name] for name in sorted(symbols, key=lambda name: name not in ("X", "x"))]
    found = dict.fromkeys(resolve(tuple(atoms(*nodes, raw))))
    taken = {*symbols, *reader.size_names, *found, *reader.rigid}
    first = next((node for node in nodes if node.rows), raw)
    square = resolve(first.rows) == resolve(first.cols)
    letters = "nmpqrsklhd" if square or not first.cols else "mnpqrsklhd"
    names = free_names(letters, taken)
    for atom in found:
        if atom.startswith("?"):
            typed = atom[1:] in reader.size_names
            reader.sizes.known[atom] = (atom[1:] if typed else next(names),)
