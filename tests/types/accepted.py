"""What a type checker must accept, and what it must know of the answers: `make lint` asks mypy."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator

from matderiv import (
    BilinearForm,
    Convexity,
    Definiteness,
    Derivative,
    Diagnosis,
    LinearMap,
    TaylorTest,
    TraceProduct,
    check_derivative,
    commutation_matrix,
    definiteness,
    derivative,
    diagnose,
    exact,
    gradient,
    is_exact,
    rank_one,
    sandwich,
    second_derivative,
    vec,
)

A: NDArray[np.float64] = np.eye(2)


def f(X: NDArray[np.float64]) -> float:
    return float(np.trace(A @ X))


def from_lists(X: Any) -> Any:
    return np.trace(np.asarray(X))


# What people bring: arrays, nested lists, exact arrays; both orders.
derivative(f, A)
derivative(from_lists, [[1, 2], [3, 4]])
derivative(from_lists, exact([[1, 2], [3, 4]]))
vec(A, "C")
vec([[1, 2], [3, 4]], order="F")
diagnose(f, A, [[1, 0], [0, 1]])

# What they get.
D = derivative(f, A)
assert_type(D, Derivative)
assert_type(D.error, float)
assert_type(D.adjoint, LinearMap)
assert_type(D @ sandwich(A, A), LinearMap)
assert_type(2 * D + D, LinearMap)
assert_type(rank_one(A, A) / 2, LinearMap)
assert_type(second_derivative(f, A), BilinearForm)
assert_type(check_derivative(f, A, A), TaylorTest)
assert_type(diagnose(f, A, A), Diagnosis)
assert_type(diagnose(f, A, A).repair("C"), NDArray[Any])
assert_type(definiteness(A), Definiteness)
assert_type(TraceProduct(A, A).convexity(), Convexity)
assert_type(is_exact(A), bool)
gradient(f, A) @ A
D.matrix(order="C") @ vec(A)
commutation_matrix(2, 3) @ vec(np.ones((3, 2)))


def solve(operator: LinearOperator) -> None: ...


solve(D.as_linear_operator())
