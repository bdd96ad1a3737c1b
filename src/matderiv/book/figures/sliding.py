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

PAGE = """<div class="sliding" style="max-width: 720px" data-degrees="{degrees}">
{picture}
<label style="display: flex; flex-wrap: wrap; gap: 0 0.8em">
the angle between A and B
<input type="range" style="flex: 1; min-width: 12em" min="0" max="{last}"
 value="{start}" aria-valuetext="{angle}°" oninput="
  const picture = this.closest('.sliding');
  const angle = picture.dataset.degrees.split(' ')[this.value] + '°';
  for (const shape of picture.querySelectorAll('g[id^=at-]'))
    shape.style.display = shape.id.startsWith(`at-${{this.value}}-`) ? '' : 'none';
  picture.querySelector('output').textContent = angle;
  this.setAttribute('aria-valuetext', angle);
 ">
<output style="min-width: 4em">{angle}°</output>
</label>
</div>"""


@dataclass(frozen=True, eq=False)
class SlidingFigure:
    """A figure some of whose shapes belong to one place of a slider; notebooks show it as HTML.

    The identifier of such a shape is ``at-``, the number of the place, a hyphen and a number. The
    page needs neither a server nor, to show the start, JavaScript.
    """

    figure: Figure
    places: list[float]
    start: int

    def _repr_html_(self) -> str:
        picture = svg(self.figure)
        picture = picture[picture.index("<svg") :]
        picture = re.sub("<(metadata|style).*?</\\1>", "", picture, flags=re.DOTALL)
        label = f'role="img" aria-label="{DESCRIPTION}"'
        picture = re.sub(r'width="\S+" height="\S+"', label, picture, count=1)
        elsewhere = rf'<g (?=id="at-(?!{self.start}-))'
        picture = re.sub(elsewhere, '<g style="display: none" ', picture)
        degrees = [f"{place:g}" for place in self.places]
        return PAGE.format(
            picture=picture,
            degrees=" ".join(degrees),
            last=len(degrees) - 1,
            start=self.start,
            angle=degrees[self.start],
        )


def angle(marked: float) -> SlidingFigure:
    """Draw where the Hessian is negative, and its two eigenvalues, for every angle.

    Left the plane through A and B, right ⟨A, B⟩ ± |A||B| in units of |A||B|. The angle
    ``marked``, in degrees, stands out, and the slider starts there.
    """
    places = sorted({*map(float, range(0, 181, STEP)), round(marked, 2)})
    return SlidingFigure(_angle(marked, places), places, places.index(round(marked, 2)))


@in_style
def _angle(marked: float, places: list[float]) -> Figure:
    figure, (plane, curves) = new_axes(2, 3.6)
    plane.add_patch(Circle((0, 0), 1, fill=False, color=GREY, linewidth=1))
    plane.set_xlim(-1.4, 1.4)
    plane.set_ylim(-1.4, 1.4)
    plane.set_aspect("equal")
    plane.set_axis_off()
    plane.set_title("directions in which $f$ bends down")
    theta = np.linspace(0, 180, 91)
    for sign, colour in ((1, BLUE), (-1, ORANGE)):
        curves.plot(theta, np.cos(np.radians(theta)) + sign, color=colour)
    curves.axhline(0, color=GREY, linewidth=1)
    curves.axvline(marked, color=GREY, linewidth=1, linestyle=":")
    curves.annotate("2011", (marked, -2), (4, 0), textcoords="offset points")
    curves.set_xticks(range(0, 181, 45), [f"{tick}°" for tick in range(0, 181, 45)])
    curves.set_title(r"eigenvalues, in units of $|A|\,|B|$")
    for place, degrees in enumerate(places):
        shapes = [*_on_plane(plane, degrees), *_on_curves(curves, degrees)]
        for number, shape in enumerate(shapes):
            shape.set_gid(f"at-{place}-{number}")
    return figure


def _on_plane(axes: Axes, degrees: float) -> list[Any]:
    """Draw A, B and the wedges between their normals: there tr(AY) and tr(BY) differ in sign."""
    half = degrees / 2
    shapes: list[Any] = [
        axes.add_patch(Wedge((0, 0), 1, middle - half, middle + half, color=ORANGE, alpha=0.35))
        for middle in (90, 270)
    ]
    for name, turn, colour in (("A/|A|", -half, BLUE), ("B/|B|", half, BLUE)):
        x, y = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        shapes += axes.plot([0, x], [0, y], color=colour, marker="o", markevery=[1])
        place: Any = {"ha": "center", "va": "top" if turn < 0 else "bottom"}
        shapes.append(axes.text(1.2 * x, 1.2 * y, f"${name}$", color=GREY, **place))
    return shapes


def _on_curves(axes: Axes, degrees: float) -> list[Any]:
    cosine = np.cos(np.radians(degrees))
    return [
        *axes.plot(degrees, cosine + 1, "o", color=BLUE, markersize=8),
        *axes.plot(degrees, cosine - 1, "o", color=ORANGE, markersize=8),
    ]
