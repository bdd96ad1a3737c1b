"""SymPy's expressions as texts that are read here; what would change its meaning is refused."""

from __future__ import annotations

from typing import Any, NoReturn

from sympy import Expr, Identity, MatrixSymbol, OneMatrix, ZeroMatrix
from sympy.printing.str import StrPrinter

NAMES = {"OneMatrix": "ones", "ZeroMatrix": "zeros", "DiagMatrix": "diag", "DiagonalOf": "diag"}


def text_of(expression: Any) -> tuple[str, dict[str, list[str]]]:
    """Write an expression as a text, and say what its symbols are."""
    if not isinstance(expression, Expr):
        raise TypeError(f"a formula of SymPy's is made of MatrixSymbols, not of {expression}")
    matrices = expression.atoms(MatrixSymbol)
    sizes = {size for X in matrices for size in X.shape}
    numbers = numbers_of(expression) & expression.free_symbols
    if twice := sizes & numbers:
        raise ValueError(f"{min(twice, key=str)} is a size and a number: take another letter")
    if others := [t.name for t in numbers if not t.is_commutative]:
        raise ValueError(f"{min(others)} does not commute: take a MatrixSymbol")
    if rows := [X.name for X in matrices if X.shape[0] == 1]:
        raise ValueError(f"{min(rows)} is a row: take a column, transposed")
    vectors = {X.name for X in matrices if X.shape[1] == 1}
    kinds = {
        "scalar": [t.name for t in numbers],
        "vector": [*vectors],
        "matrix": [X.name for X in matrices if X.name not in vectors],
    }
    return Printer().doprint(expression), kinds


def numbers_of(expression: Any) -> set[Any]:
    """Return the symbols that stand for numbers, not for sizes alone."""
    if isinstance(expression, (MatrixSymbol, Identity, OneMatrix, ZeroMatrix)):
        return set()
    if getattr(expression, "is_Symbol", False):
        return {expression}
    return {t for part in expression.args for t in numbers_of(part)}


class Printer(StrPrinter):  # type: ignore[misc]
    """Writes what SymPy itself would write in a way that is read differently, or not at all."""

    def refuse(self, expression: Any) -> NoReturn:
        """Say that there is no such thing here."""
        raise ValueError(
            f"{expression} has no formula here: it is SymPy's {type(expression).__name__}"
        )

    emptyPrinter = _print_Exp1 = _print_ImaginaryUnit = _print_Infinity = refuse
    _print_NaN = _print_Pi = refuse

    def call(self, expression: Any) -> str:
        """Write a function of this package."""
        name = type(expression).__name__
        return f"{NAMES.get(name, name.lower())}({', '.join(map(self._print, expression.args))})"

    _print_OneMatrix = _print_ZeroMatrix = _print_DiagMatrix = _print_DiagonalOf = call
    _print_LatticeOp = call

    def _print_Function(self, expression: Any) -> str:
        if any(getattr(arg, "is_Matrix", False) for arg in expression.args):
            way = f"entry by entry it is X.applyfunc({expression.func.__name__})"
            raise ValueError(f"{expression} is a function of a matrix as a whole; {way}")
        return self.call(expression)

    def _print_ElementwiseApplyFunction(self, expression: Any) -> str:
        body = expression.function.expr
        if body.args != expression.function.variables:
            self.refuse(expression)
        return self.call(body.func(expression.expr, evaluate=False))

    def _print_HadamardPower(self, expression: Any) -> str:
        return "({}).^({})".format(*map(self._print, expression.args))
