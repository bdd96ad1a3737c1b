"""Large maps: what they cost, spectra in closed form, and Lanczos's method on a map."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bench.cluster import covariances, least_eigenvalue
from matderiv import LinearMap, TraceProduct, definiteness, exact, transposition
from matderiv.book.figures import measured


class Counted:
    """An array of a foreign library that adds up the multiplications done on it."""

    dtype, count = np.dtype(float), 0

    def __init__(self, *shape):
        self.shape, self.ndim, self.size = shape, len(shape), int(np.prod(shape))

    def multiplied(self, number, *shape):
        Counted.count += number
        return Counted(*shape)

    @property
    def T(self):
        return Counted(*self.shape[::-1])

    def __matmul__(self, other):
        (m, n), (_, p) = self.shape, other.shape
        return self.multiplied(m * n * p, m, p)

    def __mul__(self, other):
        return self.multiplied(max(self.size, other.size), *max(self.shape, other.shape, key=len))

    __rmul__ = __mul__

    def __add__(self, other):
        return Counted(*self.shape)

    def __getitem__(self, everything):
        return self

    def __array_function__(self, function, types, args, kwargs):
        if function is np.stack:
            return Counted(len(args[0]), *args[0][0].shape)
        assert function is np.tensordot, function
        a, b, axes = *args, kwargs["axes"]
        outer, inner = a.shape[: a.ndim - axes], b.shape[axes:]
        return self.multiplied(a.size * int(np.prod(inner)), *outer, *inner)


def multiplications(L, n):
    Counted.count = 0
    L(Counted(n, n))
    return Counted.count


@pytest.mark.claim("thm-costs")
@pytest.mark.parametrize("n", [2, 7, 1000])
def test_maps_multiply_as_often_as_their_formulas_say(n):
    f = TraceProduct(Counted(n, n), Counted(n, n))
    assert multiplications(f.hessian, n) == 4 * n**2
    assert multiplications(f.false_hessian, n) == 4 * n**3
    assert multiplications(f.false_hessian @ transposition(n, n), n) == 4 * n**3


@pytest.mark.claim("thm-costs")
def test_their_matrices_have_n_to_the_fourth_entries():
    f = TraceProduct(np.eye(3), np.ones((3, 3)))
    assert f.hessian.matrix().size == f.false_hessian.matrix().size == 3**4


@pytest.mark.claim("thm-walks")
@pytest.mark.parametrize("n", range(2, 8))
def test_the_two_walks_have_their_closed_forms(n):
    A, B = (exact(M) for M in covariances(np.arange(1, n + 1)))
    for i, j in product(range(1, n + 1), repeat=2):
        assert (A[i - 1, j - 1], B[i - 1, j - 1]) == (min(i, j), n + 1 - max(i, j))
    assert definiteness(A).verdict == definiteness(B).verdict == "positive definite"
    length = sp.Rational(n * (n + 1) * (n**2 + n + 1), 6)
    assert np.vdot(A, A) == np.vdot(B, B) == length
    assert np.vdot(A, B) == sp.Rational(n * (n + 1) ** 2 * (n + 2), 12)
    least = sp.Rational(-(n**2) * (n**2 - 1), 12)
    greatest = sp.Rational(n * (n + 1) * (3 * n**2 + 5 * n + 4), 12)
    assert TraceProduct(A, B).eigenvalues()[[0, -1]].tolist() == [least, greatest]
    assert least_eigenvalue(n) == least
    assert definiteness(TraceProduct(A, B).false_hessian.matrix()).verdict == "positive definite"


@pytest.mark.claim("thm-walks")
def test_the_sums_of_the_two_walks_hold_for_every_n_and_the_angle_tends_to_60_degrees():
    n, k = sp.symbols("n k", positive=True, integer=True)
    square = sp.summation(k**2 * (2 * (n - k) + 1), (k, 1, n))
    inner = sp.summation((n - k + 1) * k**2, (k, 1, n))
    assert sp.expand(square - n * (n + 1) * (n**2 + n + 1) / 6) == 0
    assert sp.expand(inner - n * (n + 1) ** 2 * (n + 2) / 12) == 0
    assert sp.expand(inner - square + n**2 * (n**2 - 1) / 12) == 0
    assert sp.expand(inner + square - n * (n + 1) * (3 * n**2 + 5 * n + 4) / 12) == 0
    assert sp.limit(sp.cancel(inner / square), n, sp.oo) == sp.cos(sp.pi / 3)


def powers(L, Y, count):
    """Give Y, L(Y), L²(Y), … as the columns of a SymPy matrix."""
    columns = []
    for _ in range(count):
        columns.append(sp.Matrix(Y.reshape(-1)))
        Y = L(Y)
    return sp.Matrix.hstack(*columns)


entries = st.lists(st.integers(-2, 2), min_size=9, max_size=9)


@pytest.mark.claim("thm-three-steps")
@given(entries, entries)
def test_powers_of_a_map_span_one_dimension_for_each_eigenspace_met(factors, numbers):
    factors, Y = exact(factors).reshape(3, 3), exact(numbers).reshape(3, 3)
    L = LinearMap((3, 3), (3, 3), lambda Z: factors * Z, exact=True)  # factors are eigenvalues
    met = {factor for factor, number in zip(factors.flat, Y.flat, strict=True) if number != 0}
    m = len(met)
    if m == 0:
        return
    assert powers(L, Y, 9).rank() == m
    basis = powers(L, Y, m)
    image = sp.Matrix.hstack(*(sp.Matrix(factors.reshape(-1) * exact(c)) for c in columns(basis)))
    restricted = (basis.T * basis).LUsolve(basis.T * image)
    assert basis * restricted == image, "L does not take the span to itself"
    assert restricted.eigenvals() == dict.fromkeys(met, 1)


def columns(matrix):
    return [list(matrix[:, k]) for k in range(matrix.cols)]


@pytest.mark.claim("thm-three-steps")
@given(entries, entries, entries)
def test_the_hessian_has_three_eigenvalues_and_three_steps_for_almost_every_start(a, b, y):
    A, B, Y = (exact(numbers).reshape(3, 3) for numbers in (a, b, y))
    squares, inner = np.vdot(A, A) * np.vdot(B, B), np.vdot(A, B)
    if squares == inner**2:
        return
    f = TraceProduct(A, B)
    assert len(set(f.eigenvalues())) == 3
    rank = powers(f.hessian, Y, 9).rank()
    assert rank <= 3
    P, Q = A.T, B.T
    for_each = [np.vdot(Y, P) * sp.sqrt(np.vdot(Q, Q)) + s * np.vdot(Y, Q) * sp.sqrt(np.vdot(P, P))
                for s in (1, -1)]  # zero where Y has no part in the eigenspace  # fmt: skip
    if all(sp.simplify(part) != 0 for part in for_each) and rank < 3:
        basis = sp.Matrix.hstack(sp.Matrix(P.reshape(-1)), sp.Matrix(Q.reshape(-1)))
        assert sp.Matrix.hstack(basis, sp.Matrix(Y.reshape(-1))).rank() == 2, "a part in the kernel"


@pytest.mark.claim("thm-three-steps")
def test_a_start_without_a_part_in_the_eigenspace_misses_the_least_eigenvalue():
    A, B = (exact(M) for M in covariances(np.arange(1, 5)))
    ones = exact(np.ones((4, 4), dtype=int))
    assert powers(TraceProduct(A, B).hessian, ones, 5).rank() == 2


@st.composite
def commuting(draw):
    """Draw an orthogonal matrix and the eigenvalues of two symmetric matrices that share it."""
    n = draw(st.integers(1, 4))
    v = exact(draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    U = exact(np.eye(n, dtype=int)) - 2 * np.outer(v, v) / np.vdot(v, v)
    numbers = st.lists(st.integers(-5, 5), min_size=n, max_size=n)
    return U, exact(draw(numbers)), exact(draw(numbers))


@pytest.mark.claim("thm-commuting")
@given(commuting())
def test_commuting_matrices_have_the_spectra_of_e_and_ek_in_closed_form(drawn):
    U, a, b = drawn
    n = len(U)
    f = TraceProduct((U * a) @ U.T, (U * b) @ U.T)
    E = f.false_hessian
    EK = E @ transposition(n, n)
    for i, j in product(range(n), repeat=2):
        value = a[i] * b[j] + a[j] * b[i]
        matrix, mirrored = np.outer(U[:, i], U[:, j]), np.outer(U[:, j], U[:, i])
        assert np.all(E(matrix) == value * matrix)
        assert np.all(EK(matrix + mirrored) == value * (matrix + mirrored))
        assert np.all(EK(matrix - mirrored) == -value * (matrix - mirrored))


@pytest.mark.claim("thm-commuting")
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_the_false_hessian_of_a_grid_is_its_laplacian_with_the_sums_as_eigenvalues(n):
    T = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    E = TraceProduct(T, np.eye(n)).false_hessian
    Y = np.random.default_rng(0).standard_normal((n, n))
    framed = np.pad(Y, 1)
    neighbours = framed[:-2, 1:-1] + framed[2:, 1:-1] + framed[1:-1, :-2] + framed[1:-1, 2:]
    np.testing.assert_allclose(E(Y), 4 * Y - neighbours)
    t = 2 - 2 * np.cos(np.arange(1, n + 1) * np.pi / (n + 1))
    expected = np.sort(np.add.outer(t, t), axis=None)
    np.testing.assert_allclose(np.linalg.eigvalsh(E.matrix()), expected, atol=1e-12)


# What was measured.


def test_the_measurements_say_where_they_come_from():
    found = measured()
    assert set(found["machine"]) >= {"processor", "cores", "memory", "system"}
    assert set(found["versions"]) >= {"Python", "numpy", "scipy", "dask"}


def test_the_cluster_agreed_with_the_closed_form_and_one_worker_was_refused():
    cluster = measured()["cluster"]
    assert cluster["workers"] == 2
    assert cluster["residual"] < 1e-12
    assert cluster["refused_in_one_block"] is True


def test_times_are_measured_from_2_to_2000_and_dense_ones_as_far_as_they_go():
    times = measured()["times"]
    for name in ("D", "E", "EK"):
        assert [int(N) for N in times[name]] == [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
    assert max(int(N) for N in times["matrix"]) == 100


@pytest.mark.parametrize(
    "subject",
    ["sandwich(L, R)(Y)", "as_linear_operator", "D(Y)", 'hessian.matrix("C")', "definiteness(M)",
     "diagnose, floats", "diagnose, exact"],
)  # fmt: skip
def test_the_table_has_its_rows(subject):
    assert any(row["subject"] == subject for row in measured()["rows"])
