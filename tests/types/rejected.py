"""What a type checker must reject: mypy complains of an ignored error that is none.

No line of this file is ever run.
"""

import numpy as np

from matderiv import (
    TraceProduct,
    check_derivative,
    commutation_matrix,
    definiteness,
    derivative,
    diagnose,
    exact,
    formula,
    functional,
    gradient,
    identity,
    is_exact,
    partial_transpose,
    rank_one,
    sandwich,
    second_derivative,
    symbolic,
    vec,
)

X = np.eye(2)
D = derivative(np.linalg.det, X)

vec(X, "fortran")  # type: ignore[arg-type]
D.matrix(order="A")  # type: ignore[arg-type]
D.matrix("F", "C")  # type: ignore[arg-type]
derivative(X, np.linalg.det)  # type: ignore[arg-type]
gradient(X, X)  # type: ignore[arg-type]
gradient(np.linalg.det)  # type: ignore[call-arg]
second_derivative(np.linalg.det, X).matrix("f")  # type: ignore[arg-type]
commutation_matrix((2, 3))  # type: ignore[call-arg, arg-type]
identity("2", 2)  # type: ignore[arg-type]
symbolic("x", 2)  # type: ignore[arg-type]
D.error = 0.0  # type: ignore[misc]
D + X  # type: ignore[operator]
D @ X  # type: ignore[operator]
rank_one(X)  # type: ignore[call-arg]
definiteness(X).verdict + 1  # type: ignore[operator]

# No arrays: a function, nothing, a text, a set.
derivative(np.linalg.det, np.linalg.det)  # type: ignore[arg-type]
vec(None)  # type: ignore[arg-type]
vec("X")  # type: ignore[arg-type]
functional(np.linalg.det)  # type: ignore[arg-type]
sandwich(X, None)  # type: ignore[arg-type]
rank_one("B", X)  # type: ignore[arg-type]
definiteness({1, 2})  # type: ignore[arg-type]
TraceProduct(X, None)  # type: ignore[arg-type]
exact("1/2")  # type: ignore[arg-type]
is_exact(None)  # type: ignore[arg-type]
D(np.linalg.det)  # type: ignore[arg-type]
second_derivative(np.linalg.det, X)(X, None)  # type: ignore[arg-type]
second_derivative(np.linalg.det, X)(X)  # type: ignore[call-arg]
gradient(np.linalg.det, X, within=X)  # type: ignore[arg-type]
diagnose(np.linalg.det, X, X, within=X)  # type: ignore[call-overload]
diagnose(np.linalg.det, X, X).repair("c")  # type: ignore[arg-type]
check_derivative(np.linalg.det, X, X, rng="seed")  # type: ignore[arg-type]
formula("tr(X)")(X=None)  # type: ignore[arg-type]
formula("tr(X)")(X)  # type: ignore[call-arg]
partial_transpose(X, 2)  # type: ignore[arg-type]

# What comes out is an array, and says what it has not.
vec(X).matrix  # type: ignore[attr-defined]
D.matrix().verdict  # type: ignore[attr-defined]
second_derivative(np.linalg.det, X).tensor("F")  # type: ignore[operator]
gradient(np.linalg.det, X).adjoint  # type: ignore[union-attr]
TraceProduct(X, X).eigenvalues().real()  # type: ignore[operator]
