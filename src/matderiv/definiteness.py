"""Definiteness of a symmetric matrix: exactly and with a proof, or as far as rounding allows.

The proof is a basis t₁, …, tₙ with tᵢᵀMtⱼ = 0 for i ≠ j and tᵢᵀMtᵢ = dᵢ. By Sylvester's law of
inertia the signs of the dᵢ are those of M in every such basis. It is found by rational congruence
(Lagrange), on integers and without fractions (Bareiss, 1968); there is no tolerance anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from math import gcd, inf, lcm
from typing import Any

import numpy as np

from matderiv.arrays import ExactArray, Matrix, exact, exact_array, is_exact, square
from matderiv.engines import progress

Inertia = tuple[int, int, int]

LARGEST = 512
PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1)

LARGEST_DESCRIBED, LARGEST_PROVED = 1000, 64
DIGITS = 30
SYMMETRY = 1e-9
EPS = np.finfo(float).eps


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
    rounded
        For M of floats, the verdict up to rounding: another one where the proof hangs on it.
    """

    matrix: ExactArray
    verdict: str
    inertia: Inertia
    basis: ExactArray
    values: ExactArray
    witness: ExactArray | None
    rounded: str | None = None

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
            and any(_is_invertible_modulo(prime, T) for prime in PRIMES)
            and np.array_equal(T.T @ M @ T * under, np.diag(D) * (denominator * below**2))
            and self.inertia == inertia
            and self.verdict == _verdict_of(inertia)
            and ((w is None) == (inertia[1] == 0))
            and (w is None or (_is_rational(w) and bool(w @ self.matrix @ w < 0)))
        )

    def __str__(self) -> str:
        positive, negative, zero = self.inertia
        said = f"{self.verdict}: {positive} positive, {negative} negative, {zero} zero"
        if not self.rounded or self.rounded.startswith(self.verdict):
            return said
        return f"{said}; it hangs on rounding: {self.rounded}"


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
    ('indefinite', 'positive semidefinite up to rounding')
    """
    array = square(M, "M")
    if len(array) > LARGEST:
        raise ValueError(
            f"M must have at most {LARGEST} rows for a proof; it has {len(array):,}: "
            "numpy.linalg.eigvalsh decides it up to rounding"
        )
    matrix = rational(array, "M")
    integers, denominator = _over_one_denominator(matrix)
    _check_symmetric(integers, denominator)
    factor = gcd(*integers.flat) or 1
    vectors, numbers = _congruence(integers // factor)
    inertia = _inertia(numbers)
    verdict, basis = _verdict_of(inertia), exact(vectors.T)
    values: Any = exact(numbers) * factor / denominator
    witness = next((t for t, n in zip(basis.T, numbers, strict=True) if n < 0), None)
    of_floats = np.asarray(M).dtype.kind == "f"
    rounded = _up_to_rounding(np.asarray(array), 0).verdict if of_floats else None
    return Definiteness(matrix, verdict, inertia, basis, values, witness, rounded)


def _check_symmetric(integers: Any, denominator: int) -> None:
    import sympy as sp

    if difference := abs(integers - integers.T).max():
        raise ValueError(
            f"M must be symmetric; M - M.T has entries up to "
            f"{_decimals(sp.Rational(difference, denominator))}: where that is rounding, "
            "and for the same quadratic form, take (M + M.T) / 2"
        )


def rational(array: Any, name: str) -> Any:
    """Return the array as exact rational numbers."""
    numbers = exact_array(array, name)
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


def _inertia(numbers: Iterable[Any], zero: Any = 0) -> Inertia:
    """Count the positive and negative numbers, and those that are zero or as good as zero."""
    signs = [int(number > zero) - int(number < -zero) for number in numbers]
    return signs.count(1), signs.count(-1), signs.count(0)


def _verdict_of(inertia: Inertia) -> str:
    """Name what the numbers of positive, negative and zero values say."""
    positive, negative, zero = inertia
    if positive and negative:
        return "indefinite"
    if not positive and not negative:
        return "zero"
    return ("positive " if positive else "negative ") + ("semidefinite" if zero else "definite")


def _congruence(S: Any) -> tuple[Any, list[int]]:
    """Diagonalise a symmetric integer matrix: return integer vectors t, as rows, and the tᵀSt.

    After k steps S holds, from its column k on, ``last`` times a Schur complement, and before it
    the coordinates of the vectors that its rows stand for; vector i has ``last`` at its own place.
    """
    n, basis, last, numbers = len(S), np.eye(len(S), dtype=object), 1, []
    for k in progress(range(n), "proof of definiteness"):
        if not _bring_up_pivot(S, basis, k):
            break
        pivot, column = S[k, k], S[k + 1 :, k].copy()
        done = np.multiply.outer(column, S[k, :k])
        S[k + 1 :, :k] = (pivot * S[k + 1 :, :k] - done) // last
        i, j = np.array(np.tril_indices(n - k - 1)) + k + 1
        S[i, j] = S[j, i] = (pivot * S[i, j] - S[i, k] * S[j, k]) // last
        S[k + 1 :, k], S[k, k], S[k, k + 1 :] = -column, last, 0
        numbers.append(pivot * last)
        last = pivot
    rest = range(len(numbers), n)
    S[rest, rest] = last
    vectors = 0 * S
    for i, j in np.argwhere(basis):
        vectors[:, j] += S[:, i] * basis[i, j]
    divisors = np.gcd.reduce(vectors, axis=1)
    numbers += [0] * len(rest)
    values = [number // d**2 for number, d in zip(numbers, divisors, strict=True)]
    return vectors // divisors[:, None], values


def _bring_up_pivot(S: Any, basis: Any, k: int) -> bool:
    """Change the basis so that S has a nonzero number at k; say whether there is one."""
    rows, columns = np.nonzero(S[k:, k:])
    if not len(rows):
        return False
    diagonal = np.flatnonzero(S.diagonal()[k:])
    first = k + (diagonal[0] if len(diagonal) else rows[0])
    for changed in (S, S.T, basis):
        if not len(diagonal):
            changed[first] += changed[k + columns[0]]
        changed[[k, first]] = changed[[first, k]]
    return True


def _is_invertible_modulo(prime: int, T: Any) -> bool:
    """Whether an integer matrix has a determinant that is not zero modulo a prime."""
    rows = T % prime
    while len(rows):
        candidates = np.flatnonzero(rows[:, 0])
        if not len(candidates):
            return False
        first = rows[candidates[0]] * pow(rows[candidates[0], 0], -1, prime) % prime
        rest = np.delete(rows, candidates[0], axis=0)
        rows = ((rest - rest[:, :1] * first) % prime)[:, 1:]
    return True


@dataclass(frozen=True)
class Spectrum:
    """A verdict on definiteness, and the least eigenvalue where it is known."""

    verdict: str
    least: Any = None

    def __str__(self) -> str:
        if self.least is None:
            return self.verdict
        exactly, decimals = str(self.least), _decimals(self.least)
        is_short = is_exact(self.least) and len(exactly) <= 40 and exactly != decimals
        shown = f"{exactly} = {decimals}" if is_short else decimals
        return f"{self.verdict}, with the least eigenvalue {shown}"


def spectrum(M: Any, errors: Any = None) -> Spectrum | None:
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
        For exact matrices up to 64×64 with a proof, or "to 30 digits" where they hold roots. For
        others "up to rounding": what rounding and errors could make zero counts as zero.

    Examples
    --------
    >>> print(spectrum(exact([[0, 1], [1, 1]])))
    indefinite, with the least eigenvalue 1/2 - sqrt(5)/2 = -0.618034
    >>> print(spectrum(np.ones((2, 2))))
    positive semidefinite up to rounding
    """
    n = len(M)
    if n > LARGEST_DESCRIBED or (is_exact(M) and any(entry.free_symbols for entry in M.flat)):
        return None
    if not is_exact(M):
        return _up_to_rounding(np.asarray(M, dtype=float), 0 if errors is None else errors)
    numbers, blur = (M, 0) if _is_rational(M) else _by_digits(M)
    if n > LARGEST_PROVED:
        return _by_floats(numbers)
    if np.any(abs(numbers - numbers.T) > 2 * blur):
        return Spectrum("not symmetric")
    numbers = (numbers + numbers.T) / 2
    least = _least_eigenvalue(numbers)
    if not blur:
        return Spectrum(definiteness(numbers).verdict, least)
    shift = blur * np.eye(n, dtype=int)
    positive = definiteness(numbers - shift).inertia[0]
    negative = definiteness(numbers + shift).inertia[1]
    verdict = _verdict_of((positive, negative, n - positive - negative))
    return Spectrum(f"{verdict} to {DIGITS} digits", least if abs(least) > blur else None)


def _by_digits(M: Any) -> tuple[ExactArray, Any]:
    """Return an exact matrix to 40 digits, and what may change in its eigenvalues for that."""
    import sympy as sp

    numbers = exact([sp.Rational(sp.N(entry, DIGITS + 10)) for entry in M.flat])
    return numbers.reshape(M.shape), len(M) * abs(numbers).max() / 10**DIGITS


def _least_eigenvalue(M: Any) -> Any:
    """Return a rational matrix's least eigenvalue: exactly where it is short, else to 15 digits.

    All eigenvalues are computed to so many digits that as many are not zero as in truth. The root
    of a factor of the characteristic polynomial is the least where it is as often near it.
    """
    import sympy as sp
    from mpmath import mp

    unit = sp.gcd_list(list(M.flat)) or 1
    integers = sp.Matrix(M / unit)
    polynomial, digits = integers.charpoly(), 20
    zeros, known = polynomial.terms_gcd()[0][0], list[Any]()
    while len(known) < len(M) - zeros:
        digits *= 2
        with mp.workdps(digits):
            values = mp.eigsy(mp.matrix(integers), eigvals_only=True)
            blur = max(map(abs, values)) * mp.mpf(10) ** (20 - digits)
            known = [value for value in values if abs(value) > blur]
    least = min(known, default=0)
    if zeros and least >= 0:
        return sp.Integer(0)
    for factor, count in polynomial.factor_list()[1]:
        if factor.degree() == 1 or (factor.degree() == 2 and factor.max_norm() < 10**9):
            root = factor.real_roots()[0]
            decimals = mp.mpf(sp.N(root, 20))
            near = [value for value in known if abs(value - decimals) < 1e-12 * abs(decimals)]
            if least in near and len(near) == count:
                return sp.expand(unit * root)
    return unit * sp.Float(least)


def _by_floats(M: Any) -> Spectrum:
    """Describe a rational matrix by the floats nearest to it, whatever its size."""
    size = abs(M).max() or 1
    found = _up_to_rounding((M / size).astype(float), 0)
    return found if found.least is None else replace(found, least=found.least * size)


def _up_to_rounding(M: Any, errors: Any) -> Spectrum:
    """Describe a matrix of floats, known up to rounding and errors.

    An eigenvalue moves by no more than the norm of the errors (Weyl), and the signs are those of
    the matrix in other units too (Sylvester): what is certain in either is certain.
    """
    n, size = len(M), max(np.max(abs(M)), np.max(errors)) or 1.0
    certain = []
    for S, E in (_in_even_units(M, errors), (M / size, errors / size + 0 * M)):
        asymmetry = abs(S - S.T)
        if np.any(asymmetry > SYMMETRY + E + E.T):
            return Spectrum("not symmetric")
        values = np.linalg.eigvalsh((S + S.T) / 2)
        blur = n * EPS * abs(values).max() + np.linalg.norm(E + asymmetry / 2)
        certain.append(_inertia(values, blur))
    positive, negative, _ = np.max(certain, axis=0)
    verdict = _verdict_of((positive, negative, n - positive - negative))
    least = float(values[0] * size) if abs(values[0]) > blur else None
    return Spectrum(f"{verdict} up to rounding", least)


def _in_even_units(S: Any, E: Any) -> tuple[Any, Any]:
    """Scale rows and columns alike until the largest entry of each is about 1."""
    for _ in range(20):
        largest = np.maximum(abs(S), E).max(axis=1)
        units = np.sqrt(np.where(largest > 0, largest, 1))
        S, E = (array / np.multiply.outer(units, units) for array in (S, E))
    return S, E


def _decimals(number: Any) -> str:
    """Write a number with six digits, also where it is no float."""
    import sympy as sp

    value = float(sp.N(number))
    if number == 0 or 0 < abs(value) < inf:
        return f"{value:.6g}"
    return f"{Decimal(str(sp.N(number, 6))).normalize():.6g}"
