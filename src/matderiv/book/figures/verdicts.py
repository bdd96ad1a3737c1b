"""Pictures of diagnoses: which of the 24 layouts a matrix is."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from matderiv import LAYOUTS, Diagnosis
from matderiv.book.figures.style import BLUE, GREEN, GREY, ORANGE, Picture, in_style
from matderiv.layouts import KINDS, kind

GROUPS = {
    "representation": ("represen-\ntations", BLUE),
    "mixed orders": ("mixed\norders", GREEN),
    "rearrangement": ("rearrangements", ORANGE),
}
COLUMNS = sorted(LAYOUTS, key=lambda layout: (KINDS.index(kind(layout)), layout))
PLACES = [k + 0.6 * KINDS.index(kind(layout)) for k, layout in enumerate(COLUMNS)]


@in_style
def barcodes(panels: Mapping[str, Mapping[str, Diagnosis]]) -> Figure:
    """Draw the layouts that each diagnosed matrix is, as a bar of 24 cells; a panel a title."""
    bars = sum(map(len, panels.values()))
    figure = Picture(0.42 * bars + 1.5)
    heights = [len(found) for found in panels.values()]
    grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True, height_ratios=heights)
    for axes, (title, found) in zip(grid[:, 0], panels.items(), strict=True):
        _draw_bars(axes, found)
        axes.set_ylabel(title, labelpad=10)
    grid[-1, 0].set_xticks(PLACES, COLUMNS, rotation=90, family="monospace", fontsize=9)
    for name, (heading, colour) in GROUPS.items():
        places = [PLACES[k] for k, layout in enumerate(COLUMNS) if kind(layout) == name]
        middle = (places[0] + places[-1]) / 2
        grid[0, 0].text(middle, -0.75, heading, color=colour, ha="center", va="bottom")
    return figure


def _draw_bars(axes: Axes, found: Mapping[str, Diagnosis]) -> None:
    for row, diagnosis in enumerate(found.values()):
        for place, layout in zip(PLACES, COLUMNS, strict=True):
            lit = layout in diagnosis.layouts
            colour, alpha = (GROUPS[kind(layout)][1], 1.0) if lit else (GREY, 0.16)
            cell = Rectangle((place - 0.44, row - 0.4), 0.88, 0.8)
            cell.set(facecolor=colour, alpha=alpha, linewidth=0)
            axes.add_patch(cell)
    axes.set_xlim(-0.6, PLACES[-1] + 0.6)
    axes.set_ylim(len(found) - 0.5, -0.5)
    axes.set_yticks(range(len(found)), list(found))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
