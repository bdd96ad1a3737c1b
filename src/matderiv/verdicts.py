"""What is said of a candidate for a derivative, be it an array or a formula; and the mend.

Formulas need this file where there is no NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .layouts import KINDS, each, is_transposed, kind, moves, recut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .arrays import Order, Shape
    from .definiteness import Spectrum

FIRST, SECOND = "first derivative", "second derivative"
VERDICTS = (*KINDS, "scaled", "cannot tell", "no match")
UNKNOWN = VERDICTS[-2:]
MEANINGS = {
    "representation": "the derivative, in coordinates",
    "mixed orders": "rows and columns list the coordinates in different orders",
    "rearrangement": "the right entries in other places",
    "cannot tell": "it may be in these layouts; the derivative is not known well enough",
    "no match": "no layout of the derivative, nor a multiple of one",
}
NAMES_OF_GRADIENTS = {  # of a number
    "i": "a vector: the shape of X, or of its coordinates",
    "i,": "a column: denominator layout (gradient)",
    ",i": "a row: numerator layout (Jacobian)",
    "i,j": "the shape of X: denominator layout (gradient), Matrix Cookbook, JAX, PyTorch",
    "j,i": "the shape of Xᵀ: numerator layout (Jacobian)",
    ",ij": "a row, in order C: reshape in NumPy, JAX, PyTorch",
    ",ji": "a row, in order F: Magnus–Neudecker, ∂f/∂(vec X)ᵀ",
    "ij,": "a column, in order C: reshape in NumPy, JAX, PyTorch",
    "ji,": "a column, in order F: denominator layout (gradient) of vec X",
}
NAMES = {  # of an array, or of a gradient
    "i,j": "numerator layout (Jacobian), JAX, PyTorch",
    "j,i": "denominator layout (gradient)",
    "ij,kl": "order C: reshape in NumPy, JAX, PyTorch",
    "ji,lk": "order F: numerator layout (Jacobian) of vec, Magnus–Neudecker",
    "lk,ji": "order F, transposed: denominator layout (gradient) of vec",
    "ik,jl": "block table",
    "i,j,k,l": "all indices: JAX, PyTorch",
}
SURVIVES = {
    "representation": "everything",
    "mixed orders": "entries, rank and singular values; not eigenvalues, symmetry, definiteness",
    "rearrangement": "the entries, hence the Frobenius norm; nothing else need survive",
    "cannot tell": "nothing that is known for sure",
    "no match": "nothing in common was found",
    "gradient": "everything; its inner product with Y is Df(X)[Y]",
    "map": "everything; it takes the coordinates of Y to those of Df(X)[Y]",
    "adjoint": "everything, once transposed; it is the matrix of the adjoint map",
    "Hessian": "everything, so also rank, eigenvalues, definiteness",
    "within": "the form on the subspace, so its inertia there; eigenvalues hang on coordinates",
    "undecided": "the form; its definiteness hangs on digits that were not compared",
    "j,i": "entries, rank, singular values; its inner product with Yᵀ, not Y, is Df(X)[Y]",
    "symmetric": "its inner product with Y is Df(X)[Y] for symmetric Y only",
    "triangle": "its inner product with Y is Df(X)[Y] for symmetric Y only, "
    "once its entries off the diagonal are halved",
}
FACTORS = {1: None, 2: "a factor 2", 0.5: "a factor 1/2", -1: "the sign"}
SLIPS = {
    "symmetric": "the gradient G made symmetric: (G + Gᵀ)/2, the gradient if only symmetric X "
    "count",
    "triangle": "G + Gᵀ − diag(G), the partial derivatives in the n(n+1)/2 coordinates of a "
    "symmetric X; the gradient, if only symmetric X count, is (G + Gᵀ)/2",
}


class Judgement:
    """What was found about a candidate: a ``verdict``, and ``rows`` of a heading and a text each.

    As a truth value, whether it represents the derivative.
    """

    def __bool__(self: Any) -> bool:
        return self.verdict == "representation"

    def __str__(self: Any) -> str:
        return "\n".join(f"{heading}: {text}" for heading, text in self.rows)

    def _repr_html_(self: Any) -> str:
        from html import escape

        row = '<tr><th scope="row">{}</th><td>{}</td></tr>'
        return f"<table>{''.join(row.format(*map(escape, pair)) for pair in self.rows)}</table>"


@dataclass(frozen=True, eq=False)
class Diagnosis(Judgement):
    """What `diagnose` found about a candidate for a derivative; true where it is one.

    Parameters
    ----------
    subject
        Which derivative it was compared with.
    array, shape
        The candidate's entries, and the shape of the table of the derivative.
    values
        How many indices of the derivative are those of a value.
    digits
        In how many digits they were compared, in the worst entry; `None` for exact ones.
    limit
        Why in fewer than asked for, or exactly in spite of a tolerance.
    verdict
        "representation", "mixed orders", "rearrangement", "scaled", "no match", or "cannot tell"
        where the derivative's own errors are wider than what would tell.
    layouts
        Every layout of the true derivative that the candidate is, or is a multiple of; one of the
        best kind comes first.
    scale
        The multiple; 1 for all verdicts but "scaled", and `None` for "no match".
    survives
        What the candidate has in common with the derivative.
    slip
        The classic slip that explains the candidate, where it is one.
    candidate, true
        For the second derivative: definiteness and least eigenvalue of the candidate and of the
        Hessian, where the digits compared tell; within a subspace, in its own coordinates.
    closest
        For "no match" without a slip, how far the closest layout is from the candidate.
    agreement
        Which part of the entries agrees with that layout; 0 where none has the candidate's shape.
    on_symmetric
        At a symmetric X, what the candidate is where only symmetric matrices count.
    also
        What it was compared with as well: of a 1×1 X both derivatives are numbers.
    broadcasting
        For "no match", that f is another function of a column than of a vector.
    pulled
        Within a subspace, whether its array is a candidate for all matrices in the subspace's own
        coordinates.
    """

    subject: str
    array: NDArray[Any]
    shape: Shape
    values: int
    digits: int | None
    limit: str
    verdict: str = "no match"
    layouts: tuple[str, ...] = ()
    scale: Any = None
    survives: str = SURVIVES["no match"]
    slip: str | None = None
    candidate: Spectrum | None = None
    true: Spectrum | None = None
    closest: str | None = None
    agreement: float = 0
    on_symmetric: str | None = None
    also: str = ""
    broadcasting: str = ""
    pulled: bool = False

    @property
    def meaning(self) -> str:
        """The verdict in words."""
        if self.verdict != "scaled":
            return MEANINGS[self.verdict]
        of = kind(self.layouts[0], self.values)
        return f"a multiple of {'a matrix in ' if of == 'mixed orders' else 'a '}{of}"

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What there is to say, as pairs of a heading and a text."""
        how = ("exactly" if self.digits is None else f"in {self.digits} digits") + self.limit
        layouts = " · ".join(f"{x}{named(x, self.values)}" for x in self.layouts)
        alike = f" ({len(self.layouts)} alike)" if len(self.layouts) > 1 else ""
        own = " in the subspace's own coordinates" * self.pulled
        mine = own * bool(self.layouts and kind(self.layouts[0], self.values) == KINDS[0])
        has_line = not (self or self.pulled or self.verdict in UNKNOWN)
        rows = [
            ("verdict", f"{self.verdict} ({self.meaning})"),
            ("compared with", f"the {self.subject} of f at X, {how}"),
            ("and with", self.also),
            ("layouts", layouts + alike),
            ("scale", number(self.scale) if self.verdict == "scaled" else ""),
            ("slip", self.slip),
            ("closest", self.closest),
            ("broadcasting", self.broadcasting),
            ("survives", self.survives),
            ("on symmetric matrices", self.on_symmetric),
            (f"the candidate{mine} is", self.candidate),
            (f"the Hessian{own} is", self.true),
            ("repaired, in order F", self._line() if has_line else ""),
        ]
        return [(heading, str(text)) for heading, text in rows if text]

    def repair(self, order: Order = "F") -> NDArray[Any]:
        """Move and scale the candidate's entries to where they belong.

        Parameters
        ----------
        order
            The order in which values and X are unfolded: "F" by columns, "C" by rows.

        Returns
        -------
        array of two indices
            The matrix of the derivative as a map, or of the second derivative as a form; within a
            subspace, in its own coordinates.

        Raises
        ------
        ValueError
            When the verdict is "no match" or "cannot tell", and when `order` is not "F" or "C".

        Examples
        --------
        >>> import numpy as np
        >>> from matderiv import diagnose
        >>> G = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> found = diagnose(lambda X: np.sum(G * X), np.eye(2), 2 * G.T)
        >>> print(dict(found.rows)["repaired, in order F"])
        np.reshape(candidate, (2, 2)).reshape(1, 4) / 2
        >>> found.repair(), found.repair("C")
        (array([[1., 3., 2., 4.]]), array([[1., 2., 3., 4.]]))
        """
        from .arrays import check_order

        check_order(order)
        if self.verdict in UNKNOWN:
            raise ValueError(f"candidate cannot be repaired: {self.verdict}, {self.meaning}")
        return recut(self.array, *self._ends(order), self.shape) / self.scale

    def _ends(self, order: Order) -> tuple[str, str]:
        """Return a layout in which the entries are, and that where they belong."""
        letters, values, here = "ijkl"[: len(self.shape)], self.values, self.layouts
        if self.pulled:
            values, here = len(letters) - 1, (each(self.shape),)
        sides = letters[:values], letters[values:]
        there = ",".join(side[::-1] if order == "F" else side for side in sides)
        return there if there in here else here[0], there

    def _line(self) -> str:
        """Write the repair in order F as a line of NumPy."""
        before, axes, after = moves(*self._ends("F"), self.shape)
        moved = f".transpose{axes}" if axes != tuple(sorted(axes)) else ""
        return f"np.reshape(candidate, {before}){moved}.reshape{after}{_divided(self.scale)}"


def named(layout: str, values: int) -> str:
    """Return a layout's name in brackets, where it has one."""
    name = (NAMES if values else NAMES_OF_GRADIENTS).get(layout)
    return f" ({name})" if name else ""


def in_common(layout: str, values: int, is_second: bool) -> str:
    """Return the place in `SURVIVES` of what a matrix in a layout shares with the derivative."""
    form = kind(layout, values)
    if form != KINDS[0]:
        return layout if layout == "j,i" and not values else form
    if is_second or not values:
        return "Hessian" if is_second else "gradient"
    return "adjoint" if is_transposed(layout, values) else "map"


def survives(name: str, c: Any = 1) -> str:
    """Say what of a place in `SURVIVES` holds of a candidate once divided by c."""
    return f"once divided by {number(c)}: " * (c != 1) + SURVIVES[name]


def number(value: Any) -> str:
    """Write a number: a float with six digits, an exact one in full."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _divided(scale: Any) -> str:
    """Write a division in Python, which leaves exact numbers exact."""
    if isinstance(scale, (int, float)):
        return "" if scale == 1 else f" / {scale!r}"
    if scale.is_Rational:
        parts = (" * ", scale.q), (" / ", scale.p)
        return "".join(f"{sign}{number}" for sign, number in parts if number != 1)
    from sympy import srepr

    return f" / sympy.sympify({srepr(scale)!r})"
