"""Pictures of matrices and of the coordinates in them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from matderiv import vec
from matderiv.book.figures.style import BLUE, GREEN, ORANGE, frame, in_style, new_axes, number_grid


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
    matrix.set_title(rf"$K_{{{m}{n}}}$: from F to C")
    return figure


@in_style
def kronecker_blocks(L: Any, R: Any) -> Figure:
    """Draw L, R and L ⊗_K R: each entry of L carries a whole copy of R."""
    figure, (left, right, product) = new_axes(3, 2.8, widths=(1, 1, 2))
    owners = np.arange(np.size(L)).reshape(np.shape(L))
    number_grid(left, L, owners)
    number_grid(right, R, None)
    number_grid(product, np.kron(L, R), np.kron(owners, np.ones(np.shape(R), dtype=int)))
    left.set_title("$L$")
    right.set_title("$R$")
    product.set_title(r"$L \otimes_K R$")
    return figure


@in_style
def two_tables(A: Any, B: Any) -> Figure:
    """Draw the block table B ⊗_K Aᵀ and the matrix vec(B) vec(Aᵀ)ᵀ, in the same colours."""
    figure, (table, matrix) = new_axes(2, 3.6)
    P = np.asarray(A).T
    n = len(P)
    owners = np.arange(n * n).reshape(n, n)
    number_grid(table, np.kron(B, P), np.kron(owners, np.ones((n, n), dtype=int)))
    rows = np.repeat(owners.reshape(-1, 1, order="F"), n * n, axis=1)
    number_grid(matrix, np.outer(vec(B), vec(P)), rows)
    table.set_title(r"the table $B \otimes_K A^\top$")
    matrix.set_title(r"the matrix $\mathrm{vec}(B)\,\mathrm{vec}(A^\top)^\top$")
    return figure
