"""Pictures of quadratic forms and of where they are negative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from matderiv.book.figures.style import BLUE, GREY, ORANGE, in_style, new_axes


@in_style
def two_forms(D: Callable[[Any], Any], E: Callable[[Any], Any], A: Any, B: Any) -> Figure:
    """Draw the quadratic forms of two Hessians on the plane through A and B.

    D and E are maps of matrices. The plane's axes are the bisectors of A/|A| and B/|B|.
    """
    a, b = (np.asarray(M, dtype=float) / np.linalg.norm(np.asarray(M, float)) for M in (A, B))
    across, along = (M / np.linalg.norm(M) for M in (a - b, a + b))
    u, v = np.meshgrid(np.linspace(-1, 1, 81), np.linspace(-1, 1, 81))
    figure, panels = new_axes(2, 3.8)
    for axes, form, name in zip(panels, (D, E), ("D", "E"), strict=True):
        images = [np.asarray(form(M), dtype=float) for M in (along, across)]
        gram = np.array([[np.vdot(M, image) for image in images] for M in (along, across)])
        values = gram[0, 0] * u**2 + 2 * gram[0, 1] * u * v + gram[1, 1] * v**2
        for sign, colour in ((-1, ORANGE), (1, BLUE)):
            levels = [1, 4, 9, 16, 25, 36, 49, 64, 81]
            lines = axes.contour(u, v, sign * values, levels, colors=colour, linewidths=1.2)
            axes.clabel(lines, levels[1::2], fmt=lambda level, s=sign: f"{s * level:g}", fontsize=8)
            if sign < 0 and values.min() < -1e-9:
                axes.contourf(u, v, values, [values.min(), 0], colors=ORANGE, alpha=0.25)
        for M, label in ((a, "$A/|A|$"), (b, "$B/|B|$")):
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
