"""The calculus: a derivative is a sum of chains of elementary linear maps.

An elementary map says what it does with N, what its adjoint is, and what its matrix is when
matrices are unfolded by columns (order F) or by rows (order C). There are four, and a fifth kind
that only moves entries (`moves`). `RULES` gives the elementary map that is the derivative of each
operator; the chain rule strings them together.

Take f(X) = log(tr(A X)). Its one chain is N ↦ A N, then the trace N ↦ ⟨I, N⟩, then the slope of the
logarithm, s ↦ s / tr(A X); neighbours merge, and N ↦ ⟨Aᵀ / tr(A X), N⟩ is left.

All that is ever asked of a derivative is read off its chains. The map runs them forwards on a
direction. The gradient runs the adjoints backwards, from the number 1. The matrix is the product of
the maps' matrices. And since all three are formulas again, the second derivative is nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce

from .moves import Move, Order, kron_with, on_the_diagonal, stacking

# isort: off
from .tree import (
    LARGEST, ONE, TOO_LARGE, Node, add, apply, commutation, diag, eye, hadamard, inverse, kron,
    number, ones, power, scaled, times, total, trace, transpose, vec, walk, zeros,
)  # fmt: skip
# isort: on


def unfold(A: Node, order: Order) -> Node:
    """Stack the columns of a matrix, or its rows."""
    return vec(A if order == "F" else transpose(A))


def goes_by_entries(A: Node) -> bool:
    """Whether a matrix is made entry by entry."""
    rest = scaled(A)[1]
    return rest.op in ("apply", "power", "hadamard", "ones") or (
        rest.op == "add" and any(map(goes_by_entries, rest.args))
    )


@dataclass(frozen=True)
class Sandwich:
    """N ↦ L N R, or N ↦ L Nᵀ R."""

    L: Node
    R: Node
    turned: bool = False

    def at(self, N: Node) -> Node:
        return times(self.L, transpose(N) if self.turned else N, self.R)

    def adjoint(self) -> Link:
        if self.turned:
            return Sandwich(self.R, self.L, True)
        return Sandwich(transpose(self.L), transpose(self.R))

    def matrix(self, order: Order) -> Node:
        L, R, m, n = self.L, transpose(self.R), self.R.rows, self.L.cols
        if order == "F":
            return times(kron(R, L), commutation(m, n) if self.turned else ONE)
        return times(kron(L, R), commutation(n, m) if self.turned else ONE)


@dataclass(frozen=True)
class Entrywise:
    """N ↦ W ∘ N."""

    W: Node

    def at(self, N: Node) -> Node:
        return hadamard(self.W, N)

    def adjoint(self) -> Link:
        return self

    def matrix(self, order: Order) -> Node:
        return diag(unfold(self.W, order))


@dataclass(frozen=True)
class Inner:
    """N ↦ ⟨G, N⟩."""

    G: Node

    def at(self, N: Node) -> Node:
        if goes_by_entries(self.G):
            return total(hadamard(self.G, N))
        return trace(times(transpose(self.G, inside=True), N))

    def adjoint(self) -> Link:
        return To(self.G)

    def matrix(self, order: Order) -> Node:
        return transpose(unfold(self.G, order))


@dataclass(frozen=True)
class To:
    """s ↦ s B, for a number s."""

    B: Node

    def at(self, N: Node) -> Node:
        return times(N, self.B)

    def adjoint(self) -> Link:
        return Inner(self.B)

    def matrix(self, order: Order) -> Node:
        return unfold(self.B, order)


Link = Sandwich | Entrywise | Inner | To | Move
Chain = tuple[Link, ...]

SLOPES: dict[str, Callable[[Node, Node], Node]] = {
    "exp": lambda A, f: f,
    "log": lambda A, f: power(A, -1),
    "sin": lambda A, f: apply("cos", A),
    "cos": lambda A, f: times(number(-1), apply("sin", A)),
    "tan": lambda A, f: add(ones(A.rows, A.cols), power(f, 2)),
    "arctan": lambda A, f: power(add(ones(A.rows, A.cols), power(A, 2)), -1),
    "sinh": lambda A, f: apply("cosh", A),
    "cosh": lambda A, f: apply("sinh", A),
    "tanh": lambda A, f: add(ones(A.rows, A.cols), times(number(-1), power(f, 2))),
    "softplus": lambda A, f: apply("sigmoid", A),
    "sigmoid": lambda A, f: hadamard(f, add(ones(A.rows, A.cols), times(number(-1), f))),
    "abs": lambda A, f: apply("sign", A),
    "relu": lambda A, f: apply("step", A),
    "sign": lambda A, f: zeros(A.rows, A.cols),
    "step": lambda A, f: zeros(A.rows, A.cols),
}


RULES: dict[str, Callable[[Node, Node], Link]] = {  # the derivative of f, an operator of A, by A
    "T": lambda f, A: Sandwich(eye(A.cols), eye(A.rows), turned=True),
    "inv": lambda f, A: Sandwich(times(number(-1), f), f),
    "tr": lambda f, A: Inner(eye(A.rows)),
    "sum": lambda f, A: Inner(ones(A.rows, A.cols)),
    "det": lambda f, A: Inner(times(f, transpose(inverse(A)))),
    "power": lambda f, A: by_slope(A, times(number(f.data[0]), power(A, f.data[0] - 1))),
    "apply": lambda f, A: by_slope(A, SLOPES[f.data[0]](A, f)),
    "diag": lambda f, v: on_the_diagonal(v.rows),
    "diagonal": lambda f, A: on_the_diagonal(A.rows).adjoint(),
    "vec": lambda f, A: stacking(A),
    "unvec": lambda f, v: stacking(f).adjoint(),
}


def by_slope(A: Node, slope: Node) -> Link:
    """Return the derivative of a function of one number, at a number or at each entry."""
    return To(slope) if A.is_number else Entrywise(slope)


def rules(f: Node) -> Iterator[tuple[Node, Link]]:
    """Yield each argument A of f with the derivative of f by it."""
    for i, A in enumerate(f.args):
        before, after = f.args[:i], f.args[i + 1 :]
        match f.op:
            case "add":
                yield A, Sandwich(eye(A.rows), eye(A.cols))
            case "times" if A.is_number:
                yield A, To(times(*before, *after))
            case "times" if f.is_number:  # L N R = tr(R L N)
                yield A, Inner(transpose(times(*after, *before), inside=True))
            case "times":
                yield A, Sandwich(times(*before, eye(A.rows)), times(eye(A.cols), *after))
            case "hadamard":
                yield A, Entrywise(hadamard(*before, *after))
            case "kron":
                yield A, kron_with(f.args[0], f.args[1], left=not before)
            case _:
                yield A, RULES[f.op](f, A)


def derivative(f: Node, X: str) -> list[Chain]:
    """Return the chains whose sum is the derivative of f by the symbol X."""
    occurrences = [part.data[0] for part in walk(f) if part.op == "symbol"].count(X)
    if occurrences * f.weight > 4 * LARGEST:
        raise ValueError(TOO_LARGE)
    return [*chains(f, X)]


def chains(f: Node, X: str) -> Iterator[Chain]:
    """Yield one chain for each occurrence of X: the chain rule."""
    if f.op == "symbol" and f.data[0] == X:
        yield ()
    for arg, link in rules(f):
        if X in arg.names:
            yield from (then(chain, link) for chain in chains(arg, X))


def then(chain: Chain, link: Link) -> Chain:
    """Append an elementary map to a chain; neighbours of a kind become one."""
    if isinstance(link, Sandwich) and link == Sandwich(eye(link.L.rows), eye(link.R.rows)):
        return chain
    if not chain:
        return (link,)
    first, last = chain[:-1], chain[-1]
    match last, link:
        case To(B), _:
            return (*first, To(link.at(B)))
        case Inner(G), To(B) if B.is_number:
            return (*first, Inner(times(B, G)))
        case _, Inner(G):
            return then(first, Inner(last.adjoint().at(G)))
        case Entrywise(V), Entrywise(W):
            return (*first, Entrywise(hadamard(V, W)))
        case Sandwich(L, R, turned), Sandwich(P, Q, False):
            return (*first, Sandwich(times(P, L), times(R, Q), turned))
    return (*chain, link)


def run(chain: Chain, N: Node) -> Node:
    """Apply the maps of a chain, one after the other."""
    return reduce(lambda N, link: link.at(N), chain, N)


def adjoint(chain: Chain) -> Chain:
    """Run a chain backwards."""
    return tuple(link.adjoint() for link in reversed(chain))


def matrix(chain: Chain, X: Node, order: Order) -> Node:
    """Multiply the matrices of a chain."""
    factors = [link.matrix(order) for link in reversed(chain)]
    sizes = X.cols + X.rows if order == "F" else X.rows + X.cols
    return times(*factors) if factors else eye(sizes)
