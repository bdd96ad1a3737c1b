"""Long work shows how far it is, where somebody watches; Ctrl-C stops it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")

DELAY = 2.0
"""Seconds before anything is shown."""


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterable[Item]:
    """Yield the items; show a bar after two seconds, where tqdm is installed and somebody watches.

    Examples
    --------
    >>> sum(progress([1, 2, 3], "the sum"))
    6
    """
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, desc=what, total=total, delay=DELAY, disable=None, leave=False)
