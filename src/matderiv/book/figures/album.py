"""A family picture: many linear maps, each by its two matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from matderiv import LinearMap
from matderiv.book.figures.style import BLUE, ORANGE, Picture, frame, in_style


@in_style
def album(maps: Mapping[str, LinearMap]) -> Figure:
    """Draw each map's matrix in order F and in order C, side by side.

    Blue is positive, orange negative; the stronger the colour, the larger the entry, on a scale of
    the matrix's own. Maps into the numbers have a matrix of one row, and come last, in order F
    above order C. The keys are the titles.
    """
    if not maps:
        raise ValueError("maps: expected at least one map to draw")
    pairs = {title: L for title, L in maps.items() if L.codomain}
    strips = {title: L for title, L in maps.items() if not L.codomain}
    bands = [
        (members, -(-len(members) // columns), columns, side, height)
        for members, columns, side, height in ((pairs, 4, (1, 2), 1.35), (strips, 3, (2, 1), 0.75))
        if members
    ]
    heights = [rows * height for _, rows, _, _, height in bands]
    figure = Picture(sum(heights))
    parts = figure.subfigures(len(bands), 1, height_ratios=heights, squeeze=False).flat
    for part, (members, rows, columns, side, _) in zip(parts, bands, strict=True):
        places = part.subfigures(rows, columns, squeeze=False).flat
        for place, (title, L) in zip(places, members.items(), strict=False):
            place.suptitle(title, fontsize="medium")
            first, second = place.subplots(*side, squeeze=False).flat
            _draw(first, L.matrix("F"))
            _draw(second, L.matrix("C"))
    return figure


def _draw(axes: Axes, matrix: Any) -> None:
    """Draw a matrix as an image, zero being transparent."""
    values = np.asarray(matrix, dtype=float)
    colours = np.array([to_rgba(BLUE), to_rgba(ORANGE)])[(values < 0).astype(int)]
    colours[..., 3] = np.sqrt(np.abs(values) / (np.abs(values).max() or 1))
    axes.imshow(colours, interpolation="nearest")
    frame(axes, *values.shape)
