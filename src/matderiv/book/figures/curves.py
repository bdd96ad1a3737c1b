"""Pictures of functions of one number: a segment and its chord, quotients and their limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from matderiv.book.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Picture,
    in_style,
    new_axes,
    svg,
)


@in_style
def chord(f: Callable[[Any], Any], X0: Any, X1: Any) -> Figure:
    """Draw f on the segment from X0 to X1, and the chord that a convex f would stay under."""
    figure, (axes,) = new_axes()
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
    axes.set_xlim(-0.12, 1.08)
    axes.set_ylim(min(values) - 2, max(values) + 2)
    axes.legend(loc="lower left")
    return figure


@in_style
def taylor(f: Callable[[Any], Any], X: Any, Y: Any, slope: Any, curvature: Any) -> Figure:
    """Draw f along X + tY with its tangent and its parabola, and how far both are from f.

    `slope` is Df(X)[Y] and `curvature` D²f(X)[Y, Y].
    """
    figure, (graph, errors) = new_axes(2, 3.4)
    values = np.vectorize(lambda t: float(f(X + t * Y)))
    start, first, second = float(f(X)), float(slope), float(curvature)
    t, steps = np.linspace(-1, 1, 81), np.geomspace(0.01, 1, 25)
    graph.plot(t, values(t), color=BLUE, label="$f(X+tY)$")
    for degree, colour, style, label in (
        (1, ORANGE, "--", "tangent"),
        (2, GREEN, "-.", "parabola"),
    ):
        polynomial = np.polynomial.Polynomial([start, first, second / 2][: degree + 1])
        graph.plot(t, polynomial(t), color=colour, linestyle=style, label=label)
        gaps = np.abs(values(steps) - polynomial(steps))
        errors.loglog(steps, gaps, color=colour, linestyle=style, label=f"order {degree + 1}")
    graph.set_xlabel("$t$")
    errors.set_xlabel("$t$")
    errors.set_title("distance from $f$")
    for axes in (graph, errors):
        axes.legend(loc="best")
    return figure


@in_style
def quotients(f: Callable[[Any], Any], X: Any, Y: Any, slope: float) -> Figure:
    """Draw how three quotients approach Df(X)[Y], the slope, as their step shrinks."""
    figure, (axes,) = new_axes()
    steps = 10.0 ** -np.arange(0, 16)
    forward = [(f(X + t * Y) - f(X)) / t for t in steps]
    central = [(f(X + t * Y) - f(X - t * Y)) / (2 * t) for t in steps]
    sideways = [f(X + 1j * t * Y).imag / t for t in steps]
    for values, colour, marker, label in (
        (forward, BLUE, "o", "$(g(X+tY)-g(X))/t$"),
        (central, ORANGE, "s", "$(g(X+tY)-g(X-tY))/2t$"),
        (sideways, GREEN, "^", r"$\mathrm{Im}\,g(X+\mathrm{i}tY)/t$"),
    ):
        errors = np.abs(np.array(values) / float(slope) - 1)
        axes.loglog(steps, np.maximum(errors, 1e-17), marker=marker, color=colour, label=label)
    below = {"xytext": (0, -14), "textcoords": "offset points"}
    axes.annotate("exact: no error to draw", (1e-15, 1e-17), ha="right", fontsize=9, **below)
    axes.set_ylim(bottom=1e-19)
    axes.invert_xaxis()
    axes.set_xlabel("step $t$, ever smaller")
    axes.set_ylabel("relative error")
    figure.legend(loc="outside upper center", ncols=3)
    return figure


class Shown(Axes):
    """Axes that a notebook shows with their figure."""

    def _repr_svg_(self) -> str:
        return svg(cast(Figure, self.figure))


@in_style
def remainders(test: Any) -> Figure:
    """Draw the remainders of a `TaylorTest` beside the slopes that tell right from wrong."""
    figure = Picture(3.2)
    axes = figure.add_subplot(axes_class=Shown, xlabel="step $h$, ever smaller")
    axes.set(ylabel="remainder", xscale="log", yscale="log")
    axes.invert_xaxis()
    steps, sizes = np.array([test.steps, test.remainders])
    shown = (steps > 0) & (sizes > 0) & np.isfinite(steps) & np.isfinite(sizes)
    if not np.any(shown):
        axes.text(0.5, 0.5, "no remainder but zero", transform=axes.transAxes, ha="center")
        axes.set_axis_off()
        return figure
    steps, sizes = steps[shown], sizes[shown]
    straight = np.isin(steps, test.piece)
    start = np.argmax(straight)
    for slope, colour, line in ((1, ORANGE, "--"), (2, GREEN, "-."), (3, GREY, ":")):
        if slope < 3 or 2.5 < test.order < np.inf:
            guide = sizes[start] * (steps / steps[start]) ** slope
            axes.plot(steps, guide, color=colour, linestyle=line, label=f"slope {slope}")
    axes.plot(steps, sizes, "o-", color=BLUE, linewidth=1, markersize=3, label="remainder")
    axes.plot(steps[straight], sizes[straight], "o", color=BLUE, markersize=7)
    axes.set_ylim(np.min(sizes) / 10, np.max(sizes) * 10)
    figure.legend(loc="outside upper center", ncols=4)
    return figure
