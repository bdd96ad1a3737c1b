"""Maps of arrays that can do what the array API standard says, and no more; and of JAX's.

Nothing in the standard lets two libraries mix, or says how one's array becomes another's.
"""

import pickle
from contextlib import nullcontext
from operator import attrgetter
from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest

from matderiv import (
    LinearMap,
    check_derivative,
    definiteness,
    diagnose,
    entrywise,
    exact,
    functional,
    gradient,
    identity,
    is_exact,
    rank_one,
    sandwich,
    symmetric,
    transposition,
    vec,
)
from matderiv.maps import symmetric_product

A, B, Y = (
    np.array(entries) for entries in ([[1.0, 2], [3, 5]], [[0.0, 1], [1, 1]], [[1.0, 2], [5, 7]])
)
MAPS = {
    "rank one": rank_one,
    "functional": lambda A, B: functional(A),
    "through the numbers": lambda A, B: functional(A).adjoint @ functional(B),
    "symmetric product": symmetric_product,
    "sandwich": sandwich,
    "entrywise": lambda A, B: entrywise(A),
    "sum": lambda A, B: sandwich(A, B) + rank_one(A, B),
    "multiple": lambda A, B: 2 * sandwich(A, B) / 3,
    "composition": lambda A, B: sandwich(A, B) @ transposition(2, 2),
    "adjoint": lambda A, B: (sandwich(A, B) @ transposition(2, 2)).adjoint,
    "tensor product": lambda A, B: (
        functional(A).tensor(sandwich(A, B)) @ identity(2, 2).tensor(rank_one(B, A))
    ),
}
MIXED = {
    "of two libraries": lambda A, B: sandwich(A, np.asarray(B)) + transposition(2, 2),
    "a sum of two libraries": lambda A, B: entrywise(np.asarray(A)) + rank_one(A, B),
    "NumPy's last": lambda A, B: sandwich(np.asarray(A), np.asarray(A)) @ sandwich(A, B),
    "NumPy's first": lambda A, B: sandwich(A, B) @ sandwich(np.asarray(A), np.asarray(A)),
    "an exact one": lambda A, B: sandwich(A, B) @ entrywise(exact(np.asarray(A))),
    "a rule": lambda A, B: sandwich(A, B) @ LinearMap((2, 2), (2, 2), np.flip),
}
MOVING = {
    "transposition": lambda A, B: transposition(2, 2),
    "identity": lambda A, B: identity(2, 2),
    "symmetrising": lambda A, B: (identity(2, 2) + transposition(2, 2)) / 2,
}
pure_map = pytest.mark.parametrize("make", MAPS.values(), ids=MAPS)
every_map = pytest.mark.parametrize("make", (MAPS | MIXED).values(), ids=MAPS | MIXED)
every_moving_map = pytest.mark.parametrize("make", MOVING.values(), ids=MOVING)


@pytest.fixture(params=["array_api_strict", "jax"])
def xp(request):
    if request.param == "array_api_strict":
        double, namespace = nullcontext(), array_api_strict
    else:
        jax = pytest.importorskip("jax")
        double, namespace = jax.enable_x64(True), jax.numpy
    with double:
        yield namespace


def of(xp, array):
    return xp.asarray(array.tolist(), dtype=xp.float64)


def element(L):
    return Y if L.domain == (2, 2) else np.multiply.outer(B, Y)


def assert_is(value, expected, xp):
    """Assert that a value is a library's, in double precision, and which it is."""
    assert value.__array_namespace__() is xp
    assert value.dtype == xp.float64
    np.testing.assert_allclose(np.asarray(value), expected, rtol=1e-14)


@every_map
def test_maps_of_a_librarys_arrays_answer_with_such_arrays(make, xp):
    L, ours = make(of(xp, A), of(xp, B)), make(A, B)
    Y = element(ours)
    assert_is(L(of(xp, Y)), ours(Y), xp)
    assert_is(L(Y), ours(Y), xp)
    assert_is(L.adjoint.adjoint(Y), ours(Y), xp)
    assert_is(pickle.loads(pickle.dumps(L))(Y), ours(Y), xp)


@pure_map
def test_such_arrays_never_leave_their_library(make, monkeypatch):
    xp = array_api_strict

    def refuse(self, *args, **kwargs):
        raise TypeError("far away")

    L, ours, Y = make(of(xp, A), of(xp, B)), make(A, B), of(xp, element(make(A, B)))
    with monkeypatch.context() as far:
        for name in ("__array__", "__buffer__"):
            far.setattr(type(Y), name, refuse, raising=False)
        value = L(Y)
    assert_is(value, ours(Y), xp)


@every_map
def test_what_is_no_map_is_numpys(make, xp):
    L, ours = make(of(xp, A), of(xp, B)), make(A, B)
    assert L.check_adjoint()
    for order in "FC":
        for found, expected in ((L, ours), (L.adjoint, ours.adjoint)):
            assert isinstance(found.matrix(order), np.ndarray)
            np.testing.assert_allclose(found.matrix(order), expected.matrix(order), rtol=1e-14)
    v = element(ours).reshape(-1)
    operators = L.as_linear_operator("C"), ours.as_linear_operator("C")
    np.testing.assert_allclose(*(operator @ v for operator in operators), rtol=1e-14)
    np.testing.assert_allclose(*(op.T @ op @ v for op in operators), rtol=1e-14)


@every_map
def test_maps_of_numpys_arrays_answer_with_those(make, xp):
    ours = make(A, B)
    assert_is(ours(of(xp, element(ours))), ours(element(ours)), np)


@every_moving_map
def test_maps_that_only_move_entries_leave_them_in_their_library(make, xp):
    L, given = make(A, B), of(xp, Y)
    moved = L(given)
    assert_is(moved, L(Y), xp)
    if xp is array_api_strict:  # JAX's do not change
        given[0, 1] = 100.0
        assert_is(moved, L(Y), xp)


def test_a_map_keeps_its_value_when_the_array_changes():
    given = of(array_api_strict, A)
    L, M = sandwich(given, given), rank_one(given, given)
    given[0, 1] = 100.0
    assert_is(L(Y), A @ Y @ A.T, array_api_strict)
    assert_is(M(Y), np.vdot(A, Y) * A, array_api_strict)


@pytest.mark.parametrize("kind", ["float32", "int64", "int8"])
def test_what_is_not_in_double_precision_becomes_numpys_in_double_precision(kind, xp):
    single = xp.asarray(A.tolist(), dtype=getattr(xp, kind))
    for value in (sandwich(single, single)(Y), sandwich(A, A)(Y)):
        assert_is(value, A @ Y @ A.T, np)
    assert_is(identity(2, 2)(single), A, np)
    assert_is(sandwich(of(xp, A), single)(single), A @ A @ A.T, xp)


class Far(np.lib.mixins.NDArrayOperatorsMixin):
    """An array like CuPy's: of the standard and of NumPy's protocols, and not to be mixed."""

    def __init__(self, array):
        self.array = np.asarray(array)

    T = property(lambda self: Far(self.array.T))
    dtype, shape, ndim = map(
        property, map(attrgetter, ("array.dtype", "array.shape", "array.ndim"))
    )

    def __array__(self, *args, **kwargs):
        raise TypeError("far away")

    def __bool__(self):
        return bool(self.array)

    def __getitem__(self, key):
        return Far(self.array[key])

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        return Far(getattr(ufunc, method)(*map(brought, inputs), **kwargs))

    def __array_function__(self, function, types, args, kwargs):
        return Far(function(*map(brought, args), **kwargs))

    def __array_namespace__(self):
        return FAR


def brought(value):
    if isinstance(value, (list, tuple)) and any(isinstance(one, Far) for one in value):
        return [brought(one) for one in value]
    if isinstance(value, np.ndarray):
        raise TypeError("near")
    return value.array if isinstance(value, Far) else value


def far(function):
    return lambda *args, **kwargs: Far(function(*map(brought, args), **kwargs))


FAR = SimpleNamespace(
    asarray=lambda array, copy=None: Far(np.array(getattr(array, "array", array), copy=copy)),
    __array_namespace_info__=np.__array_namespace_info__,
    float64=np.float64,
    complex128=np.complex128,
    **{f.__name__: far(f) for f in (np.all, np.isfinite, np.reshape, np.stack, np.tensordot)},
)


@pure_map
def test_arrays_like_cupys_stay_where_they_are(make):
    L, ours = make(Far(A), Far(B)), make(A, B)
    for given in (element(ours), Far(element(ours))):
        value = L(given)
        assert isinstance(value, Far)
        np.testing.assert_allclose(value.array, ours(element(ours)), rtol=1e-14)
    if ours.domain == ours.codomain == (2, 2):  # as far as NumPy's protocol goes
        value = (identity(2, 2) + LinearMap((2, 2), (2, 2), lambda Y: Y.T))(Far(Y))
        np.testing.assert_allclose(value.array, Y + Y.T)
        np.testing.assert_allclose(L.form(Far(Y), Far(Y)).array, ours.form(Y, Y), rtol=1e-14)


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_arrays_of_pytorch_become_numpys_in_double_precision(kind):
    torch = pytest.importorskip("torch")
    A, Y = (torch.tensor([[1.0, 2], [3, 5]], dtype=getattr(torch, kind)) for _ in "AY")
    for value in (sandwich(A, A)(Y), sandwich(np.asarray(A), A)(Y)):
        assert_is(value, np.array([[31.0, 81], [80, 209]]), np)
    assert_is(transposition(2, 2)(Y), np.array([[1.0, 3], [2, 5]]), np)


def test_maps_of_doubles_are_never_applied_in_single_precision():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        L, Z = sandwich(of(jax.numpy, A), of(jax.numpy, B)), of(jax.numpy, Y)
    for argument in (Y, Z):
        with pytest.raises(TypeError, match=r"doubles.*jax_enable_x64"):
            L(argument)
    single = jax.numpy.asarray(A)
    assert_is(sandwich(single, single)(single), A @ A @ A.T, np)


def test_jax_compiles_and_differentiates_its_maps():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        L = sandwich(of(jax.numpy, A), of(jax.numpy, B))
        alpha = functional(of(jax.numpy, A)) @ L
        assert_is(jax.jit(L)(of(jax.numpy, Y)), A @ Y @ B.T, jax.numpy)
        assert_is(jax.grad(alpha)(of(jax.numpy, Y)), A.T @ A @ B, jax.numpy)


def test_forms_of_a_librarys_arrays_answer_with_numpys_numbers(xp):
    H, ours = symmetric_product(of(xp, A), of(xp, B)).form, symmetric_product(A, B).form
    for given in (Y, of(xp, Y)):
        for value in (H(given, Y), H(Y, given), ours(given, Y), ours(Y, given)):
            assert_is(value, ours(Y, Y), np)
    assert_is(H.matrix(), ours.matrix(), np)
    S = Y + Y.T
    restricted = H.restrict_to_symmetric()
    assert float(restricted(of(xp, S), S)) == pytest.approx(ours(S, S))
    np.testing.assert_allclose(restricted.matrix(), ours.restrict_to_symmetric().matrix())


def test_exact_maps_take_a_librarys_numbers_exactly(xp):
    value = entrywise(exact([[1, 2], [3, 4]]))(of(xp, Y / 4))
    assert is_exact(value)
    assert np.all(value == exact(Y) / 4 * exact([[1, 2], [3, 4]]))


def test_entries_of_a_library_are_looked_at(xp):
    for make, name in ((functional, "G"), (entrywise, "W"), (lambda M: sandwich(A, M), "R")):
        with pytest.raises(ValueError, match=rf"^{name} must be finite"):
            make(of(xp, np.array([[1.0, np.nan]])))
        with pytest.raises(TypeError, match=rf"^{name} must be real"):
            make(xp.asarray([[1j, 2]], dtype=xp.complex128))
        with pytest.raises(ValueError, match=rf"^{name} must have at least one entry"):
            make(xp.zeros((0, 2), dtype=xp.float64))
    with pytest.raises(ValueError, match=r"^Y must have the shape"):
        functional(of(xp, A))(of(xp, A[:1]))


def test_all_else_takes_such_arrays_for_numpys(xp):
    given, S = of(xp, A), Y + Y.T
    assert_is(vec(given), A.ravel("F"), np)
    assert_is(symmetric(2)(of(xp, np.array([1.0, 2, 3]))), [[1, 2], [2, 3]], np)
    assert_is(symmetric(2).adjoint(of(xp, Y)), [1, 7, 7], np)
    np.testing.assert_allclose(gradient(lambda X: np.trace(B @ X), given), B.T, rtol=1e-9)
    alpha = functional(given)  # in the complex step too
    np.testing.assert_allclose(gradient(lambda X: np.asarray(alpha(X))[()], Y), A, rtol=1e-12)
    assert check_derivative(np.trace, given, of(xp, np.eye(2)))
    assert check_derivative(lambda X: X.T @ X, A, sandwich(of(xp, A.T), np.eye(2)) + sandwich(
        np.eye(2), of(xp, A.T)) @ transposition(2, 2))  # fmt: skip
    assert diagnose(np.trace, given, of(xp, np.eye(2)))
    assert definiteness(of(xp, S)).verify()
    within = sandwich(of(xp, A), np.eye(2))  # all matrices, in other coordinates
    np.testing.assert_allclose(gradient(np.trace, Y, within=within), np.eye(2), atol=1e-9)
