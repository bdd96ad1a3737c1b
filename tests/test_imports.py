"""What `import matderiv` offers, and what it does not load."""

import subprocess
import sys

import pytest

import matderiv

PUBLIC = {
    "vec", "unvec", "vech", "commutation_matrix", "duplication_matrix", "elimination_matrix",
    "exact", "symbolic", "is_exact",
    "LinearMap", "functional", "rank_one", "sandwich", "transposition", "identity",
    "directional_derivative", "derivative", "gradient", "second_derivative", "check_derivative",
    "BilinearForm", "TraceProduct",
}  # fmt: skip


def loaded_after(code):
    """Run the code in a fresh Python; return the names of the modules then loaded."""
    code += "\nimport sys; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return set(process.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import matderiv",
        "from matderiv import *",
        "from matderiv import gradient; gradient(lambda X: (X @ X).trace(), [[1.0, 2], [3, 4]])",
        "from matderiv import TraceProduct\n"
        "f = TraceProduct([[1, 2], [3, 4]], [[1, 0], [0, 1]])\n"
        "f.hessian.matrix(), f.angle, f.eigenvalues()",
        "import numpy as np\nfrom matderiv import diagnose\n"
        "A, B = np.array([[7.0, 1], [1, 3]]), np.array([[5.0, 2], [2, 1]])\n"
        "f, E = lambda X: np.trace(A @ X) * np.trace(B @ X), np.kron(A, B) + np.kron(B, A)\n"
        "assert 'the least eigenvalue -3.16636' in str(diagnose(f, np.eye(2), E))",
    ],
)
def test_floats_need_neither_sympy_nor_scipy_nor_matplotlib(code):
    assert loaded_after(code) & {"sympy", "scipy", "matplotlib"} == set()


def test_the_public_names_are_there_and_documented():
    assert set(matderiv.__all__) >= PUBLIC
    undocumented = [n for n in matderiv.__all__ if not getattr(matderiv, n).__doc__]
    assert undocumented == []
