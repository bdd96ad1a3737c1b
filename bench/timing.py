"""Times that can be compared: in one process, in alternating rounds, medians of several."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

SHORTEST = 0.02  # seconds that a measurement should take at least


def seconds(action: Callable[[], Any], calls: int = 1) -> float:
    """Time one call, as the mean of several."""
    start = perf_counter()
    for _ in range(calls):
        action()
    return (perf_counter() - start) / calls


def rounds(
    actions: dict[str, Callable[[], Any]], count: int = 9, fewest: int = 3, budget: float = 30
) -> dict[str, list[float]]:
    """Time the actions in turn: `count` rounds, or `fewest` where the seconds of `budget` end.

    Each round has an order of its own, as an action leaves the memory to the next one.
    A first call of each is not counted, unless one round alone breaks the budget.
    """
    calls, first, order = {}, {}, Random(2011)
    for name, action in actions.items():
        first[name] = seconds(action)
        calls[name] = max(1, round(SHORTEST / first[name]))
    spent = sum(first.values())
    counted = int(spent > budget)
    times = {name: [first[name]] * counted for name in actions}
    for finished in range(counted, count):
        if finished >= fewest and spent > budget:
            break
        for name in order.sample(list(actions), len(actions)):
            times[name].append(seconds(actions[name], calls[name]))
            spent += times[name][-1] * calls[name]
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
        "rounds": len(own),
    }
