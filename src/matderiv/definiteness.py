"""Definiteness of a symmetric matrix: exactly and with a proof, or as far as rounding allows.

The proof is a basis t₁, …, tₙ with tᵢᵀMtⱼ = 0 for i ≠ j and tᵢᵀMtᵢ = dᵢ. By Sylvester's law of
inertia the signs of the dᵢ are those of M in every such basis. It is found by rational congruence
(Lagrange), on integers and without fractions (Bareiss, 1968); there is no tolerance anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import gcd, inf, lcm
from typing import Any, NamedTuple

import numpy as np

from matderiv.arrays import ExactArray, Matrix, exact, is_exact, real_array
from matderiv.engines import progress

Inertia = tuple[int, int, int]

LARGEST = 512  # rows, for a proof
PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1)

LARGEST_DESCRIBED, LARGEST_EXACTLY = 1000, 16
SYMMETRY = 1e-9
UP_TO_ROUNDING = " up to rounding"
EPS = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class Definiteness:
    """A verdict on a symmetric matrix M that follows from its proof; made by `definiteness`.

    Parameters
    ----------
    matrix
        M itself, exact, of shape (n, n).
    basis
        The vectors t₁, …, tₙ, as the columns of an exact array of shape (n, n).
    values
        The numbers dᵢ = tᵢᵀMtᵢ.
    rounded
        For M of floats, what it says up to the rounding of their precision: something else where
        the proof hangs on it.
    """

    matrix: ExactArray
    basis: ExactArray
    values: ExactArray
    rounded: str | None = None

    @property
    def inertia(self) -> Inertia:
        """The numbers (n₊, n₋, n₀) of positive, negative and zero values."""
        return _inertia(self.values)

    @property
    def verdict(self) -> str:
        """Which of "positive definite", "positive semidefinite", "indefinite", "zero" … M is."""
        return _verdict_of(self.inertia)

    @property
    def witness(self) -> ExactArray | None:
        """A vector w of the basis with wᵀMw < 0, where there is one."""
        return next((t for t, d in zip(self.basis.T, self.values, strict=True) if d < 0), None)

    def verify(self) -> bool:
        """Recheck the proof from the matrix alone: a basis t₁, …, tₙ with tᵢᵀMtⱼ = 0 and dᵢ.

        Examples
        --------
        >>> from dataclasses import replace
        >>> proof = definiteness([[2, 1], [1, 2]])
        >>> proof.verify(), replace(proof, values=-proof.values).verify()
        (True, False)
        """
        parts = self.matrix, self.basis, self.values
        if not all(map(_is_rational, parts)):
            return False
        (M, m), (T, t), (D, d) = map(_integers, parts)
        if T.shape != M.shape or not np.array_equal(M, M.T):
            return False
        spans, scale = any(_rank_modulo(prime, T) == len(T) for prime in PRIMES), m * t**2 / d
        return spans and np.array_equal(T.T @ M @ T * int(scale.p), np.diag(D) * int(scale.q))

    def __str__(self) -> str:
        said = _said(self.inertia)
        hangs = self.rounded not in (None, _said(self.inertia, UP_TO_ROUNDING))
        return f"{said}; it hangs on rounding: {self.rounded}" if hangs else said


def definiteness(M: Matrix) -> Definiteness:
    """Decide whether a symmetric matrix is positive or negative (semi)definite, with a proof.

    Parameters
    ----------
    M
        A symmetric matrix of shape (n, n). Floats are taken as the rational numbers that they
        are, to the last bit.

    Returns
    -------
    Definiteness
        The verdict and its proof.

    Raises
    ------
    ValueError
        When `M` is not a real finite square matrix, not symmetric, larger than 512×512, or holds
        symbols or irrational numbers.
    TypeError
        When its entries are not real numbers.

    Notes
    -----
    Sylvester's law of inertia; Bareiss (1968) for the elimination without fractions. Its numbers
    get longer at every step: for n = 256 and one digit an entry it takes seconds, for floats a
    quarter of an hour.

    Examples
    --------
    >>> D = definiteness([[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]])
    >>> print(D)
    indefinite: 1 positive, 1 negative, 2 zero
    >>> bool(D.witness @ D.matrix @ D.witness < 0)
    True
    >>> D = definiteness([[1.0, 1.0], [1.0, 1.0 - 1e-16]])
    >>> D.verdict, D.rounded
    ('indefinite', 'positive semidefinite up to rounding: 1 positive, 0 negative, 1 zero')
    """
    array = real_array(M, "M", "nn")
    if len(array) > LARGEST:
        limit = f"M must have at most {LARGEST} rows for a proof; it has {len(array):,}"
        raise ValueError(f"{limit}: numpy.linalg.eigvalsh decides it up to rounding")
    entries = np.asarray(M)  # long doubles have more digits than floats
    entries = array if entries.dtype == object else entries
    numbers = rational(entries, "M")
    if difference := abs(numbers - numbers.T).max():
        size = f"M must be symmetric; M - M.T has entries up to {decimals(difference)}"
        raise ValueError(f"{size}: for the same quadratic form take (M + M.T) / 2")
    integers, unit = _integers(numbers)
    vectors, diagonal = _congruence(integers)
    rounded = None
    if entries.dtype.kind == "f":
        coarser = max(np.finfo(entries.dtype).eps - EPS, 0)  # than doubles
        errors = len(array) * coarser * abs(np.asarray(array))
        rounded = _said(_up_to_rounding(array, errors)[0], UP_TO_ROUNDING)
    return Definiteness(numbers, exact(vectors.T), exact(diagonal) * unit, rounded)


def rational(array: Any, name: str) -> Any:
    """Return the array as exact rational numbers."""
    numbers = exact(array)
    if not _is_rational(numbers):
        raise ValueError(f"{name} must hold rational numbers; roots and symbols are not handled")
    return numbers


def _is_rational(numbers: Any) -> bool:
    return all(entry.is_Rational for entry in numbers.flat)


def _integers(numbers: Any) -> tuple[Any, Any]:
    """Return coprime Python integers, and the unit in which they are the rational numbers."""
    import sympy as sp

    denominator = lcm(*(int(entry.q) for entry in numbers.flat))
    unit = sp.Rational(gcd(*map(int, (numbers * denominator).flat)) or 1, denominator)
    return np.vectorize(int, otypes=[object])(np.asarray(numbers / unit)), unit


def _inertia(numbers: Iterable[Any], zero: Any = 0) -> Inertia:
    """Count the positive and negative numbers, and those that are zero or as good as zero."""
    signs = [bool(number > zero) - bool(number < -zero) for number in numbers]
    return signs.count(1), signs.count(-1), signs.count(0)


def _verdict_of(inertia: Inertia) -> str:
    """Name what the numbers of positive, negative and zero values say."""
    positive, negative, zero = inertia
    if bool(positive) == bool(negative):
        return "indefinite" if positive else "zero"
    return f"{'positive' if positive else 'negative'} {'semi' if zero else ''}definite"


def _said(inertia: Inertia, how: str = "") -> str:
    """Write a verdict with its counts."""
    positive, negative, zero = inertia
    return f"{_verdict_of(inertia)}{how}: {positive} positive, {negative} negative, {zero} zero"


def _congruence(S: Any) -> tuple[Any, list[int]]:
    """Diagonalise a symmetric integer matrix: return integer vectors t, as rows, and the tᵀSt.

    Gauss elimination of the rows of S beside I. What it leaves of S is upper triangular, and beside
    it stand the t.
    """
    n, last, numbers = len(S), 1, [0] * len(S)
    rows = np.hstack([S, np.eye(n, dtype=object)])
    for k in progress(range(n), "proof of definiteness"):
        left = rows[k:, k:n]
        places = np.argwhere(np.diag(left.diagonal()) if left.diagonal().any() else left)
        if not len(places):
            break
        first, second = places[0] + k
        for changed in (rows, rows[:, :n].T):  # brings up a pivot
            if first != second:
                changed[first] += changed[second]
            changed[[k, first]] = changed[[first, k]]
        pivot, below = rows[k, k], rows[k + 1 :, k:]
        below[:] = (pivot * below - np.multiply.outer(below[:, 0], rows[k, k:])) // last
        numbers[k] = pivot * last
        last = pivot
    divisors = np.gcd.reduce(rows[:, n:], axis=1)
    values = [number // d**2 for number, d in zip(numbers, divisors, strict=True)]
    return rows[:, n:] // divisors[:, None], values


def _rank_modulo(prime: int, T: Any) -> int:
    """Return the rank of an integer matrix modulo a prime, which is at most its rank."""
    import sympy as sp
    from sympy.polys.matrices import DomainMatrix

    field = sp.GF(prime)
    return int(DomainMatrix([[*map(field, row)] for row in T], T.shape, field).rank())


class Spectrum(NamedTuple):
    """A verdict on definiteness, and the least eigenvalue where it is known."""

    verdict: str
    least: Any = None

    def __str__(self) -> str:
        if self.least is None:
            return self.verdict
        exactly, shown = str(self.least), decimals(self.least)
        if is_exact(self.least) and len(exactly) <= 40 and exactly != shown:
            shown = f"{exactly} = {shown}"
        return f"{self.verdict}, with the least eigenvalue {shown}"


def decimals(value: Any) -> str:
    """Write a number with six digits, also where it is beyond all floats."""
    if isinstance(value, float):
        return f"{value:.6g}"
    import sympy as sp

    rounded = float(sp.N(value))
    if 0 < abs(rounded) < inf:
        return f"{rounded:.6g}"
    return f"{Decimal(str(sp.N(value, 6))).normalize():.6g}"


def spectrum(M: Any, errors: Any = 0) -> Spectrum | None:
    """Describe a square matrix, for people to read; ``None`` where it is too large or symbolic.

    Parameters
    ----------
    M
        An array of shape (n, n) of floats or of exact numbers.
    errors
        For floats, how far the entries may be wrong: an array of the same shape.

    Returns
    -------
    Spectrum
        For rational matrices up to 16×16 with a proof. For others "up to rounding": what rounding
        and errors could make zero counts as zero.

    Examples
    --------
    >>> print(spectrum(exact([[0, 1], [1, 1]])))
    indefinite, with the least eigenvalue 1/2 - sqrt(5)/2 = -0.618034
    >>> print(spectrum(np.ones((2, 2))))
    positive semidefinite up to rounding
    """
    if len(M) > LARGEST_DESCRIBED or (is_exact(M) and any(entry.free_symbols for entry in M.flat)):
        return None
    if not (is_exact(M) and len(M) <= LARGEST_EXACTLY and _is_rational(M)):
        inertia, least = _up_to_rounding(M, errors)
        verdict = _verdict_of(inertia) + UP_TO_ROUNDING if inertia else "not symmetric"
        return Spectrum(verdict, least)
    if np.any(M != M.T):
        return Spectrum("not symmetric")
    return Spectrum(definiteness(M).verdict, _least_eigenvalue(M))


def _least_eigenvalue(M: Any) -> Any:
    """Return a rational matrix's least eigenvalue: exactly where it is short, else to 20 digits.

    In the unit that makes M integers, eigenvalues other than 0 lie between 1/(2 size) and 2 size,
    with the largest coefficient of the characteristic polynomial (Cauchy); hence the digits. The
    exact ones are roots of its factors.
    """
    import sympy as sp
    from mpmath import mp

    integers, unit = _integers(M)
    polynomial = sp.Matrix(integers).charpoly()
    size = int(polynomial.max_norm())
    with mp.workdps(30 + size.bit_length()):
        least = min(mp.eigsy(mp.matrix(integers), eigvals_only=True))
        for factor, _ in polynomial.factor_list()[1]:
            if factor.degree() == 1 or (factor.degree() == 2 and factor.max_norm() < 10**9):
                root = factor.real_roots()[0]
                if abs(mp.mpf(sp.N(root, mp.dps)) - least) * size < 1e-25:
                    return sp.expand(unit * root)
        return unit * sp.Float(least, 20)


def _up_to_rounding(M: Any, errors: Any = 0) -> tuple[Any, Any]:
    """Return the inertia, if symmetric, and the least eigenvalue, up to rounding and errors.

    An eigenvalue moves by no more than the norm of the errors (Weyl), and the signs are those of
    the matrix in other units too (Sylvester), also where each row's largest entry is about 1: what
    is certain in either is certain.
    """
    M, unit = _scaled(M)
    errors, certain, n = np.asarray(errors, dtype=float) + 0 * M, [], len(M)
    sizes = np.max([abs(M), abs(M.T), errors, errors.T], axis=0)
    size, even = sizes.max() or 1.0, np.ones(n)
    for _ in range(20):
        rows = (sizes / even / even[:, None]).max(axis=1)
        even *= np.sqrt(np.where(rows > 0, rows, 1))
    for units in (even, np.full(n, np.sqrt(size))):
        S, E = (array / units / units[:, None] for array in (M, errors))
        asymmetry = abs(S - S.T)
        if np.any(asymmetry > SYMMETRY + E + E.T):
            return None, None
        values = np.linalg.eigvalsh((S + S.T) / 2)
        blur = n * EPS * abs(values).max() + np.linalg.norm(E + asymmetry / 2)
        certain.append(_inertia(values, blur))
    positive, negative, _ = np.max(certain, axis=0)
    least = float(values[0] * size) * unit if abs(values[0]) > blur else None
    return (positive, negative, n - positive - negative), least


def _scaled(M: Any) -> tuple[Any, Any]:
    """Return floats, and the unit in which they are the entries of a matrix: 1 for floats.

    Of irrational numbers, 20 digits: what is below 10⁻³⁰ of the largest counts as zero.
    """
    if not is_exact(M):
        return np.asarray(M, dtype=float), 1.0
    import sympy as sp

    numbers = exact([sp.Rational(sp.N(entry, 20)) for entry in M.flat]).reshape(M.shape)
    unit = abs(numbers).max() or 1
    floats = (numbers / unit).astype(float)
    return np.where(abs(floats) > 1e-30, floats, 0), unit
