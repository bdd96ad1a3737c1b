"""Formula in, formula out: derivatives for all sizes at once, checked before they are shown.

A formula is a `tree`, made by `reading`, of operators and `functions`; the `calculus`
differentiates it by rules, and `checking` without any. `printing` writes it, `values` evaluates it
at arrays, `claims` judges a candidate. Nothing here needs NumPy or SymPy before arrays come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from .calculus import Chain, Order, RankOne, adjoint, derivative, goes_by_entries, matrix, run
from .checking import check
from .printing import Latex, Text, code, domain, factored, ways, where, written
from .reading import declarations, named, read
from .tree import ONE, Node, add, free_names, parts, space, tidy, zeros

if TYPE_CHECKING:
    import sympy as sp

    from ..arrays import Matrix, Value
    from ..maps import LinearMap
    from .values import Origin


ORDERS: tuple[Order, Order] = ("F", "C")
EVIDENCE = "evidence for all sizes, not a proof"
MOST_TERMS = 12  # of a Hessian whose matrices are shown without asking
DIRECTIONS = {"matrix": "YZVWHU", "vector": "yzvwhu", "scalar": "δετσηω"}  # their names


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula for all sizes: it prints, evaluates and differentiates; made by `formula`.

    Parameters
    ----------
    raw
        The tree as typed.
    symbols
        The symbols that may occur, with their sizes.
    as_typed
        Whether the formula is printed as it was typed, and not as a person would write it.
    origins
        Of a derivative, what was differentiated by which symbol: it has a value only where that is
        defined and smooth.
    like_numpy
        Whether it was typed as in NumPy, where the star goes entry by entry.
    """

    raw: Node
    symbols: Mapping[str, Node]
    as_typed: bool = False
    origins: tuple[Origin, ...] = ()
    like_numpy: bool = False

    @cached_property
    def node(self) -> Node:
        """The tidy tree."""
        return tidy(self.raw) if self.as_typed else self.raw

    @property
    def numpy(self) -> str:
        """NumPy code that computes the formula; columns have the shape (n, 1) there."""
        return code(self.node, self.symbols)

    def __call__(self, /, **arrays: Matrix) -> Value:
        """Evaluate the formula at arrays, and sizes where no array tells them.

        A column may be given as (n,); then columns come back so.
        """
        from .values import Arrays

        at = Arrays(self.symbols, self.raw, arrays)
        value = at.value(self.node, self.origins)
        return value[:, 0] if at.flat and not self.node.cols and self.node.rows else value

    def __str__(self) -> str:
        return Text(self.as_typed)(self.raw)

    def __repr__(self) -> str:
        return f"{self}, {space(self.node)}{where(self.symbols)}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {Latex(self.as_typed)(self.raw)}$"

    def written(self, write: Text) -> str:
        """Write the formula for people: an inverse that occurs again and again gets a name."""
        return written(self.node, self.symbols, write)

    def derivative(self, variable: str) -> Derivative:
        """Differentiate by a symbol."""
        return Derivative(self, self.variable(variable))

    def second_derivative(self, variable: str) -> SecondDerivative:
        """Differentiate twice by a symbol."""
        return SecondDerivative(self.derivative(variable))

    def variable(self, name: str) -> Node:
        """Return the symbol to differentiate by."""
        name = named(str(name))
        if name not in self.symbols:
            known = ", ".join(self.symbols) or "none"
            raise ValueError(f"{name!r} is no symbol of {self}; its symbols are {known}")
        if self.symbols[name].data[1]:
            raise ValueError(
                f"{name} is declared symmetric, and then f has many gradients: differentiate by "
                f"{name} without declaring it, and make the gradient G symmetric, (G + Gᵀ)/2"
            )
        return self.symbols[name]

    def of(self, node: Node, *more: Node) -> Formula:
        """Make another formula in these symbols and a few more."""
        symbols = {**self.symbols, **{symbol.data[0]: symbol for symbol in more}}
        return Formula(node, symbols, origins=self.origins)


class Answer:
    """What was found about a formula; it prints as a whole."""

    f: Formula
    X: Node
    tried: list[dict[str, int]]
    found: dict[str, Formula]  # by name

    @property
    def rows(self) -> list[tuple[str, str, Formula]]:
        """What was found: a name for text, one for LaTeX, and the formula."""
        signs = str.maketrans({"∇": r"\nabla ", "²": "^2"})
        typeset = (re.sub(r"\w+(?=[]),])", lambda m: Latex().name(m[0]), n) for n in self.found)
        latex = (re.sub(" in order (.)", r"_{\\mathrm \1}", n.translate(signs)) for n in typeset)
        return [*zip(self.found, latex, self.found.values(), strict=True)]

    @property
    def lines(self) -> list[str]:
        """The rows, as text."""
        return [f"{name} = {value.written(Text())}" for name, _, value in self.rows]

    def __str__(self) -> str:
        f, conditions, read = self.f, domain(self.f.node, self.X.data[0], Text()), ways(self.f.raw)
        sizes = (", ".join(f"{letter} = {n}" for letter, n in one.items()) for one in self.tried)
        lines = [f"f({self.X.data[0]}) = {f!r}"]
        lines += [f"here {', '.join(read)}"] if read else []
        lines += [f"holds where {' and '.join(conditions)}"] if conditions else []
        lines += self.lines
        points = f"{' and '.join(sizes)}: {EVIDENCE}" if any(self.tried) else "two points"
        lines.append(f"checked without rules at {points}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        lines = [rf"f({Latex().name(self.X.data[0])}) &= {Latex(self.f.as_typed)(self.f.raw)}"]
        lines += [f"{name} &= {value.written(Latex())}" for _, name, value in self.rows]
        body = r" \\ ".join(lines)
        return rf"$\displaystyle \begin{{aligned}} {body} \end{{aligned}}$"


class Derivative(Answer):
    """The derivative of a formula, as formulas that were checked before they are shown.

    Parameters
    ----------
    f
        The formula.
    X
        The symbol to differentiate by.
    whole
        Whether gradient and matrices are wanted, or the map only.

    Raises
    ------
    ValueError
        When f has no value at any of the points tried, so that nothing can be checked.
    RuntimeError
        When the check fails: a fault of this package.
    """

    def __init__(self, f: Formula, X: Node, whole: bool = True) -> None:
        name = next(free_names(DIRECTIONS[X.kind], f.symbols))
        self.f, self.X = f, X
        self.Y = Node("symbol", (), (name, False), X.rows, X.cols)
        zero = RankOne(zeros(X.rows, X.cols), zeros(f.node.rows, f.node.cols))
        self.chains = derivative(f.node, X.data[0]) or [(zero,)]
        answers = {"map": self._sum(partial(run, N=self.Y), goes_by_entries)}
        if whole:
            answers |= {"gradient": self._gradient} if f.node.is_number else {}
            matrices = {order: partial(matrix, X=X, order=order) for order in ORDERS}
            answers |= {order: self._sum(of, lambda term: True) for order, of in matrices.items()}
        self.tried = check(f.raw, X, self.Y, f.symbols.values(), answers)
        self.origin = replace(f, origins=(*f.origins, (f.node, X.data[0])))
        self.answers = {name: self.origin.of(node, self.Y) for name, node in answers.items()}
        x, y = X.data[0], name
        names = {"map": f"Df({x})[{y}]", "gradient": f"∇f({x})"}
        names |= {order: f"[Df({x})] in order {order}" for order in ORDERS}
        self.found = {names[name]: value for name, value in self.answers.items()}

    @cached_property
    def _gradient(self) -> Node:
        return factored(add(*(run(adjoint(chain), ONE) for chain in self.chains)))

    def _sum(self, of: Callable[[Chain], Node], together: Callable[[Node], bool]) -> Node:
        """Add what is made of each chain; of a number, of the gradient's terms, some together."""
        chains = self.chains
        if self.f.node.is_number and not self.X.is_number:
            G = self._gradient
            summands = G.args if G.op == "add" else (G,)
            some = [term for term in summands if not parts(term)[1] and together(term)]
            others = [term for term in summands if term not in some]
            chains = [(RankOne(H),) for H in ([add(*some)] if some else []) + others]
        return factored(add(*map(of, chains)))

    @property
    def map(self) -> Formula:
        """The derivative along a direction Y, a formula in Y."""
        return self.answers["map"]

    @property
    def gradient(self) -> Formula:
        """The matrix G with Df(X)[Y] = ⟨G, Y⟩; only a number has one."""
        if "gradient" not in self.answers:
            raise ValueError(f"{self.f} is no number: no gradient, no Hessian; take matrix or form")
        return self.answers["gradient"]

    def matrix(self, order: Order = "F") -> Formula:
        """Return the matrix of the map, in order "F" (by columns) or "C" (by rows)."""
        if order not in ORDERS:
            raise ValueError(f'order must be "F" (by columns) or "C" (by rows); it is {order!r}')
        return self.answers[order]

    @cached_property
    def hessian(self) -> Derivative:
        """The derivative of the gradient; only a number has one."""
        return Derivative(self.origin.of(self.gradient.node), self.X)

    def at(self, /, **arrays: Matrix) -> LinearMap:
        """Return the derivative at arrays, as a map of the package."""
        whole = self.f.node.is_number and not self.X.is_number
        terms: list[Chain] = [(RankOne(self._gradient),)] if whole else self.chains
        return self._map_at(self.f, terms, arrays)

    def _map_at(self, f: Formula, terms: list[Chain], arrays: Mapping[str, Matrix]) -> LinearMap:
        """Return a sum of chains at arrays for the symbols of f, where the derivative exists."""
        from .values import Arrays

        at = Arrays(f.symbols, f.raw, arrays)
        at.must_be_smooth(self.origin.origins)
        return at.map_of(terms, self.X)


class SecondDerivative(Answer):
    """The second derivative of a formula, as formulas that were checked before they are shown.

    Its form is the derivative of the map Df(X)[Y] along Z. Where f is a number, its map (the
    Hessian) is the derivative of the gradient.
    """

    def __init__(self, D: Derivative) -> None:
        self.D, self.f, self.X = D, D.f, D.X
        self.along = Derivative(D.map, D.X, whole=False)
        self.tried = self.along.tried
        x, y, z = D.X.data[0], D.Y.data[0], self.along.Y.data[0]
        self.found = {f"D²f({x})[{y}, {z}]": self.form}
        if D.f.node.is_number:
            H = self.hessian
            orders = ORDERS if len(H.chains) <= MOST_TERMS else ()
            self.found[f"D∇f({x})[{y}]"] = H.map
            self.found |= {f"[D∇f({x})] in order {order}": H.matrix(order) for order in orders}

    @property
    def form(self) -> Formula:
        """The second derivative along Y and Z, a formula in both."""
        return self.along.map

    @property
    def hessian(self) -> Derivative:
        """The derivative of the gradient; only a number has one."""
        return self.D.hessian

    @property
    def map(self) -> Formula:
        """The Hessian as a map, at Y."""
        return self.hessian.map

    def matrix(self, order: Order = "F") -> Formula:
        """Return the matrix of the Hessian, in order "F" (by columns) or "C" (by rows)."""
        return self.hessian.matrix(order)

    def at(self, /, **arrays: Matrix) -> LinearMap:
        """Return the Hessian at arrays, as a self-adjoint map of the package."""
        return self.hessian._map_at(self.f, self.hessian.chains, arrays)


def formula(text: str | sp.Basic, **declared: str | Iterable[str]) -> Formula:
    """Read a formula, for all sizes at once.

    Parameters
    ----------
    text
        The formula in NumPy's or MATLAB's way, such as "tr(A*X)*tr(B*X)" or "A @ X"; or a matrix
        expression of SymPy. It is parsed, never evaluated.
    **declared
        ``scalar="t"``, ``vector="…"``, ``matrix="…"`` say what a name is, ``symmetric="A B"`` that
        matrices are symmetric. Otherwise capitals are matrices, small letters columns, and small
        Greek letters numbers.

    Raises
    ------
    ValueError
        Where the text is no formula, or its sizes do not fit; the message marks the place.
    TypeError
        When `text` is no text, or something else is declared.

    Notes
    -----
    ``*`` and ``^`` between matrices are products; ``.*``, ``./`` and ``.^`` go entry by entry, and
    ``'`` is the transpose. In a text with ``@`` or ``np.`` the star goes entry by entry, as in
    NumPy. Functions of a number, such as exp, are applied entry by entry: exp(X) is not the matrix
    exponential. Not read are: quotients and non-integer powers of matrices, powers with letters,
    norms other than Frobenius's, LaTeX, and functions that are not listed in
    ``matderiv.formulas.functions``. Its list has some that are written out: dot, outer, softmax,
    logsumexp, max. ‖x‖₂ is the norm of a column, |X| the determinant of a matrix; a column to the
    left of ``@`` is transposed, as an array of one index would be. Of SymPy's expressions those are
    refused that mean something else there, such as exp(X).

    Examples
    --------
    >>> f = formula("tr(A*X)*tr(B*X)")
    >>> D = f.derivative("X")
    >>> print(D.gradient)
    tr(B X) Aᵀ + tr(A X) Bᵀ
    >>> print(f.second_derivative("X").matrix("F"))
    vec(Aᵀ) vec(Bᵀ)ᵀ + vec(Bᵀ) vec(Aᵀ)ᵀ
    """
    if hasattr(text, "free_symbols"):
        from .from_sympy import text_of

        text, kinds = text_of(text)
        own = declarations(**declared)
        others = {kind: [n for n in names if n not in own] for kind, names in kinds.items()}
        declared = others | declared
    if not isinstance(text, str):
        raise TypeError(f"a formula is a text, or SymPy's; this is {text!r}")
    reading = read(text, declarations(**declared))
    return Formula(reading.raw, reading.symbols, as_typed=True, like_numpy=reading.like_numpy)
