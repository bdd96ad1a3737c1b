"""Maps that only move and repeat entries: diag, vec and the Kronecker product with a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

# isort: off
from .tree import (
    Node, Size, commutation, diag, diagonal, eye, kron, selection, times, transpose, unvec,
    vec,
)  # fmt: skip
# isort: on

Order = Literal["F", "C"]


@dataclass(frozen=True)
class Move:
    """A map that moves entries, such as N ↦ vec(N), with its adjoint and its two matrices."""

    forth: Callable[[Node], Node]
    back: Callable[[Node], Node]
    by_columns: Node
    by_rows: Node

    def at(self, N: Node) -> Node:
        return self.forth(N)

    def adjoint(self) -> Move:
        return Move(self.back, self.forth, transpose(self.by_columns), transpose(self.by_rows))

    def matrix(self, order: Order) -> Node:
        return self.by_columns if order == "F" else self.by_rows


def on_the_diagonal(n: Size) -> Move:
    """Return v ↦ diag(v), for columns v of n entries."""
    return Move(diag, diagonal, selection(n), selection(n))


def stacking(A: Node) -> Move:
    """Return N ↦ vec(N), for N shaped like A."""
    m, n = A.rows, A.cols
    return Move(vec, lambda v: unvec(v, m, n), eye(n + m), commutation(n, m))


def kron_with(A: Node, B: Node, left: bool) -> Move:
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
