"""What `make bench` measured, and the table of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

HEADINGS = ("what", "size", "takes", "ratio", "to", "aim")
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = {
    "s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")),
}


@cache
def measured() -> dict[str, Any]:
    """Return what was measured: machine, versions, rows of the table, times by size, cluster."""
    text = files("matderiv.book.figures").joinpath("measured.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def measured_in_words() -> dict[str, str]:
    """Return what was measured on what, and how the cluster did, for sentences."""
    machine, cluster = measured()["machine"], measured()["cluster"]
    versions = (f"{name} {version}" for name, version in measured()["versions"].items())
    return {
        "machine": f"{machine['processor']} with {machine['cores']} cores "
        f"and {machine['memory'] / 2**30:.0f} GiB",
        "versions": ", ".join(versions),
        "limit": cluster["memory_limit"].replace("MiB", " MiB"),
        "cluster-N": f"{cluster['N']}",
        "block": f"{cluster['block']}",
        "one-matrix": quantity(cluster["bytes_of_one_matrix"], "B"),
        "seconds": quantity(cluster["seconds"], "s"),
        "residual": f"{cluster['residual']:.1g}",
    }


@dataclass(frozen=True)
class BenchTable:
    """Rows of measurements, for people to read."""

    rows: list[dict[str, Any]]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(row)) + "</tr>"
            for row in self.rows
        )
        return f'<table class="cards"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def __str__(self) -> str:
        return "\n".join(" | ".join(cells(row)) for row in self.rows)


def cells(row: dict[str, Any]) -> list[str]:
    """Write a row of the table in words."""
    return [
        row["subject"],
        row["size"].replace(" ", NO_BREAK),
        quantity(row["value"], row["unit"]),
        _number(row["ratio"]) if row["ratio"] is not None else "",
        row["against"] or "",
        f"≤{NO_BREAK}{row['aim']:g}" if row["aim"] is not None else "",
    ]


def _number(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def quantity(value: float, unit: str) -> str:
    r"""Write seconds or bytes in a unit that suits them.

    Examples
    --------
    >>> quantity(0.0123, "s"), quantity(8e12, "B")
    ('12.3\xa0ms', '8,000\xa0GB')
    """
    size, name = next((u for u in UNITS[unit] if value >= u[0]), UNITS[unit][-1])
    number = value / size
    return f"{number:,.0f}{NO_BREAK}{name}" if number >= 100 else f"{number:.3g}{NO_BREAK}{name}"
