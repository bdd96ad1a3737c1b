"""The style of the book's pictures, and what several of them share.

They have no background and middle grey axes, so that they sit on a light and on a dark page. The
colours are those of Okabe and Ito, which survive colour blindness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from io import StringIO
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

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

Arguments = ParamSpec("Arguments")


class Picture(Figure):
    """A figure as wide as the text, which notebooks show as SVG."""

    def __init__(self, height: float, width: float = 7.2) -> None:
        super().__init__(figsize=(width, height), layout="constrained")

    def _repr_svg_(self) -> str:
        return svg(self)


def svg(figure: Figure) -> str:
    """Write a figure as SVG, alike at every run."""
    file = StringIO()
    with mpl.rc_context({"svg.hashsalt": "matderiv"}):
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return file.getvalue()


def in_style(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Draw in the book's style."""

    @wraps(draw)
    def styled(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return settled(draw(*args, **kwargs))

    return styled


def settled(figure: Figure) -> Figure:
    """Lay a figure out, once, and round where its parts are: the solver's last digits vary."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for part in _subfigures(figure):
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(5))
    for axes in figure.axes:
        place = axes.get_position(original=True).bounds
        axes.set_position(tuple(round(number, 5) for number in place))
    return figure


def _subfigures(figure: Any) -> Iterator[Any]:
    for part in figure.subfigs:
        yield part
        yield from _subfigures(part)


def new_axes(
    columns: int = 1, height: float = 3.2, widths: Sequence[float] | None = None
) -> tuple[Figure, Any]:
    """Return a new figure and its row of axes; a single one can be read on a phone."""
    figure = Picture(height, 7.2 if columns > 1 else 5.2)
    return figure, figure.subplots(1, columns, squeeze=False, width_ratios=widths)[0]


def frame(axes: Axes, rows: int, columns: int) -> None:
    """Put a picture of a matrix into brackets, the first row on top."""
    left, right, top, bottom = -0.6, columns - 0.4, -0.6, rows - 0.4
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    serif = 0.04 * max(rows, columns)
    for edge, end in ((left, left + serif), (right, right - serif)):
        x, y = [end, edge, edge, end], [top, top, bottom, bottom]
        axes.plot(x, y, color=GREY, linewidth=1.2, clip_on=False)


def number_grid(axes: Axes, matrix: Any, owners: Any) -> None:
    """Draw a matrix as cells with its numbers in them, coloured by their owners (−1: grey)."""
    for (i, j), number in np.ndenumerate(np.asarray(matrix)):
        nobody = owners is None or owners[i, j] < 0
        colour = GREY if nobody else FILLS[owners[i, j] % len(FILLS)]
        axes.add_patch(Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, color=colour, linewidth=0))
        axes.text(j, i, str(number), color="white", ha="center", va="center")
    frame(axes, *np.shape(matrix))
