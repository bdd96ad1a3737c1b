"""The values of formulas at arrays: numbers, matrices, and derivatives as maps of the package.

In floats the NumPy code that is printed is the code that runs; it is made of a tree, whose names
are letters and digits. Exact arrays go the way of the check, with SymPy's numbers for entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, NoReturn

from .calculus import Chain, Entrywise, Link, RankOne, Sandwich
from .checking import Floats, Point, Undefined, length
from .printing import CORNERS, Numpy, Text
from .tree import ONE, Node, atoms, make, scaled, space, times, transpose, walk

if TYPE_CHECKING:
    from ..maps import LinearMap


Origin = tuple[Node, str]  # a formula, and the symbol that it is differentiated by
LARGEST_CONDITION = 1e12  # three digits are left; of a matrix in the best units (Bauer, 1963)


class Exactly(Floats):
    """SymPy's numbers, as a field in which formulas are evaluated."""

    def __init__(self) -> None:
        import sympy

        self.library = sympy

    def rational(self, c: Fraction) -> Any:
        return self.library.Rational(c.numerator, c.denominator)

    def pivot(self, a: Any) -> float:
        from ..engines.expressions import is_zero

        return float(not is_zero(self.library.sympify(a)))

    def power(self, a: Any, p: Fraction) -> Any:
        return self.library.sympify(a) ** self.rational(p)

    def sign(self, a: Any) -> Any:
        return self.library.sign(a)

    def positive(self, a: Any) -> Any:
        return a


class Lengths(dict[str, int]):
    """What sizes are, by their letters."""

    def __missing__(self, letter: str) -> NoReturn:
        raise TypeError(f"no array tells the size {letter}: give {letter}=… as well")


def _condition(A: Any, inverse: Any) -> float:
    """Return the largest eigenvalue of |A⁻¹||A|, nearly, by powers of it."""
    import numpy as np

    v = np.ones(len(A))
    for _ in range(20):
        v = inverse @ (A @ (v / v.max()))
    return float(v.max())


class Arrays:
    """Arrays for the symbols of a formula, of sizes that fit."""

    def __init__(self, symbols: Mapping[str, Node], needed: Node, given: Mapping[str, Any]) -> None:
        from ..arrays import exact, real_array, size

        letters = atoms(needed, *symbols.values())
        for name in given:
            if name not in symbols and name not in letters:
                known = ", ".join(symbols) or "none"
                raise TypeError(f"{name} does not occur in the formula; its symbols are {known}")
        if missing := sorted(needed.names - {*given}):
            raise TypeError(f"the formula needs a value for {', '.join(missing)}")
        self.sizes = Lengths((name, size(given[name], name)) for name in letters if name in given)
        arrays = {n: real_array(given[n], n).copy() for n in symbols if n in given}
        self.exact = any(array.dtype == object for array in arrays.values())
        self.flat = any(array.ndim == 1 for array in arrays.values())
        self.values = {
            name: self.fitted(symbols[name], exact(array) if self.exact else array)
            for name, array in arrays.items()
        }
        for name, value in self.values.items():
            self.check(symbols[name], value)

    def fitted(self, symbol: Node, array: Any) -> Any:
        """Return a symbol's array as a number or a matrix, and learn sizes from it."""
        sizes = () if symbol.is_number else (symbol.rows, symbol.cols)
        if symbol.is_number and array.size == 1:
            array = array.reshape(())
        if array.ndim == 1 and sizes and not symbol.cols:
            array = array[:, None]
        if array.ndim != len(sizes):
            kind = "matrix" if symbol.cols else "column" if sizes else "number"
            raise ValueError(f"{symbol.data[0]} must be a {kind}; its shape is {array.shape}")
        for size, n in zip(sizes, array.shape, strict=True):
            if len(size) == 1 and not size[0].isdigit():
                self.sizes.setdefault(size[0], n)
        return array

    def check(self, symbol: Node, value: Any) -> None:
        """Refuse an array that does not fit the others, or is not as declared."""
        name = symbol.data[0]
        if value.shape != self.shape(symbol):
            known = (f"{a} = {self.sizes[a]}" for a in symbol.rows + symbol.cols if a in self.sizes)
            sizes = ", ".join(dict.fromkeys([space(symbol), *known]))
            raise ValueError(f"{name} must be {sizes}; its shape is {value.shape}")
        if symbol.data[1] and not (value == value.T).all():
            close = not self.exact and abs(value - value.T).max() < 1e-6 * abs(value).max()
            way = f", but for rounding: take ({name} + {name}.T) / 2" if close else ""
            raise ValueError(f"{name} is declared symmetric; this one is not{way}")

    def value(self, node: Node, origins: Iterable[Origin] = ()) -> Any:
        """Evaluate a formula; refuse a point where it, or what it is derived from, is undefined."""
        self.must_be_smooth(origins)
        self.must_be_regular(node)
        return self.array(node)[()]

    def must_be_smooth(self, origins: Iterable[Origin]) -> None:
        """Refuse a point at which a formula has no value, or no derivative by a symbol."""
        for f, X in origins:
            sizes_known = all(a.isdigit() or a in self.sizes for a in atoms(f))
            if sizes_known and f.names <= {*self.values}:
                self.value(f)
                for part in walk(f):
                    has_corners = part.op == "apply" and part.data[0] in CORNERS
                    if has_corners and X in part.names and (self.array(part.args[0]) == 0).any():
                        raise ValueError(f"{Text()(part)} has a corner here, so no derivative")

    def must_be_regular(self, node: Node) -> None:
        """Refuse to invert a matrix of floats that is singular up to rounding."""
        import numpy as np

        for part in {*walk(node)}:
            is_log_det = part.op == "apply" and part.args[0].op == "det"
            if (part.op == "inv" or is_log_det) and not self.exact:
                name = part.args[0].args[0] if is_log_det else part.args[0]
                A = np.atleast_2d(self.array(name))
                inverse = self.array(make("inv", name) if is_log_det else part).reshape(A.shape)
                if not _condition(abs(A), abs(inverse)) <= LARGEST_CONDITION:
                    raise ValueError(f"{Text()(name)} is singular up to rounding here")

    def array(self, node: Node) -> Any:
        """Return the value of a formula as an array, of shape () for a number."""
        import numpy as np

        length(tuple(atoms(node)), self.sizes)  # or the array that tells one is asked for
        try:
            value = self.exactly(node) if self.exact else self.in_floats(node)
        except (Undefined, np.linalg.LinAlgError, ArithmeticError) as error:
            why = str(error) or "a matrix is singular"
            raise ValueError(f"the formula has no value here: {why}") from error
        return value.reshape(self.shape(node))

    def in_floats(self, node: Node) -> Any:
        """Run the NumPy code of a formula, which keeps it: to write it takes longer."""
        import numpy as np

        from ..arrays import is_finite

        numpy, kept = Numpy(), vars(node)
        if "numpy" not in kept:
            kept["numpy"] = numpy(node)
        names = {numpy.name(name): value for name, value in self.values.items()}
        with np.errstate(all="ignore"):
            value = np.asarray(eval(kept["numpy"], {"np": np} | self.sizes | names), dtype=float)
        if not is_finite(value):
            raise ArithmeticError("it is not finite, or a part of it is too large for floats")
        return value

    def exactly(self, node: Node) -> Any:
        """Evaluate a formula in SymPy's numbers."""
        from ..arrays import exact

        point = Point(Exactly(), (), self.sizes)
        for name, value in self.values.items():
            point.values[name] = value.reshape(value.shape or (1, 1)).tolist()
        return exact(point.evaluate(node))

    def shape(self, node: Node) -> tuple[int, ...]:
        """Return the shape of a formula's values; () for numbers."""
        sizes = () if node.is_number else (node.rows, node.cols)
        return tuple(length(size, self.sizes) for size in sizes)

    def map_of(self, chains: Iterable[Chain], X: Node) -> LinearMap:
        """Return a sum of chains on the space of X, as a map of the package's kinds."""
        from ..maps import rank_one, symmetric_product

        left, found = [*chains], []
        while left:
            match left.pop(0):
                case (RankOne(G, B),):
                    c, P = scaled(G)
                    mirrored, arrays = (RankOne(times(c, B), P),), (self.array(B), self.array(G))
                    if mirrored in left:
                        left.remove(mirrored)
                        found.append(symmetric_product(*arrays))
                    else:
                        found.append(rank_one(*arrays))
                case chain:
                    found.append(self.composed(chain, X))
        return reduce(add, found)

    def composed(self, chain: Chain, X: Node) -> LinearMap:
        """Return the composition of a chain's maps."""
        from ..maps import functional, identity

        maps = []
        for link in chain:
            N = Node("symbol", (), ("_", False), X.rows, X.cols)
            X = link.at(N)
            maps.append(self.elementary(link, N, X))
        if maps:
            return reduce(lambda L, M: M @ L, maps)
        return identity(*self.shape(X)) if self.shape(X) else functional(self.array(ONE))

    def elementary(self, link: Link, N: Node, image: Node) -> LinearMap:
        """Return an elementary map; `image` is its formula at the symbol N."""
        from .. import maps

        match link:
            case Entrywise(W):
                return maps.entrywise(self.array(W))
            case Sandwich(L, R):
                L, R = (self.array(A).reshape(self.shape(A) or (1, 1)) for A in (L, R))
                return maps.sandwich(L, R.T)
        if link.at is transpose:
            return maps.transposition(*self.shape(N))
        there = Node("symbol", (), ("_", False), image.rows, image.cols)
        back = link.adjoint().at(there)
        return maps.LinearMap(
            self.shape(N),
            self.shape(image),
            lambda Y: self.at("_", Y).array(image),
            lambda Z: self.at("_", Z).array(back),
            formula=f"Y ↦ {Text()(link.at(replace(N, data=('Y', False))))}",
            exact=self.exact,
        )

    def at(self, name: str, value: Any) -> Arrays:
        """Return these arrays and one more."""
        more = copy(self)
        more.values = self.values | {name: value}
        return more
