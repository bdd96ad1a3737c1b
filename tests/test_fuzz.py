"""Strange input to diagnose, definiteness and flatten: an answer that holds, or one clear error.

And true Hessians, from closed forms, of random functions: `diagnose` must know them. `make sweep`
tries many more examples, the same ones at every run.
"""

import warnings
from collections import Counter
from fractions import Fraction
from functools import cache, partial
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import SWEEP, some

from matderiv import LAYOUTS, TraceProduct, definiteness, diagnose, exact, flatten, is_exact

EXAMPLES = 400 if SWEEP else 20


def fuzz(test, share=1):
    """Try examples that are the same at every run, however slow or strange they are."""
    checks = list(HealthCheck)
    count = max(1, EXAMPLES // share)
    return settings(
        max_examples=count, derandomize=True, deadline=None, suppress_health_check=checks
    )(test)


plain = st.integers(-3, 3)
numbers = st.one_of(
    plain,
    plain,
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([5e-324, 1e-300, 1e300, 2.0**53, 10**30, -(2**63), 2**53 + 1, True]),
    st.builds(Fraction, st.integers(-5, 5), st.integers(1, 7)),
    st.builds(sp.Rational, st.integers(-5, 5), st.integers(1, 7)),
)
NO_NUMBERS = [None, "1", "x", b"1", [], [1], {}, object, np.datetime64("2011-07-01"), 1j, sp.I]
NO_MEMBERS = [float("nan"), float("inf"), sp.nan, sp.oo, sp.Symbol("x"), sp.sqrt(2)]
strangers = st.sampled_from([*NO_NUMBERS, *NO_MEMBERS, np.float16(2), np.uint8(3)])


@st.composite
def tables(draw, shapes, entries=numbers):
    """Draw a table as lists, as an array of objects, of floats or exact; some hold a stranger."""
    shape = draw(shapes)
    cells = draw(st.lists(draw(st.sampled_from([plain, entries])),
                          min_size=prod(shape), max_size=prod(shape)))  # fmt: skip
    if cells and draw(st.integers(0, 7)) == 0:
        cells[draw(st.integers(0, len(cells) - 1))] = draw(strangers)
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return draw(dressed(array.reshape(shape)))


@st.composite
def dressed(draw, array):
    """Draw what a user could hold the numbers of an array in."""
    kind = draw(st.sampled_from(["lists", "objects", "exact", "floats", "reversed", "ragged"]))
    if kind == "lists":
        return array.tolist()
    if kind == "ragged" and draw(st.booleans()) and array.ndim:
        return [*array.tolist(), draw(strangers)]
    if kind == "reversed" and array.ndim:
        return array.T[::-1].T
    try:
        return {"exact": exact, "floats": lambda a: a.astype(float)}.get(kind, np.copy)(array)
    except (TypeError, ValueError, OverflowError):
        return array


any_shape = st.lists(st.integers(0, 3), max_size=5).map(tuple)


@st.composite
def symmetric_tables(draw):
    n = draw(st.integers(1, 5))
    entries = draw(st.sampled_from([plain, numbers]))
    below = {(i, j): draw(entries) for i in range(n) for j in range(i + 1)}
    array = np.empty((n, n), dtype=object)
    for i, j in product(range(n), repeat=2):
        array[i, j] = below[max(i, j), min(i, j)]
    return draw(dressed(array))


def answer(function, *arguments, names):
    """Return the answer, or `None` for an error that names what is wrong; a warning is a failure.

    Errors of other types come through.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return function(*arguments)
    except (TypeError, ValueError, MemoryError) as error:
        told = str(error)
    assert any(name in told.split(":")[0] for name in names), told
    return None


@fuzz
@given(st.one_of(symmetric_tables(), tables(any_shape)))
def test_definiteness(M):
    proof = answer(definiteness, M, names=["M"])
    if proof is None:
        return
    assert np.all(exact(M) == proof.matrix)
    assert proof.verify()
    coefficients = [c for c in sp.Matrix(proof.matrix).charpoly().all_coeffs() if c != 0]
    changes = sum(sp.sign(a) != sp.sign(b) for a, b in pairwise(coefficients))
    assert proof.inertia[0] == changes, "Descartes' rule of signs"


@fuzz
@given(tables(any_shape), st.one_of(st.sampled_from(LAYOUTS), st.text("ijkl, ", max_size=6)))
def test_flatten(tensor, layout):
    flat = answer(flatten, tensor, layout, names=["tensor", "layout"])
    if flat is None:
        return
    array = exact(tensor) if is_exact(flat) else np.asarray(tensor, dtype=float)
    lengths = dict(zip("ijkl", array.shape, strict=True))
    (i, j), (k, l) = layout.split(",")  # noqa: E741
    assert flat.shape == (lengths[i] * lengths[j], lengths[k] * lengths[l])
    for place in np.ndindex(array.shape):
        at = dict(zip("ijkl", place, strict=True))
        entry = flat[at[i] * lengths[j] + at[j], at[k] * lengths[l] + at[l]]
        assert entry == array[place]


two = np.atleast_2d
FUNCTIONS = [
    lambda X: np.trace(two(X) @ two(X).T),
    lambda X: np.trace(two(X)) ** 3,
    lambda X: two(X) @ two(X).T,
    lambda X: np.atleast_1d(X)[0],
    lambda X: np.sum(X) * 0,
    lambda X: np.sum(abs(X)),
    lambda X: None,
    lambda X: "1",
    lambda X: np.atleast_1d(X).sort() or np.sum(X),
    lambda X: np.linalg.det(np.asarray(two(X), dtype=float)),
    "not a function",
]
small_shape = st.tuples(st.integers(1, 3), st.integers(1, 3))


@fuzz
@given(st.data(), st.sampled_from(FUNCTIONS), tables(st.one_of(small_shape, any_shape)))
def test_diagnose(data, f, X):
    size = np.asarray(X, dtype=object).size
    shapes = st.sampled_from([(size, size), (1, size), (size,), np.shape(np.asarray(X, object))])
    candidate = data.draw(tables(st.one_of(shapes, any_shape)))
    found = answer(diagnose, f, X, candidate, names=["candidate", "f", "X", "dimension", "square"])
    if found is None:
        return
    assert (found.verdict == "no match") == (found.scale is None) == (not found.layouts)
    assert str(found)
    assert "<table>" in found._repr_html_()


@partial(fuzz, share=4)
@given(st.data())
def test_diagnose_finds_every_layout_of_a_hessian(data):
    n = 2
    A, B = (exact(data.draw(st.lists(plain, min_size=n * n, max_size=n * n))).reshape(n, n)
            for _ in "AB")  # fmt: skip
    layout = data.draw(st.sampled_from(LAYOUTS))
    scale = data.draw(st.sampled_from([1, 2, -1, Fraction(1, 3)]))
    P, Q = A.T, B.T
    tensor = exact(np.multiply.outer(P, Q) + np.multiply.outer(Q, P))
    candidate = exact(scale)[()] * flatten(tensor, layout)
    found = diagnose(TraceProduct(A, B), 0 * A, candidate)
    if np.all(tensor == 0):
        return
    assert found.scale in (scale, -scale), "some tensors are their own opposites, rearranged"
    matches = [
        other for other in LAYOUTS if np.all(found.scale * flatten(tensor, other) == candidate)
    ]
    assert matches
    assert set(found.layouts) == set(matches)


# True Hessians: D²f(X)[Y, Z] in closed form, of functions that the complex step cannot do, ...

inv, norm = np.linalg.inv, np.linalg.norm


def sym(M):
    return (M + M.T) / 2


def log_det(X, Y, Z):
    return -np.trace(inv(X) @ Y @ inv(X) @ Z)


def log_det_of_a_gram_matrix(X, Y, Z):
    M = inv(np.eye(len(X)) + X @ X.T)
    return 2 * np.vdot(Y, M @ Z - M @ (Z @ X.T + X @ Z.T) @ M @ X)


def largest_eigenvalue(X, Y, Z):
    values, V = np.linalg.eigh(sym(X))
    y, z = (V.T @ sym(W) @ V[:, -1] for W in (Y, Z))
    return 2 * np.sum(y[:-1] * z[:-1] / (values[-1] - values[:-1]))


def power_of_norm(p, X, Y, Z):
    r = norm(X)
    across = (p - 2) * np.vdot(X, Y) * np.vdot(X, Z) / r**2
    return p * r ** (p - 2) * (np.vdot(Y, Z) + across)


def nuclear_norm(X, Y, Z):
    U, s, Vt = np.linalg.svd(X)
    A, B = (U.T @ W @ Vt.T for W in (Y, Z))
    return np.sum((A - A.T) / (s[:, None] + s) * B)


BY_DIFFERENCES = [
    (lambda X: np.linalg.slogdet(X)[1], log_det),
    (
        lambda X: 2 * np.log(np.diag(np.linalg.cholesky(np.eye(len(X)) + X @ X.T))).sum(),
        log_det_of_a_gram_matrix,
    ),
    (lambda X: np.linalg.eigh(sym(X))[0][-1], largest_eigenvalue),
    (
        lambda X: np.sum(np.linalg.eigvalsh(sym(X)) ** 3),
        lambda X, Y, Z: 6 * np.trace(sym(X) @ sym(sym(Y) @ sym(Z))),
    ),
    (norm, partial(power_of_norm, 1)),
    (lambda X: norm(X) ** 3, partial(power_of_norm, 3)),
    (lambda X: norm(X, "nuc"), nuclear_norm),
    (lambda X: np.sum(np.abs(X) ** 3), lambda X, Y, Z: np.sum(6 * np.abs(X) * Y * Z)),
]


# ... and of others, which it can.


def analytic(A, B):
    return [
        (
            lambda X: np.trace(A @ X @ B @ X),
            lambda X, Y, Z: np.trace(A @ Y @ B @ Z + A @ Z @ B @ Y),
        ),
        (
            lambda X: np.trace(A @ X) * np.trace(B @ X),
            lambda X, Y, Z: np.trace(A @ Y) * np.trace(B @ Z) + np.trace(A @ Z) * np.trace(B @ Y),
        ),
        (lambda X: np.sum(X**4), lambda X, Y, Z: np.sum(12 * X**2 * Y * Z)),
        (
            lambda X: np.exp(np.trace(A @ X)),
            lambda X, Y, Z: np.exp(np.trace(A @ X)) * np.trace(A @ Y) * np.trace(A @ Z),
        ),
        (
            lambda X: np.trace(A @ inv(X)),
            lambda X, Y, Z: np.trace(A @ inv(X) @ (Y @ inv(X) @ Z + Z @ inv(X) @ Y) @ inv(X)),
        ),
        (
            lambda X: np.sin(A @ X @ B).sum(),
            lambda X, Y, Z: -np.sum(np.sin(A @ X @ B) * (A @ Y @ B) * (A @ Z @ B)),
        ),
    ]


def written_down(curve, X):
    """Write a Hessian down in orders C and F."""
    units = np.eye(X.size).reshape(-1, *X.shape)
    table = np.array([[curve(X, Y, Z) for Z in units] for Y in units])
    by_columns = np.arange(X.size).reshape(X.shape).T.ravel()
    return {"ij,kl": table, "ji,lk": table[np.ix_(by_columns, by_columns)]}


def printed(M):
    """Return a matrix as it is when somebody has typed four digits of each entry."""
    return np.array([float(f"{entry:.4g}") for entry in M.flat]).reshape(M.shape)


@cache
def diagnosed(seed):
    """Diagnose true, scaled and wrong Hessians of random functions; list what came out."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(max(2, EXAMPLES // 4)):
        X = 10 ** rng.uniform(-2, 2) * rng.standard_normal([int(rng.integers(2, 4))] * 2)
        pool, count = BY_DIFFERENCES, rng.integers(1, 3)
        if seed % 3 == 2:
            X = X / norm(X) * rng.uniform(0.2, 2)
            pool, count = analytic(*rng.standard_normal((2, *X.shape))), 1
        terms = [pool[k] for k in rng.choice(len(pool), count, replace=False)]
        weights = rng.uniform(0.5, 2, count)

        def f(X, terms=terms, weights=weights):
            return sum(w * f(X) for w, (f, _) in zip(weights, terms, strict=True))

        def curve(*args, terms=terms, weights=weights):
            return sum(w * curve(*args) for w, (_, curve) in zip(weights, terms, strict=True))

        tables = written_down(curve, X)
        found.append(("true", "ij,kl", diagnose(f, X, tables["ij,kl"])))
        found.append(("true", "ji,lk", diagnose(f, X, printed(tables["ji,lk"]))))
        factor, (layout, M) = rng.choice([2, 0.5, -1]), list(tables.items())[rng.integers(2)]
        found.append((factor, layout, diagnose(f, X, factor * M)))
        wrong = M.copy()
        wrong.flat[rng.choice(np.flatnonzero(abs(M) > 1e-6 * abs(M).max()))] *= 1.01
        given = printed(wrong) if rng.integers(2) else wrong
        found.append(("wrong", layout, diagnose(f, X, given)))
    return found


SEEDS = some(range(15), 8)
together = pytest.mark.xdist_group("diagnosed")  # one process diagnoses each once


@together
@pytest.mark.parametrize("seed", SEEDS)
def test_true_hessians_are_representations_and_their_multiples_scaled(seed):
    for made, layout, found in diagnosed(seed):
        if made == "wrong" or found.verdict == "cannot tell":
            continue
        assert layout in found.layouts
        assert found.verdict == ("representation" if made == "true" else "scaled")
        assert found.scale == (1 if made == "true" else made)
        assert (type(found.scale) is int) == (found.scale != 0.5)


@together
@pytest.mark.parametrize("seed", SEEDS)
def test_a_hessian_with_one_entry_off_by_one_percent_is_not_accepted(seed):
    for made, _, found in diagnosed(seed):
        assert made != "wrong" or found.verdict in ("no match", "cannot tell")


@together
def test_it_can_nearly_always_tell():
    verdicts = Counter(found.verdict for seed in SEEDS for *_, found in diagnosed(seed))
    assert verdicts["cannot tell"] <= 0.02 * verdicts.total(), verdicts
    for _, _, found in (one for seed in SEEDS for one in diagnosed(seed)):
        assert (found.verdict == "cannot tell") <= (found.digits < 3)
