"""Pictures of a sample: how an estimate spreads, and how iterations run towards it or away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from matderiv.book.figures.style import BLUE, GREEN, GREY, ORANGE, in_style, new_axes


@in_style
def spread(values: Any, centre: float, errors: Mapping[str, float]) -> Figure:
    """Draw estimates as a histogram, and a normal curve for each of one or two standard errors."""
    figure, (axes,) = new_axes(1, 3.0)
    axes.hist(values, bins=60, density=True, color=GREY, alpha=0.35)
    t = np.linspace(min(values), max(values), 201)
    for (name, error), colour, style in zip(
        errors.items(), (BLUE, ORANGE), ("-", "--"), strict=False
    ):
        density = np.exp(-(((t - centre) / error) ** 2) / 2) / (error * np.sqrt(2 * np.pi))
        axes.plot(t, density, color=colour, linestyle=style, label=f"{name}: ±{error:.2f}")
    axes.axvline(centre, color=GREY, linewidth=1, linestyle=":")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.legend(loc="upper right", bbox_to_anchor=(1, 1.12))
    return figure


@in_style
def iterations(errors: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the errors of iterations against their steps, on a logarithmic axis."""
    figure, (axes,) = new_axes(1, 3.2)
    looks = zip((BLUE, ORANGE, GREEN), "os^", ("-", "--", "-."), strict=True)
    for (name, values), (colour, marker, style) in zip(errors.items(), looks, strict=False):
        axes.semilogy(values, color=colour, marker=marker, linestyle=style, label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("largest error of an entry")
    axes.legend(loc="best")
    return figure
