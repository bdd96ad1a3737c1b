"""The cone of positive semidefinite 2×2 matrices, and a function that bends down inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from matderiv.book.figures.style import BLUE, GREY, ORANGE, Picture, in_style


@in_style
def cone(f: Callable[[Any], Any], X0: Any, X1: Any) -> Figure:
    """Draw the segment from X0 to X1 in the cone of semidefinite matrices, and f along it.

    The axes are orthonormal coordinates of symmetric matrices, so that the cone is a round one:
    (x₁₁ − x₂₂)/√2, √2 x₁₂ and, upwards, (x₁₁ + x₂₂)/√2.
    """
    figure = Picture(3.9)
    grid = figure.add_gridspec(1, 2, width_ratios=(1.15, 1))
    space: Any = figure.add_subplot(grid[0], projection="3d")
    start, end = (np.asarray(X, dtype=float) for X in (X0, X1))
    t = np.linspace(0, 1, 101)
    points = [(1 - s) * start + s * end for s in t]
    values = np.array([float(f(X)) for X in points])
    chord = (1 - t) * values[0] + t * values[-1]

    height = 1.15 * max(_coordinates(X)[2] for X in points)
    turn, level = np.meshgrid(np.linspace(0, 2 * np.pi, 61), [0, height])
    surface = level * np.cos(turn), level * np.sin(turn), level
    space.plot_surface(*surface, color=BLUE, alpha=0.18, linewidth=0)
    space.plot(*(axis[-1] for axis in surface), color=BLUE, linewidth=1.2)
    space.plot([0, 0], [0, 0], [0, height], color=GREY, linewidth=1, linestyle=":")
    space.text(0, 0, height, "  multiples of $I$", color=GREY)
    space.plot(*np.transpose([_coordinates(X) for X in points]), color=ORANGE, linewidth=3)
    marks = ((points[0], "$X_0$"), (points[50], "$M$"), (points[-1], "$X_1$"))
    for X, label in marks:
        space.scatter(*_coordinates(X), color=ORANGE, s=30, depthshade=False)
        space.text(*_coordinates(X), f"  {label}", color=GREY)
    space.set_axis_off()
    space.set_box_aspect((1, 1, 0.62), zoom=1.6)
    space.view_init(elev=16, azim=-70)

    axes = figure.add_subplot(grid[1])
    axes.plot(t, values, color=BLUE, label="$f$ on the segment")
    axes.plot(t, chord, color=ORANGE, linestyle="--", label="the chord")
    axes.fill_between(t, chord, values, color=ORANGE, alpha=0.25, linewidth=0)
    axes.set_xticks([0, 0.5, 1], [label for _, label in marks])
    axes.legend(loc="best")
    return figure


def _coordinates(X: Any) -> tuple[float, float, float]:
    return (X[0, 0] - X[1, 1]) / np.sqrt(2), np.sqrt(2) * X[0, 1], (X[0, 0] + X[1, 1]) / np.sqrt(2)
