"""Symmetric bilinear forms on matrices, and their coordinates on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matderiv.arguments import MAX_BYTES, Order, check_memory, check_order
from matderiv.cost import MAX_SECONDS, paced
from matderiv.exactness import ExactArray, exact
from matderiv.matrices import Matrix, exact_array, matrix


@dataclass(frozen=True, eq=False, repr=False)
class BilinearForm:
    """A symmetric bilinear form on matrices; `second_derivative` makes them.

    Parameters
    ----------
    shape
        The shape (m, n) of its two arguments.
    rule
        The number that it gives to two matrices.
    method
        How it is computed: "exact", "complex step" or "central differences".
    symmetric
        Whether its arguments are symmetric matrices only.
    exact
        Whether the rule computes exactly; then the arguments are made exact first.
    table_rule
        Gives the table of its values at every two of some orthonormal matrices, in at most so
        many seconds; without it, `rule` gives them.

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

    shape: tuple[int, int]
    rule: Callable[[Any, Any], Any]
    method: str
    symmetric: bool = False
    exact: bool = False
    table_rule: Callable[[Sequence[Any], float], Any] | None = None

    def __call__(self, Y: Matrix, Z: Matrix) -> Any:
        """Give the form's value at two matrices."""
        return self.rule(self._argument(Y, "Y"), self._argument(Z, "Z"))

    def _argument(self, value: Matrix, name: str) -> Any:
        argument = matrix(exact_array(value, name) if self.exact else value, name, self.shape)
        if self.symmetric and not np.all(argument == argument.T):
            raise ValueError(f"{name} must be symmetric: the form lives on symmetric matrices")
        return argument

    def matrix(
        self,
        order: Order = "F",
        max_bytes: float = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
    ) -> Any:
        """Write the form as the matrix M with H(Y, Z) = [Y]ᵀ M [Z].

        Parameters
        ----------
        order
            The order of the coordinates: "F" by columns, "C" by rows. On symmetric matrices they
            are those in the orthonormal basis E_ii, (E_ij + E_ji)/√2, in the order of the lower
            triangle.
        max_bytes
            The largest matrix to write down, in bytes.
        max_seconds
            The longest time to take. After a second of work the rest is estimated.

        Returns
        -------
        array of shape (m n, m n), or (n (n + 1)/2, n (n + 1)/2) on symmetric matrices

        Raises
        ------
        ValueError
            When `order` is not "F" or "C", or the matrix would take more than `max_seconds`.
        MemoryError
            When the matrix would be larger than `max_bytes`.
        """
        check_order(order)
        m, n = self.shape
        dimension = n * (n + 1) // 2 if self.symmetric else m * n
        advice = "apply the form to the matrices you need, or raise max_bytes"
        check_memory((dimension, dimension), "the form's matrix", max_bytes, advice)
        basis = self._basis(order)
        if self.table_rule is not None:
            return self.table_rule(basis, max_seconds)
        entries = np.empty((dimension, dimension), dtype=object if self.exact else float)
        for i, Y in enumerate(paced(basis, 2, "the form's matrix", max_seconds)):
            for j in range(i + 1):
                entries[i, j] = entries[j, i] = self.rule(Y, basis[j])
        return entries.view(ExactArray) if self.exact else entries

    def _basis(self, order: Order) -> list[Any]:
        places = list(np.ndindex(self.shape))
        if self.symmetric:
            places = [(i, j) for i, j in places if i >= j]
        if order == "F":
            places.sort(key=lambda place: place[1])
        zero = exact(np.zeros(self.shape)) if self.exact else np.zeros(self.shape)
        one = zero[0, 0] + 1
        basis = []
        for i, j in places:
            E = zero.copy()
            E[i, j] = one
            if self.symmetric and i != j:
                E[i, j] = E[j, i] = one / self._square_root_of_two
            basis.append(E)
        return basis

    @property
    def _square_root_of_two(self) -> Any:
        if not self.exact:
            return np.sqrt(2.0)
        import sympy as sp

        return sp.sqrt(2)

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
        m, n = self.shape
        if m != n:
            raise ValueError(f"symmetric matrices are square; the arguments are {m}×{n}")
        return replace(self, symmetric=True)

    def __repr__(self) -> str:
        m, n = self.shape
        space = f"symmetric {n}×{n} matrices" if self.symmetric else f"R^({m}×{n})"
        return f"BilinearForm on {space}, {self.method}"
