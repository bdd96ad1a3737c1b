"""Derivatives by JAX, PyTorch and autograd, each where it is installed, against closed forms."""

import gc
import pickle
import subprocess
import sys
import weakref
from importlib import import_module
from operator import methodcaller
from types import SimpleNamespace

import numpy as np
import pytest

from matderiv import (
    check_derivative,
    commutation_matrix,
    derivative,
    diagnose,
    directional_derivative,
    exact,
    gradient,
    second_derivative,
    symmetric,
)

MODULES = {
    "jax": ("jax.numpy", "jax.numpy.linalg"),
    "torch": ("torch", "torch.linalg"),
    "autograd": ("autograd.numpy", "autograd.numpy.linalg"),
}


pytestmark = [  # autograd's, for constants; NumPy's, where it has no derivative
    pytest.mark.filterwarnings("ignore:Output seems independent"),
    pytest.mark.filterwarnings("ignore:divide by zero"),
]


@pytest.fixture(params=MODULES)
def library(request):
    """Give a library's functions, and the name by which it is asked for."""
    np_like, linalg = (pytest.importorskip(name) for name in MODULES[request.param])
    array = np_like.tensor if request.param == "torch" else np_like.asarray
    return SimpleNamespace(engine=request.param, np=np_like, linalg=linalg, array=array)


rng = np.random.default_rng(2011)
A, X, Y, Z = rng.standard_normal((4, 3, 3)) + 2 * np.eye(3)
P = np.linalg.inv(X)
S = X @ X.T


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12 * np.max(np.abs(expected)))


def test_numbers_by_matrices(library):
    e, xp = library.engine, library.np

    def f(W):
        return library.linalg.slogdet(W)[1] + xp.sum(W**3) / 3

    def traces(W):
        return xp.trace(library.array(A) @ W @ W)

    for g, G, second in (
        (f, P.T + X**2, lambda Y, Z: -np.trace(P @ Y @ P @ Z) + np.sum(2 * X * Y * Z)),
        (traces, (A @ X + X @ A).T, lambda Y, Z: np.trace(A @ (Y @ Z + Z @ Y))),
    ):
        close(gradient(g, X, engine=e), G)
        close(gradient(g, exact(X), engine=e), G)
        close(directional_derivative(g, X, Y, engine=e), np.sum(G * Y))
        D, H = derivative(g, X, engine=e), second_derivative(g, X, engine=e)
        close(D(Y), np.sum(G * Y))
        close(D.adjoint(2), 2 * G)
        for order in "FC":
            close(D.matrix(order), np.ravel(G, order)[None])
            M = H.matrix(order)
            close(M, M.T)
            close(np.ravel(Y, order) @ M @ np.ravel(Z, order), second(Y, Z))
        close(H(Y, Z), second(Y, Z))
        close(np.sum(H.map(Y) * Z), second(Y, Z))
        assert (D.error, H.error) == (0, 0)
        assert f"{D.method}" == f"{H.method}"
        assert D.method.lower().startswith(e[:3].replace("tor", "pyt"))


def test_matrices_by_matrices_in_both_modes(library):
    e, xp = library.engine, library.np
    few, many = (lambda W: W[:1] @ W), (lambda W: xp.stack([W @ W, W.T]).reshape((6, 3)))
    D = derivative(few, X, engine=e)
    close(D(Y), Y[:1] @ X + X[:1] @ Y)
    close(D.adjoint(Z[:1]), np.vstack([Z[:1] @ X.T, np.zeros((2, 3))]) + np.outer(X[0], Z[0]))
    L = derivative(many, X, engine=e)
    close(L(Y), np.vstack([Y @ X + X @ Y, Y.T]))
    close(L.adjoint(np.vstack([Y, Z])), Y @ X.T + X.T @ Y + Z.T)
    for map_ in (D, L):
        for order in "FC":
            columns = [np.ravel(map_(E), order) for E in basis((3, 3), order)]
            close(map_.matrix(order), np.stack(columns, 1))


def basis(shape, order):
    units = np.eye(shape[0] * shape[1])
    return [unit.reshape(shape, order=order) for unit in units]


def test_vectors_and_numbers(library):
    e, xp = library.engine, library.np
    x = X[0]
    close(gradient(lambda v: xp.sum(v * v), x, engine=e), 2 * x)
    close(second_derivative(lambda v: xp.sum(v**3), x, engine=e).matrix(), 6 * np.diag(x))
    close(gradient(lambda t: t**3, 2.0, engine=e), 12)
    close(second_derivative(lambda t: t**3, 2.0, engine=e).matrix(), [[12]])
    close(gradient(lambda v: xp.sum(v * v).reshape((1, 1)), x, engine=e), 2 * x)
    close(derivative(lambda v: v * v, x, engine=e).matrix(), 2 * np.diag(x))


def test_within_symmetric_matrices(library):
    e, K = library.engine, np.linalg.inv(S)

    def f(W):
        return library.linalg.slogdet(W)[1]

    close(gradient(f, S, within=symmetric(3), engine=e), K)
    H = second_derivative(f, S, within=symmetric(3), engine=e)
    W = Y + Y.T
    close(H(W, W), -np.trace(K @ W @ K @ W))
    assert diagnose(f, S, -np.kron(K, K), within=symmetric(3), engine=e)


def test_diagnosis_takes_the_librarys_own_derivatives(library):
    assert diagnose(lambda W: library.linalg.slogdet(W)[1], X, P.T, engine=library.engine)
    found = diagnose(lambda W: library.linalg.slogdet(W)[1], X, P, engine=library.engine)
    assert found.slip == "transposed"
    y, column = X[0], X[:, :1]

    def trap(W):
        return library.np.sum((W - library.array(y)) ** 2)

    wrong = diagnose(trap, column, column - 1, engine=library.engine)
    assert "at the vector X[:, 0]" in wrong.broadcasting


@pytest.mark.filterwarnings("error")
def test_a_score_that_is_zero_is_what_rounding_leaves_of_it(library):
    def log_likelihood(C):
        log_det, inverse = library.linalg.slogdet(C)[1], library.linalg.inv(C)
        return -25 * (log_det + library.np.trace(inverse @ library.array(S)))

    V = np.linalg.inv(S)
    for J in (None, symmetric(3)):
        given = {"within": J, "engine": library.engine}
        assert diagnose(log_likelihood, S, 25 * V @ (S - S) @ V, **given)
        assert diagnose(log_likelihood, S, -25 * (V - V @ S @ V), **given)
        assert not diagnose(log_likelihood, S, 1e-9 * V, **given)


def test_candidates_are_checked_with_functions_of_the_library(library):
    def f(W):
        return library.linalg.slogdet(W)[1] + (W * W * W).sum()

    def right(W):
        return library.linalg.inv(W).T + 3 * W * W

    for J in (None, symmetric(3)):
        given = {"within": J, "engine": library.engine}
        assert check_derivative(f, S, right, **given)
        assert check_derivative(f, S, gradient(f, S, engine=library.engine), **given)
        assert check_derivative(f, S, second_derivative(f, S, **given), **given)
        assert not check_derivative(f, S, lambda W: right(W) + W, **given)
    assert check_derivative(f, exact(np.diag([1, 2])), right, engine=library.engine)


def test_a_function_for_pytorch_is_sent_to_its_engine():
    def f(W):
        raise TypeError("sum(): argument 'input' must be Tensor, not numpy.ndarray")

    for call in (
        gradient,
        second_derivative,
        lambda f, X: check_derivative(f, X, X),
        lambda f, X: check_derivative(np.sum, X, f),
    ):
        with pytest.raises(TypeError) as error:
            call(f, X)
        assert 'engine="torch"' in "".join(error.value.__notes__)
    with pytest.raises(TypeError) as error:
        gradient(lambda X: X + "1", X)
    assert not hasattr(error.value, "__notes__")


def test_the_methods_are_the_librarys_own(library):
    calls = []

    def f(W):
        calls.append(1)
        return library.np.sum(W**3)

    D = derivative(f, X, engine=library.engine)
    first = len(calls)
    D.adjoint(1)
    D.adjoint(2)
    assert len(calls) == first  # one backward pass each, of the pass that is there
    H = second_derivative(f, X, engine=library.engine)
    first = len(calls)
    close(H.map(Y), 6 * X * Y)
    assert len(calls) == first


def test_derivatives_pickle(library):
    D = derivative(methodcaller("sum"), X, engine=library.engine)
    again = pickle.loads(pickle.dumps(D))
    close(again(Y), np.sum(Y))
    H = second_derivative(methodcaller("sum"), X, engine=library.engine)
    assert pickle.loads(pickle.dumps(H))(Y, Z) == 0


def test_values_with_a_constant_sum_have_a_derivative(library):
    def centred(W):
        return W - W.mean()

    close(derivative(centred, X, engine=library.engine)(Y), Y - np.mean(Y))
    D = derivative(lambda W: W - W.T, X, engine=library.engine)
    close(D.matrix("C"), np.eye(9) - commutation_matrix(3, 3))


@pytest.fixture(params=["autograd", "torch"])
def exponential(request):
    """Give the exponential by a library that does not see into its reverse mode."""
    pytest.importorskip(request.param)
    if request.param == "autograd":
        from autograd.extend import defvjp, primitive
        from autograd.tracer import getval

        exp = primitive(np.exp)
        defvjp(exp, lambda value, W: lambda Z: getval(Z) * getval(value))
        return request.param, exp
    import torch

    class Exponential(torch.autograd.Function):
        @staticmethod
        def forward(record, W):
            record.save_for_backward(W)
            return torch.as_tensor(np.exp(W.detach().numpy()))

        @staticmethod
        def backward(record, Z):
            (W,) = record.saved_tensors
            return torch.as_tensor(np.exp(W.detach().numpy()) * Z.detach().numpy())

    return request.param, Exponential.apply


@pytest.mark.parametrize("seen", [0, 1])
def test_a_reverse_mode_that_a_library_cannot_differentiate(exponential, seen):
    engine, exp = exponential

    def f(W):
        return exp(W) + seen * W * W

    slopes = np.exp(X) + 2 * seen * X
    D = derivative(f, X, engine=engine)
    close(D(Y), slopes * Y)
    close(D.matrix("C"), np.diag(slopes.ravel()))
    assert D.check_adjoint()
    with pytest.raises(ValueError, match=r"is not its gradient's"):
        second_derivative(lambda W: f(W).sum(), X, engine=engine)


def test_second_derivatives_that_a_library_does_not_have_are_refused():
    jax = pytest.importorskip("jax")

    @jax.custom_vjp
    def lopsided(W):
        return W[0] ** 2 * W[1]

    def back(W, Z):
        return (Z * jax.numpy.stack([2 * W[0] * jax.lax.stop_gradient(W[1]), W[0] ** 2]),)

    lopsided.defvjp(lambda W: (lopsided(W), W), back)
    close(gradient(lopsided, [1.0, 2.0], engine="jax"), np.array([4.0, 1.0]))
    with pytest.raises(
        ValueError, match="JAX gives a second derivative that is not its gradient's"
    ):
        second_derivative(lopsided, [1.0, 2.0], engine="jax")
    for kink in (lambda W: (jax.nn.relu(W) ** 2).sum(), lambda W: (abs(W) * W).sum()):
        with pytest.raises(ValueError, match="slopes from two sides differ"):
            second_derivative(kink, np.zeros(2), engine="jax")


def square_without_second_derivative():
    """Return a function for JAX that loses its second derivative."""
    jax = pytest.importorskip("jax")

    @jax.custom_vjp
    def square(t):
        return 3 * t**2

    square.defvjp(lambda t: (square(t), t), lambda t, Z: (Z * 6 * jax.lax.stop_gradient(t),))
    return square


@pytest.mark.parametrize("x", [[1.0, 2.0, 0.005], [1e-6, 2e-6, -5e-7], [3.0, 1e5, 1e-9]])
@pytest.mark.parametrize("constant", [0, 1e10])
def test_a_second_derivative_that_is_lost_in_one_entry_is_refused(x, constant):
    square = square_without_second_derivative()
    with pytest.raises(ValueError, match="is not its gradient's"):
        second_derivative(lambda x: constant + x[:2] @ x[:2] + square(x[2]), x, engine="jax")


def test_a_hessian_beside_a_symmetric_matrix_is_sent_within_symmetric_ones():
    torch = pytest.importorskip("torch")

    def logdet(S):
        return 2 * torch.log(torch.diagonal(torch.linalg.cholesky(S))).sum()

    S = np.array([[4.0, 1.0], [1.0, 3.0]])
    with pytest.raises(ValueError, match=r"not its gradient's.*take within=symmetric\(2\)"):
        second_derivative(logdet, S, engine="torch")
    P, J = np.linalg.inv(S), np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])
    H = second_derivative(logdet, S, within=symmetric(2), engine="torch")
    assert np.allclose(H.matrix(coordinates="vech"), -J.T @ np.kron(P, P) @ J)


@pytest.mark.parametrize("slope", [0, 50, 1e3, 1e6])
def test_a_large_gradient_hides_no_second_derivative_that_is_lost(slope):
    square = square_without_second_derivative()
    for x in ([1.0, 2.0, 1.0], [1.0, 2.0, 5e-17]):
        with pytest.raises(ValueError, match="is not its gradient's"):
            second_derivative(
                lambda x: x[:2] @ x[:2] + slope * x[2] + square(x[2]), x, engine="jax"
            )


def test_single_precision_has_room_for_the_complex_step():
    jnp = pytest.importorskip("jax").numpy
    B, x = np.ones((3, 3)) + np.eye(3), np.array([1.3, 1e-2, 0.7])

    def compliance(x, xp=jnp):
        return xp.sum(1 / (2.1e11 * (1 + xp.asarray(B) @ x)))

    G = gradient(lambda x: compliance(x, np), x)
    assert np.max(np.abs(gradient(compliance, x) - G)) <= 1e-5 * np.max(np.abs(G))


@pytest.mark.parametrize("small", [1, 1e-3, 1e-7, 1e-12])
def test_a_derivative_that_is_lost_in_one_entry_is_found_by_the_adjoint(small):
    jax = pytest.importorskip("jax")

    @jax.custom_vjp
    def double(t):
        return 2 * t

    double.defvjp(lambda t: (double(t), None), lambda _, Z: (2 * jax.lax.stop_gradient(Z),))

    def f(x):
        return P @ jax.numpy.stack([x[0], x[1], double(x[2])])

    close(derivative(f, [1.0, 2.0, small], engine="jax")([0.0, 0.0, 1.0]), 2 * P[:, 2])


@pytest.mark.parametrize("condition", [1, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("scale", [1e-8, 1, 1e8])
def test_second_derivatives_by_a_library_at_badly_conditioned_points(library, condition, scale):
    Q = np.linalg.qr(A)[0]
    W = scale * Q @ np.diag(np.geomspace(1, 1 / condition, 3)) @ Q.T
    H = second_derivative(lambda W: library.linalg.slogdet(W)[1], W, engine=library.engine)
    V = np.linalg.inv(W)
    expected = -(V @ Y @ V).T
    np.testing.assert_allclose(H.map(Y), expected, rtol=0, atol=1e-6 * np.max(np.abs(expected)))


@pytest.mark.parametrize("f", [lambda W: W[0] @ W[0], lambda W: W[0, :1], lambda W: W[0] * W[0]])
def test_what_a_library_recorded_is_freed_with_the_derivative(library, f):
    gc.disable()  # there is no cycle for it to find
    try:
        D = derivative(f, X, engine=library.engine)
        D(Y), D.matrix(), D.adjoint(np.ones(D.codomain))
        engine = weakref.ref(D.engine)
        del D
        assert engine() is None
    finally:
        gc.enable()


# What is refused.


def test_values_out_of_the_librarys_sight_are_refused(library):
    hide = {
        "jax": lambda W: import_module("jax").lax.stop_gradient(W),
        "torch": lambda W: W.detach(),
        "autograd": lambda W: np.asarray(getattr(W, "_value", W)),
    }[library.engine]
    with pytest.raises(ValueError, match=r"no derivative.*zero.*sight"):
        gradient(lambda W: library.np.sum(hide(W) ** 2), X, engine=library.engine)


def test_a_derivative_that_is_really_zero_is_zero(library):
    e = library.engine
    assert not np.any(gradient(lambda W: 0 * library.np.sum(W), X, engine=e))
    assert not np.any(gradient(lambda W: library.np.sum(W**2), 0 * X, engine=e))
    assert not np.any(second_derivative(lambda W: library.np.sum(W), X, engine=e).matrix())


def test_corners_at_which_a_library_says_zero_are_refused(library):
    def f(W):
        return library.np.sum(W * W / library.np.abs(W + 1) + library.np.abs(W))

    slope = gradient(lambda W: f(W) + library.np.sum(W), np.zeros(2), engine=library.engine) - 1
    if np.any(slope):
        pytest.skip("it takes the slope from one side")
    with pytest.raises(ValueError, match="no derivative"):
        gradient(f, np.zeros((2, 2)), engine=library.engine)


def test_single_precision_is_refused_with_the_way_out(library):
    e = library.engine
    single = {
        "jax": lambda W: W.astype("float32"),
        "torch": lambda W: W.float(),
        "autograd": lambda W: W.astype(np.float32),
    }[e]
    with pytest.raises(TypeError, match=rf"double precision with engine='{e}'.*without engine"):
        gradient(lambda W: library.np.sum(single(W) ** 2), X, engine=e)


@pytest.mark.parametrize("value", [lambda W: None, lambda W: "1", lambda W: W.nonsense()])
def test_what_is_not_written_for_the_library_is_refused_by_name(library, value):
    with pytest.raises(TypeError, match=r"^f must (be written for .*engine=|return )"):
        gradient(value, X, engine=library.engine)


def test_values_that_are_not_finite_are_refused(library):
    with pytest.raises(ValueError, match=r"^f must be finite"):
        gradient(lambda W: library.np.sum(W) * np.nan, X, engine=library.engine)
    with pytest.raises(ValueError, match=r"NaN or infinity.*NumPy.*without engine"):
        gradient(lambda W: library.np.sum(W**0.5), np.zeros((2, 2)), engine=library.engine)


def test_what_draws_numbers_in_pytorch_is_refused_unless_its_seed_is_fixed():
    torch = pytest.importorskip("torch")

    def f(W):
        return torch.sum(torch.nn.functional.dropout(W.repeat(20, 1)) ** 2)

    def seeded(W):
        torch.manual_seed(2011)
        return f(W)

    with pytest.raises(ValueError, match=r"^f must give one value .*random"):
        gradient(f, X, engine="torch")
    nabla = gradient(seeded, X, engine="torch")
    close(np.sum(nabla * X), 2 * seeded(torch.tensor(X)).item())


def test_pytorch_is_asked_in_a_way_that_does_not_import_sympy():
    pytest.importorskip("torch")
    code = """
import sys, torch
from matderiv import gradient, second_derivative
gradient(torch.linalg.det, [[2.0, 1.0], [0.0, 1.0]], engine="torch")
second_derivative(torch.linalg.det, [[2.0, 1.0], [0.0, 1.0]], engine="torch").matrix()
assert "sympy" not in sys.modules"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert not done.returncode, done.stderr.decode()


@pytest.mark.parametrize("engine", ["numpy", "", 1, "JAX"])
def test_engines_are_refused_by_name(engine):
    for do in (derivative, gradient, second_derivative):
        with pytest.raises(
            ValueError, match=r"^engine must be None or one of jax, torch, autograd"
        ):
            do(np.sum, X, engine=engine)


def test_an_engine_that_is_not_installed_says_so(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ImportError, match=r"^engine='torch' needs the package torch"):
        gradient(np.sum, X, engine="torch")


@pytest.mark.parametrize("engine", ["autograd", "jax"])
def test_functions_in_straight_pieces_have_no_second_derivative_between_them(engine):
    xp = pytest.importorskip({"jax": "jax.numpy", "autograd": "autograd.numpy"}[engine])
    rng = np.random.default_rng(1)
    B, w = rng.standard_normal((200, 10)), rng.standard_normal(10)

    def hinge(w):
        return xp.mean(xp.maximum(0, 1 - B @ w))

    assert not np.any(second_derivative(hinge, w, engine=engine).matrix())
