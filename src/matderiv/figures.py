"""The pictures of the book, one function each; every function returns a Matplotlib figure.

They have no background and middle grey axes, so that they sit on a light and on a dark page. The
colours are those of Okabe and Ito, which survive colour blindness.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from matderiv.coordinates import unfold, vec

BLUE, ORANGE, GREEN, GREY = "#2B8CC4", "#D55E00", "#009E73", "#767676"
FILLS = ("#0072B2", "#B34700", "#00735A", "#8A4B7D")  # white numbers can be read on them

STYLE: Any = {
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": GREY,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "font.size": 11,
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "lines.linewidth": 2,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


def _in_style(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw in the book's style; in a notebook show figures as SVG, alike at every run."""

    @wraps(draw)
    def styled(*args: Any) -> Figure:
        if "IPython" in sys.modules:
            from matplotlib_inline.backend_inline import set_matplotlib_formats

            set_matplotlib_formats("svg", metadata={"Date": None})
            mpl.rcParams["svg.hashsalt"] = "matderiv"
        with mpl.rc_context(STYLE):
            return draw(*args)

    return styled


@_in_style
def chord(f: Callable[[Any], Any], X0: Any, X1: Any) -> Figure:
    """Draw f on the segment from X0 to X1, and the chord that a convex f would stay under."""
    figure, (axes,) = _axes()
    start, end = (np.asarray(X, dtype=float) for X in (X0, X1))
    t = np.linspace(0, 1, 101)
    values = [float(f((1 - s) * start + s * end)) for s in t]
    ends = np.array([values[0], values[-1]])
    axes.plot(t, values, color=BLUE, label="$f$ on the segment")
    axes.plot([0, 1], ends, color=ORANGE, linestyle="--", label="the chord")
    middle = values[50]
    points = [
        (0, values[0], BLUE, (-24, -4)),
        (1, values[-1], BLUE, (9, -4)),
        (0.5, middle, BLUE, (-7, 9)),
        (0.5, ends.mean(), ORANGE, (-7, -19)),
    ]
    for x, y, colour, offset in points:
        axes.plot(x, y, "o", color=colour)
        style = {"color": colour, "fontsize": 13, "fontweight": "bold"}
        axes.annotate(f"{y:g}", (x, y), offset, textcoords="offset points", **style)
    axes.set_xticks([0, 0.5, 1], ["$X_0$", r"$\frac{1}{2}(X_0 + X_1)$", "$X_1$"])
    axes.set_xlim(-0.08, 1.08)
    axes.set_ylim(min(values) - 2, max(values) + 2)
    axes.legend(loc="lower left")
    return figure


@_in_style
def quotients(f: Callable[[Any], Any], X: Any, Y: Any, slope: float) -> Figure:
    """Draw how three quotients approach Df(X)[Y], the slope, as their step shrinks."""
    figure, (axes,) = _axes()
    steps = 10.0 ** -np.arange(0, 16)
    forward = [(f(X + t * Y) - f(X)) / t for t in steps]
    central = [(f(X + t * Y) - f(X - t * Y)) / (2 * t) for t in steps]
    sideways = [f(X + 1j * t * Y).imag / t for t in steps]
    for values, colour, marker, label in (
        (forward, BLUE, "o", "$(f(X+tY)-f(X))/t$"),
        (central, ORANGE, "s", "$(f(X+tY)-f(X-tY))/2t$"),
        (sideways, GREEN, "^", r"$\mathrm{Im}\,f(X+\mathrm{i}tY)/t$"),
    ):
        errors = np.abs(np.array(values) / float(slope) - 1)
        axes.loglog(steps, np.maximum(errors, 1e-17), marker=marker, color=colour, label=label)
    axes.invert_xaxis()
    axes.set_xlabel("step $t$, ever smaller")
    axes.set_ylabel("relative error")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


@_in_style
def unfoldings(m: int, n: int) -> Figure:
    """Draw how the two orders walk through an m×n matrix, and the permutation between them."""
    figure, (by_columns, by_rows, matrix) = _axes(3, 2.8)
    walks: Any = ((by_columns, "F", BLUE), (by_rows, "C", ORANGE))
    for axes, order, colour in walks:
        rows, columns = (unfold(places, order) for places in np.indices((m, n)))
        axes.plot(columns, rows, color=colour, linewidth=1, alpha=0.6)
        axes.scatter(columns, rows, s=420, color=colour, zorder=2)
        for k, (i, j) in enumerate(zip(rows, columns, strict=True)):
            axes.text(j, i, str(k + 1), color="white", ha="center", va="center")
        _frame(axes, m, n)
    by_columns.set_title('order "F": by columns')
    by_rows.set_title('order "C": by rows')
    places = np.arange(m * n).reshape(n, m).T.reshape(-1)
    matrix.scatter(places, np.arange(m * n), s=90, color=GREEN, marker="s")
    _frame(matrix, m * n, m * n)
    matrix.set_title(rf"$K_{{{m}{n}}}$: from F to C")
    return figure


@_in_style
def kronecker_blocks(L: Any, R: Any) -> Figure:
    """Draw L, R and L ⊗_K R: each entry of L carries a whole copy of R."""
    figure, (left, right, product) = _axes(3, 2.8, widths=(1, 1, 2))
    owners = np.arange(np.size(L)).reshape(np.shape(L))
    _number_grid(left, L, owners)
    _number_grid(right, R, None)
    _number_grid(product, np.kron(L, R), np.kron(owners, np.ones(np.shape(R), dtype=int)))
    left.set_title("$L$")
    right.set_title("$R$")
    product.set_title(r"$L \otimes_K R$")
    return figure


@_in_style
def two_tables(A: Any, B: Any) -> Figure:
    """Draw the block table B ⊗_K Aᵀ and the matrix vec(B) vec(Aᵀ)ᵀ, in the same colours."""
    figure, (table, matrix) = _axes(2, 3.6)
    P = np.asarray(A).T
    n = len(P)
    owners = np.arange(n * n).reshape(n, n)
    _number_grid(table, np.kron(B, P), np.kron(owners, np.ones((n, n), dtype=int)))
    rows = np.repeat(owners.reshape(-1, 1, order="F"), n * n, axis=1)
    _number_grid(matrix, np.outer(vec(B), vec(P)), rows)
    table.set_title(r"the table $B \otimes_K A^\top$")
    matrix.set_title(r"the matrix $\mathrm{vec}(B)\,\mathrm{vec}(A^\top)^\top$")
    return figure


@_in_style
def two_forms(D: Callable[[Any], Any], E: Callable[[Any], Any], A: Any, B: Any) -> Figure:
    """Draw the quadratic forms of two Hessians on the plane through A and B.

    D and E are maps of matrices. The plane's axes are the bisectors of A/|A| and B/|B|.
    """
    a, b = (np.asarray(M, dtype=float) / np.linalg.norm(np.asarray(M, float)) for M in (A, B))
    across, along = (M / np.linalg.norm(M) for M in (a - b, a + b))
    u, v = np.meshgrid(np.linspace(-1, 1, 81), np.linspace(-1, 1, 81))
    figure, panels = _axes(2, 3.8)
    for axes, form, name in zip(panels, (D, E), ("D", "E"), strict=True):
        images = [np.asarray(form(M), dtype=float) for M in (along, across)]
        gram = np.array([[np.vdot(M, image) for image in images] for M in (along, across)])
        values = gram[0, 0] * u**2 + 2 * gram[0, 1] * u * v + gram[1, 1] * v**2
        for sign, colour in ((-1, ORANGE), (1, BLUE)):
            levels = [1, 4, 9, 16, 25, 36, 49, 64, 81]
            axes.contour(u, v, sign * values, levels, colors=colour, linewidths=1.2)
            if sign < 0 and values.min() < -1e-9:
                axes.contourf(u, v, values, [values.min(), 0], colors=ORANGE, alpha=0.25)
        for M, label in ((a, "$A$"), (b, "$B$")):
            tip = 0.8 * np.array([np.vdot(M, along), np.vdot(M, across)])
            axes.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "->", "color": GREY, "lw": 2})
            axes.annotate(label, tip, (6, -4), textcoords="offset points")
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(rf"$\langle Y, {name}(Y)\rangle$")
        axes.set_xlabel(r"$A/|A| + B/|B|$")
    panels[0].set_ylabel(r"$A/|A| - B/|B|$")
    return figure


def _axes(
    columns: int = 1, height: float = 3.2, widths: Sequence[float] | None = None
) -> tuple[Figure, Any]:
    """Return a new figure and its row of axes."""
    figure = Figure(figsize=(7.2, height), layout="constrained")
    return figure, figure.subplots(1, columns, squeeze=False, width_ratios=widths)[0]


def _frame(axes: Axes, rows: int, columns: int) -> None:
    """Frame a picture of a matrix, the first row on top."""
    axes.set_xlim(-0.6, columns - 0.4)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in ("left", "right"):
        axes.spines[side].set_visible(True)
    for side in ("top", "bottom"):
        axes.spines[side].set_visible(False)


def _number_grid(axes: Axes, matrix: Any, owners: Any) -> None:
    """Draw a matrix as cells with its numbers in them, coloured by their owners."""
    for (i, j), number in np.ndenumerate(np.asarray(matrix)):
        colour = GREY if owners is None else FILLS[owners[i, j] % len(FILLS)]
        axes.add_patch(Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, color=colour, linewidth=0))
        axes.text(j, i, str(number), color="white", ha="center", va="center")
    _frame(axes, *np.shape(matrix))
    axes.spines[:].set_visible(False)
