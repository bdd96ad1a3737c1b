"""Entries of the cookbook: one line each, from which the rest is derived.

Most are formulas: `recipe` derives everything with `matderiv.formula`. A function that has no
formula, such as an eigenvalue, is `special`: its derivative is written by hand, as a formula in the
direction Y and in matrices that NumPy computes at X.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from matderiv import formula
from matderiv.formulas import ORDERS, Derivative, Formula
from matderiv.formulas.printing import Latex, domain
from matderiv.formulas.tree import Node, inverse, times

LONGEST = 400  # letters of LaTeX in a Hessian that is shown
Arrays = Mapping[str, Any]
Answer = Callable[[Arrays], Any]


@dataclass(frozen=True)
class Row:
    """A line of an entry in LaTeX: a name and what it is."""

    name: str
    latex: str

    def __str__(self) -> str:
        return f"{self.name} = {self.latex}"


@dataclass(frozen=True)
class Entry:
    """A function and its derivative; made by `recipe` and `special`.

    ``code`` is the line that was written, ``title`` the function in LaTeX, and ``name`` what it is
    called. ``domain`` says where it goes from and to; ``rows`` are the derivative and, of a number,
    the gradient, which are ``maps``, and the ``matrices``; ``legend`` explains letters, or says
    what they must be. ``sizes`` are those of the check that `formula` makes; ``declared`` is what
    `formula` was told of the symbols; ``sheet`` tells whether the entry stands on the cheat sheet.

    For the check in floats, ``symbols`` are the matrices to draw at random, ``by`` and ``along``
    the names of X and of the direction; ``function`` gives f(X) at arrays, ``constants`` the
    matrices that NumPy computes at X, and ``answers`` are the formulas at arrays.
    """

    code: str
    title: str
    name: str
    domain: str
    rows: Mapping[str, Row]
    answers: dict[str, Answer] = field(repr=False)
    function: Answer = field(repr=False)
    symbols: Mapping[str, Node] = field(repr=False)
    by: str = "X"
    along: str = "Y"
    sheet: bool = False
    hessian: list[Row] = field(default_factory=list)
    sizes: list[dict[str, int]] = field(default_factory=list)
    declared: Mapping[str, str] = field(default_factory=dict)
    legend: str = ""
    constants: Callable[[Any], Arrays] = field(default=lambda X: {}, repr=False)
    symmetric: bool = False

    @property
    def maps(self) -> list[Row]:
        """The derivative as a map, and the gradient of a number."""
        return [row for name, row in self.rows.items() if name not in ORDERS]

    @property
    def matrices(self) -> list[Row]:
        """The matrices of the map, in both orders."""
        return [self.rows[order] for order in ORDERS]

    def __str__(self) -> str:
        return self.code


def recipe(text: str, name: str = "", by: str = "X", sheet: bool = False, **declared: str) -> Entry:
    r"""Derive an entry from a formula.

    Parameters
    ----------
    text
        The formula, as `formula` reads it.
    name
        What it is called, if it has a name.
    by
        The symbol to differentiate by.
    sheet
        Whether it stands on the cheat sheet.
    **declared
        What the symbols are, as in `formula`.

    Examples
    --------
    >>> entry = recipe("log(det(X))")
    >>> print(*entry.maps, sep="\n")
    Df(X)[Y] = \operatorname{tr}\left(X^{-1} Y\right)
    \nabla f(X) = X^{-\top}
    """
    f = formula(text, **declared)
    D = f.derivative(by)
    Y = D.Y.data[0]
    return Entry(
        text,
        Latex(as_typed=True)(f.raw),
        name,
        _between(D.X, f.node, domain(f.node, by, Latex())),
        _rows(D.answers, f"f({Latex().name(by)})", Y),
        {name: partial(value_of, answer) for name, answer in D.answers.items()},
        partial(value_of, f),
        {**f.symbols, Y: D.Y},
        by,
        Y,
        sheet,
        _hessian(D) if f.node.is_number else [],
        D.tried,
        declared,
        ", ".join(f"${names}$ {kind}" for kind, names in declared.items()),
    )


def special(
    title: str,
    value: str,
    constants: Callable[[Any], Arrays],
    slope: str,
    legend: str,
    *,
    name: str,
    equals: str = "",
    square: bool = False,
    symmetric: bool = False,
    sheet: bool = False,
) -> Entry:
    r"""Make an entry of a function that has no formula.

    Parameters
    ----------
    title
        The function, in LaTeX.
    value
        Which of the constants is f(X).
    constants
        What occurs in the formulas, by name, as a function of X. A Greek letter is a number, a
        small one a vector, a capital one a matrix.
    slope
        Df(X)[Y], as a formula in Y and the constants; or, if `equals` is given, the left side of a
        linear equation for Z = Df(X)[Y].
    legend
        What the letters and the conditions are, in Markdown.
    name
        What the function is called.
    equals
        The right side of the equation, as a formula in Y.
    square
        Whether X must be square.
    symmetric
        Whether X must be symmetric, and so Y.
    sheet
        Whether it stands on the cheat sheet.
    """
    shapes = f"tr(X'*Y)*{value}" + ("*tr(X)" if square or symmetric else "")
    if equals:
        D, R = _linear(slope, "Z", f"tr({value}'*Z)*{value}"), _linear(equals, "Y", shapes)
        equation = f"{Latex()(D.f.node)} = {Latex()(R.f.node)}"
        rows = {"map": Row("Df(X)[Y]", rf"Z \text{{ with }} {equation}")}
        rows |= {order: Row(_matrix("f(X)", order), _solved(D, R, order)) for order in ORDERS}
        answers: dict[str, Answer] = {order: partial(_solve, D, R, order) for order in ORDERS}
        answers["map"] = lambda arrays: _folded(answers["F"](arrays), arrays["Y"])
    else:
        D = R = _linear(slope, "Y", shapes)
        formulas = D.answers | {"map": D.f.of(D.f.node)}
        rows = _rows(formulas, "f(X)", "Y")
        answers = {name: partial(value_of, answer) for name, answer in formulas.items()}
    shape = R.f.symbols["Y"]
    return Entry(
        slope + (f" = {equals}" if equals else ""),
        title,
        name,
        _between(shape, R.f.node, []),
        rows,
        answers,
        lambda arrays: constants(arrays["X"])[value],
        {"X": shape, "Y": shape},
        sheet=sheet,
        legend=legend,
        constants=constants,
        symmetric=symmetric,
    )


def _linear(text: str, direction: str, shapes: str) -> Derivative:
    """Read a formula that is linear in a direction, and differentiate it.

    A zero that is added tells the shapes: only a square matrix has a trace.
    """
    return formula(f"{text} + 0*{shapes}").derivative(direction)


def _matrix(f: str, order: str) -> str:
    return rf"[D{f}]_{{\mathrm {order}}}"


def _rows(answers: Mapping[str, Formula], f: str, direction: str) -> dict[str, Row]:
    """Write the formulas of a derivative, each with its name."""
    names = {"map": f"D{f}[{direction}]", "gradient": rf"\nabla {f}"}
    names |= {order: _matrix(f, order) for order in ORDERS}
    return {name: Row(names[name], value.written(Latex())) for name, value in answers.items()}


def _hessian(D: Derivative) -> list[Row]:
    """Return the derivative of the gradient and its matrices, if they are not too long."""
    rows = _rows(D.hessian.answers, rf"\nabla f({D.X.data[0]})", D.hessian.Y.data[0])
    shown = (row for name, row in rows.items() if name != "gradient")  # of a derivative by a number
    return [row for row in shown if len(row.latex) <= LONGEST]


def _between(X: Node, value: Node, conditions: list[str]) -> str:
    """Write from where to where a function goes, and what must hold."""
    return r",\quad ".join([rf"{_space(X)} \to {_space(value)}", *conditions])


def _space(node: Node) -> str:
    latex = Latex()
    sizes = [" ".join(map(latex.name, size)) for size in (node.rows, node.cols) if size]
    return r"\mathbb{R}" + ("^{" + r" \times ".join(sizes) + "}" if sizes else "")


def value_of(value: Formula, arrays: Arrays) -> Any:
    """Evaluate a formula at those arrays that it needs."""
    return value(**{name: arrays[name] for name in value.symbols if name in arrays})


def _solved(L: Derivative, R: Derivative, order: Any) -> str:
    """Write the matrix of the map that takes Y to the solution Z of L(Z) = R(Y)."""
    return Latex()(times(inverse(L.matrix(order).node), R.matrix(order).node))


def _solve(L: Derivative, R: Derivative, order: Any, arrays: Arrays) -> Any:
    known = {name: array for name, array in arrays.items() if name != "Y"}  # L's own is like Z
    return np.linalg.solve(value_of(L.matrix(order), known), value_of(R.matrix(order), arrays))


def _folded(matrix: Any, Y: Any) -> Any:
    return (matrix @ Y.ravel("F")).reshape(len(matrix) // Y.shape[1], -1, order="F")
