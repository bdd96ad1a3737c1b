"""Entries of the gallery, and the three checks that each of them passes.

An entry's formulas are NumPy code, so that what is shown is what was computed with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from matderiv import LinearMap, check_derivative, directional_derivative, exact, symbolic
from matderiv.book.gallery import words

VOCABULARY = {name: getattr(words, name) for name in words.__all__}
SIZES = {"m": 3, "n": 2, "p": 2, "q": 4}
LARGER = {"m": 4, "n": 3, "p": 3, "q": 3}


@dataclass(frozen=True)
class Entry:
    """A function, its derivative and the derivative's matrix, as code; made by `verify`.

    ``spaces`` holds for each matrix the letters of its shape, ``codomain`` those of f's values,
    and ``where`` the condition on X. ``exact``, ``order`` and ``agrees`` are the three checks;
    as a truth value, whether the entry passed them.
    """

    f: str
    df: str
    matrix: str
    codomain: str
    where: str
    spaces: dict[str, str]
    exact: bool
    order: float
    agrees: bool

    def __bool__(self) -> bool:
        return self.exact and self.order > 1.5 and self.agrees

    def __str__(self) -> str:
        exactly, matrices = ("yes" if passed else "NO" for passed in (self.exact, self.agrees))
        return f"{self.f}: exact {exactly}, order {self.order:.2f}, matrices {matrices}"

    def larger(self) -> LinearMap:
        """Return the derivative at a larger matrix, as a map with a known matrix."""
        generator = np.random.default_rng(2011)
        shapes = {name: [LARGER[letter] for letter in word] for name, word in self.spaces.items()}
        values = {
            name: generator.uniform(-0.3, 1.0, shape) + np.eye(shape[0], shape[1])
            for name, shape in shapes.items()
        }
        linear: LinearMap = _compute(self.matrix, values, LARGER)
        return linear


def verify(
    f: str, df: str, matrix: str, codomain: str = "", where: str = "", **spaces: str
) -> Entry:
    """Check a derivative three times: exactly, in floating point, and in coordinates.

    Parameters
    ----------
    f, df
        Code for f(X) and for Df(X)[Y], in the words of ``matderiv.book.gallery.words``.
    matrix
        Code for the same map, made of ``sandwich``, ``K`` and their kin, whose matrices are known
        in both orders. Where f(X) is a number, code for the gradient.
    codomain
        The letters of the shape of f(X); none for a number.
    where
        The condition on X, in LaTeX.
    spaces
        The letters of the shape of each matrix, X among them.

    Returns
    -------
    Entry
        With what the checks found.

    Examples
    --------
    >>> print(verify("X @ X", "Y @ X + X @ Y", "sandwich(I, X.T) + sandwich(X, I)", "nn", X="nn"))
    X @ X: exact yes, order 2.00, matrices yes
    >>> print(verify("X @ X", "2 * X @ Y", "2 * sandwich(X, I)", "nn", X="nn"))
    X @ X: exact NO, order 1.00, matrices yes
    """
    matrix = matrix if codomain else f"functional({matrix})"
    exactly = {name: _sample(name, word) for name, word in spaces.items()}
    floats = {name: value.astype(float) for name, value in exactly.items()}
    X, shape = floats["X"], tuple(SIZES[letter] for letter in codomain)
    derivative = LinearMap(X.shape, shape, lambda Y: _compute(df, floats | {"Y": Y}))
    test = check_derivative(lambda X: _compute(f, floats | {"X": X}), X, derivative)
    return Entry(
        f,
        df,
        matrix,
        codomain,
        where,
        spaces,
        exact=_is_proved(f, df, exactly),
        order=test.order,
        agrees=_agree(derivative, _compute(matrix, floats)),
    )


def _is_proved(f: str, df: str, values: dict[str, Any]) -> bool:
    """Whether SymPy differentiates f to df, in a direction of symbols."""
    Y = symbolic("y", values["X"].shape)
    slope = directional_derivative(lambda X: _compute(f, values | {"X": X}), values["X"], Y)
    gap = np.ravel(slope - _compute(df, values | {"Y": Y}))
    return all(sp.simplify(entry) == 0 for entry in gap)


def _agree(derivative: LinearMap, known: LinearMap) -> bool:
    """Whether a rule, applied to the unit matrices, gives the known matrices in both orders."""
    return all(np.allclose(derivative.matrix(order), known.matrix(order)) for order in ("F", "C"))


def _compute(code: str, values: dict[str, Any], sizes: dict[str, int] = SIZES) -> Any:
    unit = {"I": np.eye(sizes["n"], dtype=int)}
    return eval(code, VOCABULARY | sizes | unit | values)


def _sample(name: str, word: str) -> Any:
    """Return an exact matrix without structure; a square X has a rational square root."""
    if (name, word) == ("X", "nn"):
        S = exact([[3, 1], [2, 4]])
        return S @ S
    shape = [SIZES[letter] for letter in word]
    return exact(np.random.default_rng(ord(name)).integers(-3, 4, shape))
