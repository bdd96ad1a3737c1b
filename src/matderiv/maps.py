"""Linear maps and bilinear forms between spaces of matrices, as data.

A map has a domain and a codomain, each the shape of a matrix; ``()`` is the space of numbers, and
``(m, n, p, q)`` the tensor product of two spaces of matrices. Each kind of map is a small frozen
dataclass that knows how to apply itself, its adjoint, its matrix and its formula. A matrix is
written down only when asked for, in the order asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property, reduce
from math import floor, log10, prod
from numbers import Rational, Real
from operator import add
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from matderiv.arrays import (
    MAX_BYTES,
    ExactArray,
    Matrix,
    Order,
    Shape,
    alike,
    check_memory,
    check_order,
    exact,
    exact_array,
    is_foreign,
    matrix,
    real_array,
    size,
)
from matderiv.coordinates import Basis, commutation_matrix, fold, unfold

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

Kind = Literal["exact", "floats"] | None
"""What a map computes with; `None` for one that only moves entries, of either kind."""

ROWS = 16

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LATEX = str.maketrans(
    {"↦": r"\mapsto ", "⟨": r"\langle ", "⟩": r"\rangle ", "⊗": r"\otimes ", "∘": r"\circ "}
    | {"ᵀ": r"^\top", "×": r"\times ", "−": "-", "*": "^*"}
    | {digit: f"_{{{i}}}" for i, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")}
)


class LinearMap:
    """A linear map, given by its rule; every other kind of map is one as well.

    Parameters
    ----------
    domain, codomain
        Shapes: ``(m, n)`` for matrices, ``()`` for numbers, ``(m, n, p, q)`` for tensor products.
    rule
        What the map does with an element of its domain.
    adjoint_rule
        What its adjoint does; without it, `rule` is applied to the domain's basis.
    matrix_rule
        Makes the map's matrix in a given order, a new array; without it, `rule` is applied to the
        domain's basis.
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
    part of floats makes it one of floats. Claims W1 and W4 of the thread.

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
        return object.__new__(Rule if cls is LinearMap else cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: each kind has its own."""

    def _goes(self, domain: Shape, codomain: Shape) -> None:
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "codomain", codomain)

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def _apply(self, Y: Any) -> Any:
        raise NotImplementedError

    def _apply_adjoint(self, Z: Any) -> Any:
        entries = [np.vdot(self._image(e), Z) for e in Basis(self.domain)]
        return np.reshape(entries, self.domain)

    def _matrix(self, order: Order) -> Any:
        columns = [unfold(self._image(e), order) for e in Basis(self.domain, order)]
        return _as_kind(np.stack(columns, axis=1), self.kind)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        raise NotImplementedError

    @cached_property
    def kind(self) -> Kind:
        """What the map computes with: exact numbers, floats, or (`None`) either."""
        kinds = {_kind(part) for part in self._parts()}
        return "floats" if "floats" in kinds else "exact" if "exact" in kinds else None

    @property
    def exact(self) -> bool:
        """Whether all that the map is made of is exact; then its arguments are made exact."""
        return self.kind == "exact"

    def __call__(self, Y: Matrix) -> Any:
        """Apply the map to `Y`, an element of its domain."""
        argument = exact_array(Y, "Y") if self.exact else real_array(Y, "Y", look=False)
        if argument.shape != self.domain:
            advice = "; flatten it to a matrix first" if argument.ndim == 4 else ""
            raise ValueError(
                f"Y must have the shape {self.domain}; its shape is {argument.shape}{advice}"
            )
        image = self._image(argument)
        mine = isinstance(image, np.ndarray) and not np.may_share_memory(image, argument)
        return image if mine or not isinstance(image, np.ndarray) else image.copy()

    def _inner(self, Y: Any, Z: Any) -> Any:
        """Return ⟨L(Y), Z⟩."""
        return np.vdot(self._image(Y), Z)

    def _image(self, Y: Any) -> Any:
        """Apply the map to an array, in the map's own kind of numbers."""
        return _as_kind(self._apply(_as_kind(Y, self.kind)), self.kind)

    def matrix(self, order: Order = "F", max_bytes: float = MAX_BYTES) -> Any:
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
        check_order(order)
        shape = (prod(self.codomain), prod(self.domain))
        advice = "use as_linear_operator, which never writes it down, or raise max_bytes"
        check_memory(shape, "the map's matrix", advice, max_bytes)
        return self._matrix(order)

    @property
    def adjoint(self) -> LinearMap:
        """The map L* with ⟨L(Y), Z⟩ = ⟨Y, L*(Z)⟩ for all Y and Z."""
        return Adjoint(self)

    @property
    def form(self) -> BilinearForm:
        """The bilinear form (Y, Z) ↦ ⟨L(Y), Z⟩ of a self-adjoint map L."""
        return BilinearForm(self)

    def __add__(self, other: LinearMap) -> LinearMap:
        if isinstance(other, int) and other == 0:  # where `sum` starts
            return self
        if not isinstance(other, LinearMap):
            return NotImplemented
        if (self.domain, self.codomain) != (other.domain, other.codomain):
            raise ValueError(f"only maps between the same spaces add; these are {self} and {other}")
        return Sum((*_terms(self), *_terms(other)))

    __radd__ = __add__

    def __mul__(self, scalar: Any) -> LinearMap:
        if not _is_scalar(scalar):
            return NotImplemented
        if isinstance(self, Multiple):
            return scalar * self.scalar * self.of
        return Multiple(_scalar_of(self.kind, scalar), self)

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> LinearMap:
        if not _is_scalar(scalar):
            return NotImplemented
        if scalar == 0:
            raise ZeroDivisionError("a map cannot be divided by zero")
        return self * (1 / (scalar if isinstance(scalar, float) else exact(scalar)[()]))

    def __neg__(self) -> LinearMap:
        return self * -1

    def __sub__(self, other: LinearMap) -> LinearMap:
        return self + -other if isinstance(other, LinearMap) else NotImplemented

    def __matmul__(self, other: LinearMap) -> LinearMap:
        if not isinstance(other, LinearMap):
            return NotImplemented
        if self.domain != other.codomain:
            raise ValueError(
                f"L1 @ L2 needs the codomain of L2, {other.codomain}, "
                f"to be the domain of L1, {self.domain}"
            )
        return Composition(self, other)

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
        return TensorProduct(self, other)

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
            return lambda v: np.asarray(unfold(L(fold(v, L.domain, order)), order), dtype=float)

        check_order(order)
        shape = (prod(self.codomain), prod(self.domain))
        matvec, rmatvec = acting(self), acting(self.adjoint)
        return LinearOperator(shape, matvec=matvec, rmatvec=rmatvec, dtype=float)

    @property
    def formula(self) -> str:
        """The map as a formula, such as Y ↦ L Y Rᵀ; letters that meet again are numbered."""
        return f"Y ↦ {self._formula('Y', _Names())}"

    def __repr__(self) -> str:
        return f"LinearMap from {space(self.domain)} to {space(self.codomain)}: {self.formula}"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.formula.translate(LATEX)}$"


@dataclass(frozen=True, eq=False, repr=False)
class Rule(LinearMap):
    """A map given by a function; what `LinearMap` makes."""

    domain: Shape
    codomain: Shape
    rule: Callable[[Any], Any]
    adjoint_rule: Callable[[Any], Any] | None = None
    matrix_rule: Callable[[Order], Any] | None = None
    formula: str = "Y ↦ L(Y)"
    exact: bool = False

    def __post_init__(self) -> None:
        for name, shape in (("domain", self.domain), ("codomain", self.codomain)):
            if not isinstance(shape, tuple) or len(shape) % 2:
                raise ValueError(f"{name} must be (), (m, n) or (m, n, p, q); it is {shape!r}")
            for length in shape:
                size(length, f"each length in {name}")
        if not callable(self.rule):
            raise TypeError(f"rule must be a function of an element of domain; it is {self.rule!r}")

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        return "exact" if self.exact else "floats"

    def _apply(self, Y: Any) -> Any:
        return self._checked(self.rule(Y), "rule", self.codomain)

    def _apply_adjoint(self, Z: Any) -> Any:
        if self.adjoint_rule is None:
            return super()._apply_adjoint(Z)
        return self._checked(self.adjoint_rule(Z), "adjoint_rule", self.domain)

    def _checked(self, image: Any, name: str, shape: Shape) -> Any:
        if np.shape(image) != shape:
            raise ValueError(f"{name} must return values of shape {shape}; one has {np.shape(image)}")
        return image

    def _matrix(self, order: Order) -> Any:
        return self.matrix_rule(order) if self.matrix_rule else super()._matrix(order)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        rule = self.formula.removeprefix("Y ↦ ")
        return rule if Y == "Y" else f"({self.formula})({Y})"


@dataclass(frozen=True, eq=False, repr=False)
class RankOne(LinearMap):
    """Y ↦ ⟨G, Y⟩ B: a functional where B is the number 1, and its adjoint where G is."""

    B: Any
    G: Any

    def __post_init__(self) -> None:
        self._goes(np.shape(self.G), np.shape(self.B))

    @cached_property
    def _by_columns(self) -> RankOne:
        """The same map, laid out in memory as what it meets, so that nothing is copied."""
        return RankOne(*(np.asanyarray(M).copy(order="F") for M in (self.B, self.G)))

    def _apply(self, Y: Any) -> Any:
        if is_foreign(self.G) or is_foreign(Y):  # np.vdot would cut their blocks anew
            return (self.G * Y).sum() * self.B
        if not _is_by_columns(Y):
            return np.vdot(self.G, Y) * self.B
        return np.vdot(self._by_columns.G.T, Y.T) * self._by_columns.B

    @property
    def adjoint(self) -> LinearMap:
        return RankOne(self.G, self.B)

    def _matrix(self, order: Order) -> Any:
        return np.multiply.outer(unfold(self.B, order), unfold(self.G, order))

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        along = f"⟨{name('G')}, {Y}⟩" if self.domain else Y
        return f"{along} {name('B')}" if self.codomain else along


@dataclass(frozen=True, eq=False, repr=False)
class SymmetricProduct(LinearMap):
    """Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P, which reads each matrix once for both terms."""

    P: Any
    Q: Any

    def __post_init__(self) -> None:
        self._goes(np.shape(self.P), np.shape(self.P))

    def _rows(self, order: Order) -> Any:
        return self._in_order_f if order == "F" else self._in_order_c

    @cached_property
    def _in_order_f(self) -> Any:
        return np.stack([unfold(self.P, "F"), unfold(self.Q, "F")])

    @cached_property
    def _in_order_c(self) -> Any:
        return np.stack([unfold(self.P, "C"), unfold(self.Q, "C")])

    def _apply(self, Y: Any) -> Any:
        if self.exact or any(map(is_foreign, (self.P, self.Q, Y))):
            return RankOne(self.Q, self.P)._apply(Y) + RankOne(self.P, self.Q)._apply(Y)
        order: Order = "F" if _is_by_columns(Y) else "C"
        rows = self._rows(order)
        return fold((rows @ unfold(Y, order))[::-1] @ rows, self.domain, order)

    @property
    def adjoint(self) -> LinearMap:
        return self

    def _matrix(self, order: Order) -> Any:
        """Write p qᵀ + q pᵀ down, exactly symmetric, some rows at a time: memory is passed once."""
        p, q = self._rows(order)
        M = np.empty((len(p), len(p)), dtype=p.dtype)
        transposed = np.empty_like(M[:ROWS])
        for start in range(0, len(p), ROWS):
            rows = slice(start, start + ROWS)
            np.multiply.outer(p[rows], q, out=M[rows])
            M[rows] += np.multiply.outer(q[rows], p, out=transposed[: len(p[rows])])
        return _as_kind(M, self.kind)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        P, Q = name("P"), name("Q")
        return f"⟨{P}, {Y}⟩ {Q} + ⟨{Q}, {Y}⟩ {P}"


@dataclass(frozen=True, eq=False, repr=False)
class Sandwich(LinearMap):
    """Y ↦ L Y Rᵀ."""

    L: Any
    R: Any

    def __post_init__(self) -> None:
        self._goes((self.L.shape[1], self.R.shape[1]), (self.L.shape[0], self.R.shape[0]))

    def _apply(self, Y: Any) -> Any:
        if _is_by_columns(Y):  # and so is the image
            return (self.R @ Y.T @ self.L.T).T
        return self.L @ Y @ self.R.T

    @property
    def adjoint(self) -> LinearMap:
        return Sandwich(self.L.T, self.R.T)

    def _matrix(self, order: Order) -> Any:
        return np.kron(self.L, self.R) if order == "C" else np.kron(self.R, self.L)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"{name('L')} {_factor(Y)} {name('R')}ᵀ"


@dataclass(frozen=True, eq=False, repr=False)
class Moves(LinearMap):
    """Y ↦ Yᵀ or Y ↦ Y: entries move, or stay, whatever they are."""

    domain: Shape
    transposes: bool

    def __post_init__(self) -> None:
        self._goes(self.domain, self.domain[::-1] if self.transposes else self.domain)

    def _apply(self, Y: Any) -> Any:
        return Y.T if self.transposes else Y

    @property
    def adjoint(self) -> LinearMap:
        return Moves(self.codomain, self.transposes)

    def _matrix(self, order: Order) -> Any:
        if not self.transposes:
            return np.eye(prod(self.domain), dtype=int)
        return commutation_matrix(*(self.domain if order == "F" else self.codomain))

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"{_factor(Y)}ᵀ" if self.transposes else Y


@dataclass(frozen=True, eq=False, repr=False)
class Entrywise(LinearMap):
    """Y ↦ W ∘ Y."""

    W: Any

    def __post_init__(self) -> None:
        self._goes(np.shape(self.W), np.shape(self.W))

    def _apply(self, Y: Any) -> Any:
        return self.W * Y

    @property
    def adjoint(self) -> LinearMap:
        return self

    def _matrix(self, order: Order) -> Any:
        return _as_kind(np.diag(unfold(self.W, order)), self.kind)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"{name('W')} ∘ {_factor(Y)}"


@dataclass(frozen=True, eq=False, repr=False)
class Adjoint(LinearMap):
    """The adjoint of a map that has no kind of its own for it."""

    of: LinearMap

    def __post_init__(self) -> None:
        self._goes(self.of.codomain, self.of.domain)

    def _apply(self, Y: Any) -> Any:
        return self.of._apply_adjoint(Y)

    def _apply_adjoint(self, Z: Any) -> Any:
        return self.of._apply(Z)

    @property
    def adjoint(self) -> LinearMap:
        return self.of

    def _matrix(self, order: Order) -> Any:
        return self.of._matrix(order).T

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return f"({self.of.formula})*({Y})"


@dataclass(frozen=True, eq=False, repr=False)
class Sum(LinearMap):
    """Y ↦ L₁(Y) + L₂(Y) + …."""

    terms: tuple[LinearMap, ...]

    def _parts(self) -> tuple[Any, ...]:
        return self.terms

    def __post_init__(self) -> None:
        self._goes(self.terms[0].domain, self.terms[0].codomain)

    def _apply(self, Y: Any) -> Any:
        return reduce(add, (_as_kind(term._image(Y), self.kind) for term in self.terms))

    @property
    def adjoint(self) -> LinearMap:
        return Sum(tuple(term.adjoint for term in self.terms))

    def _matrix(self, order: Order) -> Any:
        total = _combinable(self.terms[0]._matrix(order), self.kind)
        for term in self.terms[1:]:
            total += _combinable(term._matrix(order), self.kind)  # in place: a third may not fit
        return total

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return " + ".join(term._formula(Y, name) for term in self.terms).replace("+ −", "− ")


@dataclass(frozen=True, eq=False, repr=False)
class Multiple(LinearMap):
    """Y ↦ c L(Y)."""

    scalar: Any
    of: LinearMap

    def __post_init__(self) -> None:
        self._goes(self.of.domain, self.of.codomain)

    def _apply(self, Y: Any) -> Any:
        image = _as_kind(self.of._image(Y), self.kind)
        return (exact(self.scalar)[()] if _kind(image) == "exact" else float(self.scalar)) * image

    @property
    def adjoint(self) -> LinearMap:
        return Multiple(self.scalar, self.of.adjoint)

    def _matrix(self, order: Order) -> Any:
        M = _combinable(self.of._matrix(order), self.kind)
        M *= self.scalar if self.exact else float(self.scalar)
        return M

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        inner = self.of._formula(Y, name)
        inner = f"({inner})" if isinstance(self.of, (Sum, SymmetricProduct)) else inner
        scalar = f"{self.scalar:g}" if isinstance(self.scalar, float) else f"{self.scalar}"
        shown = {"1": "", "-1": "−"}.get(scalar, scalar.replace("-", "−", 1) + " ")
        return shown + inner


@dataclass(frozen=True, eq=False, repr=False)
class Composition(LinearMap):
    """Y ↦ L₁(L₂(Y))."""

    outer: LinearMap
    inner: LinearMap

    def __post_init__(self) -> None:
        self._goes(self.inner.domain, self.outer.codomain)

    def _apply(self, Y: Any) -> Any:
        return self.outer._image(self.inner._image(Y))

    @property
    def adjoint(self) -> LinearMap:
        return Composition(self.inner.adjoint, self.outer.adjoint)

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        return self.outer._formula(self.inner._formula(Y, name), name)


@dataclass(frozen=True, eq=False, repr=False)
class TensorProduct(LinearMap):
    """v ⊗ w ↦ L₁(v) ⊗ L₂(w)."""

    first: LinearMap
    second: LinearMap

    def __post_init__(self) -> None:
        self._goes(self.first.domain + self.second.domain, self.first.codomain + self.second.codomain)

    def _apply(self, Y: Any) -> Any:
        rows = np.asanyarray(Y).reshape(-1, *self.second.domain)
        halfway = np.stack([np.ravel(self.second._image(row)) for row in rows])
        columns = halfway.T.reshape(-1, *self.first.domain)
        image = np.stack([np.ravel(self.first._image(column)) for column in columns], axis=1)
        return image.reshape(self.codomain)[()]

    @property
    def adjoint(self) -> LinearMap:
        return TensorProduct(self.first.adjoint, self.second.adjoint)

    def _matrix(self, order: Order) -> Any:
        factors = (self.first._matrix(order), self.second._matrix(order))
        return np.kron(*(_combinable(M, self.kind) for M in factors))

    def _formula(self, Y: str, name: Callable[[str], str]) -> str:
        first, second = self.first._formula("v", name), self.second._formula("w", name)
        return f"((v ↦ {first}) ⊗ (w ↦ {second}))({Y})"


@dataclass(frozen=True, eq=False, repr=False)
class BilinearForm:
    """A symmetric bilinear form on matrices, (Y, Z) ↦ ⟨L(Y), Z⟩: a self-adjoint map seen again.

    Parameters
    ----------
    map
        The self-adjoint map L; that of a second derivative is its Hessian.
    symmetric
        Whether its arguments are symmetric matrices only.

    Raises
    ------
    ValueError
        When `map` does not go from matrices to matrices of the same shape.

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
    symmetric: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.map, LinearMap) or self.map.domain != self.map.codomain:
            raise ValueError(f"map must be a map from a space to itself; it is {self.map!r}")

    @property
    def shape(self) -> Shape:
        """The shape (m, n) of its two arguments."""
        return self.map.domain

    @property
    def exact(self) -> bool:
        """Whether it computes exactly; then the arguments are made exact first."""
        return self.map.exact

    @property
    def method(self) -> str:
        """The way it is computed, "exact", "complex step", "central differences" or "formula"."""
        return str(getattr(self._engine, "method", "formula"))

    @property
    def error(self) -> float:
        """The estimated error of H(Y, Z) for Y and Z of length 1."""
        return float(getattr(self._engine, "error", 0.0))

    @property
    def _engine(self) -> Any:
        return getattr(self.map, "engine", None)

    def __call__(self, Y: Matrix, Z: Matrix) -> Any:
        """Give the form's value at two matrices."""
        Y, Z = self._argument(Y, "Y"), self._argument(Z, "Z")
        return self.map._inner(Y, Z)

    def _argument(self, value: Matrix, name: str) -> Any:
        argument = matrix(exact_array(value, name) if self.exact else value, name, self.shape)
        if self.symmetric and not np.all(argument == argument.T):
            raise ValueError(f"{name} must be symmetric: the form lives on symmetric matrices")
        return argument

    def matrix(self, order: Order = "F", max_bytes: float = MAX_BYTES) -> Any:
        """Write the form as the matrix M with H(Y, Z) = [Y]ᵀ M [Z].

        Parameters
        ----------
        order
            The order of the coordinates: "F" by columns, "C" by rows. On symmetric matrices they
            are those in the orthonormal basis E_ii, (E_ij + E_ji)/√2, in the order of the lower
            triangle.
        max_bytes
            The largest matrix to write down, in bytes.

        Returns
        -------
        array of shape (m n, m n), or (n (n + 1)/2, n (n + 1)/2) on symmetric matrices

        Raises
        ------
        ValueError
            When `order` is not "F" or "C".
        MemoryError
            When the matrix would be larger than `max_bytes`.
        """
        M = self.map.matrix(order, max_bytes)
        if not self.symmetric:
            return M
        J = self._orthonormal_basis(order)
        return J.T @ M @ J

    def _orthonormal_basis(self, order: Order) -> Any:
        """Return the coordinates of E_ii and (E_ij + E_ji)/√2, as columns."""
        n = self.shape[0]
        places = [(i, j) for j in range(n) for i in range(j, n)]
        if order == "C":
            places.sort()
        half = exact(1)[()] / 2 if self.exact else 0.5
        columns = []
        for i, j in places:
            E = np.zeros((n, n), dtype=object if self.exact else float)
            E[i, j] = E[j, i] = 1 if i == j else half**half
            columns.append(unfold(E, order))
        return _as_kind(np.stack(columns, axis=1), self.map.kind)

    @property
    def tensor(self) -> Any:
        """The table of second partial derivatives, of shape (m, n, m, n)."""
        if self.symmetric:
            raise ValueError(
                "the tensor is that of the form on all matrices, not on symmetric ones"
            )
        return self.matrix("C").reshape(self.shape * 2)

    def restrict_to_symmetric(self) -> BilinearForm:
        """Return the same form on symmetric matrices only.

        Raises
        ------
        ValueError
            When its arguments are not square.

        Examples
        --------
        >>> from matderiv import exact, second_derivative
        >>> H = second_derivative(lambda X: np.trace(X @ X), exact([[0, 0], [0, 0]]))
        >>> H.restrict_to_symmetric().matrix()
        exact([[2, 0, 0],
               [0, 2, 0],
               [0, 0, 2]])
        """
        if len(self.shape) != 2 or self.shape[0] != self.shape[1]:
            raise ValueError(f"symmetric matrices are square; the arguments are {space(self.shape)}")
        return BilinearForm(self.map, symmetric=True)

    def __repr__(self) -> str:
        n = self.shape[-1] if self.shape else 1
        where = f"symmetric {n}×{n} matrices" if self.symmetric else space(self.shape)
        return f"BilinearForm on {where}, {trust(self._engine)}"


def functional(G: Matrix) -> LinearMap:
    """Make the functional Y ↦ ⟨G, Y⟩ = tr(GᵀY), from R^{m×n} to R.

    Parameters
    ----------
    G
        Its gradient (Riesz representative), a matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `G` is not a real finite matrix.

    Notes
    -----
    The derivative of X ↦ tr(AX) is ``functional(A.T)``: claims W2 and W3 of the thread.

    Examples
    --------
    >>> A, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> float(functional(A.T)(Y)), float(np.trace(A @ Y))
    (3.0, 3.0)
    """
    return RankOne(*alike(exact(1) if isinstance(G, ExactArray) else np.array(1.0), matrix(G, "G")))


def rank_one(B: Matrix, G: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨G, Y⟩ B, from the matrices shaped like G to those shaped like B.

    Parameters
    ----------
    B
        The direction of every image, a matrix of shape (p, q).
    G
        A matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `B` or `G` is not a real finite matrix.

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
    return RankOne(*alike(matrix(B, "B"), matrix(G, "G")))


def symmetric_product(P: Matrix, Q: Matrix) -> LinearMap:
    """Make the map Y ↦ ⟨P, Y⟩ Q + ⟨Q, Y⟩ P of the matrices shaped like P and Q.

    Parameters
    ----------
    P, Q
        Matrices of one shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `P` or `Q` is not a real finite matrix, or their shapes differ.

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
    P = matrix(P, "P")
    return SymmetricProduct(*alike(P, matrix(Q, "Q", P.shape)))


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
    return Sandwich(*alike(matrix(L, "L"), matrix(R, "R")))


def entrywise(W: Matrix) -> LinearMap:
    """Make the map Y ↦ W ∘ Y, the product entry by entry, of the matrices shaped like W.

    Parameters
    ----------
    W
        A matrix of shape (m, n).

    Raises
    ------
    ValueError, TypeError
        When `W` is not a real finite matrix.

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
    return Entrywise(*alike(matrix(W, "W")))


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
    return Moves((size(m, "m"), size(n, "n")), transposes=True)


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
    return Moves((size(m, "m"), size(n, "n")), transposes=False)


def _kind(part: Any) -> Kind:
    """Say what a part of a map computes with; shapes, integers and fractions do with either."""
    if isinstance(part, LinearMap):
        return part.kind
    if isinstance(part, ExactArray) or hasattr(part, "free_symbols"):
        return "exact"
    return "floats" if hasattr(part, "dtype") or isinstance(part, float) else None


def _as_kind(value: Any, kind: Kind) -> Any:
    """Return a number or an array in the kind of numbers that a map computes with."""
    if kind == "exact" and not isinstance(value, ExactArray):
        return exact(value)[()]
    if kind == "floats" and (_kind(value) == "exact" or getattr(value, "dtype", None) == object):
        try:
            return np.asarray(value, dtype=float)[()]
        except TypeError as error:
            raise TypeError(f"a map of floats takes numbers, no symbols; it got {value}") from error
    return value


def _combinable(M: Any, kind: Kind) -> Any:
    """Return a matrix that nobody else holds as exact numbers or as floats, never as integers."""
    return exact(M) if kind == "exact" else np.asarray(M, dtype=float)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, Real) or (hasattr(value, "is_number") and value.is_real is True)


def _scalar_of(kind: Kind, scalar: Any) -> Any:
    """Return a scalar in the kind of numbers of the map that it multiplies."""
    if isinstance(scalar, (float, np.floating)) and not np.isfinite(scalar):
        raise ValueError(f"scalar must be finite; it is {scalar}")
    try:
        if kind == "floats" or (kind is None and isinstance(scalar, (float, np.floating))):
            return float(scalar)
        either = kind is None and isinstance(scalar, Rational) and float(scalar) == scalar
    except (OverflowError, TypeError) as error:
        raise ValueError(f"scalar must be a float's size, for a map of floats: {error}") from error
    return scalar if either else exact(scalar)[()]


def _terms(L: LinearMap) -> tuple[LinearMap, ...]:
    return L.terms if isinstance(L, Sum) else (L,)


def _is_by_columns(array: Any) -> bool:
    """Whether a NumPy array lies in memory by columns, and not by rows as well."""
    return (
        isinstance(array, np.ndarray) and array.flags.f_contiguous and not array.flags.c_contiguous
    )


class _Names(dict[str, int]):
    """Letters for a formula: G, then G₂, G₃, …."""

    def __call__(self, letter: str) -> str:
        self[letter] = self.get(letter, 0) + 1
        number = "" if self[letter] == 1 else str(self[letter])
        return letter + number.translate(SUBSCRIPTS)


def _factor(formula: str) -> str:
    """Put a formula in parentheses where it is not one letter, transposed or not."""
    return formula if len(formula.rstrip("ᵀ₀₁₂₃₄₅₆₇₈₉")) == 1 else f"({formula})"


def space(shape: Shape) -> str:
    """Write a space as R^(m×n)."""
    if not shape:
        return "R"
    pairs = zip(shape[::2], shape[1::2], strict=True)
    return " ⊗ ".join(f"R^({rows}×{columns})" for rows, columns in pairs)


def trust(engine: Any) -> str:
    """Say how a derivative is computed, and in how many digits."""
    method = str(getattr(engine, "method", "formula"))
    if getattr(engine, "error", 0.0) == 0:
        return method
    if engine.error < engine.size:
        return f"{method}, {floor(log10(engine.size / engine.error))} digits"
    return f"{method}, zero within {engine.error:.0e}"
