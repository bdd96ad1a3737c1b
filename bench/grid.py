"""A grid that judges float derivatives: functions × scales × conditions × precision × offsets.

Usage: python -m bench.grid

The truths are closed forms, evaluated with 60 digits at the floats that X holds; no derivative of
a tool is compared with another's. Each cell says how well it can be answered:

- Its length L is how far an entry of X may move while the first terms of f's Taylor series still
  tell f: the distance to a singularity, or the scale of X. Errors are compared in units of L,
  entry by entry, so that entries of different units count alike.
- Its variation F is how much f changes over L, by the two derivatives themselves; where it is
  constant, its size.
- Its noise δ is the rounding of f: ε (|f| + F max(1, |X|/L)), as of an f that is exact at an X
  rounded to ε, with ε = 2⁻⁵³, or 2⁻²⁴ in single precision; and 2⁻⁵³ of the offset.
- A quotient of order 4 for the k-th derivative errs by about F (h/L)⁴ / Lᵏ + δ/hᵏ: at its best
  step h by F/Lᵏ (δ/F)^(4/(4+k)). Allowed are ten of these for k = 1, thirty for k = 2, where two
  entries move at once and the rounding of 16 values adds up; or 10⁻⁵ of the derivative's size,
  where that is more. In single precision with f, F, X and L about 1 this is 2·10⁻⁵ for k = 1 and
  5·10⁻⁴ for k = 2; in double precision it matters with offsets and at stationary points. `knowing`
  is this quotient: it answers every cell that must be answered.
- Where these are more than 10⁻³ F/Lᵏ, nobody needs to answer; who does must be within that.
- An error that a tool reports must be at least a tenth of the error it makes, but for 10 δ/Lᵏ,
  which no step tells.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import mpmath
import numpy as np

import matderiv
from bench.optional import optional

mp = mpmath.mp.clone()
mp.dps = 60

DOUBLE, SINGLE = 2.0**-53, 2.0**-24


@dataclass(frozen=True)
class Family:
    """A function of matrices and its derivatives, (X, Y) ↦ and (X, Y, Z) ↦, in closed form.

    `f` computes in the precision of its argument; `length` is L, a number or one for each entry.
    """

    name: str
    f: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any]
    curve: Callable[[Any, Any, Any], Any]
    length: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Cell:
    """One question to the tools: the derivative of an order of f at X.

    `refusal` is "no" where it must be answered, "allowed", or "required" where no derivative
    exists. `noise` is absolute, beside the rounding at `epsilon`.
    """

    name: str
    order: int
    f: Callable[[Any], Any]
    X: Any
    family: Family | None = None
    epsilon: float = DOUBLE
    noise: float = 0.0
    refusal: str = "no"

    @cached_property
    def truth(self) -> Any:
        """The derivative's entries: shaped (m, n), or (m, n, m, n)."""
        return self._derivative(self.order).astype(float)

    @cached_property
    def lengths(self) -> Any:
        """L for each entry of the derivative, to its k-th power."""
        L = np.broadcast_to(self.family.length(self.X), self.X.shape)
        return L if self.order == 1 else np.multiply.outer(L, L)

    @cached_property
    def rounding(self) -> float:
        """The noise δ of f over the length L."""
        with np.errstate(all="ignore"):
            value = abs(float(self.family.f(self.X)))
        reach = np.max(np.abs(self.X) / self.family.length(self.X), initial=1)
        return self.epsilon * (value + self._taylor * reach) + self.noise

    @cached_property
    def variation(self) -> float:
        """F, what f changes over L; or its size, where it changes nothing."""
        return self._taylor or abs(float(self.family.f(self.X)))

    @cached_property
    def _taylor(self) -> float:
        L = np.broadcast_to(self.family.length(self.X), self.X.shape)
        first = np.abs(self._derivative(1) * L)
        second = np.abs(self._derivative(2) * np.multiply.outer(L, L)) / 2
        return float(max(first.max(), second.max()))

    @cached_property
    def attainable(self) -> float:
        """What quotients of order 4 attain, ten or thirty times, in units of F/Lᵏ."""
        several = (10, 30)[self.order - 1]
        return several * float((self.rounding / self.variation) ** (4 / (4 + self.order)))

    @cached_property
    def allowed(self) -> float:
        """The error that an answer may have, in units of 1/Lᵏ."""
        size = np.max(np.abs(self.truth * self.lengths))
        return max(1e-5 * size, min(self.attainable, 1e-3) * self.variation)

    @cached_property
    def may_refuse(self) -> bool:
        """Whether a refusal is right."""
        return self.refusal != "no" or self.attainable > 1e-3

    def _derivative(self, order: int) -> Any:
        X = precise(self.X)
        basis = list(units(X.shape))
        if order == 1:
            return np.array([self.family.slope(X, Y) for Y in basis]).reshape(X.shape)
        table = np.full((X.size, X.size), mp.zero)
        for i, Y in enumerate(basis):
            for j, Z in enumerate(basis[: i + 1]):
                table[i, j] = table[j, i] = self.family.curve(X, Y, Z)
        return table.reshape(X.shape * 2)


# --- Matrices of numbers with 60 digits -----------------------------------------------------------


def precise(X: Any) -> Any:
    """Take the floats as they are."""
    return np.vectorize(lambda x: mp.mpf(float(x)), otypes=[object])(X)


def units(shape: tuple[int, ...]) -> Iterator[Any]:
    """Give the matrices with a single entry 1, row by row."""
    for row in precise(np.eye(int(np.prod(shape)))):
        yield row.reshape(shape)


def inverse(X: Any) -> Any:
    """Invert."""
    return np.array((mp.matrix(X.tolist()) ** -1).tolist()).reshape(X.shape)


def each(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Apply a function to every entry."""
    return np.vectorize(function, otypes=[object])


def tr(*factors: Any) -> Any:
    """Take the trace of a product."""
    return np.trace(np.linalg.multi_dot(factors) if len(factors) > 2 else factors[0] @ factors[1])


def length(X: Any) -> Any:
    """Take the Frobenius norm."""
    return mp.sqrt((X * X).sum())


def like(A: Any, X: Any) -> Any:
    """Give A the precision of X."""
    return A.astype(X.dtype)


# --- Lengths --------------------------------------------------------------------------------------


def scale(X: Any) -> Any:
    """Give the length of polynomials and norms, which is X's own; at 0 it is 1."""
    return np.linalg.norm(X) or 1.0


def scale_or_one(X: Any) -> Any:
    """Give the length where constants of size 1 bring their own."""
    return max(np.linalg.norm(X), 1.0)


def one(X: Any) -> Any:
    """Give the length of exp and its kin."""
    return 1.0


def brief(X: Any) -> Any:
    """Give a length within which a second derivative that jumps leaves six digits of the first."""
    return 1e-6


def smallest(X: Any) -> Any:
    """Measure the distance to the singular matrices."""
    return np.linalg.svd(X, compute_uv=False)[-1]


def smallest_or_one(X: Any) -> Any:
    """Measure how far I + XXᵀ is from singular, which it is at a singular value ±i."""
    return np.hypot(1, smallest(X))


def gap(X: Any) -> Any:
    """Measure the distance between the two largest singular values."""
    values = np.linalg.svd(X, compute_uv=False)
    return values[0] - values[1]


def eigengap(X: Any) -> Any:
    """Measure the distance between the two largest eigenvalues of the symmetric part."""
    values = np.linalg.eigvalsh((X + X.T) / 2)
    return values[-1] - values[-2]


def own(X: Any) -> Any:
    """Measure the distance of each entry from 0."""
    return np.abs(X)


def variances(S: Any) -> Any:
    """Measure how far a covariance is from singular, in the units of its variances."""
    d = np.sqrt(np.diag(S))
    return np.outer(d, d) * np.linalg.eigvalsh(S / np.outer(d, d))[0]


# --- Families -------------------------------------------------------------------------------------

RNG = np.random.default_rng(1797)
A2, B2, C2 = RNG.uniform(-1, 1, (3, 2, 2)).round(3)
A3, B3 = RNG.uniform(-1, 1, (2, 3, 3)).round(3)
TALL, FACTS, GOAL = (RNG.uniform(-1, 1, shape).round(3) for shape in [(5, 4), (4, 2), (5, 2)])
LABELS = np.array([0, 2, 1, 1])
DATA = np.array([[1.0, -0.5, 0.3], [0.2, 0.8, -1.1]])


def linear(A: Any) -> Family:
    """Tr AX."""
    P = precise(A)
    f, slope = (lambda X: np.trace(like(A, X) @ X)), (lambda X, Y: tr(P, Y))
    return Family("tr AX", f, slope, lambda X, Y, Z: mp.zero, scale)


def product(A: Any, B: Any) -> Family:
    """Tr AXBX."""
    P, Q = precise(A), precise(B)
    return Family(
        "tr AXBX",
        lambda X: np.trace(like(A, X) @ X @ like(B, X) @ X),
        lambda X, Y: tr(P, Y, Q, X) + tr(P, X, Q, Y),
        lambda X, Y, Z: tr(P, Y, Q, Z) + tr(P, Z, Q, Y),
        scale,
    )


GRAM = Family(
    "tr (XᵀX)²",
    lambda X: np.sum((X.T @ X) ** 2),
    lambda X, Y: 4 * tr(X.T, X, X.T, Y),
    lambda X, Y, Z: 4 * (tr(Z.T, X, X.T, Y) + tr(X.T, Z, X.T, Y) + tr(X.T, X, Z.T, Y)),
    scale,
)
LOGDET = Family(
    "log |det X|",
    lambda X: np.linalg.slogdet(X)[1],
    lambda X, Y: tr(inverse(X), Y),
    lambda X, Y, Z: -tr(inverse(X), Z, inverse(X), Y),
    smallest,
)


def det_slope(X: Any, Y: Any) -> Any:
    """Differentiate det."""
    return mp.det(mp.matrix(X.tolist())) * tr(inverse(X), Y)


def det_curve(X: Any, Y: Any, Z: Any) -> Any:
    """Differentiate det twice."""
    K, value = inverse(X), mp.det(mp.matrix(X.tolist()))
    return value * (tr(K, Y) * tr(K, Z) - tr(K, Y, K, Z))


DET = Family("det X", np.linalg.det, det_slope, det_curve, scale)


def gram_of_one(X: Any) -> Any:
    """(I + XXᵀ)⁻¹."""
    return inverse(precise(np.eye(len(X))) + X @ X.T)


def logdet_of_one_curve(X: Any, Y: Any, Z: Any) -> Any:
    """Differentiate log det(I + XXᵀ) twice."""
    K = gram_of_one(X)
    return 2 * tr(K, Y, Z.T) - tr(K, Z @ X.T + X @ Z.T, K, Y @ X.T + X @ Y.T)


LOGDET_OF_ONE = Family(
    "log det(I + XXᵀ)",
    lambda X: np.linalg.slogdet(np.eye(len(X), dtype=X.dtype) + X @ X.T)[1],
    lambda X, Y: 2 * tr(gram_of_one(X), Y, X.T),
    logdet_of_one_curve,
    smallest_or_one,
)


def inv(C: Any) -> Family:
    """Tr C X⁻¹."""
    P = precise(C)

    def curve(X: Any, Y: Any, Z: Any) -> Any:
        K = inverse(X)
        return tr(P, K, Y, K, Z, K) + tr(P, K, Z, K, Y, K)

    return Family(
        "tr CX⁻¹",
        lambda X: np.trace(like(C, X) @ np.linalg.inv(X)),
        lambda X, Y: -tr(P, inverse(X), Y, inverse(X)),
        curve,
        smallest,
    )


NORM = Family(
    "‖X‖",
    np.linalg.norm,
    lambda X, Y: (X * Y).sum() / length(X),
    lambda X, Y, Z: ((Y * Z).sum() - (X * Y).sum() * (X * Z).sum() / length(X) ** 2) / length(X),
    scale,
)


def largest(
    name: str, f: Any, count: Callable[[Any], int], S: Callable[[Any], Any], length: Any
) -> Family:
    """Sum the largest eigenvalues of a symmetric matrix S(X), linear in X."""

    def parts(X: Any, Y: Any) -> tuple[Any, Any]:
        values, vectors = mp.eigsy(mp.matrix(S(X).tolist()))
        V = np.array(vectors.tolist()).reshape(S(X).shape)
        return np.array(list(values))[::-1], (V.T @ S(Y) @ V)[::-1, ::-1]

    def slope(X: Any, Y: Any) -> Any:
        return np.diag(parts(X, Y)[1])[: count(X)].sum()

    def curve(X: Any, Y: Any, Z: Any) -> Any:
        values, P = parts(X, Y)
        Q, k = parts(X, Z)[1], count(X)
        gaps = values[:k, None] - values[None, k:]
        return 2 * (P[:k, k:] * Q[:k, k:] / gaps).sum()

    return Family(name, f, slope, curve, length)


def doubled(X: Any) -> Any:
    """[[0, X], [Xᵀ, 0]], whose eigenvalues are ± the singular values."""
    m, n = X.shape
    return np.block([[precise(np.zeros((m, m))), X], [X.T, precise(np.zeros((n, n)))]])


EIGENVALUE = largest(
    "largest eigenvalue of X + Xᵀ",
    lambda X: np.linalg.eigvalsh(X + X.T)[-1],
    lambda X: 1,
    lambda X: X + X.T,
    eigengap,
)
SPECTRAL = largest("spectral norm", partial(np.linalg.norm, ord=2), lambda X: 1, doubled, gap)
NUCLEAR = largest("nuclear norm", partial(np.linalg.norm, ord="nuc"), len, doubled, smallest)
CUBES = Family(
    "sum of cubed eigenvalues of X + Xᵀ",
    lambda X: (np.linalg.eigvalsh(X + X.T) ** 3).sum(),
    lambda X, Y: 6 * tr(X + X.T, X + X.T, Y),
    lambda X, Y, Z: 6 * tr(Z + Z.T, X + X.T, Y) + 6 * tr(X + X.T, Z + Z.T, Y),
    scale,
)


def symmetric(S: Any) -> Any:
    """Mirror the lower triangle, which is all that Cholesky reads."""
    return np.tril(S) + np.tril(S, -1).T


def likelihood(data: Any) -> Family:
    """Log det S + tr S⁻¹C with C of the data, through the Cholesky factor."""
    C = precise(data) @ precise(data).T

    def f(S: Any) -> Any:
        L = np.linalg.cholesky(S)
        return 2 * np.log(np.diag(L)).sum() + (np.linalg.solve(L, like(data, S)) ** 2).sum()

    def slope(S: Any, Y: Any) -> Any:
        K, Y = inverse(symmetric(S)), symmetric(Y)
        return tr(K, Y) - tr(K, Y, K, C)

    def curve(S: Any, Y: Any, Z: Any) -> Any:
        K, Y, Z = inverse(symmetric(S)), symmetric(Y), symmetric(Z)
        return 2 * tr(K, Y, K, Z, K, C) - tr(K, Y, K, Z)

    return Family("Gaussian likelihood by Cholesky", f, slope, curve, variances)


COVARIANCE = Family(
    "log det S + tr S⁻¹",
    lambda S: np.linalg.slogdet(S)[1] + np.trace(np.linalg.inv(S)),
    lambda S, Y: tr(inverse(S), Y) - tr(inverse(S), Y, inverse(S)),
    lambda S, Y, Z: (
        tr(inverse(S), Y, inverse(S), Z, inverse(S))
        + tr(inverse(S), Z, inverse(S), Y, inverse(S))
        - tr(inverse(S), Y, inverse(S), Z)
    ),
    variances,
)


def entrywise(name: str, f: Any, slope: Any, curve: Any, length: Any) -> Family:
    """Sum a function over the entries; `slope` and `curve` are its derivatives."""
    return Family(
        f"sum of {name}",
        lambda X: np.sum(f(X)),
        lambda X, Y: (each(slope)(X) * Y).sum(),
        lambda X, Y, Z: (each(curve)(X) * Y * Z).sum(),
        length,
    )


def sigmoid(x: Any) -> Any:
    """1/(1 + e⁻ˣ)."""
    return 1 / (1 + mp.exp(-x))


TANH = entrywise(
    "tanh", np.tanh, lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2, one
)
EXP = entrywise("exp", np.exp, mp.exp, mp.exp, one)
SOFTPLUS = entrywise(
    "softplus",
    lambda X: np.log1p(np.exp(X)),
    sigmoid,
    lambda x: sigmoid(x) * sigmoid(-x),
    one,
)
QUARTIC = entrywise("x⁴", lambda X: X**4, lambda x: 4 * x**3, lambda x: 12 * x * x, scale)
SQUARES = entrywise("|x|²", lambda X: np.abs(X) ** 2, lambda x: 2 * x, lambda x: mp.mpf(2), scale)
CUBIC = entrywise(
    "|x|³", lambda X: np.abs(X) ** 3, lambda x: 3 * x * abs(x), lambda x: 6 * abs(x), own
)
ABSOLUTE = entrywise("|x|", np.abs, mp.sign, lambda x: mp.zero, own)
LOG = entrywise("log x", np.log, lambda x: 1 / x, lambda x: -1 / x**2, own)
ROOT = entrywise(
    "√x", np.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x)), own
)
ENTROPY = entrywise(
    "x log x", lambda X: X * np.log(X), lambda x: 1 + mp.log(x), lambda x: 1 / x, own
)
ONE_AND_SQUARES = replace(
    SQUARES, name="1 + |X|²", f=lambda X: 1 + np.sum(np.abs(X) ** 2), length=scale_or_one
)
DECAY = entrywise(
    "x⁴ + 1e-4 ‖X‖²",
    lambda X: (X**4).sum() + 1e-4 * np.linalg.norm(X) ** 2,
    lambda x: 4 * x**3 + mp.mpf(1e-4) * 2 * x,
    lambda x: 12 * x * x + mp.mpf(1e-4) * 2,
    scale,
)
CONSTANT = Family("3", lambda X: 3.0, lambda X, Y: mp.zero, lambda X, Y, Z: mp.zero, scale)


def weights(X: Any) -> Any:
    """Give the rows' softmax."""
    E = each(mp.exp)(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def spread(P: Any, Y: Any, Z: Any) -> Any:
    """Sum the covariances of Y and Z, row by row, under the weights P."""
    return ((P * Y * Z).sum(axis=1) - (P * Y).sum(axis=1) * (P * Z).sum(axis=1)).sum()


def row(X: Any) -> Any:
    """Lay all entries into one row."""
    return X.reshape(1, -1)


LOGSUMEXP = Family(
    "log-sum-exp",
    lambda X: np.log(np.sum(np.exp(X - X.max()))) + X.max(),
    lambda X, Y: (weights(row(X)) * row(Y)).sum(),
    lambda X, Y, Z: spread(weights(row(X)), row(Y), row(Z)),
    one,
)


def cross_entropy(W: Any) -> Any:
    """Give the loss of a classifier, as one writes it."""
    scores = like(FACTS, W) @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    P = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return -np.log(P[np.arange(len(P)), LABELS]).sum()


CROSS_ENTROPY = Family(
    "softmax with cross-entropy",
    cross_entropy,
    lambda W, Y: (
        (weights(precise(FACTS) @ W) - precise(np.eye(3))[LABELS]) * (precise(FACTS) @ Y)
    ).sum(),
    lambda W, Y, Z: spread(weights(precise(FACTS) @ W), precise(FACTS) @ Y, precise(FACTS) @ Z),
    one,
)
LEAST_SQUARES = Family(
    "|AX − B|²",
    lambda X: ((like(TALL, X) @ X - like(GOAL, X)) ** 2).sum(),
    lambda X, Y: 2 * tr((precise(TALL) @ X - precise(GOAL)).T, precise(TALL), Y),
    lambda X, Y, Z: 2 * tr((precise(TALL) @ Z).T, precise(TALL) @ Y),
    scale_or_one,
)

# --- Points ---------------------------------------------------------------------------------------

X2 = np.array([[0.71, -0.43], [0.32, 1.13]])
X3 = np.array([[1.1, 0.4, -0.3], [-0.2, 0.9, 0.5], [0.6, -0.1, 1.3]])
X23 = np.array([[0.5, -1.2, 0.3], [0.8, 0.1, -0.7]])
X42 = np.array([[0.9, -0.2], [0.4, 1.1], [-0.6, 0.3], [0.2, 0.5]])
POSITIVE = np.array([[0.3, 1.2], [2.5, 0.8]])
PLUS_MINUS = np.array([[0.3, -0.2], [0.1, 0.4]])
DEFINITE = np.array([[1.3, 0.4], [0.4, 0.7]])
UNITS = np.array([[0.04, 12.0], [12.0, 4e4]])
SOLUTION = np.linalg.lstsq(TALL, GOAL)[0]


def turned(condition: float) -> Any:
    """Make a 2×2 matrix of a condition, its singular vectors askew."""
    return turn(0.6) @ np.diag([1, 1 / condition]) @ turn(1.9)


def turned_definite(condition: float) -> Any:
    """Make a covariance of a condition, its axes askew."""
    S = turn(0.6) @ np.diag([1, 1 / condition]) @ turn(-0.6)
    return (S + S.T) / 2


def turn(angle: float) -> Any:
    """Rotate the plane."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])


# --- Cells ----------------------------------------------------------------------------------------

SCALES = (1e-8, 1e-4, 1.0, 1e4, 1e8)


def cells() -> list[Cell]:
    """Give all of the grid."""
    found = [*scaled(), *conditioned(), *shaped(), *single(), *shifted(), *special(), *refused()]
    assert len({(cell.name, cell.order) for cell in found}) == len(found)
    return found


def asked(family: Family, X: Any, what: str, orders: Any = (1, 2), **also: Any) -> Iterator[Cell]:
    """Ask for the derivatives of a family's function."""
    name = f"{family.name}, {what}"
    options = {"f": family.f, **also}
    yield from (Cell(name, order, X=X, family=family, **options) for order in orders)


def scaled() -> Iterator[Cell]:
    """Well-conditioned matrices of all sizes; functions that have a size of their own, where."""
    anywhere = (
        linear(A2),
        product(A2, B2),
        GRAM,
        LOGDET,
        LOGDET_OF_ONE,
        inv(C2),
        NORM,
        SPECTRAL,
        SQUARES,
        ONE_AND_SQUARES,
    )
    for s in SCALES:
        for family in anywhere:
            orders = (1, 2) if s in (1e-8, 1.0, 1e8) else (1,)
            yield from asked(family, s * X2, f"X ~ {s:g}", orders)
        yield from asked(LEAST_SQUARES, s * X42, f"X ~ {s:g}", (1,))
    for s in (1e-8, 1.0, 10.0):
        for family in (TANH, EXP, SOFTPLUS, LOGSUMEXP):
            yield from asked(family, s * X2, f"X ~ {s:g}")
        yield from asked(CROSS_ENTROPY, s * X23, f"X ~ {s:g}", (1, 2) if s == 1 else (1,))


def conditioned() -> Iterator[Cell]:
    """Matrices close to singular ones."""
    for condition in (1e2, 1e4, 1e6):
        X, S = turned(condition), turned_definite(condition)
        for family in (LOGDET, inv(C2), NUCLEAR, DET):
            yield from asked(family, X, f"condition {condition:g}")
        yield from asked(likelihood(DATA), S, f"condition {condition:g}")


def shaped() -> Iterator[Cell]:
    """Matrices of other sizes."""
    for family in (LOGDET, inv(A3), product(A3, B3), NUCLEAR, EIGENVALUE, CUBES):
        yield from asked(family, X3, "3×3")
    for family in (NORM, LOGDET_OF_ONE, GRAM):
        yield from asked(family, X23, "2×3")
    for family in (NORM, LOGDET_OF_ONE, LEAST_SQUARES):
        yield from asked(family, X42, "4×2", (1,) if family is LOGDET_OF_ONE else (1, 2))


def single() -> Iterator[Cell]:
    """Functions that compute in single precision and show it, or hide it in a Python float."""
    families = (product(A2, B2), SQUARES, QUARTIC, LOGDET, LOGDET_OF_ONE, NORM, TANH, LOGSUMEXP)
    points = [(family, X2) for family in families]
    points += [(CROSS_ENTROPY, X23), (inv(C2), X2), (likelihood(DATA), DEFINITE)]
    for family, X in points:
        yield from in_single(family, X, "hidden", (1, 2), float)
        orders = (1, 2) if family in families[:4] else (1,)
        yield from in_single(family, X, "visible", orders, lambda value: value)
    for family in families[:5]:
        for s in (1e-4, 1e4):
            orders = (1, 2) if family in families[:2] else (1,)
            yield from in_single(family, s * X2, f"hidden, X ~ {s:g}", orders, float)
    yield from in_single(LOGDET, turned(100), "hidden, condition 100", (1, 2), float)


def in_single(family: Family, X: Any, what: str, orders: Any, last: Any) -> Iterator[Cell]:
    """Ask for the ideal function's derivatives of one that computes in single precision."""
    f = family.f
    return asked(
        family,
        X,
        f"single precision, {what}",
        orders,
        f=lambda X: last(f(X.astype(np.float32))),
        epsilon=SINGLE,
    )


def shifted() -> Iterator[Cell]:
    """Add a large constant, which swallows digits."""
    for offset in (1e4, 1e10, 1e13):
        for family in (product(A2, B2), LOGDET, NORM, TANH):
            f = partial(plus, family.f, offset)
            yield from asked(family, X2, f"plus {offset:g}", f=f, noise=DOUBLE * offset)


def plus(f: Any, offset: float, X: Any) -> Any:
    """Add a constant to f."""
    return offset + f(X)


def special() -> Iterator[Cell]:
    """Units, small terms, domains that end nearby, stationary and other odd points."""
    yield from asked(COVARIANCE, UNITS, "variances 0.04 and 40000")
    yield from asked(COVARIANCE, np.diag([1, 1 / 300]), "at diag(1, 1/300)")
    yield from asked(likelihood(np.diag([0.2, 200.0]) @ DATA), UNITS, "in units far apart")
    yield from asked(DECAY, PLUS_MINUS, "a small term that is not analytic")
    yield from asked(DECAY, 1e-3 * PLUS_MINUS, "where both terms count", (1,))
    yield from asked(CUBIC, X2, "away from 0")
    yield from asked(ABSOLUTE, X2, "away from 0")
    near_end = np.array([[1e-4, 1.0], [2.0, 0.5]])
    for family in (LOG, ROOT):
        yield from asked(family, near_end, "an entry 1e-4")
    asserting = replace(ENTROPY, f=partial(guarded, ENTROPY.f))
    yield from asked(asserting, POSITIVE, "an assertion outside its domain")
    yield from asked(asserting, near_end, "an assertion outside its domain, close", (1,))
    close = np.array([[1.0, 0.999], [0.999, 1.0]])
    yield from asked(likelihood(DATA), close, "correlation 0.999")
    yield from asked(CONSTANT, X2, "a constant")
    yield from asked(CONSTANT, 1e8 * X2, "a constant at 1e8", (1,))
    zero = np.zeros((2, 2))
    for family in (SQUARES, TANH, LOGDET_OF_ONE):
        yield from asked(family, zero, "X = 0")
    norm_squared = replace(SQUARES, name="‖X‖²", f=lambda X: np.linalg.norm(X) ** 2)
    yield from asked(norm_squared, zero, "X = 0", (1,))
    yield from asked(LEAST_SQUARES, SOLUTION, "at its solution, as lstsq gives it")
    yield from asked(likelihood(DATA), DATA @ DATA.T, "at its maximum")
    yield from asked(TANH, 1e8 * X2, "saturated")
    rng = np.random.default_rng(3)
    yield from asked(
        TANH,
        X2,
        "random noise 1e-6",
        f=lambda X: np.tanh(X).sum() + 1e-6 * rng.uniform(-1, 1),
        noise=1e-6,
        refusal="allowed",
    )
    yield from asked(
        replace(ABSOLUTE, length=lambda X: 1e-9),
        np.array([[1e-9, 1.0], [0.5, 2.0]]),
        "a corner within 1e-9",
        (1,),
        refusal="allowed",
    )
    at_kink = np.array([[0.0, 1.2], [-0.4, 0.7]])
    bent = entrywise("x|x|", lambda X: X * np.abs(X), lambda x: 2 * abs(x), mp.sign, brief)
    yield from asked(bent, at_kink, "an entry 0", (1,))
    huber = entrywise(
        "Huber",
        lambda X: np.where(np.abs(X) <= 1, X * X / 2, np.abs(X) - 0.5),
        lambda x: max(min(x, mp.one), -mp.one),
        lambda x: mp.mpf(abs(x) < 1),
        brief,
    )
    yield from asked(huber, np.array([[1.0, 0.3], [-0.2, 2.0]]), "an entry at the seam", (1,))


def guarded(f: Any, X: Any) -> Any:
    """Assert that X is positive before evaluating f."""
    assert np.all(np.real(X) > 0), "X must be positive"
    return f(X)


def refused() -> Iterator[Cell]:
    """No derivative exists: at corners, jumps, cusps and seams."""
    rng = np.random.default_rng(5)
    zero, eye, singular = np.zeros((2, 2)), np.eye(2), np.array([[1.0, 2.0], [2.0, 4.0]])
    at_kink = np.array([[0.0, 1.2], [-0.4, 0.7]])
    never = [
        ("‖X‖ at 0", np.linalg.norm, zero),
        ("sum of |X − X₀| at X₀", lambda X: np.abs(X - X2).sum(), X2),
        ("sum of relu, an entry 0", lambda X: np.maximum(X, 0).sum(), at_kink),
        ("largest entry, two alike", lambda X: X.max(), np.array([[1.0, 2.0], [2.0, 0.0]])),
        ("nuclear norm of a singular matrix", partial(np.linalg.norm, ord="nuc"), singular),
        ("spectral norm at I", partial(np.linalg.norm, ord=2), eye),
        ("largest eigenvalue at I", lambda X: np.linalg.eigvalsh(X + X.T)[-1], eye),
        ("a jump at X", lambda X: X.sum() + float(X[0, 0] >= 1), eye),
        ("cusp √|x|", lambda X: np.sqrt(np.abs(X)).sum(), at_kink),
        ("cube root at 0", lambda X: np.cbrt(X).sum(), at_kink),
        ("√|x₁₁x₂₂| at 0, whose partial derivatives are 0", geometric_mean, zero),
        ("x₁₁³/‖X‖² at 0, with slopes, not linear", not_linear, zero),
        ("random", lambda X: rng.uniform(-1, 1), X2),
    ]
    for name, f, X in never:
        yield Cell(name, 1, f, X, refusal="required")
    once = [
        ("x|x|, an entry 0", lambda X: (X * np.abs(X)).sum(), at_kink),
        ("relu², an entry 0", lambda X: (np.maximum(X, 0) ** 2).sum(), at_kink),
        ("|x|^1.5, an entry 0", lambda X: (np.abs(X) ** 1.5).sum(), at_kink),
        ("Huber, an entry at the seam", huber_of, np.array([[1.0, 0.3], [-0.2, 2.0]])),
        ("x₁₁x₂₂(x₁₁² − x₂₂²)/‖X‖² at 0, mixed partials differ", peano, zero),
    ]
    for name, f, X in [*once, never[0], never[1], never[4], never[7], never[12]]:
        yield Cell(name, 2, f, X, refusal="required")


def huber_of(X: Any) -> Any:
    """Quadratic inside 1, linear outside."""
    return np.where(np.abs(X) <= 1, X * X / 2, np.abs(X) - 0.5).sum()


def geometric_mean(X: Any) -> Any:
    """Zero along all entries, not in between."""
    return np.sqrt(np.abs(X[0, 0] * X[1, 1]))


def not_linear(X: Any) -> Any:
    """Homogeneous of degree 1."""
    return X[0, 0] ** 3 / (X**2).sum() if np.any(X) else 0.0


def peano(X: Any) -> Any:
    """Homogeneous of degree 2."""
    x, y = X[0, 0], X[1, 1]
    return x * y * (x**2 - y**2) / (X**2).sum() if np.any(X) else 0.0


# --- Judging --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What a tool made of a cell: "right", "refused" or "wrong", and why."""

    word: str
    reason: str
    evaluations: int
    remark: str = ""


class Counted:
    """A function that counts its evaluations."""

    def __init__(self, f: Callable[[Any], Any]) -> None:
        self.f, self.count = f, 0

    def __call__(self, X: Any) -> Any:
        """Evaluate."""
        self.count += 1
        return self.f(X)


Tool = Callable[[Cell, Counted], tuple[Any, float | None]]


class Refusal(ValueError):
    """A peer gave no answer and said so."""


def judged(cell: Cell, tool: Tool) -> Verdict:
    """Ask a tool, and compare with the truth."""
    f = Counted(cell.f)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value, reported = tool(cell, f)
    except (ValueError, TypeError) as error:
        word = "right" if cell.may_refuse else "refused"
        return Verdict(word, f"refused: {first_line(error)}", f.count)
    except Exception as error:  # a tool must not break
        return Verdict("wrong", f"{type(error).__name__}: {first_line(error)}", f.count)
    if not np.all(np.isfinite(value)):
        return Verdict("refused", "NaN or infinity", f.count)
    if cell.refusal == "required":
        return Verdict("wrong", f"no derivative exists; {np.ravel(value)[0]:.3g} …", f.count)
    return compared(cell, np.asarray(value, dtype=float), reported, f.count)


def first_line(error: Exception) -> str:
    """Shorten a message."""
    return str(error).partition("\n")[0][:150]


def compared(cell: Cell, value: Any, reported: float | None, evaluations: int) -> Verdict:
    """Compare an answer with the truth, and with the error it admits."""
    if value.shape != cell.truth.shape:
        return Verdict("wrong", f"an answer of shape {value.shape}", evaluations)
    errors = np.abs(value - cell.truth)
    worst = np.max(errors * cell.lengths)
    if worst > cell.allowed:
        size = np.max(np.abs(cell.truth * cell.lengths))
        reason = f"error {worst:.2g} where {cell.allowed:.2g} is allowed; size {size:.2g}"
        return Verdict("wrong", f"{reason} (in units of L)", evaluations)
    if reported is None:
        return Verdict("right", "", evaluations)
    untold = 10 * cell.rounding / cell.lengths
    if not np.all(errors <= 10 * reported + untold):
        reason = f"error {np.max(errors):.2g}, reported {reported:.2g}"
        return Verdict("wrong", reason, evaluations)
    return Verdict("right", "", evaluations, pessimism(cell, np.max(errors), reported))


def pessimism(cell: Cell, actual: float, reported: float) -> str:
    """Remark upon a reported error that is of no use."""
    size = np.max(np.maximum(np.abs(cell.truth), cell.variation / cell.lengths))
    useless = reported > 1e4 * actual and reported > 1e-4 * size
    return f"error {actual:.2g}, reported {reported:.2g}, size {size:.2g}" if useless else ""


# --- Tools ----------------------------------------------------------------------------------------


def ours(cell: Cell, f: Counted) -> tuple[Any, float | None]:
    """Ask the package for its answer and the error that it reports, if it does."""
    if cell.order == 2:
        form = matderiv.second_derivative(f, cell.X)
        return form.tensor, getattr(form, "error", None)
    value = matderiv.gradient(f, cell.X)
    return value, getattr(matderiv.derivative(cell.f, cell.X), "error", None)


def flat(X: Any, f: Counted) -> Callable[[Any], Any]:
    """Make f a function of the vector of X's entries."""
    return lambda x: f(np.reshape(x, X.shape))


def numdifftools(cell: Cell, f: Counted) -> tuple[Any, float | None]:
    """`Gradient` and `Hessian` of numdifftools."""
    method = (
        optional("numdifftools").Gradient if cell.order == 1 else optional("numdifftools").Hessian
    )
    return np.reshape(method(flat(cell.X, f))(cell.X.ravel()), cell.X.shape * cell.order), None


def scipy_differentiate(cell: Cell, f: Counted) -> tuple[Any, float | None]:
    """`jacobian` and `hessian` of scipy.differentiate; where they report no success, refused."""
    from scipy import differentiate

    method, name = [(differentiate.jacobian, "df"), (differentiate.hessian, "ddf")][cell.order - 1]
    found = method(partial(np.apply_along_axis, flat(cell.X, f), 0), cell.X.ravel())
    if not np.all(found.success):
        raise Refusal(f"status {np.min(found.status)}")
    return np.reshape(found[name], cell.X.shape * cell.order), None


def approx_fprime(cell: Cell, f: Counted) -> tuple[Any, float | None]:
    """`approx_fprime` of SciPy, for first derivatives."""
    from scipy import optimize

    return optimize.approx_fprime(cell.X.ravel(), flat(cell.X, f)).reshape(cell.X.shape), None


def knowing(cell: Cell, f: Counted) -> tuple[Any, float | None]:
    """Take the quotient of order 4 that the allowance is derived from: it knows L, F and δ."""
    if cell.refusal == "required":
        raise Refusal("knows that there is none")
    L = np.broadcast_to(cell.family.length(cell.X), cell.X.shape)
    step = 0.6 * (cell.rounding / cell.variation) ** (1 / (4 + cell.order))
    basis = [np.reshape(row, L.shape) * L * step for row in np.eye(L.size)]
    here = f(cell.X)
    if cell.order == 1:
        table = [quotient(cell.X, f, Y, here, 1) for Y in basis]
    else:
        table = [
            [
                (quotient(cell.X, f, Y + Z, here, 2) - quotient(cell.X, f, Y - Z, here, 2)) / 4
                for Z in basis
            ]
            for Y in basis
        ]
    return np.reshape(table, cell.truth.shape) / cell.lengths / step**cell.order, None


def quotient(X: Any, f: Counted, Y: Any, here: float, order: int) -> float:
    """Differentiate t ↦ f(X + tY) at 0, from its values at ±1 and ±2."""
    near, far = (f(X + t * Y) + (-1) ** order * f(X - t * Y) for t in (1, 2))
    return (8 * near - far) / 12 if order == 1 else (16 * near - far - 30 * here) / 12


TOOLS: dict[str, tuple[Tool, tuple[int, ...]]] = {
    "matderiv": (ours, (1, 2)),
    "numdifftools": (numdifftools, (1, 2)),
    "scipy.differentiate": (scipy_differentiate, (1, 2)),
    "approx_fprime": (approx_fprime, (1,)),
    "order 4, knowing the best step": (knowing, (1, 2)),
}


def main() -> None:
    """Judge all tools that are installed; print the table and our faults."""
    asked_now = cells()
    orders = Counter(cell.order for cell in asked_now)
    print(f"{orders[1]} cells for first derivatives, {orders[2]} for second ones")
    print(f"{'right / refused / wrong, evaluations':>46}: {'first':<29} second")
    for name, (tool, can) in TOOLS.items():
        if name != "numdifftools" or optional(name):
            verdicts = {cell: judged(cell, tool) for cell in asked_now if cell.order in can}
            print(f"{name:>46}: " + " ".join(f"{tally(verdicts, k):<29}" for k in can), flush=True)
            if tool is ours:
                faults = verdicts
    report(faults)


def tally(verdicts: dict[Cell, Verdict], order: int) -> str:
    """Count the verdicts on the derivatives of an order."""
    chosen = [verdict for cell, verdict in verdicts.items() if cell.order == order]
    words = Counter(verdict.word for verdict in chosen)
    evaluations = sum(verdict.evaluations for verdict in chosen)
    return f"{words['right']} / {words['refused']} / {words['wrong']}, {evaluations:,}"


def report(verdicts: dict[Cell, Verdict]) -> None:
    """Say what the package refuses or gets wrong, and where its error bars are of no use."""
    for word in ("wrong", "refused"):
        for cell, verdict in verdicts.items():
            if verdict.word == word:
                print(f"{word}: {cell.name}, derivative {cell.order}: {verdict.reason}")
    for cell, verdict in verdicts.items():
        if verdict.remark:
            print(f"pessimistic: {cell.name}, derivative {cell.order}: {verdict.remark}")


if __name__ == "__main__":
    main()
