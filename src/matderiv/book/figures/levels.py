"""A picture of a derivative: level lines of a functional, and two directions that race uphill."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from matderiv.book.figures.style import BLUE, GREY, ORANGE, in_style, new_axes


@in_style
def climb(A: Any) -> Figure:
    """Draw Y ↦ tr(AY) on a plane of symmetric 2×2 matrices, its gradient and the folklore.

    The plane holds the symmetric Y with y₁₁ = 0, in the orthonormal coordinates y₂₂ and √2 y₁₂.
    Both arrows have length one; the gradient is perpendicular to the level lines.
    """
    slopes = np.array([float(A[1, 1]), float(A[0, 1] + A[1, 0]) / np.sqrt(2)])
    folklore = slopes * (1, 2)
    u, v = np.meshgrid(np.linspace(-1.3, 1.6, 61), np.linspace(-1.3, 1.3, 61))
    levels = range(-4, 9, 2)
    places = [((level + 1.1 * slopes[1]) / slopes[0], -1.1) for level in levels]
    figure, (axes,) = new_axes(1, 4.2)
    lines = axes.contour(u, v, slopes[0] * u + slopes[1] * v, levels, colors=GREY, linewidths=0.9)
    axes.clabel(lines, fontsize=9, manual=[place for place in places if abs(place[0]) < 1.5])
    axes.add_patch(Circle((0, 0), 1, fill=False, color=GREY, linestyle=":"))
    for arrow, name, colour in ((slopes, "gradient", BLUE), (folklore, "folklore", ORANGE)):
        tip = arrow / np.linalg.norm(arrow)
        style = {"arrowstyle": "->", "color": colour, "lw": 2.5, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", tip, (0, 0), arrowprops=style)
        label = f"{name}, slope {slopes @ tip:.2f}"
        axes.annotate(label, tip, (8, 6), textcoords="offset points", color=colour)
    axes.set_aspect("equal")
    axes.set_xlabel("$y_{22}$")
    axes.set_ylabel(r"$\sqrt{2}\,y_{12}$")
    return figure
