"""The pictures say what is true: the places, signs and numbers in them."""

import re
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from matplotlib.patches import Wedge
from strategies import arrays, hessian_table, inner, some

from matderiv import (
    LAYOUTS,
    TraceProduct,
    commutation_matrix,
    diagnose,
    exact,
    flatten,
    functional,
    sandwich,
)
from matderiv.book import figures
from matderiv.book.figures.cone import _coordinates
from matderiv.book.figures.diagrams import BUNDLES, SIDES

pytestmark = pytest.mark.filterwarnings("error")

A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
f = TraceProduct(A, B)
X0, X1 = exact([[1, 0], [0, 0]]), exact([[0, 0], [0, 3]])
TENSOR = hessian_table(A.T, B.T)
PLANE = (np.diag([0, 1]), np.array([[0, 1], [1, 0]]) / np.sqrt(2))


def words(figure):
    """List what stands in the axes and above them."""
    titles = [axes.get_title() for axes in figure.axes]
    return titles + [text.get_text() for axes in figure.axes for text in axes.texts]


HALVES = [0.0, 0.5, 1.0]
SLANTED = exact([[1, 2], [3, 4]])
CORNERS = {"start": SLANTED, "right": A, "down": [[1], [2]], "end": B}
FOUND = {"E": diagnose(f, X0, f.false_hessian.matrix())}
DRAWINGS = {
    "album": {"maps": {"into matrices": sandwich(A, B), "into numbers": functional(A)}},
    "angle": {"marked": 21.58},
    "barcodes": {"panels": {"symmetric A, B": FOUND}},
    "chord": {"f": f, "X0": X0, "X1": X1},
    "climb": {"A": SLANTED},
    "cone": {"f": f, "X0": X0, "X1": X1},
    "costs": {"times": figures.measured()["times"], "memory": 2**33},
    "flattenings": {"tensor": TENSOR},
    "kronecker_blocks": {"M": A, "N": B},
    "iterations": {"errors": {"right": [1, 1e-3], "wrong": [1, 10]}},
    "legs": {},
    "million": {"eigenvalues": HALVES, "mirrored": HALVES},
    "multiplications": {"counts": {"f": {4: 8, 16: 64}, "gradient": {4: 24, 16: 192}}},
    "quotients": {"f": np.trace, "X": np.eye(2), "Y": np.eye(2), "slope": 2.0},
    "spread": {"values": np.linspace(-2, 2, 50), "centre": 0.0, "errors": {"right": 1.0}},
    "square": {"corners": CORNERS, "arrows": dict.fromkeys(SIDES, "$L$")},
    "taylor": {"f": np.linalg.det, "X": np.eye(2), "Y": np.eye(2), "slope": 2.0, "curvature": 2.0},
    "two_forms": {"D": f.hessian, "E": f.false_hessian, "A": A, "B": B},
    "two_tables": {"A": A, "B": B},
    "unfoldings": {"m": 2, "n": 3},
}
drawings = pytest.mark.parametrize("name", DRAWINGS)


def test_every_picture_is_drawn_here():
    others = {"BenchTable", "measured", "measured_in_words", "quantity"}
    assert set(DRAWINGS) == set(figures.__all__) - others


def shown(picture):
    """Return what a notebook shows of a picture."""
    return getattr(picture, "_repr_svg_", picture._repr_html_)()


@drawings
def test_pictures_have_no_background_and_change_nothing(name):
    before = mpl.rcParams.copy()
    picture = getattr(figures, name)(**DRAWINGS[name])
    assert "<svg" in shown(picture)
    assert mpl.rcParams.copy() == before
    assert not InteractiveShell.initialized()
    figure = picture if isinstance(picture, Figure) else picture.figure
    assert figure.get_facecolor()[3] == 0
    assert all(axes.get_facecolor()[3] == 0 for axes in figure.axes)


@pytest.mark.parametrize("name", some(DRAWINGS, 7))
def test_pictures_look_alike_at_every_run(name):
    draw, arguments = getattr(figures, name), DRAWINGS[name]
    assert shown(draw(**arguments)) == shown(draw(*arguments.values())), "they take keywords"


def test_the_chord_is_labelled_with_the_values():
    assert {"35", "27", "32", "31"} <= set(words(figures.chord(f, X0, X1)))


@given(arrays((2, 2), "float"), arrays((2, 2), "float"))
def test_the_cone_is_drawn_in_coordinates_that_keep_lengths_and_angles(M, N):
    S, T = M + M.T, N + N.T
    assert np.isclose(np.dot(_coordinates(S), _coordinates(T)), inner(S, T))


def test_every_layout_stands_once_beside_a_matrix_with_its_least_eigenvalue():
    figure = figures.flattenings(TENSOR)
    assert sorted(set(words(figure)) & set(LAYOUTS)) == sorted(LAYOUTS)
    headings = [band.get_suptitle() for band in figure.subfigs]
    for heading, least in zip(headings, ("-3.166", "0.986", "-18"), strict=True):
        assert f"least eigenvalue ${least}$" in heading


def test_the_wedges_are_where_the_hessian_is_negative():
    picture = figures.angle(21.58)
    for place in (2, 19, 35):
        degrees = picture.places[place]
        half = np.radians(degrees / 2)
        a, b = (np.array([np.cos(half), s * np.sin(half)]) for s in (-1, 1))
        wedges = [
            shape
            for shape in picture.figure.axes[0].patches
            if isinstance(shape, Wedge) and shape.get_gid().startswith(f"at-{place}-")
        ]
        assert len(wedges) == 2
        for direction in np.arange(0.5, 360, 7):
            inside = any(w.theta1 < direction < w.theta2 for w in wedges)
            turned = np.radians(direction)
            y = np.array([np.cos(turned), np.sin(turned)])
            assert inside == ((a @ y) * (b @ y) < 0)


def test_the_slider_starts_at_the_marked_angle_and_shows_one_place():
    picture = figures.angle(21.58)
    html = picture._repr_html_()
    shown = set(re.findall(r'<g id="at-(\d+)-', html))
    hidden = set(re.findall(r'<g style="display: none" id="at-(\d+)-', html))
    assert picture.places == sorted({*range(0, 181, 5), 21.58})
    assert shown == {"5"}
    assert shown | hidden == {str(place) for place in range(38)}
    assert 'value="5" aria-valuetext="21.58°"' in html


def test_the_gradient_is_perpendicular_to_the_level_lines_and_the_folklore_is_not():
    figure = figures.climb(SLANTED)
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrow_patch", None)]
    gradient, folklore = (np.array(arrow.xy) for arrow in arrows)
    slope = np.array([float(np.trace(SLANTED @ M)) for M in PLANE])
    assert np.isclose(np.linalg.norm(gradient), 1)
    assert np.isclose(slope @ gradient, np.linalg.norm(slope))
    assert slope @ folklore < slope @ gradient - 0.1
    said = [text for text in words(figure) if "slope" in text]
    assert said == [
        f"gradient, slope {slope @ gradient:.2f}",
        f"folklore, slope {slope @ folklore:.2f}",
    ]


def test_the_parabola_is_nearer_to_the_function_than_its_tangent():
    X, Y = np.diag([2.0, 1.0]), np.diag([1.0, -0.5])
    picture = figures.taylor(
        lambda X: np.exp(np.trace(X)), X, Y, *np.exp(3) * np.array([0.5, 0.25])
    )
    first, second = (line.get_ydata() for line in picture.axes[1].lines)
    ratio = [np.log(gaps[12] / gaps[0]) / np.log(0.1 / 0.01) for gaps in (first, second)]
    np.testing.assert_allclose(ratio, [2, 3], atol=0.05)


def test_the_legs_are_bundled_into_the_three_matrices():
    P, Q = exact([[1, 2], [3, 5]]), exact([[7, 11], [13, 19]])  # symmetric ones would hide a slip
    matrices = {name: flatten(hessian_table(P, Q), layout) for name, layout, _ in BUNDLES}
    p, q = P.reshape(-1), Q.reshape(-1)
    E = np.kron(P, Q) + np.kron(Q, P)
    assert np.array_equal(matrices["D"], np.outer(p, q) + np.outer(q, p))
    assert np.array_equal(matrices["E"], E)
    assert np.array_equal(matrices["EK"], E @ commutation_matrix(2, 2))


def test_the_square_shows_what_is_in_its_corners():
    shown = words(figures.square(CORNERS, dict.fromkeys(SIDES, "$L$")))
    assert {"1  2\n3  4", "7  1\n1  3", "1\n2", "5  2\n2  1"} <= set(shown)
    assert shown.count("$L$") == 4


def parts(figure):
    """List the subfigures of a figure, those within others too."""
    return [part for child in figure.subfigs for part in (child, *parts(child))]


def test_everything_stands_on_round_numbers_since_the_layout_varies_in_its_last_digits():
    album = figures.album({"into matrices": sandwich(A, B), "into numbers": functional(A)})
    for figure in (figures.two_tables(A, B), figures.flattenings(TENSOR), album):
        places = [axes.get_position(original=True).bounds for axes in figure.axes]
        places += [part.bbox_relative.bounds for part in parts(figure)]
        assert np.abs(places - np.round(places, 5)).max() < 1e-12
        before = figure.axes[0].get_position(original=True).bounds
        figure.draw_without_rendering()
        assert figure.axes[0].get_position(original=True).bounds == before


@pytest.mark.parametrize("kinds", [(0,), (1,), (0, 1)])
def test_an_album_of_maps_into_matrices_or_into_numbers_shows_each_in_both_orders(kinds):
    zero = sandwich(np.zeros((3, 2)), np.zeros((2, 2)))
    maps = [{"into matrices": zero}, {"into numbers": functional(A)}]
    drawn = {title: L for kind in kinds for title, L in maps[kind].items()}
    pictures = [axes.images[0].get_array() for axes in figures.album(drawn).axes]
    heights = {"into matrices": 6, "into numbers": 1}
    assert [len(picture) for picture in pictures] == [
        heights[title] for title in drawn for _ in "FC"
    ]
    assert all(np.isfinite(picture).all() for picture in pictures)


def test_an_album_of_nothing_is_refused():
    with pytest.raises(ValueError, match="maps: expected at least one"):
        figures.album({})


def test_without_matplotlib_the_error_names_the_extra():
    code = "import sys; sys.modules['matplotlib'] = None; import matderiv.book.figures"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    *_, message = process.stderr.splitlines()
    assert re.search(r"needs Matplotlib.*matderiv\[book\]", message)
