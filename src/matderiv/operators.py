"""Maps as SciPy's linear operators: they act on coordinates and write no matrix down."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from matderiv.arguments import Order, check_order
from matderiv.coordinates import fold
from matderiv.dense import coordinates_of

if TYPE_CHECKING:
    from matderiv.linear_map import LinearMap


class MapOperator(LinearOperator):  # type: ignore[misc]
    """A map on coordinates; its adjoint and its transpose are those of the map."""

    def __init__(self, L: LinearMap, order: Order) -> None:
        check_order(order)
        super().__init__(dtype=np.dtype(float), shape=(prod(L.codomain), prod(L.domain)))
        self.L, self.order = L, order

    def _matvec(self, v: Any) -> Any:
        image = self.L(fold(v, self.L.domain, self.order))
        return np.asarray(coordinates_of(image, self.order), dtype=float)

    def _matmat(self, V: Any) -> Any:
        images = np.empty((self.shape[0], V.shape[1]), order="F")
        for j, column in enumerate(V.T):
            images[:, j] = self._matvec(column)
        return images

    def _adjoint(self) -> MapOperator:
        return MapOperator(self.L.adjoint, self.order)

    _transpose = _adjoint
