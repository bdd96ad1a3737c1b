"""Linear maps between spaces of matrices, and their coordinates on request.

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
from matderiv.coordinates import commutation_matrix, fold, unfold
from matderiv.exactness import exact, is_exact
from matderiv.matrices import Matrix, alike, exact_array, frozen, matrix, real_array

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
        The map's matrix in a given order; without it, `rule` is applied to the domain's basis.
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
        columns = [_coordinates(self(e), order) for e in _basis(self.domain, order)]
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
        entries = [np.vdot(self(e), Z) for e in _basis(self.domain, "C")]
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
            lambda order: _combined(np.add, self._dense(order), other._dense(order)),
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
            lambda order: _combined(lambda M: scalar * M, self._dense(order)),
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
        >>> from matderiv import exact, vec
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
            lambda order: _combined(np.kron, self._dense(order), other._dense(order)),
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
        >>> swap = transposition(2, 2).as_linear_operator()
        >>> swap @ np.array([1.0, 2.0, 3.0, 4.0])
        array([1., 3., 2., 4.])
        """
        from scipy.sparse.linalg import LinearOperator

        check_order(order)
        adjoint = self.adjoint
        return LinearOperator(
            (prod(self.codomain), prod(self.domain)),
            matvec=lambda v: self._on_coordinates(v, order),
            rmatvec=lambda v: adjoint._on_coordinates(v, order),
            dtype=float,
        )

    def _on_coordinates(self, v: Any, order: Order) -> Any:
        image = self(fold(v, self.domain, order))
        return np.asarray(_coordinates(image, order), dtype=float)

    def __repr__(self) -> str:
        spaces = f"from {_space(self.domain)} to {_space(self.codomain)}"
        return f"{type(self).__name__} {spaces}: {self.formula}"


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
    G = frozen(matrix(G, "G"))
    return LinearMap(
        G.shape,
        (),
        lambda Y: np.vdot(G, Y),
        lambda number: number * G,
        lambda order: unfold(G, order)[None, :].copy(),
        "Y ↦ ⟨G, Y⟩",
        is_exact(G),
    )


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
    B, G = alike(matrix(B, "B"), matrix(G, "G"))
    return LinearMap(
        G.shape,
        B.shape,
        lambda Y: np.vdot(G, Y) * B,
        lambda Z: np.vdot(B, Z) * G,
        lambda order: np.multiply.outer(unfold(B, order), unfold(G, order)),
        "Y ↦ ⟨G, Y⟩ B",
        is_exact(G),
    )


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
    L, R = alike(matrix(L, "L"), matrix(R, "R"))
    return LinearMap(
        (L.shape[1], R.shape[1]),
        (L.shape[0], R.shape[0]),
        lambda Y: L @ Y @ R.T,
        lambda Z: L.T @ Z @ R,
        lambda order: np.kron(L, R) if order == "C" else np.kron(R, L),
        "Y ↦ L Y Rᵀ",
        is_exact(L),
    )


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
    m, n = size(m, "m"), size(n, "n")
    return LinearMap(
        (m, n),
        (n, m),
        lambda Y: Y.T,
        lambda Z: Z.T,
        lambda order: commutation_matrix(m, n) if order == "F" else commutation_matrix(n, m),
        "Y ↦ Yᵀ",
    )


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
    m, n = size(m, "m"), size(n, "n")
    return LinearMap(
        (m, n),
        (m, n),
        lambda Y: Y,
        lambda Z: Z,
        lambda order: np.eye(m * n, dtype=int),
        "Y ↦ Y",
    )


def _apply_to_factors(L1: LinearMap, L2: LinearMap, Y: Any) -> Any:
    """Apply L1 to the first factor of the tensor Y, and L2 to the second."""
    first, second = L1.domain, L2.domain
    rows = np.asanyarray(Y).reshape(-1, *second)
    halfway = np.stack([np.asanyarray(L2.rule(row)).reshape(-1) for row in rows])
    columns = halfway.T.reshape(-1, *first)
    image = np.stack([np.asanyarray(L1.rule(column)).reshape(-1) for column in columns], axis=1)
    return image.reshape(L1.codomain + L2.codomain)[()]


def _basis(shape: Shape, order: Order) -> Any:
    """Yield the unit elements of a space, in the order of its coordinates."""
    for place in range(prod(shape)):
        unit = np.zeros(prod(shape), dtype=int)
        unit[place] = 1
        yield fold(unit, shape, order)


def _combined(operation: Callable[..., Any], *matrices: Any) -> Any:
    """Combine matrices; as floats where they hold integers that could overflow."""
    if any(M.dtype.kind not in "iu" for M in matrices):
        return operation(*matrices)
    floats = [M.astype(float) for M in matrices]
    bound = np.abs(operation(*map(np.abs, floats)))
    fits = bound.dtype == object or bound.max() < 2**53
    return operation(*(matrices if fits else floats))


def _coordinates(value: Any, order: Order) -> Any:
    return unfold(np.asanyarray(value), order)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, Real) or (hasattr(value, "is_number") and value.is_real is True)


def _space(shape: Shape) -> str:
    if not shape:
        return "R"
    pairs = zip(shape[::2], shape[1::2], strict=True)
    return " ⊗ ".join(f"R^({rows}×{columns})" for rows, columns in pairs)
