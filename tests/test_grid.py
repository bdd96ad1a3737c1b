"""Float derivatives on the grid of `bench.grid`: none wrong, nearly all right."""

from functools import cache

import numpy as np
import pytest

from bench.grid import DOUBLE, cells, judged, knowing, mp, ours, precise

CELLS = cells()
SMOOTH = [  # but where X has zeros or f a seam, at which a closed form has pieces
    cell
    for cell in CELLS
    if cell.family and cell.order == 1 and np.all(cell.X) and "seam" not in cell.name
]

pytestmark = pytest.mark.xdist_group("grid")  # one process judges each cell once


def name(cell):
    return f"{cell.name}, derivative {cell.order}"


def ascii_name(cell):
    return name(cell).encode("ascii", "replace").decode()  # mutmut finds no others


@cache
def verdict(cell):
    return judged(cell, ours)


@pytest.mark.parametrize("cell", CELLS, ids=ascii_name)
def test_no_answer_is_wrong(cell):
    assert verdict(cell).word != "wrong", verdict(cell).reason
    if cell.refusal == "required":
        assert verdict(cell).word == "right", verdict(cell).reason


@pytest.mark.parametrize("order", [1, 2])
def test_nearly_all_answers_are_right(order):
    words = [verdict(cell).word for cell in CELLS if cell.order == order]
    assert words.count("right") >= 0.95 * len(words)


def test_reported_errors_are_of_use():
    remarks = {name(cell): verdict(cell).remark for cell in CELLS if verdict(cell).remark}
    assert len(remarks) <= 0.05 * len(CELLS), remarks


@pytest.mark.parametrize("cell", CELLS, ids=ascii_name)
def test_the_grid_asks_nothing_impossible(cell):
    if not cell.may_refuse:
        found = judged(cell, knowing)
        assert found.word == "right", found.reason


@pytest.mark.parametrize("cell", SMOOTH, ids=ascii_name)
def test_the_closed_forms_agree_with_each_other(cell):
    X, (Y, Z), h = precise(cell.X), moves(cell), mp.mpf(10) ** -25
    slope, curve = cell.family.slope, cell.family.curve
    quotient = (slope(X + h * Z, Y) - slope(X - h * Z, Y)) / (2 * h)
    assert abs(quotient - curve(X, Y, Z)) < 1e-20 * cell.variation


@pytest.mark.parametrize("cell", SMOOTH, ids=ascii_name)
def test_the_closed_forms_belong_to_the_functions(cell):
    Y, h = moves(cell)[0], 1e-4
    f, step = cell.family.f, h * Y.astype(float)
    quotient = (f(cell.X + step) - f(cell.X - step)) / (2 * h)
    rounding = cell.rounding if cell.epsilon == DOUBLE else 1e-8 * cell.variation
    error = abs(quotient - float(cell.family.slope(precise(cell.X), Y)))
    assert error < 1e-5 * cell.variation + 10 * rounding / h


def moves(cell):
    """Give two directions of the length within which f is its Taylor series."""
    lengths = precise(np.broadcast_to(cell.family.length(cell.X), cell.X.shape))
    return precise(np.random.default_rng(1).uniform(-1, 1, (2, *cell.X.shape))) * lengths
