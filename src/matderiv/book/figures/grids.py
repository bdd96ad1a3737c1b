"""Pictures of matrices and of the coordinates in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from matderiv import vec
from matderiv.book.figures.style import (
    BLUE,
    FILLS,
    GREEN,
    ORANGE,
    frame,
    in_style,
    new_axes,
    number_grid,
)


@in_style
def unfoldings(m: int, n: int) -> Figure:
    """Draw how the two orders walk through an m×n matrix, and the permutation between them."""
    figure, (by_columns, by_rows, matrix) = new_axes(3, 2.8)
    walks: Any = ((by_columns, "F", BLUE), (by_rows, "C", ORANGE))
    for axes, order, colour in walks:
        rows, columns = (places.ravel(order) for places in np.indices((m, n)))
        axes.plot(columns, rows, color=colour, linewidth=1, alpha=0.6)
        axes.scatter(columns, rows, s=420, color=colour, zorder=2)
        for k, (i, j) in enumerate(zip(rows, columns, strict=True)):
            axes.text(j, i, str(k + 1), color="white", ha="center", va="center")
        frame(axes, m, n)
    by_columns.set_title('order "F": by columns')
    by_rows.set_title('order "C": by rows')
    places = np.arange(m * n).reshape(n, m).T.reshape(-1)
    matrix.scatter(places, np.arange(m * n), s=90, color=GREEN, marker="s")
    frame(matrix, m * n, m * n)
    numbers = range(1, m * n + 1)
    matrix.set_xticks(np.arange(m * n), numbers)
    matrix.set_yticks(np.arange(m * n), numbers)
    matrix.tick_params(length=0)
    matrix.set_title(rf"$K_{{{m}{n}}}$: from F to C")
    return figure


@in_style
def kronecker_blocks(M: Any, N: Any) -> Figure:
    """Draw M, N and M ⊗_K N: each entry of M carries a whole copy of N."""
    figure, (left, right, product) = new_axes(3, 2.8, widths=(1, 1, 2))
    owners = np.arange(np.size(M)).reshape(np.shape(M))
    number_grid(left, M, owners)
    number_grid(right, N, None)
    number_grid(product, np.kron(M, N), np.kron(owners, np.ones(np.shape(N), dtype=int)))
    left.set_title("$M$")
    right.set_title("$N$")
    product.set_title(r"$M \otimes_K N$")
    return figure


@in_style
def two_tables(A: Any, B: Any) -> Figure:
    """Draw the block table B ⊗_K Aᵀ, the matrix rvec(B) rvec(Aᵀ)ᵀ, and which block becomes a row.

    The numbers of a block are arranged by rows, in the table and in the matrix; so are the blocks.
    """
    figure, (table, matrix) = new_axes(2, 3.6)
    P = np.asarray(A).T
    n = len(P)
    owners = np.arange(n * n).reshape(n, n)
    number_grid(table, np.kron(B, P), np.kron(owners, np.ones((n, n), dtype=int)))
    rows = np.repeat(owners.reshape(-1, 1), n * n, axis=1)
    number_grid(matrix, np.outer(vec(B, "C"), vec(P, "C")), rows)
    for (i, j), owner in np.ndenumerate(owners):
        arrow = ConnectionPatch(
            (j * n + n - 0.5, i * n + (n - 1) / 2),
            (-0.5, int(owner)),
            coordsA="data",
            coordsB="data",
            axesA=table,
            axesB=matrix,
            arrowstyle="->",
            color=FILLS[owner % len(FILLS)],
            linewidth=1.8,
            alpha=0.8,
        )
        figure.add_artist(arrow)
    table.set_title(r"the table $B \otimes_K A^\top$")
    matrix.set_title(r"the matrix $\mathrm{rvec}(B)\,\mathrm{rvec}(A^\top)^\top$")
    return figure
