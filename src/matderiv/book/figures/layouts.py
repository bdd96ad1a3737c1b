"""The picture of the book: one tensor, its 24 flattenings, and the three matrices among them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from matderiv import LAYOUTS, flatten
from matderiv.book.figures.style import BLUE, GREEN, ORANGE, Picture, in_style, number_grid
from matderiv.layouts import kind

GROUPS = (
    ("D", "ij,kl", BLUE, r"$\mathrm{tr}(AX)\,\mathrm{tr}(BX)$"),
    ("E", "ik,jl", ORANGE, r"$\frac{1}{2}[\mathrm{tr}(AXBX^{\!\top})+\mathrm{tr}(BXAX^{\!\top})]$"),
    ("EK", "ik,lj", GREEN, r"$\mathrm{tr}(AXBX)$"),
)


@in_style
def flattenings(tensor: Any) -> Figure:
    """Draw the 24 flattenings of the Hessian of tr(AX) tr(BX), A and B symmetric, in groups.

    Equal ones stand together: once large, then each small under its own name, in bold those that
    represent the Hessian for any A and B. What moves from group to group is coloured.
    """
    tables = {layout: flatten(tensor, layout) for layout in LAYOUTS}
    firsts = [tables[first] for _, first, _, _ in GROUPS]
    moving = sorted({entry for M in firsts for entry in M[np.not_equal(M, firsts[0])]})
    figure = Picture(7.8)
    bands: Any = figure.subfigures(len(GROUPS), 1, hspace=0.06)
    for band, (name, first, colour, function) in zip(bands, GROUPS, strict=True):
        members = {x: M for x, M in tables.items() if np.array_equal(M, tables[first])}
        least = np.linalg.eigvalsh(tables[first].astype(float))[0]
        band.suptitle(
            f"${name}$, the Hessian of {function}:  least eigenvalue ${least:.4g}$",
            color=colour,
            fontsize="medium",
        )
        _draw_band(band, tables[first], members, moving)
    return figure


def _draw_band(band: SubFigure, table: Any, members: dict[str, Any], moving: list[Any]) -> None:
    owners = np.full(table.shape, -1)
    for owner, entry in enumerate(moving):
        owners[table == entry] = owner
    half = -(-len(members) // 2)
    grid = band.add_gridspec(2, half + 2)
    number_grid(band.add_subplot(grid[:, :2]), table, owners)
    for k, layout in enumerate(members):
        axes = band.add_subplot(grid[k // half, 2 + k % half])
        number_grid(axes, np.full(table.shape, ""), owners)
        weight = "bold" if kind(layout) == "representation" else "normal"
        axes.set_title(layout, fontsize="small", family="monospace", fontweight=weight, pad=2)
