"""What a type checker must accept, and what it must know of the answers: `make lint` asks mypy."""

from fractions import Fraction
from typing import Any, assert_type

import dask.array as da
import numpy as np
import sympy as sp
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
    directional_derivative,
    exact,
    flatten,
    formula,
    functional,
    gradient,
    identity,
    is_exact,
    partial_transpose,
    rank_one,
    realign,
    sandwich,
    second_derivative,
    symbolic,
    symmetric,
    unvec,
    unvech,
    vec,
    vech,
)
from matderiv.arrays import ExactArray

A: NDArray[np.float64] = np.eye(2)


def f(X: NDArray[np.float64]) -> float:
    return float(np.trace(A @ X))


def from_lists(X: Any) -> Any:
    return np.trace(np.asarray(X))


# What people bring: arrays, nested lists of any numbers, numbers; both orders.
x = sp.Symbol("x", real=True)
derivative(f, A)
derivative(from_lists, [[1, 2], [3, 4]])
derivative(from_lists, exact([[1, 2], [3, 4]]))
derivative(from_lists, 2.0)
derivative(from_lists, (np.float32(1), Fraction(1, 2), x))
exact([[x, Fraction(1, 3)], [sp.sqrt(2), 0.5]])
sandwich(da.ones((2, 2)), [[1, x], [Fraction(1, 2), 3.0]])
functional(A.astype(np.float32))
vec(A, "C")
vec([[1, 2], [3, 4]], order="F")
vec(A * 1j)
unvec([1, 2, 3, 4], (2, 2))
diagnose(f, A, [[1, 0], [0, 1]])
gradient(f, A, within=symmetric(2))
gradient(f, [[1.0, 0.0], [0.0, 1.0]], engine="jax")
realign(np.ones((2, 4)), shape=((1, 2), (2, 2)))
realign(np.ones((2, 4)), [[1, 2], [2, 2]])

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
assert_type(exact(A), ExactArray)
assert_type(symbolic("x", (2, 2)), ExactArray)
assert_type(commutation_matrix(2, 3), NDArray[np.int_])
H = second_derivative(f, A)
for array in (vec(A), vech(A), unvech([1, 2, 3]), flatten(H.tensor, "ik,jl"), partial_transpose(A)):
    assert_type(array, NDArray[Any])
assert_type(D.matrix(), NDArray[Any])
assert_type(derivative(f, A, within=symmetric(2)).matrix(coordinates="vech"), NDArray[Any])
assert_type(H.matrix(coordinates="own"), NDArray[Any])
assert_type(TraceProduct(A, [[1, 2], [2, 3]]).A, NDArray[Any])
assert_type(TraceProduct(A, A).eigenvalues(), NDArray[Any])
gradient(f, A) @ A
gradient(f, A).T[0, 0]
D.matrix(order="C") @ vec(A)
commutation_matrix(2, 3) @ vec(np.ones((3, 2)))
float(directional_derivative(f, A, A)) + H(A, A) / TraceProduct(A, A)(A)
identity(2, 2)(A).trace()
formula("tr(A*X)").derivative("X").at(A=A, X=[[1, 2], [3, 4]])(A)


def solve(operator: LinearOperator) -> None: ...


solve(D.as_linear_operator())
