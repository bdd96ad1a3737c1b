"""Is tr(AX)tr(BX) convex on the positive semidefinite cone? A verdict with its certificate.

On symmetric X only the symmetric parts of A and B matter. For nonzero ones the function is convex
if and only if B = cA with c > 0: its Hessian on symmetric matrices has the least eigenvalue
⟨A, B⟩ − |A||B|, and every symmetric matrix is a direction inside the cone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matderiv.definiteness import Definiteness, definiteness, rational

LARGEST_PROVED = 20


@dataclass(frozen=True, eq=False)
class Violation:
    """Two positive semidefinite matrices on whose segment f rises above its chord.

    ``f_middle`` is f at their midpoint, which exceeds ``mean``, the mean of f at the two ends.
    ``proofs`` are those that both ends are positive semidefinite.
    """

    X0: Any
    X1: Any
    f_middle: Any
    mean: Any
    proofs: tuple[Definiteness, Definiteness]


@dataclass(frozen=True, eq=False)
class Convexity:
    """Whether f(X) = tr(AX) tr(BX) is convex on the positive semidefinite cone, and why.

    Parameters
    ----------
    convex
        The verdict.
    reason
        Its reason, in words.
    violation
        Where f is not convex, a violation of convexity inside the cone.
    proof
        Where f is convex, the proof that its Hessian pqᵀ + qpᵀ is positive semidefinite; left out
        for matrices larger than 20×20, whose Hessians have too many entries.
    """

    convex: bool
    reason: str
    violation: Violation | None = None
    proof: Definiteness | None = None

    def __bool__(self) -> bool:
        return self.convex

    def __str__(self) -> str:
        return f"{'convex' if self.convex else 'not convex'}: {self.reason}"


def convexity(A: Any, B: Any) -> Convexity:
    """Decide the convexity of X ↦ tr(AX) tr(BX) on the cone, for rational square A and B."""
    A, B = rational(A, "A"), rational(B, "B")
    symmetric = np.all(A == A.T) and np.all(B == B.T)
    A, B = (A + A.T) / 2, (B + B.T) / 2
    prefix = "" if symmetric else "on symmetric X only the symmetric parts of A and B matter; "
    inner, square_A, square_B = np.vdot(A, B), np.vdot(A, A), np.vdot(B, B)
    if inner**2 < square_A * square_B:
        Y = (square_B + inner) * A - (square_A + inner) * B
        reason = "A and B are not parallel, so tr(AY) tr(BY) < 0 for some symmetric Y"
        return Convexity(False, prefix + reason, _violation(A, B, Y))
    if inner < 0:
        reason = "B = cA with c < 0, so tr(AY) tr(BY) = c tr(AY)² < 0 for Y = A"
        return Convexity(False, prefix + reason, _violation(A, B, A))
    p, q = A.reshape(-1), B.reshape(-1)
    proof = None
    if len(A) <= LARGEST_PROVED:
        proof = definiteness(np.multiply.outer(p, q) + np.multiply.outer(q, p))
    reason = "B = cA with c > 0, so f = c tr(AX)²" if inner > 0 else "A or B is zero, so f = 0"
    return Convexity(True, prefix + reason, proof=proof)


def _violation(A: Any, B: Any, Y: Any) -> Violation:
    """Place the direction Y in the cone: the ends are rI ± Y, with r at least Y's norm."""
    import sympy as sp

    Y = Y / sp.gcd_list(list(Y.flat))
    radius = abs(Y).sum(axis=1).max()
    centre = radius * np.eye(len(Y), dtype=int)
    X0, X1 = centre - Y, centre + Y

    def f(X: Any) -> Any:
        return np.vdot(A, X) * np.vdot(B, X)

    mean = (f(X0) + f(X1)) / 2
    return Violation(X0, X1, f(centre), mean, (definiteness(X0), definiteness(X1)))
