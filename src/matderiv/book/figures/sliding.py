"""A picture that the reader moves: the angle between A and B, and where the Hessian is negative."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Wedge

from matderiv.book.figures.style import BLUE, GREY, ORANGE, in_style, new_axes, svg

STEP = 5  # degrees from one place of the slider to the next

DESCRIPTION = (
    "Left, the plane through A and B, two arrows of length one; the directions in which f bends "
    "down fill a double wedge between their normals, as wide as the angle between the arrows. "
    "Right, the eigenvalues cos θ + 1 and cos θ − 1 against the angle θ: the lower is zero only "
    "where the angle is zero."
)

PAGE = """<div class="sliding" style="max-width: 720px">
{picture}
<label style="display: flex; flex-wrap: wrap; gap: 0 0.8em">
the angle between A and B
<input type="range" style="flex: 1; min-width: 12em" min="0" max="180" step="{step}"
 value="{start}" oninput="
  const picture = this.closest('.sliding');
  for (const shape of picture.querySelectorAll('g[id^=at-]'))
    shape.style.display = shape.id.startsWith(`at-${{this.value}}-`) ? '' : 'none';
  picture.querySelector('output').textContent = `${{this.value}}°`;
 ">
<output style="min-width: 3em">{start}°</output>
</label>
</div>"""


@dataclass(frozen=True, eq=False)
class SlidingFigure:
    """A figure some of whose shapes belong to one place of a slider; notebooks show it as HTML.

    The identifier of such a shape is ``at-``, the place, a hyphen and a number. The page needs
    neither a server nor, to show the start, JavaScript.
    """

    figure: Figure
    start: int

    def _repr_html_(self) -> str:
        picture = svg(self.figure)
        picture = picture[picture.index("<svg") :]
        picture = re.sub("<(metadata|style).*?</\\1>", "", picture, flags=re.DOTALL)
        label = f'role="img" aria-label="{DESCRIPTION}"'
        picture = re.sub(r'width="\S+" height="\S+"', label, picture, count=1)
        elsewhere = rf'<g (?=id="at-(?!{self.start}-))'
        picture = re.sub(elsewhere, '<g style="display: none" ', picture)
        return PAGE.format(picture=picture, start=self.start, step=STEP)


def angle(marked: float) -> SlidingFigure:
    """Draw where the Hessian is negative, and its two eigenvalues, for every angle.

    Left the plane through A and B, right ⟨A, B⟩ ± |A||B| in units of |A||B|. The angle
    ``marked``, in degrees, stands out.
    """
    return SlidingFigure(_angle(marked), STEP * round(marked / STEP))


@in_style
def _angle(marked: float) -> Figure:
    figure, (plane, curves) = new_axes(2, 3.6)
    plane.add_patch(Circle((0, 0), 1, fill=False, color=GREY, linewidth=1))
    plane.set_xlim(-1.25, 1.25)
    plane.set_ylim(-1.25, 1.25)
    plane.set_aspect("equal")
    plane.set_axis_off()
    plane.set_title("directions in which $f$ bends down")
    theta = np.linspace(0, 180, 91)
    for sign, colour in ((1, BLUE), (-1, ORANGE)):
        curves.plot(theta, np.cos(np.radians(theta)) + sign, color=colour)
    curves.axhline(0, color=GREY, linewidth=1)
    curves.axvline(marked, color=GREY, linewidth=1, linestyle=":")
    curves.annotate("2011", (marked, -2), (4, 0), textcoords="offset points")
    curves.set_xticks(range(0, 181, 45), [f"{degrees}°" for degrees in range(0, 181, 45)])
    curves.set_title(r"eigenvalues, in units of $|A|\,|B|$")
    for degrees in range(0, 181, STEP):
        shapes = [*_on_plane(plane, degrees), *_on_curves(curves, degrees)]
        for number, shape in enumerate(shapes):
            shape.set_gid(f"at-{degrees}-{number}")
    return figure


def _on_plane(axes: Axes, degrees: int) -> list[Any]:
    """Draw A, B and the wedges between their normals: there tr(AY) and tr(BY) differ in sign."""
    half = degrees / 2
    shapes: list[Any] = [
        axes.add_patch(Wedge((0, 0), 1, middle - half, middle + half, color=ORANGE, alpha=0.35))
        for middle in (90, 270)
    ]
    for name, turn, colour in (("A", -half, BLUE), ("B", half, BLUE)):
        x, y = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        shapes += axes.plot([0, x], [0, y], color=colour, marker="o", markevery=[1])
        place: Any = {"ha": "center", "va": "top" if name == "A" else "bottom"}
        shapes.append(axes.text(1.12 * x, 1.12 * y, f"${name}$", color=GREY, **place))
    return shapes


def _on_curves(axes: Axes, degrees: int) -> list[Any]:
    cosine = np.cos(np.radians(degrees))
    return [
        *axes.plot(degrees, cosine + 1, "o", color=BLUE, markersize=8),
        *axes.plot(degrees, cosine - 1, "o", color=ORANGE, markersize=8),
    ]
