"""Definiteness of a symmetric matrix, decided exactly and with a proof.

The proof is a basis t₁, …, tₙ with tᵢᵀMtⱼ = 0 for i ≠ j and tᵢᵀMtᵢ = dᵢ. By Sylvester's law of
inertia the signs of the dᵢ are those of M in every such basis. It is found by rational congruence
(Lagrange), on integers and without fractions (Bareiss, 1968); there is no tolerance anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd, lcm
from typing import Any

import numpy as np

from matderiv.cost import MAX_SECONDS, check_time
from matderiv.exactness import ExactArray, exact
from matderiv.matrices import Matrix, exact_array, square

PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1)

SAMPLE = 48


@dataclass(frozen=True, eq=False)
class Definiteness:
    """A verdict on a symmetric matrix M that carries its proof; made by `definiteness`.

    Parameters
    ----------
    matrix
        M itself, exact, of shape (n, n).
    verdict
        "positive definite", "positive semidefinite", "negative definite",
        "negative semidefinite", "indefinite" or "zero".
    inertia
        The numbers (n₊, n₋, n₀) of positive, negative and zero values.
    basis
        The vectors t₁, …, tₙ, as the columns of an exact array of shape (n, n).
    values
        The numbers dᵢ = tᵢᵀMtᵢ.
    witness
        A vector w with wᵀMw < 0, where there is one.
    """

    matrix: Any
    verdict: str
    inertia: tuple[int, int, int]
    basis: Any
    values: Any
    witness: Any

    def verify(self) -> bool:
        """Recheck everything from the matrix alone: the basis, the signs, the witness.

        Examples
        --------
        >>> from dataclasses import replace
        >>> proof = definiteness([[2, 1], [1, 2]])
        >>> proof.verify(), replace(proof, verdict="indefinite").verify()
        (True, False)
        """
        if not all(map(_is_rational, (self.matrix, self.basis, self.values))):
            return False
        M, denominator = _over_one_denominator(self.matrix)
        T, below = _over_one_denominator(self.basis)
        D, under = _over_one_denominator(self.values)
        w, inertia = self.witness, _inertia(D)
        return (
            np.array_equal(M, M.T)
            and T.shape == M.shape
            and _is_invertible(T)
            and np.array_equal(T.T @ M @ T * under, np.diag(D) * (denominator * below**2))
            and self.inertia == inertia
            and self.verdict == verdict_of(inertia)
            and ((w is None) == (inertia[1] == 0))
            and (w is None or (_is_rational(w) and _is_negative_on(M, w)))
        )

    def __str__(self) -> str:
        positive, negative, zero = self.inertia
        return f"{self.verdict}: {positive} positive, {negative} negative, {zero} zero"


def definiteness(M: Matrix, max_seconds: float = MAX_SECONDS) -> Definiteness:
    """Decide whether a symmetric matrix is positive or negative (semi)definite, with a proof.

    Parameters
    ----------
    M
        A symmetric matrix of shape (n, n). Floats are taken as the rational numbers that they
        are, to the last bit.
    max_seconds
        The longest time to take, by an estimate from n, the rank and the length of the numbers.

    Returns
    -------
    Definiteness
        The verdict and its proof.

    Raises
    ------
    ValueError
        When `M` is not a real finite square matrix, not symmetric, or holds symbols or
        irrational numbers; when the proof would take more than `max_seconds`.
    TypeError
        When its entries are not real numbers.

    Notes
    -----
    Sylvester's law of inertia; Bareiss (1968) for the elimination without fractions.

    Examples
    --------
    >>> D = definiteness([[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]])
    >>> print(D)
    indefinite: 1 positive, 1 negative, 2 zero
    >>> bool(D.witness @ D.matrix @ D.witness < 0)
    True
    >>> definiteness([[1.0, 1.0], [1.0, 1.0 - 1e-16]]).verdict  # rounding made it so
    'indefinite'
    """
    if isinstance(M, ExactArray) and M.ndim == 2 and len(set(M.shape)) == 1:
        _check_time(M, max_seconds)  # before all entries are looked at
        M = square(M, "M")
    else:
        M = square(M, "M")
        _check_time(M, max_seconds)
    M = rational(M, "M")
    integers, denominator = _over_one_denominator(M)
    if not np.array_equal(integers, integers.T):
        raise ValueError("M must be symmetric; it is not, so its quadratic form has another matrix")
    vectors, numbers = _congruence(integers)
    inertia = _inertia(numbers)
    basis, values = exact(np.array(vectors, dtype=object).T), exact(numbers) / denominator
    witness = next((t for t, n in zip(basis.T, numbers, strict=True) if n < 0), None)
    return Definiteness(M, verdict_of(inertia), inertia, basis, values, witness)


def _check_time(M: Any, max_seconds: float) -> None:
    """Refuse what would take too long, judging M by a sample of its rows and columns.

    Every step of the elimination, as many as the rank, makes the integers longer.
    """
    n = len(M)
    chosen = np.random.default_rng(n).permutation(n)[:SAMPLE]
    sample, _ = _over_one_denominator(rational(M[np.ix_(chosen, chosen)], "M"))
    longest = max(abs(number).bit_length() for number in sample.flat)

    def seconds(rank: int) -> float:
        return float(n**2 * (1e-5 + rank * (1.5e-7 + 3.6e-12 * (rank * longest) ** 1.7)))

    rank = n if seconds(n) <= max_seconds or _is_invertible(sample) else len(sample)
    advice = "numpy.linalg.eigvalsh decides it up to rounding; or raise max_seconds"
    check_time(seconds(rank), f"a proof for {n:,} × {n:,} numbers", max_seconds, advice)


def rational(array: Any, name: str) -> Any:
    """Return the array as exact rational numbers."""
    numbers = array if isinstance(array, ExactArray) else exact_array(array, name)
    if not _is_rational(numbers):
        raise ValueError(f"{name} must hold rational numbers; roots and symbols are not handled")
    return numbers


def _is_rational(numbers: Any) -> bool:
    return all(entry.is_Rational for entry in numbers.flat)


def _over_one_denominator(numbers: Any) -> tuple[Any, int]:
    """Return Python integers and the denominator that makes them the rational numbers."""
    denominator = lcm(*(int(entry.q) for entry in numbers.flat))
    integers = np.empty(numbers.size, dtype=object)
    integers[:] = [int(entry.p) * (denominator // int(entry.q)) for entry in numbers.flat]
    return integers.reshape(numbers.shape), denominator


def _inertia(numbers: Iterable[int]) -> tuple[int, int, int]:
    """Count the positive, negative and zero numbers."""
    signs = [(number > 0) - (number < 0) for number in numbers]
    return signs.count(1), signs.count(-1), signs.count(0)


def _is_negative_on(M: Any, w: Any) -> bool:
    integers, _ = _over_one_denominator(w)
    return bool(integers @ M @ integers < 0)


def _congruence(S: Any) -> tuple[list[Any], list[int]]:
    """Diagonalise a symmetric integer matrix: return integer vectors t and numbers tᵀSt.

    What is left to do is kept as ``last`` times a Schur complement, an integer matrix, together
    with the vectors that its rows stand for, W + last B: only the columns of W that earlier
    pivots reached are not zero.
    """
    n = len(S)
    B = np.array([[int(i == j) for j in range(n)] for i in range(n)], dtype=object)
    W, reached = 0 * B, np.zeros(n, dtype=bool)
    pairs, last = [], 1
    while len(S) and _bring_up_pivot(S, W, B):
        pivot, column, vector = S[0, 0], S[1:, 0], W[0] + last * B[0]
        pairs.append((vector, pivot * last))
        reached |= vector != 0
        S, W, B = S[1:, 1:], W[1:], B[1:]
        i, j = np.triu_indices(len(S))
        S[i, j] = S[j, i] = (pivot * S[i, j] - column[i] * column[j]) // last
        W[:, reached] = (pivot * W[:, reached] - np.outer(column, vector[reached])) // last
        last = pivot
    pairs += [(vector, 0) for vector in W + last * B]
    divisors = [gcd(*vector) for vector, _ in pairs]
    vectors = [vector // divisor for (vector, _), divisor in zip(pairs, divisors, strict=True)]
    return vectors, [n // d**2 for (_, n), d in zip(pairs, divisors, strict=True)]


def _bring_up_pivot(S: Any, *bases: Any) -> bool:
    """Change the basis so that S starts with a nonzero number; say whether there is one."""
    rows, columns = np.nonzero(S)
    if not len(rows):
        return False
    first = next((i for i in range(len(S)) if S[i, i]), rows[0])
    if not S[first, first]:
        other = columns[0]
        for changed in (S, S.T, *bases):
            changed[first] += changed[other]
    swap = [0, first]
    for changed in (S, S.T, *bases):
        changed[swap] = changed[swap[::-1]]
    return True


def verdict_of(inertia: tuple[int, int, int]) -> str:
    """Name what the numbers of positive, negative and zero values say."""
    positive, negative, zero = inertia
    if positive and negative:
        return "indefinite"
    if not positive and not negative:
        return "zero"
    return ("positive " if positive else "negative ") + ("semidefinite" if zero else "definite")


def _is_invertible(T: Any) -> bool:
    """Whether an integer matrix has a nonzero determinant, shown by its value modulo a prime."""
    return any(_is_invertible_modulo(prime, T) for prime in PRIMES)


def _is_invertible_modulo(prime: int, T: Any) -> bool:
    rows = T % prime
    while len(rows):
        candidates = np.flatnonzero(rows[:, 0])
        if not len(candidates):
            return False
        first = rows[candidates[0]] * pow(rows[candidates[0], 0], -1, prime) % prime
        rest = np.delete(rows, candidates[0], axis=0)
        rows = ((rest - rest[:, :1] * first) % prime)[:, 1:]
    return True
