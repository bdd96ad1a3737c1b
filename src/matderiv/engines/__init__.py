"""How a derivative is computed: one protocol, with an engine for floats and one for exact numbers.

An engine is bound to a function and a point. It differentiates along many directions at once, and
says of every number how far to trust it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from matderiv.arrays import ExactArray, Shape, exact, frozen, is_exact, matrix

Function = Callable[[Any], Any]

NO_DERIVATIVE = "f has no derivative at X that could be confirmed"


class Engine(Protocol):
    """A function at a point, ready to be differentiated.

    ``shape`` is that of the function's values, ``method`` says how derivatives are computed, and
    ``error`` is the largest error of a derivative along a direction of length 1, as estimated.
    """

    X: Any
    shape: Shape
    method: str
    error: float

    def slopes(self, directions: Iterable[Any]) -> tuple[Any, Any]:
        """Return the derivatives along k directions, of shape (k, *shape), and their errors."""

    def second_slopes(self, directions: Sequence[Any]) -> tuple[Any, Any]:
        """Return the second derivatives along every two of k directions, (k, k), and errors."""
