"""Linear maps and bilinear forms between spaces of matrices, as data.

A map has a domain and a codomain, given by the shape of their elements: ``()`` is the space of
numbers, ``(n,)`` that of vectors, ``(m, n)`` that of matrices, and ``(m, n, p, q)`` the tensor
product of two spaces of matrices. Each kind of map is a small frozen dataclass that knows how to
apply itself, its adjoint, its matrix and its formula. A matrix is written down only when asked for,
in the order asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property, reduce
from math import inf, nan, prod
from numbers import Rational, Real
from operator import attrgetter, iadd
from typing import TYPE_CHECKING, Any, dataclass_transform

import numpy as np

from matderiv import arrays
from matderiv.arrays import MAX_BYTES, Array, ExactArray, Matrix, Order, Shape, Value, exact, own
from matderiv.coordinates import Basis, fold, unfold
from matderiv.engines import Trusted

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

    from matderiv.check import AdjointTest
    from matderiv.subspaces import Subspace

Naming = Callable[[str], str]
Terms = tuple[tuple[Any, "LinearMap"], ...]  # multiples of maps

# What maps compute with, if not with another library's arrays: then it is that library's namespace.
# What is made of two kinds is of the last, and a library's comes after these.
EITHER, EXACT, FLOATS = range(3)
APPLY = "apply the map instead, to vectors by as_linear_operator, or raise max_bytes"
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LATEX = str.maketrans(
    {"↦": r"\mapsto ", "⟨": r"\langle ", "⟩": r"\rangle ", "⊗": r"\otimes ", "∘": r"\circ "}
    | {"ᵀ": r"^\top", "×": r"\times ", "−": "-", "*": "^*", "²": "^2", "·": r"\cdot "}
    | {digit: f"_{{{i}}}" for i, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")}
)


@dataclass_transform(frozen_default=True, eq_default=False)
@dataclass(frozen=True, eq=False, repr=False, init=False)
class LinearMap:
    """A linear map, given by its rule; every other kind of map is one as well.

    Parameters
    ----------
    domain, codomain
        Shapes: ``()`` for numbers, ``(n,)`` for vectors, ``(m, n)`` for matrices, ``(m, n, p, q)``
        for tensor products.
    rule
        What the map does with an element of its domain.
    adjoint_rule
        What its adjoint does; without it, `rule` is applied to the domain's basis.
    formula
        The rule in words, for people.
    exact
        Whether the rule computes exactly; then every argument is made exact first.

    Raises
    ------
    ValueError, TypeError
        When `domain` or `codomain` is not a shape, or `rule` not a function into the codomain;
        when a map is applied to what is not in its domain, multiplied by NaN or infinity, or
        added to or composed with a map whose shapes do not fit.

    Notes
    -----
    Maps are values: ``L1 + L2``, ``sum(maps)``, ``3 * L1``, ``L1 / 2``, the composition
    ``L1 @ L2``, the tensor product ``L1.tensor(L2)`` and ``L1.adjoint`` are new maps. They pickle,
    and print as formulas. A map is exact (``L.exact``) when all that it is made of is exact; one
    part of floats makes it one of floats, but a number becomes exact beside an exact map. Claims W1
    and W4 of the thread.

    A map computes where its entries are. Arrays in double precision of a library that follows the
    array API standard stay there, as JAX's do under ``jax_enable_x64``; what the map is applied to
    is brought there, to the default device, and its values are such arrays. Dask's stay Dask's,
    also beside NumPy's. All others, PyTorch's and those in single precision, become NumPy's in
    double precision. So a map of NumPy's arrays gives NumPy's, and so do `symmetric` and its kin;
    `transposition` and `identity` leave entries where they are. Matrices, values of forms, and what
    a rule is applied to are NumPy's or Dask's.

    Examples
    --------
    >>> from matderiv import exact, functional, transposition
    >>> alpha = functional(exact([[7, 1], [1, 3]]))
    >>> alpha
    LinearMap from R^(2×2) to R: Y ↦ ⟨G, Y⟩
    >>> alpha([[1, 0], [0, 0]])
    7
    >>> alpha.matrix()
    exact([[7, 1, 1, 3]])
    >>> alpha @ transposition(2, 2) - alpha / 2
    LinearMap from R^(2×2) to R: Y ↦ ⟨G, Yᵀ⟩ − 1/2 ⟨G₂, Y⟩
    """

    domain: Shape
    codomain: Shape

    __array_ufunc__ = None  # so that NumPy leaves `array * map` to the map

    def __new__(cls, *args: Any, **kwargs: Any) -> LinearMap:
        """Make a `Rule`, or a map of the kind that is called."""
        return object.__new__(Rule if cls is LinearMap else cls)

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, eq=False, repr=False)(cls)

    def __post_init__(self) -> None:
        for part in self._parts:
            if isinstance(part, np.ndarray):  # it may come from a pickle
                part.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._parts

    @property
    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))

    def _apply(self, Y: Any) -> Any:
        """Apply the map to an array in its domain; give an array that nobody else holds."""
        raise NotImplementedError

    def _matrix(self, order: Order) -> Any:
        columns = [unfold(self._image(E), order) for E in Basis(self.domain, order)]
        return np.stack(columns, axis=1)

    def _formula(self, Y: str, name: Naming) -> str:
        raise NotImplementedError

    @cached_property
    def kind(self) -> Any:
        """What the map computes with: `EXACT` numbers, `FLOATS`, `EITHER`, or a library."""
        return _kind(self._parts)

    @property
    def exact(self) -> bool:
        """Whether all that the map is made of is exact; then its arguments are made exact."""
        return bool(self.kind == EXACT)

    def __call__(self, Y: Matrix) -> Value:
        """Apply the map to `Y`, an element of its domain."""
        door: arrays.Door = "exact" if self.exact else "unseen"
        image = _linear(self._image, arrays.real_array(Y, "Y", self.domain, door))
        return image[()] if isinstance(image, np.ndarray) else image

    def _image(self, Y: Any, kind: Any = EITHER) -> Any:
        """Apply the map in its own kind of numbers; give the image in that or another kind."""
        return _as_kind(self._apply(_as_kind(Y, self.kind)), kind or self.kind)

    def _inner(self, Y: Any, Z: Any) -> Any:
        """Return ⟨L(Y), Z⟩."""
        return arrays.dot(self._image(Y), Z)

    def matrix(self, order: Order = "F", max_bytes: float = MAX_BYTES) -> Array:
        """Write the map in coordinates.

        Parameters
        ----------
        order
            The order in which domain and codomain are unfolded: "F" by columns, "C" by rows.
        max_bytes
            The largest matrix to write down, in bytes.

        Returns
        -------
        array of shape (entries of the codomain, entries of the domain)

        Raises
        ------
        ValueError
            When `order` is not "F" or "C".
        MemoryError
            When the matrix would be larger than `max_bytes`.

        Examples
        --------
        >>> from matderiv import sandwich
        >>> sandwich([[1, 2]], [[3, 4]]).matrix("C")
        array([[3., 4., 6., 8.]])
        """
        arrays.check_order(order)
        shape = (prod(self.codomain), prod(self.domain))
        arrays.check_memory(shape, "the map's matrix", APPLY, max_bytes)
        L = in_numpy(self)
        return _as_kind(L._matrix(order), L.kind)

    @property
    def adjoint(self) -> LinearMap:
        """The map L* with ⟨L(Y), Z⟩ = ⟨Y, L*(Z)⟩ for all Y and Z; of the same kind if it can be."""
        if hasattr(self, "_apply_adjoint"):
            return Adjoint(self.codomain, self.domain, self)
        return type(self)(self.codomain, self.domain, *self._turned())

    def _turned(self) -> Iterable[Any]:
        return [L.adjoint if isinstance(L, LinearMap) else L for L in self._parts[2:]]

    @property
    def form(self) -> BilinearForm:
        """The bilinear form (Y, Z) ↦ ⟨L(Y), Z⟩ of a self-adjoint map L."""
        return BilinearForm(self)

    def check_adjoint(self, rng: int | np.random.Generator | None = None) -> AdjointTest:
        """Test the adjoint on a pair of directions: ⟨L(Y), Z⟩ = ⟨Y, L*(Z)⟩, the dot test.

        Parameters
        ----------
        rng
            A seed or a ``numpy.random.Generator`` for Y and Z. By default they are always the same.

        Returns
        -------
        AdjointTest
            True where the two numbers, ``forth`` and ``back``, agree: to six digits beside their
            terms, or to those that the map is known to have; exact ones are equal.

        Raises
        ------
        TypeError
            When `rng` is no seed.

        Notes
        -----
        A wrong adjoint passes only by a coincidence of numbers. Claerbout (1992), *Earth Soundings
        Analysis*, calls it the dot-product test.

        Examples
        --------
        >>> A = np.array([[0.0, 1.0], [0.0, 0.0]])
        >>> bool(LinearMap((2, 2), (2, 2), lambda Y: A @ Y, lambda Z: A.T @ Z).check_adjoint())
        True
        >>> bool(LinearMap((2, 2), (2, 2), lambda Y: A @ Y, lambda Z: A @ Z).check_adjoint())
        False
        """
        from matderiv.check import adjoint_test

        return adjoint_test(in_numpy(self), rng)

    def __add__(self, other: LinearMap) -> LinearMap:
        if not isinstance(other, LinearMap):
            begins = isinstance(other, int) and other == 0  # as `sum` does
            return self if begins else NotImplemented
        if (self.domain, self.codomain) != (other.domain, other.codomain):
            raise ValueError(f"only maps between the same spaces add; these are {self} and {other}")
        return Sum(self.domain, self.codomain, _terms(self) + _terms(other))

    __radd__ = __add__

    def __mul__(self, scalar: Any) -> LinearMap:
        number = _scalar(scalar, self.kind)
        if number is None:
            return NotImplemented
        return Sum(self.domain, self.codomain, tuple((number * c, L) for c, L in _terms(self)))

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> LinearMap:
        number = _scalar(scalar, self.kind)
        if number == 0:
            raise ZeroDivisionError("a map cannot be divided by zero")
        return NotImplemented if number is None else self * (1 / number)

    def __neg__(self) -> LinearMap:
        return self * -1

    def __sub__(self, other: LinearMap) -> LinearMap:
        return self + -other if isinstance(other, LinearMap) else NotImplemented

    def __matmul__(self, other: LinearMap) -> LinearMap:
        if isinstance(other, (np.ndarray, list)):
            raise TypeError("@ composes maps; to apply a map L to a matrix Y, write L(Y)")
        if not isinstance(other, LinearMap):
            return NotImplemented
        if self.domain != other.codomain:
            raise ValueError(f"codomain {other.codomain} of L2 is not domain {self.domain} of L1")
        return Composition(other.domain, self.codomain, self, other)

    def tensor(self, other: LinearMap) -> LinearMap:
        """Return the tensor product L₁ ⊗ L₂, the map v₁ ⊗ v₂ ↦ L₁(v₁) ⊗ L₂(v₂).

        Its matrix is the Kronecker product of the two matrices, in either order. An element
        v₁ ⊗ v₂ is the array ``np.multiply.outer(v1, v2)``.

        Examples
        --------
        >>> from matderiv import exact, functional, vec
        >>> A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
        >>> derivative = functional(B).adjoint.tensor(functional(A.T))
        >>> bool(np.all(derivative.matrix() == np.kron(vec(B)[:, None], vec(A.T)[None, :])))
        True
        """
        if not isinstance(other, LinearMap):
            raise TypeError(f"other must be a LinearMap; it is {other!r}")
        if any(len(shape) == 1 for L in (self, other) for shape in (L.domain, L.codomain)):
            raise ValueError("tensor products are of matrices; take vectors as columns (n, 1)")
        return Tensor(self.domain + other.domain, self.codomain + other.codomain, self, other)

    def as_linear_operator(self, order: Order = "F") -> LinearOperator:
        """Hand the map to SciPy, matrix-free: it acts on coordinates in the given order.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            With the shape of ``matrix()``, of floats, its adjoint included.

        Raises
        ------
        ValueError
            When `order` is not "F" or "C".

        Examples
        --------
        >>> from matderiv import transposition
        >>> swap = transposition(2, 2).as_linear_operator()
        >>> swap @ np.array([1.0, 2.0, 3.0, 4.0])
        array([1., 3., 2., 4.])
        """
        from scipy.sparse.linalg import LinearOperator

        def acting(L: LinearMap) -> Callable[[Any], Any]:
            return lambda v: unfold(np.asarray(L(fold(v, L.domain, order)), dtype=float), order)

        arrays.check_order(order)
        shape = (prod(self.codomain), prod(self.domain))
        return LinearOperator(shape, acting(self), acting(self.adjoint), dtype=float)

    @property
    def formula(self) -> str:
        """The map as a formula, such as Y ↦ L Y Rᵀ; letters that meet again are numbered."""
        return f"Y ↦ {self._formula('Y', _Names())}"

    def __repr__(self) -> str:
        return f"LinearMap from {space(self.domain)} to {space(self.codomain)}: {self.formula}"

    def _repr_latex_(self) -> str:
        formula = re.sub(r"\^(\d+|\([^()]*\))", r"^{\1}", self.formula)
        return rf"$\displaystyle {formula.translate(LATEX)}$".replace("}_{", "")


class Rule(LinearMap):
    """A map given by a function; what `LinearMap` makes."""

    rule: Callable[[Any], Any]
    adjoint_rule: Callable[[Any], Any] | None = None
    formula: str = "Y ↦ L(Y)"
    exact: bool = False

    def __post_init__(self) -> None:
        for name, shape in (("domain", self.domain), ("codomain", self.codomain)):
            if not isinstance(shape, tuple) or len(shape) not in (0, 1, 2, 4):
                shapes = "(), (n,), (m, n) or (m, n, p, q)"
                raise ValueError(f"{name} must be {shapes}; it is {shape!r}")
            for length in shape:
                arrays.size(length, f"each length in {name}")
        for name in ("rule", "adjoint_rule"):
            rule = getattr(self, name)
            if not (callable(rule) or (rule is None and name != "rule")):
                raise TypeError(f"{name} must be a function; it is {rule!r}")

    @property
    def kind(self) -> int:
        """What the rule computes with."""
        return EXACT if self.exact else FLOATS

    def _by(self, name: str, argument: Any, shape: Shape) -> Any:
        """Return what one of the rules makes, in the kind of numbers that the map promises."""
        door: arrays.Door = "exact" if self.exact else "unseen"
        return own(arrays.real_array(getattr(self, name)(argument), f"{name}(…)", shape, door))

    def _apply(self, Y: Any) -> Any:
        return self._by("rule", own(Y)[()], self.codomain)

    def _apply_adjoint(self, Z: Any) -> Any:
        if self.adjoint_rule is None:
            return np.reshape([self._inner(E, Z) for E in Basis(self.domain)], self.domain)
        return self._by("adjoint_rule", own(Z)[()], self.domain)

    def _formula(self, Y: str, name: Naming) -> str:
        return self.formula.removeprefix("Y ↦ ") if Y == "Y" else f"({self.formula})({Y})"


class LowRank(LinearMap):
    """Y ↦ ⟨G, Y⟩ B, a functional where B is 1; of two pairs, Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P."""

    B: Any
    G: Any

    @property
    def adjoint(self) -> LinearMap:
        """The adjoint; of two pairs, the map itself."""
        return self if self.G.shape[0] == 2 else LowRank(self.codomain, self.domain, self.G, self.B)

    def _apply(self, Y: Any) -> Any:
        xp, parts = arrays.namespace(Y), (self.B, self.G, Y)
        if xp is not np or any(map(arrays.is_foreign, parts)):  # unfolding would cut blocks anew
            return xp.tensordot(xp.tensordot(self.G, Y, axes=Y.ndim), self.B, axes=1)
        B, G = (M.reshape(len(M), -1) for M in (self.B, self.G))
        return (G @ Y.reshape(-1) @ B).reshape(self.codomain)

    def _matrix(self, order: Order) -> Any:
        pairs = zip(self.B, self.G, strict=True)
        return _total(np.multiply.outer(*(unfold(M, order) for M in pair)) for pair in pairs)

    def _formula(self, Y: str, name: Naming) -> str:
        if self.G.shape[0] == 2:
            P, Q = name("P"), name("Q")
            return f"⟨{P}, {Y}⟩ {Q} + ⟨{Q}, {Y}⟩ {P}"
        along = _bracketed(Y) if _is_one(self.G) else f"⟨{name('G')}, {Y}⟩"
        return along if _is_one(self.B) else f"{along} {name('B')}"


class Sandwich(LinearMap):
    """Y ↦ L Y Rᵀ."""

    L: Any
    R: Any

    def _turned(self) -> Iterable[Any]:
        return self.L.T, self.R.T

    def _apply(self, Y: Any) -> Any:
        return self.L @ Y @ self.R.T

    def _matrix(self, order: Order) -> Any:
        return np.kron(self.L, self.R) if order == "C" else np.kron(self.R, self.L)

    def _formula(self, Y: str, name: Naming) -> str:
        return f"{name('L')} {_factor(Y)} {name('R')}ᵀ"


class Moves(LinearMap):
    """Y ↦ Yᵀ or Y ↦ Y: entries move, or stay, whatever they are."""

    transposes: bool

    def _apply(self, Y: Any) -> Any:
        return own(Y.T if self.transposes else Y)

    def _matrix(self, order: Order) -> Any:
        places = fold(np.arange(prod(self.domain)), self.domain, order)
        return np.eye(places.size, dtype=int)[unfold(self._apply(places), order)]

    def _formula(self, Y: str, name: Naming) -> str:
        return f"{_factor(Y)}ᵀ".replace("ᵀᵀ", "") if self.transposes else Y


class Entrywise(LinearMap):
    """Y ↦ W ∘ Y."""

    W: Any

    def _apply(self, Y: Any) -> Any:
        return self.W * Y

    def _matrix(self, order: Order) -> Any:
        return np.diag(unfold(self.W, order))

    def _formula(self, Y: str, name: Naming) -> str:
        return f"{name('W')} ∘ {_factor(Y)}"


class Adjoint(LinearMap):
    """The adjoint of a map that is not made of data."""

    of: Any

    @property
    def adjoint(self) -> LinearMap:
        """The map itself."""
        return self.of

    def _apply(self, Y: Any) -> Any:
        return self.of._apply_adjoint(Y)

    def _matrix(self, order: Order) -> Any:
        return self.of._matrix(order).T

    def _formula(self, Y: str, name: Naming) -> str:
        return f"({self.of.formula})*({Y})"


class Sum(LinearMap):
    """Y ↦ c₁ L₁(Y) + c₂ L₂(Y) + …; multiples and differences are sums too."""

    terms: Terms

    def _turned(self) -> Iterable[Any]:
        yield tuple((c, L.adjoint) for c, L in self.terms)

    def _apply(self, Y: Any) -> Any:
        return _total(_times(c, L._image(Y, self.kind)) for c, L in self.terms)

    def _matrix(self, order: Order) -> Any:
        kind = self.kind or FLOATS
        return _total(_times(c, _as_kind(L._matrix(order), kind)) for c, L in self.terms)

    def _formula(self, Y: str, name: Naming) -> str:
        terms = (_multiple(c, L._formula(Y, name)) for c, L in self.terms)
        return " + ".join(terms).replace("+ −", "− ")


class Composition(LinearMap):
    """Y ↦ L₁(L₂(Y))."""

    outer: LinearMap
    inner: LinearMap

    def _turned(self) -> Iterable[Any]:
        return self.inner.adjoint, self.outer.adjoint

    def _apply(self, Y: Any) -> Any:
        return self.outer._image(self.inner._image(Y))

    def _formula(self, Y: str, name: Naming) -> str:
        return self.outer._formula(self.inner._formula(Y, name), name)


class Tensor(LinearMap):
    """v ⊗ w ↦ L₁(v) ⊗ L₂(w)."""

    first: LinearMap
    second: LinearMap

    def _apply(self, Y: Any) -> Any:
        halfway = _images(self.second, _reshaped(Y, (-1, prod(self.second.domain))))
        return _reshaped(_images(self.first, halfway.T).T, self.codomain)

    def _matrix(self, order: Order) -> Any:
        return np.kron(self.first._matrix(order), self.second._matrix(order))

    def _formula(self, Y: str, name: Naming) -> str:
        first, second = self.first._formula("v", name), self.second._formula("w", name)
        return f"((v ↦ {first}) ⊗ (w ↦ {second}))({Y})"


@dataclass(frozen=True, eq=False, repr=False)
class BilinearForm:
    """A symmetric bilinear form, (Y, Z) ↦ ⟨L(Y), Z⟩: a self-adjoint map seen again.

    Parameters
    ----------
    map
        The self-adjoint map L; that of a second derivative is its Hessian.
    within
        The subspace in which its arguments are, where there is one: then L is a map of coordinates.

    Raises
    ------
    ValueError, TypeError
        When `map` does not go from a space to itself, or ``within`` is a map.

    Notes
    -----
    ``H.map`` is the map again; ``map.form`` is ``BilinearForm(map)``. ``H.method`` says how the
    form is computed ("exact", "complex step", "central differences", "formula"), and ``H.error``
    how far to trust it: the estimated error of H(Y, Z) for Y and Z of length 1. It is NaN, not
    known, of a form made of several maps, such as ``(2 * H.map).form``.

    Examples
    --------
    >>> from matderiv import exact, second_derivative
    >>> A, B = exact([[7, 1], [1, 3]]), exact([[5, 2], [2, 1]])
    >>> H = second_derivative(lambda X: np.trace(A @ X) * np.trace(B @ X), exact([[1, 0], [0, 1]]))
    >>> H
    BilinearForm on R^(2×2), exact
    >>> H.matrix()
    exact([[70, 19, 19, 22],
           [19, 4, 4, 7],
           [19, 4, 4, 7],
           [22, 7, 7, 6]])
    """

    map: LinearMap
    within: Subspace | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.map, LinearMap) or self.map.domain != self.map.codomain:
            raise ValueError(f"map must be a map from a space to itself; it is {self.map!r}")
        if isinstance(self.within, LinearMap):
            way = "take matderiv.subspaces.Subspace(within)"
            raise TypeError(f"within must be a Subspace; it is {self.within!r}: {way}")

    exact = property(attrgetter("map.exact"), doc="Whether it computes exactly; see `LinearMap`.")

    @property
    def method(self) -> str:
        """How the form is computed."""
        return " and ".join(sorted({engine.method for engine in engines_of(self.map)})) or "formula"

    @property
    def error(self) -> float:
        """The estimated error of H(Y, Z) for Y and Z of length 1; NaN where maps were combined."""
        if hasattr(self.map, "engine"):
            return float(self.map.engine.error * (self.within.longest**2 if self.within else 1))
        return nan if any(engine.error for engine in engines_of(self.map)) else 0.0

    def __call__(self, Y: Matrix, Z: Matrix) -> arrays.Number:
        """Give the form's value at two matrices."""
        Y, Z = self._argument(Y, "Y"), self._argument(Z, "Z")
        return _linear(lambda W: self.map._inner(W, Z), Y)

    @property
    def shape(self) -> Shape:
        """The shape of its two arguments."""
        return self.within.J.codomain if self.within else self.map.domain

    def _argument(self, value: Matrix, name: str) -> Any:
        argument = arrays.real_array(value, name, self.shape, "exact" if self.exact else "seen")
        return self.within.coordinates(argument, name) if self.within else argument

    def matrix(
        self, order: Order = "F", max_bytes: float = MAX_BYTES, coordinates: str = "orthonormal"
    ) -> Array:
        """Write the form as the matrix M with H(Y, Z) = [Y]ᵀ M [Z].

        Parameters
        ----------
        order
            The order of the coordinates: "F" by columns, "C" by rows.
        max_bytes
            The largest matrix to write down, in bytes.
        coordinates
            Within a subspace, which coordinates to take instead: "orthonormal", on symmetric
            matrices those in the basis E_ii, (E_ij + E_ji)/√2, or the subspace's "own", on
            symmetric matrices "vech"; there the order plays no part.

        Returns
        -------
        array of shape (m n, m n), or (k, k) within a subspace of dimension k

        Raises
        ------
        ValueError
            When `order` is not "F" or "C", or ``coordinates`` none of these.
        MemoryError
            When the matrix would be larger than `max_bytes`.
        """
        if self.within is None:
            if coordinates not in ("orthonormal", "own"):
                raise ValueError(f"coordinates {coordinates!r} take a form within a subspace")
            return self.map.matrix(order, max_bytes)
        W = self.within.change(coordinates, self.exact)
        M = W.T @ self.map.matrix(order, max_bytes) @ W
        return M if self.exact else (M + M.T) / 2  # but for rounding it is symmetric

    @property
    def tensor(self) -> Array:
        """The table of second partial derivatives, of shape (m, n, m, n)."""
        if self.within:
            raise ValueError("the tensor is that of a form on all matrices, not within some")
        return self.matrix("C").reshape(self.shape * 2)

    def restrict_to_symmetric(self) -> BilinearForm:
        """Return the same form on symmetric matrices only.

        Raises
        ------
        ValueError
            When its arguments are not square, or within a subspace of other matrices.

        Examples
        --------
        >>> from matderiv import exact, second_derivative
        >>> H = second_derivative(lambda X: np.trace(X @ X), exact([[0, 0], [0, 0]]))
        >>> H.restrict_to_symmetric().matrix()
        exact([[2, 0, 0],
               [0, 2, 0],
               [0, 0, 2]])
        """
        from matderiv.subspaces import PulledBack, Subspace, symmetric

        if self.within and self.within.word == "symmetric":
            return self
        if self.within or len(self.shape) != 2 or self.shape[0] != self.shape[1]:
            wanted = "only a form on all square matrices restricts to symmetric ones"
            raise ValueError(f"{wanted}; this is a {self}")
        J = symmetric(self.shape[0])
        return BilinearForm(PulledBack(J.domain, J.domain, J, self.map), Subspace(J))

    def __repr__(self) -> str:
        where = f"{self.within} of " if self.within else ""
        how = getattr(self.map, "engine", self.method)
        return f"BilinearForm on {where}{space(self.shape)}, {how}"


def functional(G: Matrix) -> LinearMap:
    """Make the functional Y ↦ ⟨G, Y⟩ = tr(GᵀY), from the space of G to R.

    Parameters
    ----------
    G
        Its gradient (Riesz representative): a number, a vector or a matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `G` is not a real finite number, vector or matrix.

    Notes
    -----
    The derivative of X ↦ tr(AX) is ``functional(A.T)``: claims W2 and W3 of the thread.

    Examples
    --------
    >>> A, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> float(functional(A.T)(Y)), float(np.trace(A @ Y))
    (3.0, 3.0)
    """
    return rank_one(1.0, G)


def rank_one(B: Matrix, G: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨G, Y⟩ B, from arrays shaped like G to those shaped like B.

    Parameters
    ----------
    B
        The direction of every image: a number, a vector or a matrix of shape (p, q).
    G
        A number, a vector or a matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `B` or `G` is not a real finite number, vector or matrix.

    Notes
    -----
    Its matrix is vec(B) vec(G)ᵀ, of rank one. The derivative of X ↦ B tr(AX) is
    ``rank_one(B, A.T)``: claim W4 of the thread.

    Examples
    --------
    >>> rank_one([[1, 2]], [[3], [4]]).matrix()
    array([[3., 4.],
           [6., 8.]])
    """
    return _low_rank([_data(B, "B")], [_data(G, "G")])


def symmetric_product(P: Matrix, Q: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P of the arrays shaped like P and Q.

    Parameters
    ----------
    P, Q
        Numbers, vectors or matrices of one shape.

    Raises
    ------
    ValueError, TypeError
        When `P` or `Q` is not a real finite number, vector or matrix, or their shapes differ.

    Notes
    -----
    Its matrix is vec(P) vec(Q)ᵀ + vec(Q) vec(P)ᵀ. It is ``rank_one(Q, P) + rank_one(P, Q)``, and
    its own adjoint; floats are read only once for both terms. The Hessian of X ↦ tr(AX) tr(BX)
    is ``symmetric_product(A.T, B.T)``: claim Q3 of the thread.

    Examples
    --------
    >>> symmetric_product([[1, 2]], [[3, 4]]).matrix()
    array([[ 6., 10.],
           [10., 16.]])
    """
    P = _data(P, "P")
    Q = _data(Q, "Q", P.shape)
    return _low_rank([Q, P], [P, Q])


def sandwich(L: Matrix, R: Matrix) -> LinearMap:
    """Make the map Y ↦ L Y Rᵀ, the tensor product of L and R, from R^{m×n} to R^{p×q}.

    Parameters
    ----------
    L
        A matrix of shape (p, m).
    R
        A matrix of shape (q, n).

    Raises
    ------
    ValueError, TypeError
        When `L` or `R` is not a real finite matrix.

    Notes
    -----
    Its matrix is L ⊗_K R by rows (order C) and R ⊗_K L by columns (order F): Van Loan (2000).

    Examples
    --------
    >>> L, R = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0]])
    >>> bool(np.all(sandwich(L, R).matrix("C") == np.kron(L, R)))
    True
    """
    L, R = arrays.alike(_data(L, "L", "mn"), _data(R, "R", "mn"))
    return Sandwich((L.shape[1], R.shape[1]), (L.shape[0], R.shape[0]), L, R)


def entrywise(W: Matrix) -> LinearMap:
    """Make the map Y ↦ W ∘ Y, the product entry by entry, of the arrays shaped like W.

    Parameters
    ----------
    W
        A number, a vector or a matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `W` is not a real finite number, vector or matrix.

    Notes
    -----
    Its matrix is diagonal, with the coordinates of W. The derivative of a function that acts on
    each entry is one: Magnus and Neudecker (2019), section 3.6.

    Examples
    --------
    >>> entrywise([[1, 2]]).matrix()
    array([[1., 0.],
           [0., 2.]])
    """
    (W,) = arrays.alike(_data(W, "W"))
    return Entrywise(W.shape, W.shape, W)


def transposition(m: int, n: int) -> LinearMap:
    """Make the map Y ↦ Yᵀ, from R^{m×n} to R^{n×m}.

    Parameters
    ----------
    m, n
        Rows and columns of Y.

    Raises
    ------
    ValueError
        When `m` or `n` is not a positive integer.

    Notes
    -----
    Its matrix is the commutation matrix: Henderson and Searle (1981).

    Examples
    --------
    >>> transposition(1, 2)([[3, 4]])
    array([[3.],
           [4.]])
    """
    m, n = arrays.size(m, "m"), arrays.size(n, "n")
    return Moves((m, n), (n, m), transposes=True)


def identity(m: int, n: int) -> LinearMap:
    """Make the map Y ↦ Y of R^{m×n}.

    Parameters
    ----------
    m, n
        Rows and columns of Y.

    Raises
    ------
    ValueError
        When `m` or `n` is not a positive integer.

    Examples
    --------
    >>> identity(1, 2).matrix()
    array([[1, 0],
           [0, 1]])
    """
    m, n = arrays.size(m, "m"), arrays.size(n, "n")
    return Moves((m, n), (m, n), transposes=False)


def _data(value: Matrix, name: str, shape: Shape | str = arrays.SPACE) -> Array:
    """Return what a map is made of: a number, a vector or a matrix, left in its library."""
    return arrays.real_array(value, name, shape, "stays")


def _kind(part: Any) -> Any:
    """Say what a part of a map computes with; shapes, places and fractions do with either."""
    if isinstance(part, tuple):
        kinds = map(_kind, part)
        return max(kinds, key=lambda kind: kind if isinstance(kind, int) else inf, default=EITHER)
    if isinstance(part, LinearMap):
        return part.kind
    part = getattr(part, "X", part)  # an engine computes with what its point holds
    if isinstance(part, ExactArray) or hasattr(part, "free_symbols"):
        return EXACT
    if (xp := arrays.namespace(part)) is not np:
        return xp
    floats = isinstance(part, float) or getattr(part, "dtype", np.dtype(int)).kind in "fc"
    return FLOATS if floats else EITHER


def in_numpy(part: Any) -> Any:
    """Return a map, or a part of one, with NumPy's arrays in place of those of other libraries."""
    if isinstance(part, LinearMap):
        return part if isinstance(part.kind, int) else type(part)(*map(in_numpy, part._parts))
    return tuple(map(in_numpy, part)) if isinstance(part, tuple) else arrays.moved(part, np)


def parts_of(part: Any) -> Iterator[Any]:
    """Yield a map and all that it is made of: maps, data, engines."""
    yield part
    inner = part._parts if isinstance(part, LinearMap) else part
    for one in inner if isinstance(inner, tuple) else ():
        yield from parts_of(one)


def engines_of(L: LinearMap) -> list[Trusted]:
    """List the engines that compute derivatives in a map."""
    return [part for part in parts_of(L) if isinstance(part, Trusted)]


def _as_kind(value: Any, kind: Any) -> Any:
    """Return an array in the kind of numbers that a map computes with."""
    if not isinstance(kind, int):
        if arrays.namespace(value) is not kind:
            value = arrays.moved(_as_kind(value, FLOATS), kind)
        if value.dtype not in (kind.float64, kind.complex128):
            raise TypeError("a map of doubles needs them switched on, in JAX by jax_enable_x64")
        return value
    if kind == EXACT and not isinstance(value, ExactArray):
        return exact(value)
    if kind != FLOATS:
        return value
    value = arrays.moved(value, np)
    try:
        has_floats = getattr(value, "dtype", None) in (float, complex)
        return value if has_floats else np.asarray(value).astype(float)
    except TypeError as error:
        raise TypeError(f"a map of floats takes numbers, no symbols; it got {value}") from error


def _linear(rule: Callable[[Any], Any], Y: Any) -> Any:
    """Apply a linear rule, to an argument of size 1 where numbers in between are too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        image = rule(Y)
        if _is_finite(image) or not _is_finite(Y):
            return image
        _, exponent = np.frexp(np.max(np.abs(Y)))
        smaller = np.ldexp(Y, -exponent)
        loses_entries = np.any(np.ldexp(smaller, exponent) != Y)
        return image if loses_entries else np.ldexp(rule(smaller), exponent)


def _is_finite(value: Any) -> bool:
    """Whether there is neither NaN nor infinity, as far as one can tell: among NumPy's floats."""
    floats = isinstance(value, (np.ndarray, np.floating)) and value.dtype == float
    return not floats or bool(np.isfinite(np.sum(value)) or arrays.is_finite(value))


def _total(values: Iterable[Any]) -> Any:
    """Add up arrays that nobody else holds, in place: one more may not fit in memory."""
    return reduce(lambda a, b: a + b if arrays.is_foreign(b) else iadd(a, b), values)  # type: ignore[no-untyped-call]


def _times(scalar: Any, value: Any) -> Any:
    """Multiply an array that nobody else holds, in place."""
    if scalar != 1:
        value *= scalar if value.dtype == object else float(scalar)
    return value


def _images(L: LinearMap, rows: Any) -> Any:
    """Apply a map to each row of a matrix, as coordinates in order C."""
    images = [L._image(_reshaped(rows[i, :], L.domain)) for i in range(rows.shape[0])]
    return arrays.namespace(*images).stack([_reshaped(image, (-1,)) for image in images])


def _reshaped(array: Any, shape: Shape) -> Any:
    return arrays.namespace(array).reshape(array, shape)


def _low_rank(B: list[Any], G: list[Any]) -> LinearMap:
    """Make a map of low rank, of matrices that stay."""
    xp = arrays.namespace(*B, *G)
    stacks = (xp.stack([arrays.moved(M, xp) for M in matrices]) for matrices in (B, G))
    return LowRank(G[0].shape, B[0].shape, *arrays.alike(*stacks))


def _scalar(scalar: Any, kind: Any) -> Any:
    """Return a number in the kind of numbers of the map that it multiplies; or `None`."""
    is_real = getattr(scalar, "is_real", False)
    if is_real is None:  # 1/x is, where it is defined
        is_real = all(symbol.is_real for symbol in scalar.free_symbols)
    if not (isinstance(scalar, Real) or is_real is True or getattr(scalar, "shape", None) == ()):
        return None
    kind = kind if isinstance(kind, int) else FLOATS
    if kind == EITHER and isinstance(scalar, Rational):
        return Fraction(int(scalar.numerator), int(scalar.denominator))
    door: arrays.Door = "exact" if kind == EXACT else "seen"
    number = _as_kind(arrays.real_array(scalar, "scalar", (), door), kind)
    return arrays.real_array(number, "scalar")[()]  # finite in that kind, too


def _terms(L: LinearMap) -> Terms:
    return L.terms if isinstance(L, Sum) else ((1, L),)


class _Names(dict[str, int]):
    """Letters for a formula: G, then G₂, G₃, …."""

    def __call__(self, letter: str) -> str:
        self[letter] = self.get(letter, 0) + 1
        return letter + (str(self[letter]).translate(SUBSCRIPTS) if self[letter] > 1 else "")


def _factor(formula: str) -> str:
    """Put a formula in parentheses where it is not one letter, transposed or not."""
    return formula if len(formula.rstrip("ᵀ₀₁₂₃₄₅₆₇₈₉")) == 1 else f"({formula})"


def _is_one(stack: Any) -> bool:
    """Whether what a map of low rank is made of is the number 1, which a formula leaves out."""
    return bool(stack.shape == (1,) and stack[0] == 1)


def _bracketed(formula: str) -> str:
    """Put a formula in parentheses where it is a sum or a negative."""
    return f"({formula})" if set("+-−") & set(formula) else formula


def _multiple(scalar: Any, formula: str) -> str:
    """Write a multiple: 2 Y, −Y, 1/2 (Y + Yᵀ)."""
    number = f"{scalar:g}" if isinstance(scalar, float) else str(scalar)
    number = number.replace("**", "^").replace("*", "·").replace("sqrt", "√")
    number = {"1": "", "-1": "−"}.get(number, f"({number}) " if " " in number else f"{number} ")
    return number.replace("-", "−") + (_bracketed(formula) if number else formula)


def space(shape: Shape) -> str:
    """Write a space as R, R^n or R^(m×n)."""
    if len(shape) == 1:
        return f"R^{shape[0]}"
    pairs = zip(shape[::2], shape[1::2], strict=True)
    return " ⊗ ".join(f"R^({rows}×{columns})" for rows, columns in pairs) or "R"
