"""The definiteness and the least eigenvalue of a symmetric matrix, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matderiv.definiteness import definiteness, verdict_of
from matderiv.exactness import is_exact

EXACT_SIZE = 16
LARGEST_PROVED, LARGEST = 128, 1000
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Spectrum:
    """A verdict on definiteness, and the least eigenvalue where the matrix is symmetric."""

    verdict: str
    least: Any = None

    def __str__(self) -> str:
        if self.least is None:
            return self.verdict
        exactly = "" if isinstance(self.least, float) else f"{self.least}"
        decimals = f"{float(self.least):.6g}"
        shown = decimals if exactly in ("", decimals) else f"{exactly} = {decimals}"
        return f"{self.verdict}, with the least eigenvalue {shown}"


def spectrum(M: Any) -> Spectrum | None:
    """Describe a square matrix: with a proof if it is rational and not large, else up to rounding.

    A matrix with symbols in it cannot be described, and a very large one takes too long.
    """
    if len(M) > LARGEST or (is_exact(M) and any(entry.free_symbols for entry in M.flat)):
        return None
    if len(M) <= LARGEST_PROVED and is_exact(M) and all(entry.is_Rational for entry in M.flat):
        if np.any(M != M.T):
            return Spectrum("not symmetric")
        return Spectrum(definiteness(M).verdict, _least_eigenvalue(M))
    M = np.asarray(M, dtype=float)
    rounding = TOLERANCE * np.linalg.norm(M)
    if np.any(np.abs(M - M.T) > rounding):
        return Spectrum("not symmetric")
    eigenvalues = np.linalg.eigvalsh(M)
    positive, negative = int(sum(eigenvalues > rounding)), int(sum(eigenvalues < -rounding))
    verdict = verdict_of((positive, negative, len(M) - positive - negative))
    return Spectrum(f"{verdict} up to rounding", float(eigenvalues[0]))


def _least_eigenvalue(M: Any) -> Any:
    """Return the least eigenvalue: exact where it is the root of a linear or quadratic factor."""
    least = float(np.linalg.eigvalsh(M.astype(float))[0])
    if len(M) > EXACT_SIZE:
        return least
    import sympy as sp

    _, factors = sp.Matrix(M).charpoly().factor_list()
    roots = [root for factor, _ in factors if factor.degree() <= 2 for root in sp.roots(factor)]
    rounding = TOLERANCE * max(abs(least), float(np.linalg.norm(M.astype(float))))
    return next((root for root in roots if abs(float(root) - least) <= rounding), least)
