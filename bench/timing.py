"""Times that can be compared: in one process, in alternating rounds, medians of several."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

SHORTEST = 0.02  # seconds that a measurement should take at least
BUDGET, FEWEST = 30, 3  # seconds after which no new round begins, once there are three


def seconds(action: Callable[[], Any], calls: int = 1) -> float:
    """Time one call, as the mean of several."""
    start = perf_counter()
    for _ in range(calls):
        action()
    return (perf_counter() - start) / calls


def rounds(actions: dict[str, Callable[[], Any]], count: int = 9) -> dict[str, list[float]]:
    """Time the actions in turn, at most `count` times over; first calls are not counted."""
    calls = {}
    for name, action in actions.items():
        action()
        calls[name] = max(1, round(SHORTEST / seconds(action)))
    times: dict[str, list[float]] = {name: [] for name in actions}
    begun = perf_counter()
    for finished in range(count):
        if finished >= FEWEST and perf_counter() - begun > BUDGET:
            break
        for name, action in actions.items():
            times[name].append(seconds(action, calls[name]))
    return times


def row(
    subject: str,
    size: str,
    times: dict[str, list[float]],
    against: str | None = None,
    aim: float | None = None,
) -> dict[str, Any]:
    """Compare one of the timed actions with another: the median of the ratios, round by round."""
    own, other = times[subject], times[against] if against else None
    return {
        "subject": subject,
        "size": size,
        "value": median(own),
        "unit": "s",
        "against": against,
        "reference": median(other) if other else None,
        "ratio": median(a / b for a, b in zip(own, other, strict=True)) if other else None,
        "aim": aim,
    }
