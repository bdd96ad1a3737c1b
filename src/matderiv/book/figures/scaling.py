"""Pictures of size: what maps and matrices cost, and a spectrum of a million numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from matderiv.book.figures.style import BLUE, GREEN, GREY, ORANGE, in_style, new_axes


@in_style
def costs(times: dict[str, dict[str, float]], memory: float) -> Figure:
    """Draw the bytes and the seconds of D, E and EK, as maps and as matrices, against N.

    `times` holds measured seconds by size for "D", "E", "EK" and "matrix"; `memory` is where
    dense matrices end, in bytes.
    """
    figure, (bytes_, seconds) = new_axes(2, 3.6)
    N = np.geomspace(2, 2000, 50)
    wall = (memory / 8) ** 0.25
    bytes_.loglog(N, 16 * N**2, color=BLUE, label="the map: $A$ and $B$")
    bytes_.loglog(N, 8 * N**4, color=ORANGE, linestyle="--", label="its matrix")
    bytes_.axhline(memory, color=GREY, linewidth=1)
    bytes_.annotate(
        f"memory of the machine,\nreached at N = {wall:.0f}",
        (2.2, memory),
        (0, 5),
        textcoords="offset points",
        fontsize=9,
    )
    for name, colour, marker in (("D", BLUE, "o"), ("E", GREEN, "^"), ("EK", GREY, "x")):
        _draw_times(seconds, times[name], color=colour, marker=marker, label=f"${name}$ as a map")
    _draw_times(
        seconds, times["matrix"], color=ORANGE, marker="s", linestyle="--", label="as a matrix"
    )
    for axes, title in ((bytes_, "bytes"), (seconds, "seconds for one application")):
        axes.axvspan(wall, 2400, color=ORANGE, alpha=0.12, linewidth=0)
        axes.set_xlim(1.8, 2400)
        axes.set_xlabel("$N$")
        axes.set_title(title)
        axes.legend(loc="upper left" if axes is seconds else "lower right", fontsize=9)
    return figure


def _draw_times(axes: Any, times: dict[str, float], **style: Any) -> None:
    axes.loglog([int(N) for N in times], list(times.values()), markersize=5, **style)


@in_style
def million(eigenvalues: Any, mirrored: Any) -> Figure:
    """Draw how many eigenvalues of E, and of EK, lie where."""
    figure, panels = new_axes(2, 3.2)
    limit = float(np.max(eigenvalues))
    edges = np.linspace(-limit, limit, 161)
    top = 1.03 * max(np.histogram(values, edges)[0].max() for values in (eigenvalues, mirrored))
    for axes, values, name in zip(panels, (eigenvalues, mirrored), ("E", "EK"), strict=True):
        heights, _ = np.histogram(values, edges)
        middle = len(heights) // 2
        axes.stairs(heights[:middle], edges[: middle + 1], fill=True, color=ORANGE)
        axes.stairs(heights[middle:], edges[middle:], fill=True, color=BLUE)
        axes.set_title(f"${name}$")
        axes.set_xlabel("eigenvalue")
        axes.set_xlim(-limit * 1.03, limit * 1.03)
        axes.set_ylim(0, top)
        axes.set_yticks([0, 10_000, 20_000, 30_000], ["0", "10,000", "20,000", "30,000"])
    panels[0].set_ylabel("how many")
    return figure


@in_style
def multiplications(counts: dict[str, dict[int, int]]) -> Figure:
    """Draw how many multiplications programs take, against the number of their variables."""
    figure, (axes,) = new_axes(1, 3.2)
    looks = zip((GREY, ORANGE, BLUE, GREEN), "xsov", strict=True)
    for (name, by_size), (colour, marker) in zip(counts.items(), looks, strict=False):
        axes.loglog(list(by_size), list(by_size.values()), color=colour, marker=marker, label=name)
    axes.set_xlabel("variables")
    axes.set_ylabel("multiplications")
    axes.legend(loc="upper left")
    return figure
