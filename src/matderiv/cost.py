"""What is asked for and would take too long is refused at once, with the time it would take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TypeVar

Item = TypeVar("Item")

MAX_SECONDS = 120.0
RAISE = "ask for less, or raise max_seconds"
TRIAL = 1.0
"""Seconds of work after which the pace tells how long the rest will take."""


def check_time(seconds: float, what: str, max_seconds: float, advice: str) -> None:
    """Refuse work that would take longer than it may."""
    if seconds > max_seconds:
        raise ValueError(
            f"{what} would take about {_duration(seconds)}, "
            f"above the limit of {_duration(max_seconds)}; {advice}"
        )


def paced(
    items: Sequence[Item], power: int, what: str, max_seconds: float, advice: str = RAISE
) -> Iterator[Item]:
    """Yield the items of a long work; refuse to go on when its pace is too slow.

    The first k of n items are (k/n) ** power of the work.
    """
    start = monotonic()
    for done, item in enumerate(items):
        spent = monotonic() - start
        if done and spent > TRIAL:
            seconds = spent * (len(items) / done) ** power
            check_time(seconds, what, max_seconds, advice)
        yield item


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.0f} seconds"
