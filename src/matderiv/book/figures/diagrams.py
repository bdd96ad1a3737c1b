"""Diagrams: an array as a box with legs, and a square of maps with numbers in its corners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from matderiv.book.figures.style import BLUE, GREEN, GREY, ORANGE, in_style, new_axes

BUNDLES = (("D", "ij,kl", BLUE), ("E", "ik,jl", ORANGE), ("EK", "ik,lj", GREEN))
LEGS = {"i": (-0.45, 1), "j": (0.45, 1), "k": (-0.45, -1), "l": (0.45, -1)}
CORNERS = {"start": (0, 1), "right": (3, 1), "down": (0, 0), "end": (3, 0)}
SIDES = {
    "top": ("start", "right"),
    "left": ("start", "down"),
    "other": ("right", "end"),
    "bottom": ("down", "end"),
}


@in_style
def legs() -> Figure:
    """Draw an array of four indices as a box with four legs, bundled into a matrix in three ways.

    The legs i and j, of one direction, leave at the top, k and l, of the other, at the bottom. What
    goes to the left becomes the number of a row, what goes to the right that of a column.
    """
    figure, panels = new_axes(3, 2.6)
    for axes, (name, layout, colour) in zip(panels, BUNDLES, strict=True):
        _draw_box(axes, layout, colour)
        axes.set_title(f"${name}$: {layout}", color=colour)
    return figure


def _draw_box(axes: Axes, layout: str, colour: str) -> None:
    axes.add_patch(Rectangle((-0.7, -0.4), 1.4, 0.8, facecolor=GREY, alpha=0.25))
    axes.text(0, 0, "$H_{ijkl}$", ha="center", va="center")
    for side, bundle in zip((-1, 1), layout.split(","), strict=True):
        for letter, level in zip(bundle, (0.25, -0.25), strict=True):
            x, up = LEGS[letter]
            points = [(x, 0.4 * up), (x, 1.3 * up), (1.2 * side, level), (2.1 * side, level)]
            curve = Path(points, [Path.MOVETO, *[Path.CURVE4] * 3])
            axes.add_patch(PathPatch(curve, fill=False, edgecolor=colour, linewidth=2))
            axes.text(2.2 * side, level, f"${letter}$", color=GREY, ha="center", va="center")
    for side, label in ((-1, "rows"), (1, "columns")):
        axes.text(1.9 * side, -0.85, label, color=GREY, ha="center", fontsize=9)
    axes.set_xlim(-2.4, 2.4)
    axes.set_ylim(-1.1, 1.1)
    axes.set_aspect("equal")
    axes.set_axis_off()


@in_style
def square(corners: Mapping[str, Any], arrows: Mapping[str, str]) -> Figure:
    """Draw a square of maps with an element in each corner.

    `corners` holds what stands at "start", "right", "down" and "end", and `arrows` the names of
    the maps at the "top", the "left", the "bottom" and the "other" side.
    """
    figure, (axes,) = new_axes(1, 3.2)
    for corner, place in CORNERS.items():
        rows = np.atleast_2d(np.asarray(corners[corner], dtype=object))
        text = "\n".join("  ".join(f"{entry}" for entry in row) for row in rows)
        axes.text(*place, text, ha="center", va="center", fontsize=11)
    for side, (source, target) in SIDES.items():
        start, end = np.array(CORNERS[source]), np.array(CORNERS[target])
        margin = (end - start) * (0.25 if side in ("top", "bottom") else 0.3)
        colour = BLUE if side in ("top", "other") else ORANGE
        style = {"arrowstyle": "->", "color": colour, "lw": 2}
        axes.annotate("", end - margin, start + margin, arrowprops=style)
        offset, align = ((0, 7), "center") if side in ("top", "bottom") else ((9, 0), "left")
        axes.annotate(
            arrows[side],
            (start + end) / 2,
            offset,
            textcoords="offset points",
            color=colour,
            ha=align,
        )
    axes.set_xlim(-0.8, 3.8)
    axes.set_ylim(-0.3, 1.3)
    axes.set_axis_off()
    return figure
