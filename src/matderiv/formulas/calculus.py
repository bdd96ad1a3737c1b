"""The calculus: a derivative is a sum of chains of elementary linear maps.

An elementary map says what it does with N, what its adjoint is, and what its matrix is when
matrices are unfolded by columns (order F) or by rows (order C). There are three: L N R, W ∘ N and
⟨G, N⟩ B; a fourth kind only moves entries, such as Nᵀ and vec(N). `RULES` gives the elementary map
that is the derivative of each operator; the chain rule strings them together.

Take f(X) = log(tr(A X)). Its one chain is N ↦ A N, then the trace N ↦ ⟨I, N⟩, then the slope of the
logarithm, s ↦ s / tr(A X); neighbours merge, and N ↦ ⟨Aᵀ, N⟩ / tr(A X) is left.

All that is ever asked of a derivative is read off its chains. The map runs them forwards on a
direction. The gradient runs the adjoints backwards, from the number 1. The matrix is the product of
the maps' matrices. And since all three are formulas again, the second derivative is nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Literal

# isort: off
from . import functions
from .reading import written_out
from .tree import (
    LARGEST, ONE, TOO_LARGE, Node, commutation, diag, diagonal, eye, hadamard,
    inverse, kron, number, ones, power, scaled, selection, tidy, times, total, trace,
    transpose, unvec, vec, walk,
)  # fmt: skip
# isort: on

Order = Literal["F", "C"]


def unfold(A: Node, order: Order) -> Node:
    """Stack the columns of a matrix, or its rows."""
    return vec(A if order == "F" else transpose(A))


def inner(G: Node, N: Node) -> Node:
    """Write ⟨G, N⟩: as a sum where G is made entry by entry, else as a trace."""
    if goes_by_entries(G):
        return total(hadamard(G, N))
    return trace(times(transpose(G), N))


def goes_by_entries(A: Node) -> bool:
    """Whether a matrix is made entry by entry."""
    rest = scaled(A)[1]
    return rest.op in ("apply", "power", "hadamard", "ones") or (
        rest.op == "add" and any(map(goes_by_entries, rest.args))
    )


@dataclass(frozen=True)
class Sandwich:
    """N ↦ L N R."""

    L: Node
    R: Node

    def at(self, N: Node) -> Node:
        return times(self.L, N, self.R)

    def adjoint(self) -> Link:
        return Sandwich(transpose(self.L), transpose(self.R))

    def matrix(self, order: Order) -> Node:
        L, R = self.L, transpose(self.R)
        return kron(R, L) if order == "F" else kron(L, R)


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
class RankOne:
    """N ↦ ⟨G, N⟩ B."""

    G: Node
    B: Node = ONE

    def at(self, N: Node) -> Node:
        return times(inner(self.G, N), self.B)

    def adjoint(self) -> Link:
        return RankOne(self.B, self.G)

    def matrix(self, order: Order) -> Node:
        return times(unfold(self.B, order), transpose(unfold(self.G, order)))


@dataclass(frozen=True)
class Move:
    """N ↦ Nᵀ, vec(N), diag(N) or N ⊗ B: a map that moves entries, its adjoint, its matrices."""

    at: Callable[[Node], Node]
    back: Callable[[Node], Node]
    by_columns: Node
    by_rows: Node

    def adjoint(self) -> Link:
        return Move(self.back, self.at, transpose(self.by_columns), transpose(self.by_rows))

    def matrix(self, order: Order) -> Node:
        return self.by_columns if order == "F" else self.by_rows


Link = Sandwich | Entrywise | RankOne | Move
Chain = tuple[Link, ...]


def turning(A: Node) -> Link:
    """Return N ↦ Nᵀ, for N shaped like A."""
    m, n = A.rows, A.cols
    return Move(transpose, transpose, commutation(m, n), commutation(n, m))


def stacking(A: Node) -> Link:
    """Return N ↦ vec(N), for N shaped like A."""
    m, n = A.rows, A.cols
    return Move(vec, lambda v: unvec(v, m, n), eye(n + m), commutation(n, m))


def kron_with(A: Node, B: Node, left: bool) -> Link:
    """Return N ↦ N ⊗ B, for N on the `left`, or N ↦ A ⊗ N."""

    def matrix(A: Node, B: Node) -> Node:  # Magnus and Neudecker, theorem 3.10
        m, n, p, q = A.rows, A.cols, B.rows, B.cols
        factors = kron(eye(n + m), vec(B)) if left else kron(vec(A), eye(q + p))
        return times(kron(kron(eye(n), commutation(q, m)), eye(p)), factors)

    N, M = A if left else B, matrix(A, B)
    return Move(
        lambda N: kron(N, B) if left else kron(A, N),
        lambda Z: unvec(times(transpose(M), vec(Z)), N.rows, N.cols),
        M,
        matrix(transpose(A), transpose(B)),
    )


X_AND_Y = [Node("symbol", (), (name, False), ("m",), ("n",)) for name in "xy"]
SLOPES = {name: written_out(text, *X_AND_Y) for name, text in functions.SLOPES.items()}
RULES: dict[str, Callable[[Node, Node], Link]] = {  # the derivative of f, an operator of A, by A
    "T": lambda f, A: turning(A),
    "inv": lambda f, A: Sandwich(times(number(-1), f), f),
    "tr": lambda f, A: RankOne(eye(A.rows)),
    "sum": lambda f, A: RankOne(ones(A.rows, A.cols)),
    "det": lambda f, A: RankOne(times(f, transpose(inverse(A)))),
    "power": lambda f, A: Entrywise(times(number(f.data[0]), power(A, f.data[0] - 1))),
    "apply": lambda f, A: Entrywise(tidy(SLOPES[f.data[0]], x=A, y=f)),
    "diag": lambda f, v: Move(diag, diagonal, selection(v.rows), selection(v.rows)),
    "diagonal": lambda f, A: RULES["diag"](A, f).adjoint(),
    "vec": lambda f, A: stacking(A),
    "unvec": lambda f, v: stacking(f).adjoint(),
}


def rules(f: Node, X: str) -> Iterator[tuple[Node, Link | None]]:
    """Yield each argument A of f in which X occurs, with the derivative of f by it, if not 1."""
    for i, A in enumerate(f.args):
        if X not in A.names:
            continue
        before, after = f.args[:i], f.args[i + 1 :]
        match f.op:
            case "add":
                yield A, None
            case "times" if A.is_number:
                others = times(*before, *after)
                yield A, Entrywise(others) if f.is_number else RankOne(ONE, others)
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
    for arg, link in rules(f, X):
        yield from (then(chain, link) if link else chain for chain in chains(arg, X))


def then(chain: Chain, link: Link) -> Chain:
    """Append an elementary map to a chain; neighbours become one where they can."""
    if not chain:
        return (link,)
    first, last = chain[:-1], chain[-1]
    match last, link:
        case RankOne(G, B), _:
            c, B = scaled(link.at(B))
            return (RankOne(times(c, G), B),)
        case _, RankOne(G, B):
            return then(first, RankOne(last.adjoint().at(G), B))
        case Entrywise(V), Entrywise(W):
            return (*first, Entrywise(hadamard(V, W)))
        case Sandwich(L, R), Sandwich(P, Q):
            return (*first, Sandwich(times(P, L), times(R, Q)))
    return (*chain, link)


def run(chain: Chain, N: Node) -> Node:
    """Apply the maps of a chain, one after the other."""
    return reduce(lambda N, link: link.at(N), chain, N)


def adjoint(chain: Chain) -> Chain:
    """Run a chain backwards."""
    return tuple(link.adjoint() for link in reversed(chain))


def matrix(chain: Chain, X: Node, order: Order) -> Node:
    """Multiply the matrices of a chain."""
    unit = eye(X.cols + X.rows if order == "F" else X.rows + X.cols)
    return times(*(link.matrix(order) for link in reversed(chain)), unit)
