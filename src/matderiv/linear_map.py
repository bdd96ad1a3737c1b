"""Linear maps between spaces of matrices, and what can be done with them.

A map has a domain and a codomain, each the shape of a matrix; ``()`` is the space of numbers, and
``(m, n, p, q)`` the tensor product of two spaces of matrices. A map is a rule. Its matrix is
written down only when asked for, in the order asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from matderiv.arguments import MAX_BYTES, Order, Shape, check_memory, check_order, size
from matderiv.dense import added, basis, combined, coordinates_of
from matderiv.exactness import exact
from matderiv.matrices import Matrix, exact_array, real_array

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

Rule = Callable[[Any], Any]


@dataclass(frozen=True, eq=False, repr=False)
class LinearMap:
    """A linear map, given by its rule.

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
    Maps are values: ``L1 + L2``, ``3 * L1``, the composition ``L1 @ L2``, the tensor product
    ``L1.tensor(L2)`` and ``L1.adjoint`` are new maps. Claims W1 and W4 of the thread.

    Examples
    --------
    >>> from matderiv import exact, functional
    >>> alpha = functional(exact([[7, 1], [1, 3]]))
    >>> alpha
    LinearMap from R^(2×2) to R: Y ↦ ⟨G, Y⟩
    >>> alpha([[1, 0], [0, 0]])
    7
    >>> alpha.matrix()
    exact([[7, 1, 1, 3]])
    """

    domain: Shape
    codomain: Shape
    rule: Rule
    adjoint_rule: Rule | None = None
    matrix_rule: Callable[[Order], Any] | None = None
    formula: str = "Y ↦ L(Y)"
    exact: bool = False

    __array_ufunc__ = None  # so that NumPy leaves `array * map` to the map

    def __post_init__(self) -> None:
        for name, shape in (("domain", self.domain), ("codomain", self.codomain)):
            if not isinstance(shape, tuple) or len(shape) % 2:
                raise ValueError(f"{name} must be (), (m, n) or (m, n, p, q); it is {shape!r}")
            for length in shape:
                size(length, f"each length in {name}")
        if not callable(self.rule):
            raise TypeError(f"rule must be a function of an element of domain; it is {self.rule!r}")

    def __call__(self, Y: Matrix) -> Any:
        """Apply the map to `Y`, an element of its domain."""
        argument = exact_array(Y, "Y") if self.exact else real_array(Y, "Y", look=False)
        if argument.shape != self.domain:
            advice = "; flatten it to a matrix first" if argument.ndim == 4 else ""
            raise ValueError(
                f"Y must have the shape {self.domain}; its shape is {argument.shape}{advice}"
            )
        image = self.rule(argument if self.domain else argument[()])
        if np.shape(image) != self.codomain:
            raise ValueError(
                f"rule must return values of shape {self.codomain}; one has {np.shape(image)}"
            )
        return image

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
        check_memory(shape, "the map's matrix", max_bytes, advice)
        return self._dense(order)

    def _dense(self, order: Order) -> Any:
        if self.matrix_rule is not None:
            return self.matrix_rule(order)
        columns = [coordinates_of(self(e), order) for e in basis(self.domain, order)]
        return self._array(np.stack(columns, axis=1))

    @property
    def adjoint(self) -> LinearMap:
        """The map L* with ⟨L(Y), Z⟩ = ⟨Y, L*(Z)⟩ for all Y and Z."""
        return LinearMap(
            self.codomain,
            self.domain,
            self.adjoint_rule or self._adjoint_by_basis,
            self.rule,
            lambda order: self._dense(order).T,
            f"adjoint of ({self.formula})",
            self.exact,
        )

    def _adjoint_by_basis(self, Z: Any) -> Any:
        entries = [np.vdot(self(e), Z) for e in basis(self.domain, "C")]
        return self._array(np.reshape(entries, self.domain))[()]

    def _array(self, array: Any) -> Any:
        return exact(array) if self.exact else array

    def __add__(self, other: LinearMap) -> LinearMap:
        if not isinstance(other, LinearMap):
            return NotImplemented
        if (self.domain, self.codomain) != (other.domain, other.codomain):
            raise ValueError(f"only maps between the same spaces add; these are {self} and {other}")
        return LinearMap(
            self.domain,
            self.codomain,
            lambda Y: self.rule(Y) + other.rule(Y),
            lambda Z: self.adjoint(Z) + other.adjoint(Z),
            lambda order: added(self._dense(order), other._dense(order)),
            f"({self.formula}) + ({other.formula})",
            self.exact or other.exact,
        )

    def __mul__(self, scalar: Any) -> LinearMap:
        if not _is_scalar(scalar):
            return NotImplemented
        if isinstance(scalar, (float, np.floating)) and not np.isfinite(scalar):
            raise ValueError(f"scalar must be finite; it is {scalar}")
        scalar = exact(scalar)[()] if self.exact else scalar
        return LinearMap(
            self.domain,
            self.codomain,
            lambda Y: scalar * self.rule(Y),
            lambda Z: scalar * self.adjoint(Z),
            lambda order: combined(lambda M: scalar * M, self._dense(order)),
            f"{scalar} ({self.formula})",
            self.exact,
        )

    __rmul__ = __mul__

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
        return LinearMap(
            other.domain,
            self.codomain,
            lambda Y: self.rule(other.rule(Y)),
            lambda Z: other.adjoint(self.adjoint(Z)),
            formula=f"({self.formula}) after ({other.formula})",
            exact=self.exact or other.exact,
        )

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
        return LinearMap(
            self.domain + other.domain,
            self.codomain + other.codomain,
            lambda Y: _apply_to_factors(self, other, Y),
            lambda Z: _apply_to_factors(self.adjoint, other.adjoint, Z),
            lambda order: combined(np.kron, self._dense(order), other._dense(order)),
            f"({self.formula}) ⊗ ({other.formula})",
            self.exact or other.exact,
        )

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
        from matderiv.operators import MapOperator

        return MapOperator(self, order)

    def __repr__(self) -> str:
        spaces = f"from {_space(self.domain)} to {_space(self.codomain)}"
        return f"{type(self).__name__} {spaces}: {self.formula}"


def _apply_to_factors(L1: LinearMap, L2: LinearMap, Y: Any) -> Any:
    """Apply L1 to the first factor of the tensor Y, and L2 to the second."""
    first, second = L1.domain, L2.domain
    rows = np.asanyarray(Y).reshape(-1, *second)
    halfway = np.stack([np.asanyarray(L2.rule(row)).reshape(-1) for row in rows])
    columns = halfway.T.reshape(-1, *first)
    image = np.stack([np.asanyarray(L1.rule(column)).reshape(-1) for column in columns], axis=1)
    return image.reshape(L1.codomain + L2.codomain)[()]


def _is_scalar(value: Any) -> bool:
    return isinstance(value, Real) or (hasattr(value, "is_number") and value.is_real is True)


def _space(shape: Shape) -> str:
    if not shape:
        return "R"
    pairs = zip(shape[::2], shape[1::2], strict=True)
    return " ⊗ ".join(f"R^({rows}×{columns})" for rows, columns in pairs)
