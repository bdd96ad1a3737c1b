"""What a type checker must reject: mypy complains of an ignored error that is none.

No line of this file is ever run.
"""

import numpy as np

from matderiv import (
    commutation_matrix,
    definiteness,
    derivative,
    gradient,
    identity,
    rank_one,
    second_derivative,
    symbolic,
    vec,
)

X = np.eye(2)
D = derivative(np.linalg.det, X)

vec(X, "fortran")  # type: ignore[arg-type]
D.matrix(order="A")  # type: ignore[arg-type]
D.matrix("F", "C")  # type: ignore[arg-type]
derivative(X, np.linalg.det)  # type: ignore[call-overload]
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
