"""Which convention is my matrix in? Layouts, and the diagnosis of a matrix somebody derived."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from matderiv.cost import MAX_SECONDS, check_time
from matderiv.derivatives import derivative, second_derivative
from matderiv.diagnosis import KINDS, Diagnosis, kind, named, number, survival
from matderiv.engines import Function, check_places
from matderiv.exactness import ExactArray, is_exact
from matderiv.flattenings import LAYOUTS, cut, flatten, partial_transpose, realign
from matderiv.matrices import Matrix, matrix, real_array
from matderiv.spectra import Spectrum, spectrum
from matderiv.traces import TraceProduct

__all__ = ["LAYOUTS", "Diagnosis", "diagnose", "flatten", "partial_transpose", "realign"]

TOLERANCE = 1e-6
SMALLEST = 1e-150
SECONDS_AN_EXACT_ENTRY = 1e-3


def diagnose(f: Function, X: Matrix, candidate: Matrix) -> Diagnosis:
    """Say which convention a matrix follows, or that it is a mere rearrangement.

    Parameters
    ----------
    f
        A function of a matrix shaped like `X`, as in `derivative`.
    X
        A matrix of shape (m, n). With exact `X`, `f` and `candidate` the comparison is exact;
        otherwise it allows a relative error of 1e-6.
    candidate
        A matrix that somebody derived: for a first derivative of a number, m n entries, in the
        shape of `X`, its transpose, a row or a column; for a second derivative, or a first one of
        a matrix, a matrix with as many entries as the derivative.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        When the candidate has neither as many entries as the first derivative nor as the second.
    TypeError, ValueError
        As `derivative` and `second_derivative`.

    Examples
    --------
    >>> from matderiv import TraceProduct, exact
    >>> A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    >>> E = np.kron(A, B) + np.kron(B, A)
    >>> print(diagnose(TraceProduct(A, B), exact([[0, 0], [0, 0]]), E))
    verdict: rearrangement (the right entries in other places)
    compared with: the second derivative of f at X
    layouts: ik,jl (block table) · il,jk · jk,il · jl,ik · ki,lj · kj,li · li,kj · lj,ki (8 alike)
    survives: the entries, hence the Frobenius norm; nothing else need survive
    the candidate is: positive definite, with the least eigenvalue 0.986033
    the Hessian is: indefinite, with the least eigenvalue 42 - 2*sqrt(510) = -3.16636
    """
    check_places("diagnose(f, X, candidate)", X=X, candidate=candidate)
    X = matrix(X, "X")
    if is_exact(X) or isinstance(candidate, ExactArray):
        seconds = SECONDS_AN_EXACT_ENTRY * getattr(candidate, "size", 0)
        advice = "take floats for candidate and X, or a smaller X: the layout is the same"
        check_time(seconds, "an exact comparison", MAX_SECONDS, advice)
    array = real_array(candidate, "candidate")
    array = matrix(array[:, None] if array.ndim == 1 else array, "candidate")
    true, subject = _derivative_with_size(array, f, X)
    layouts = LAYOUTS if true.ndim == 4 else ("i,j", "j,i", ",ij", ",ji", "ij,", "ji,")
    for values, name in ((array, "candidate"), (true, "the derivative of f")):
        _check_range(values, name)
    factors = {layout: _factor(array, cut(true, layout)) for layout in layouts}
    best = min(layouts, key=lambda layout: _preference(layout, factors[layout]))
    scale = factors[best]
    matched = tuple(layout for layout in layouts if _close(factors[layout], scale))
    here, there = _spectra(array, true, subject)
    if matched:
        verdict = kind(best) if _is(scale, 1) else "scaled"
        survives, slip, closest = survival(_form(best, subject), scale), _slip(matched, scale), None
    else:
        verdict = "no match"
        form, slip = _slip_of_symmetric_matrices(array, true)
        survives, closest = survival(form), None if slip else _closest(array, true, layouts)
    return Diagnosis(verdict, matched, scale, subject, survives, slip, here, there, closest)


def _spectra(candidate: Any, true: Any, subject: str) -> tuple[Spectrum | None, Spectrum | None]:
    """Describe a square candidate for a Hessian, and the Hessian."""
    if subject == "first derivative" or candidate.shape[0] != candidate.shape[1]:
        return None, None
    return spectrum(candidate), spectrum(cut(true, "ij,kl"))


def _derivative_with_size(candidate: Any, f: Function, X: Any) -> tuple[Any, str]:
    """Return the derivative that has as many entries as the candidate, with all its indices."""
    first = derivative(f, X)
    if not first.codomain and candidate.size == X.size:
        return first.adjoint(1), "first derivative"
    if first.codomain and candidate.size == X.size * prod(first.codomain):
        return first.matrix("C").reshape(first.codomain + X.shape), "first derivative"
    if not first.codomain and candidate.size == X.size**2:
        return _second_derivative(f, X), "second derivative"
    sizes = f"{X.size} or {X.size**2}" if not first.codomain else X.size * prod(first.codomain)
    raise ValueError(
        f"candidate must have {sizes} entries, as the derivatives of f at X do; "
        f"its shape is {candidate.shape}"
    )


def _second_derivative(f: Function, X: Any) -> Any:
    """Return the table of second partial derivatives; a trace product's by its formula."""
    if not isinstance(f, TraceProduct):
        return second_derivative(f, X).tensor
    table = f.hessian.matrix("C").reshape(X.shape * 2)
    return table if is_exact(X) else table.astype(float)


def _check_range(array: Any, name: str) -> None:
    """Refuse floats whose squares are not floats: norms of them are infinite or zero."""
    if is_exact(array):
        return
    largest = float(np.abs(array).max())
    if largest > 1 / SMALLEST or 0 < largest < SMALLEST:
        raise ValueError(
            f"{name} must have its largest entry between {SMALLEST:g} and {1 / SMALLEST:g}; it is "
            f"{largest:g}, and floats of this size cannot be compared: use exact numbers"
        )


def _factor(candidate: Any, true: Any) -> Any:
    """Return c where the candidate is c times the true matrix, and `None` where it is none."""
    if candidate.shape != true.shape:
        return None
    square = np.vdot(true, true)
    if square == 0:
        return 1 if _close(candidate, true) else None
    c = _cancelled(np.vdot(true, candidate) / square)
    if not _close(candidate, c * true) or c == 0:
        return None
    return 1 if _is(c, 1) else c


def _preference(layout: str, factor: Any) -> tuple[bool, bool, int]:
    """Order layouts: those that match, without a factor, representations first."""
    return factor is None, not _is(factor, 1), KINDS.index(kind(layout))


def _form(layout: str, subject: str) -> str:
    """Say in which form a layout gives a derivative, as far as something survives in it."""
    if layout == "j,i":
        return "transposed"
    if kind(layout) != "representation":
        return kind(layout)
    if subject == "second derivative":
        return "Hessian"
    if "k" not in layout:
        return "gradient"
    return "map" if layout[0] in "ij" else "adjoint"


def _slip(matched: tuple[str, ...], scale: Any) -> str | None:
    """Recognise the classic slips in a layout or its multiple."""
    slips = []
    if all(layout == "j,i" or layout[0] in "kl" for layout in matched):
        slips.append("transposed")
    for factor, name in ((2, "a factor 2"), (Fraction(1, 2), "a factor 1/2"), (-1, "the sign")):
        if _is(scale, factor):
            slips.append(name)
    return ", ".join(slips) or None


def _slip_of_symmetric_matrices(candidate: Any, true: Any) -> tuple[str, str | None]:
    """Recognise what people take for the gradient where X is symmetric."""
    if true.ndim == 2 and candidate.shape == true.shape == true.T.shape:
        inside = (true + true.T) / 2
        if _close(candidate, inside):
            return "symmetrised", (
                "the gradient G made symmetric: (G + Gᵀ)/2, the gradient if only symmetric X count"
            )
        if _close(candidate, 2 * inside - np.diag(np.diag(inside))):
            return "triangle", (
                "G + Gᵀ − diag(G), the partial derivatives in the n(n+1)/2 coordinates of a "
                "symmetric X; the gradient, if only symmetric X count, is (G + Gᵀ)/2"
            )
    return "no match", None


def _closest(candidate: Any, true: Any, layouts: tuple[str, ...]) -> str:
    """Say how far the closest layout of the derivative is from the candidate."""
    cuts = {layout: cut(true, layout) for layout in layouts}
    fitting = {layout: M for layout, M in cuts.items() if M.shape == candidate.shape}
    if not fitting:
        shapes = sorted({f"{rows}×{columns}" for rows, columns in (M.shape for M in cuts.values())})
        own = "{}×{}".format(*candidate.shape)
        return f"no layout is {own}; they are {' or '.join(shapes)}"
    differ = {layout: np.argwhere(~_alike(candidate, M)) for layout, M in fitting.items()}
    best = min(fitting, key=lambda layout: len(differ[layout]))
    alike = candidate.size - len(differ[best])
    if 2 * alike < candidate.size:
        return f"at most {alike} of {candidate.size} entries agree with any layout"
    i, j = differ[best][0]
    here, there = number(candidate[i, j]), number(fitting[best][i, j])
    return (
        f"{named(best)} agrees in {alike} of {candidate.size} entries; "
        f"in row {i + 1}, column {j + 1} it has {there}, and the candidate {here}"
    )


def _alike(a: Any, b: Any) -> Any:
    """Tell entry by entry whether two matrices are equal, as `_close` does for the whole."""
    if is_exact(a) and is_exact(b):
        return np.vectorize(_same)(a, b)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.abs(a - b) <= TOLERANCE * np.maximum(np.abs(a).max(), np.abs(b).max())


def _is(c: Any, number: int | Fraction) -> bool:
    """Whether a factor is a number: exactly if exact, else within the tolerance."""
    if c is None or is_exact(c):
        return bool(c == number)
    return bool(abs(c - float(number)) <= TOLERANCE)


def _close(a: Any, b: Any) -> bool:
    """Whether two arrays of one shape are equal: exactly if exact, else within the tolerance."""
    if a is None:
        return False
    if is_exact(a) and is_exact(b):
        return all(map(_same, np.ravel(a), np.ravel(b)))
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return bool(np.linalg.norm(a - b) <= TOLERANCE * max(np.linalg.norm(a), np.linalg.norm(b)))


def _same(a: Any, b: Any) -> bool:
    """Whether two exact entries are equal, in whatever form they are written."""
    return bool(a == b) or bool(_cancelled(a - b) == 0)


def _cancelled(entry: Any) -> Any:
    """Bring an expression with symbols into the one form that equal rational functions share."""
    if not getattr(entry, "free_symbols", None):
        return entry
    import sympy as sp

    return sp.cancel(entry)
