"""Formula in, formula out: derivatives for all sizes at once, checked before they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import calculus, checking
from .calculus import Chain, Inner, Order
from .printing import Latex, Numpy, Text, factored
from .reading import Reading, declarations, read
from .tree import ONE, Node, add, tidy


@dataclass(frozen=True)
class Formula:
    """A formula for all sizes: it prints, evaluates and differentiates."""

    raw: Node
    symbols: dict[str, Node]

    @cached_property
    def node(self) -> Node:
        """The tidy tree."""
        return tidy(self.raw)

    def __str__(self) -> str:
        return Text(as_typed=True)(self.raw)

    def derivative(self, variable: str) -> Derivative:
        return Derivative(self, self.symbols[variable])


class Derivative:
    def __init__(self, f: Formula, X: Node) -> None:
        self.f, self.X = f, X
        name = next(n for n in ("Y", "Z", "H", "V", "W", "Y1", "Y2") if n not in f.symbols)
        self.Y = Node("symbol", (), (name, False), X.rows, X.cols)
        self.chains = [*calculus.chains(f.node, X.data[0])]
        self.answers = {"map": self._map}
        if f.node.is_number:
            self.answers["gradient"] = self._gradient
        self.answers |= {o: self._matrix(o) for o in "FC"}
        others = [s for n, s in f.symbols.items() if n != X.data[0]]
        checking.check(f.raw, X, self.Y, others, self.answers)

    @cached_property
    def _gradient(self):
        return factored(add(*(calculus.run(calculus.adjoint(c), ONE) for c in self.chains)))

    @cached_property
    def _map(self):
        if self.f.node.is_number:
            G = self._gradient
            return add(*(Inner(t).at(self.Y) for t in (G.args if G.op == "add" else [G])))
        return add(*(calculus.run(c, self.Y) for c in self.chains))

    def _matrix(self, order):
        if self.f.node.is_number:
            return Inner(self._gradient).matrix(order)
        return factored(add(*(calculus.matrix(c, self.X, order) for c in self.chains)))


def formula(text: str, **declared: Any) -> Formula:
    r = read(text, declarations(**declared))
    return Formula(r.raw, r.symbols)
