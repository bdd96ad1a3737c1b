"""Reading a formula: text is parsed, never evaluated; its sizes are found by unification.

The tokens bring all spellings to one. The parser builds the tree as it was typed; tidying comes
later. A function that has no operator of its own is read as the text that it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from .functions import OF_COLUMNS, OPERATORS, OTHER_NAMES, SLOPES

# isort: off
from .tree import (
    GREEK, Node, Size, atoms, commutation, eye, free_names, make, number, ones, selection, space,
    zeros,
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
SQUARE = ("tr", "det", "logdet", "inv", "diagonal", "matpow")
WAYS = {  # for signs and names that are not read, or not there
    "\\": "; LaTeX is not read: X^T is X', and a solution A\\b is inv(A)*b",
    "_": "; an index is a number, as in x_1 or x1, and of norms 2 or F, as in ‖x‖_2^2",
    "=": "; a formula stands alone, without f(X) = before it, and functions take no keywords",
    "½": "; write 1/2",
    **dict.fromkeys("×%", "; a product is A*B, or A @ B as in NumPy"),
    **dict.fromkeys("⟨<:", "; write tr(A'*B), or a'*b for columns"),
    **dict.fromkeys("⁺†", "; for full rank inv(X'*X)*X'"),
    ".": "; of methods X.T, X.sum(), X.trace() and A.dot(B) are read, and functions as in exp(X)",
    "^": "; where T is a symbol, the transpose is X'",
    "[": "; brackets are (…); entries are not read, but tr(A'*X), where A holds ones and zeros",
    **dict.fromkeys("∂∇", "; give f alone, and the variable apart from it"),
    "2": "; after a factor write *2 or ^2",
    "slogdet": "; write logdet(X)",
    "mean": "; write sum(X), and divide by the number of entries",
}
BRACKETS = {"(": ")", "{": "}", "‖": "‖", "|": "|"}
BARS = ("‖", "|")
ALIKE = str.maketrans("µϵϑϕ∗⊙∥∣−–’′ᵀ⊤", "μεθφ*∘‖|--''''")  # each as another one
SMALL = str.maketrans("ₐₑₕₖₗₘₙₒₚᵣₛₜ₀₁₂₃₄₅₆₇₈₉⁻⁰¹²³⁴⁵⁶⁷⁸⁹·⋅", "aehklmnoprst0123456789-0123456789**")
NAME = r"(?:log1p|[A-Za-zΑ-Ωα-ω]+(?:_?[0-9]+)?)"
SPELLINGS = {  # patterns, and how the tokens that they match are spelled; the first one counts
    r"\s+": "",
    r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)": r"\1",
    r"I(?:([ₐ-ₜᵣ]+|[₀-₉]+)|_([A-Za-z]|\d+)(?![A-Za-z\d_])|_\{([A-Za-z]|\d+)\})": r"eye ( \1\2\3 )",
    r"(?:np|numpy)\.dot\b": "matmul",
    r"(np|numpy)\.(?:max|min)\b": r"\1",  # of all entries, or along an axis: no such function
    r"\.dot(?=\()": ". matmul",
    rf"(?:(?:np|numpy)\.(?:linalg\.)?)?({NAME}(?:[ₐ-ₜᵣ]+|[₀-₉]+)?)": r"\1",
    r"\.(sum|trace|transpose)(?=\()": r". \1",
    r",\s*(?:ord\s*=\s*)?(?:'fro'|\"fro\")": "_F",
    r"(?:\|\||‖)(?:_([F2])|_\{([F2])\}|(₂))": r"‖ _\1\2\3",
    r"\|\||‖": "‖",
    r"\.T\b|\.?'|\^\s*(?:T\b|'|\{\s*[T']\s*\}|\(\s*[T']\s*\))": "'",
    r"⁻'|\^\s*(?:-T\b|-'|\{\s*-\s*[T']\s*\}|\(\s*-\s*[T']\s*\))": "^ - 1 '",
    r"(⁻?)([⁰¹²³⁴-⁹]+)": r"^ \1 \2",
    r"(\*\*|\.[*/^]|[-+*·⋅/@^⊗∘⊘()\[\]{},|])": r"\1",
    r"(?s:.)": "?",
}
TOKENS = [(re.compile(pattern), spelled) for pattern, spelled in SPELLINGS.items()]


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
        return "number" if re.match(r"\.?\d", self.text) else "sign"


def named(text: str) -> str:
    """Return a name as it is read: x₁ as x1, with the letters that stand for look-alikes."""
    return text.translate(ALIKE | SMALL)


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
        if a == b or not a or not b:
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


class Reading:
    """A text that is read as a formula: by precedence, into the tree as typed, so that sizes fit.

    Then `raw` is the tree, and `symbols` are what occurs in it, and what was known before.
    """

    def __init__(self, text: str, declared: Kinds, known: Symbols, like_numpy: bool) -> None:
        self.text = text.rstrip("; \n")
        self.declared, self.symbols, self.rigid = declared, dict(known), atoms(*known.values())
        self.sizes, self.size_names = Sizes(), set[str]()
        self.opened, self.like_numpy = list[Token](), like_numpy
        self.tokens = iter([*self.scan()])
        self.last = self.token = next(self.tokens)

    def fail(self, message: str, start: int | None = None, end: int | None = None) -> NoReturn:
        """Stop, and mark the place in the text: by default, the next token."""
        if start is None:
            start, end = self.token.start, self.token.end
        left, width = max(0, start - 50), min(30, max(1, (end or self.token.start) - start))
        line = re.sub(r"\s", " ", self.text[left : start + 50])
        raise ValueError(f"{message}\n  {line}\n  {' ' * (start - left)}{'^' * width}")

    def scan(self) -> Iterator[Token]:
        """Cut the text into tokens."""
        if len(self.text) > LONGEST:
            raise ValueError(f"the text has {len(self.text)} characters; up to {LONGEST} are read")
        text, start, names = self.text.translate(ALIKE), 0, {*self.declared, *self.symbols}
        while start < len(text):
            found = ((pattern.match(text, start), spelled) for pattern, spelled in TOKENS)
            known = ((m, p) for m, p in found if m and not ("eye" in p and named(m[0]) in names))
            match, pieces = next(known)
            if pieces == "?" or (match[0][0] == "^" and "T" in {*match[0]} & {*self.declared}):
                typed = self.text[start]
                words = f"{typed!r} is not part of a formula{WAYS.get(typed, '')}"
                self.fail(words, start, start + 1)
            self.like_numpy |= bool(re.match(r"@|np\.|numpy\.|\.[a-z]", match[0]))
            for piece in match.expand(pieces).translate(SMALL).split():
                yield Token(piece, *match.span())
            start = match.end()
        yield Token("", start, start)

    def advance(self) -> Token:
        """Go past the next token, and return it."""
        self.last, self.token = self.token, next(self.tokens)
        return self.last

    def take(self, *texts: str) -> str:
        """Go past the next token, if it is one of these."""
        return self.advance().text if self.token.text in texts else ""

    def adjoins(self) -> bool:
        """Whether there is no space before the next token."""
        return self.token.start == self.last.end

    def unexpected(self) -> NoReturn:
        """Stop at the next token."""
        typed = self.text[self.token.start : self.token.end]
        way = WAYS.get("2" if self.token.kind == "number" else typed, "")
        self.fail(f"{typed!r} is not expected here{way}" if typed else "something is missing")

    def formula(self) -> Node:
        """Read the whole text."""
        self.raw = self.sum()
        return self.raw if self.token.kind == "end" else self.unexpected()

    def sum(self) -> Node:
        """Read terms, added or subtracted."""
        start, node = self.token.start, self.term()
        while sign := self.take("+", "-"):
            term = self.term()
            node, term = self.as_matrix(node, term, start), self.as_matrix(term, node, start)
            node = self.joined("add", node, negative(term) if sign == "-" else term, start)
        return node

    def as_matrix(self, scalar: Node, beside: Node, start: int) -> Node:
        """Return a literal number beside a matrix as a multiple of ones."""
        if beside.is_number or not scalar.is_number:
            return scalar
        if scalar.names:
            words = "a number and a matrix do not add; write t*I or t*ones(m,n)"
            self.fail(words + self.hint(scalar, beside), start)
        return self.make("times", start, scalar, ones(beside.rows, beside.cols))

    def term(self) -> Node:
        """Read factors, multiplied in one of several ways, or divided."""
        start, node, before = self.token.start, self.signed(), ""
        while True:
            sign = self.take("*", "@", ".*", "∘", "/", "./", "⊘", "⊗")
            if not sign and not self.is_next_to():
                return node
            if before and (sign == "⊗") != (before == "⊗"):
                self.fail("⊗ and another product: write brackets", self.last.start)
            divisor, first, adjoins = self.last, self.token, self.adjoins()
            factor = self.signed()
            if before == "/" and not sign:  # but for 1/2 x'*x and 1/2tr(X)
                is_symbol = first.kind == "name" and first.text in self.symbols
                if divisor.kind != "number" or (adjoins and is_symbol and factor.is_number):
                    self.fail("a quotient beside a product: write brackets", first.start)
            node, before = self.combined(node, sign, factor, start), sign or " "

    def is_next_to(self) -> bool:
        """Whether a factor follows without a sign."""
        token, last = self.token, self.last
        if token.text == "(" and last.kind == "name" and self.adjoins():
            self.fail(f"{last.text} is no function here; a product is {last.text}*(…)", last.start)
        opens = token.text in BARS and token.text != (self.opened[-1].text if self.opened else "")
        return opens or token.kind == "name" or token.text == "("

    def combined(self, left: Node, sign: str, right: Node, start: int) -> Node:
        """Multiply or divide two factors, in the way that the sign says."""
        if sign == "⊗":
            return self.make("kron", start, left, right)
        if sign == "@" and left.rows and right.rows and not self.sizes.resolve(left.cols):
            left = self.make("T", start, left)  # an array of one index
        by_entries = sign in (".*", "∘", "./", "⊘") or (self.like_numpy and sign in ("*", "/"))
        if sign in ("/", "./", "⊘"):
            if right == number(0):
                self.fail("this divides by zero", start)
            if left.op == right.op == "number":
                return number(left.data[0] / right.data[0])
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
            way = self.hint(a, b)
            if op == "hadamard" and self.like_numpy:
                way = "; as in NumPy * goes entry by entry: a product of matrices is A @ B"
            self.fail(f"the sizes of {self.shape(a)} and {self.shape(b)} do not fit{way}", start)
        of_numbers = all(arg.is_number for arg in a.args)
        flat = a.op == op and (b.is_number or not a.is_number or of_numbers)
        return self.make(op, start, *(a.args if flat else [a]), b)

    def hint(self, *nodes: Node) -> str:
        """Ask whether a symbol in what does not fit is of another kind than its letters say."""
        found = [*nodes, *(arg for node in nodes for arg in node.args)]
        symbols = [A for A in found if A.op == "symbol" and A.data[0] not in self.declared]
        for A in sorted(symbols, key=lambda A: not A.is_number):
            name = A.data[0]
            if name in self.size_names:
                return f"; as a number the size {name} is tr(I({name}))"
            if A.is_number:
                return f'; if {name} is a column, declare vector="{name}"'
            if not A.cols or name == "N":  # often a count
                return f'; if {name} is a number, declare scalar="{name}"'
        return ""

    def shape(self, node: Node) -> str:
        """Say what a node is, in words."""
        name = f"{node.data[0]}, " if node.op == "symbol" and not node.is_number else ""
        return name + re.sub(r"\?\d+", "·", space(self.sizes.settle(node)))

    def signed(self) -> Node:
        """Read a factor, with any signs before it."""
        signs = [*iter(lambda: self.take("-", "+"), "")]
        factor = self.raised()
        return negative(factor) if signs.count("-") % 2 else factor

    def raised(self) -> Node:
        """Read a factor, with any powers, transposes and methods after it."""
        start, node, power = self.token.start, self.atom(), ""
        while sign := self.take("'", "^", "**", ".^", "."):
            if sign == "'":
                node = self.make("T", start, node)
            elif sign == ".":
                node = self.call(self.advance(), node)
            elif power:
                self.fail("a power of a power: write brackets", self.last.start)
            else:
                node, power = self.to_the_power(node, sign, start), sign
        return node

    def to_the_power(self, node: Node, sign: str, start: int) -> Node:
        """Raise a number, a matrix, or the entries of a matrix to a power."""
        place, minus, exponent = self.token.start, self.take("-"), self.atom()
        if exponent.op != "number":
            words = "a power is a number, such as 2, -1 or (1/2), or T: X^T*Y, not X^TY; "
            words += "e^x is exp(x)"
            self.fail(words, place)
        p = -exponent.data[0] if minus else exponent.data[0]
        if p == 1:
            return node
        if node.is_number or sign == ".^" or (sign == "**" and self.like_numpy):
            return self.make("power", start, node, data=(p,))
        if p.denominator > 1 or abs(p) > LARGEST_POWER or not node.cols:
            words = f"a square matrix has whole powers, up to {LARGEST_POWER}, and a column x "
            words += "has x'*x; entry by entry write .^, as in x.^2, for a diagonal one diag(x.^p)"
            self.fail(f"{words}{self.hint(node)}", start)
        op, data = ("inv", ()) if p == -1 else ("matpow", (int(p),))
        return self.make(op, start, node, data=data)

    def atom(self) -> Node:
        """Read a number, a name, a function, or what stands in brackets."""
        token = self.token
        if token.kind == "number":
            if len(token.text) > 20 or re.search(r"[eE][+-]?\d{3}", token.text):
                self.fail("a number has at most 20 digits")
            return number(Fraction(self.advance().text))
        if token.kind == "name":
            return self.name(self.advance())
        if token.text not in BRACKETS:
            self.unexpected()
        node = self.bracketed(self.sum)
        if token.text == "|":
            if not node.is_number and not self.sizes.resolve(node.cols):
                self.fail("|x| of a column is norm(x), or abs(x) entry by entry", token.start)
            return self.applied("abs" if node.is_number else "det", token, node)
        if token.text == "‖":
            self.must_be_frobenius(node)
            if self.token.text == "F" and self.adjoins():  # as ‖X‖_F is pasted
                self.fail("Frobenius's norm is ‖X‖_F, and a product ‖X‖*F")
            return self.applied("norm", token, node)
        return node

    def must_be_frobenius(self, A: Node, *signs: str) -> None:
        """Read which norm of A is meant: Frobenius's, or 2 for that of a column."""
        if self.take("_F") or not self.take("_2", *signs):
            return
        is_matrix = self.sizes.resolve(A.rows) and self.sizes.resolve(A.cols)
        if is_matrix or not (self.last.text == "_2" or self.take("2")):
            words = "of a matrix only Frobenius's norm is read, norm(X) or ‖X‖_F; of a column"
            self.fail(f"{words} norm(x, 2) as well", self.last.start)

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
        called = self.token.text == "(" and (len(name) > 1 or self.adjoins())
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
        greek = letters[:1].lower() + letters[1:] in GREEK.values()
        is_alone = name in self.declared or len(letters) == 1 or greek
        if not is_alone or "." in self.text[token.start : token.end]:
            self.no_symbol(name, token)
        small = "scalar" if greek or not letters.isascii() else "vector"
        kind = self.declared.get(name, "matrix" if letters[0].isupper() else small)
        rows = () if kind == "scalar" else self.sizes.fresh()
        cols = {"matrix": self.sizes.fresh(), "symmetric": rows}.get(kind, ())
        return Node("symbol", (), (name, kind == "symmetric"), rows, cols)

    def no_symbol(self, name: str, token: Token) -> NoReturn:
        """Say what a name may be that is no symbol."""
        typed = re.findall(r"^[\w.]*", self.text[token.start :])[0]
        spaced = "*".join(name if len(name) < 6 else name[:5] + "…")
        words = f'names run together: write {spaced}, or declare matrix="{name}"; '
        words += "a differential such as dX is no part of a formula"
        if name in FUNCTIONS:
            words = f"{name} needs its argument in brackets: {name}(…)"
        elif self.token.text == "(" or typed != name:
            words = (
                f"{typed} is no function called here{WAYS.get(name, '; the cookbook may have it')}"
            )
            words += f"; known are {', '.join(sorted(FUNCTIONS))}"
        self.fail(words, *token[1:])

    def call(self, token: Token, *first: Node) -> Node:
        """Read the arguments of a function, but for the first of a method, and apply it."""
        if self.token.text in BARS:
            return self.applied(token.text, token, self.atom())
        found = self.bracketed(lambda: self.arguments(token.text, [*first]))
        return self.applied(token.text, token, *found)

    def applied(self, name: str, token: Token, *found: Any) -> Node:
        """Apply a function to formulas, and then sizes."""
        count = sum(FUNCTIONS[name])
        if len(found) != count:
            way = "; it adds all entries, and A*ones(n,1) those of rows" * (name == "sum")
            self.fail(f"{name} takes {count} argument{'s' * (count > 1)}{way}", *token[1:])
        if name in CONSTANTS:
            return CONSTANTS[name](*found)
        if name in OTHER_NAMES:
            return self.written_out(token, [*found])
        A, *sizes = found
        if sizes and (A.cols or not self.sizes.unify(A.rows, sizes[1] + sizes[0])):
            self.fail("unvec needs a column of as many entries", *token[1:])
        op = "apply" if name in SLOPES else "diagonal" if name == "diag" and A.cols else name
        return self.make(op, token.start, A, data=(name,) if op == "apply" else tuple(sizes))

    def arguments(self, name: str, found: list[Any]) -> list[Any]:
        """Read formulas, and then sizes; or after that of a norm, that it is Frobenius's."""
        count, more = FUNCTIONS[name]
        if not count and self.token.text == "(":  # as in ones((m, n))
            return list(self.bracketed(lambda: self.arguments(name, found)))
        while self.token.text != ")" or self.last.text == ",":
            found.append(self.size() if more and len(found) >= count else self.sum())
            if name == "norm":
                self.must_be_frobenius(found[0], ",")
            if not self.take(","):
                break
        return found

    def written_out(self, token: Token, found: list[Node]) -> Node:
        """Read a function as the text that it stands for."""
        name, text = token.text, OTHER_NAMES[token.text]
        if name.startswith("max") and number(0) in found:
            found.remove(number(0))
            text = "relu(x)"
        if name in OF_COLUMNS and any(not A.rows or self.sizes.resolve(A.cols) for A in found):
            self.fail(f"{name} takes columns, and is {text}", *token[1:])
        try:
            return written_out(text, *found, sizes=self.sizes)
        except ValueError as error:
            self.fail(f"{name} is {text}, and {str(error).splitlines()[0]}", *token[1:])

    def size(self) -> Size:
        """Read a size: letters and numbers, multiplied."""
        start, atoms = self.token.start, list[str]()
        while self.token.kind in ("name", "number"):
            atoms.append(self.advance().text)
            self.take("*")
        if not atoms or not all(re.fullmatch(r"[A-Za-z]\d*|[1-9]\d{0,3}", a) for a in atoms):
            self.fail("a size is a letter or a number", start)
        names = {atom for atom in atoms if not atom.isdigit()}
        self.size_names |= names
        free = names - {*self.rigid} if self.rigid else ()  # another name for a size of a formula
        return tuple(f"?{atom}" if atom in free else atom for atom in atoms if atom != "1")

    def make(self, op: str, start: int, *args: Node, data: tuple[Any, ...] = ()) -> Node:
        """Build a node of the text from `start` to here."""
        if op == "T" and args[0].is_number and args[0].op in ("number", "symbol"):
            words = "a number has no transpose: a row of ones is ones(n,1)'"
            self.fail(words + self.hint(*args), start)
        if op in SQUARE and not self.sizes.unify(args[0].rows, args[0].cols):
            self.fail(f"this needs a square matrix, not {self.shape(args[0])}", start)
        try:
            return make(op, *args, data=data)
        except ValueError as error:
            self.fail(str(error), start)

    def settle(self) -> None:
        """Name the sizes: m×n for X, or n×n if it is square, then other letters in their order."""
        symbols, resolve = self.symbols, self.sizes.resolve
        nodes = [symbols[name] for name in sorted(symbols, key=lambda name: name not in ("X", "x"))]
        found = dict.fromkeys(resolve(tuple(atoms(*nodes, self.raw))))
        first = next((node for node in nodes if node.rows), self.raw)
        square = resolve(first.rows) == resolve(first.cols)
        letters = "nmpqrsklhd" if square or not first.cols else "mnpqrsklhd"
        names = free_names(letters, {*symbols, *self.size_names, *found, *self.rigid})
        for atom in (atom for atom in found if atom.startswith("?")):
            typed = atom[1:] in self.size_names
            self.sizes.known[atom] = (atom[1:] if typed else next(names),)
        self.raw = self.sizes.settle(self.raw)
        self.symbols = {name: self.sizes.settle(node) for name, node in symbols.items()}

    @property
    def conditions(self) -> tuple[tuple[str, Size], ...]:
        """What sizes of what was known before must be for the formula to fit."""
        bound = sorted({*self.rigid} & {*self.sizes.known})
        return tuple((letter, self.sizes.resolve((letter,))) for letter in bound)


def negative(node: Node) -> Node:
    """Multiply by −1."""
    if node.op == "number":
        return number(-node.data[0])
    return make("times", number(-1), *node.factors)


def written_out(text: str, *nodes: Node, sizes: Sizes | None = None) -> Node:
    """Read a text in x and y, which stand for formulas."""
    reading = Reading(text, {}, dict(zip("xy", nodes, strict=False)), like_numpy=False)
    reading.sizes = sizes or reading.sizes
    return reading.formula()


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
    reading = Reading(text, declared, known or {}, like_numpy)
    reading.formula()
    if known is None and (missing := [name for name in declared if name not in reading.symbols]):
        raise ValueError(f"{missing[0]} is declared, but does not occur in {text!r}")
    if twice := reading.size_names & {*reading.symbols}:
        n = min(twice)
        way = f"take another letter; as a number the size {n} is tr(I({n}))"
        raise ValueError(f"{n} is a size and a symbol in {text!r}; {way}")
    reading.settle()
    return reading
