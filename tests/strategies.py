"""What the tests of the package share: random matrices and maps, exact and float, and equality."""

import os
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from matderiv import (
    LinearMap,
    exact,
    functional,
    identity,
    is_exact,
    rank_one,
    sandwich,
    transposition,
)

SWEEP = "SWEEP" in os.environ  # as in `make sweep`, which tries all that there is to try
in_sweep = pytest.mark.skipif(not SWEEP, reason="only `make sweep` tries it")

KINDS = ("exact", "float")
orders = st.sampled_from("FC")
sizes = st.integers(1, 3)
numbers = {
    "exact": st.builds(Fraction, st.integers(-9, 9), st.integers(1, 4)),
    "float": st.integers(-60, 60).map(lambda k: k / 7),
}


def some(things, count):
    """Return up to `count` of the things, evenly spread from the last, or all in `make sweep`."""
    things = list(things)
    return things if SWEEP else things[:: -max(1, -(-len(things) // count))]


def in_turn(things, ways):
    """Pair each thing with one of the ways, in turn; with all of them in `make sweep`."""
    every = [[(thing, way) for way in ways] for thing in things]
    chosen = every if SWEEP else [[pairs[i % len(ways)]] for i, pairs in enumerate(every)]
    return [pair for pairs in chosen for pair in pairs]


def examples(count):
    """Ask for so many examples instead of the usual 30, in proportion where 30 is not usual."""
    return settings(max_examples=max(3, count * settings.default.max_examples // 30))


def arrays(shape, kind):
    """Draw an array of the shape; for the shape () a number."""
    entries = st.lists(numbers[kind], min_size=prod(shape), max_size=prod(shape))
    convert = exact if kind == "exact" else np.array
    return entries.map(lambda values: convert(values).reshape(shape)[()])


@st.composite
def matrices(draw, *spaces, kinds=KINDS, largest=3):
    """Draw a matrix for each word, all of one kind; equal letters stand for equal sizes.

    So "pm" and "mn" can be multiplied, and "nn" is square. For one word, the matrix itself.
    """
    kind = draw(st.sampled_from(kinds))
    letters = sorted(set("".join(spaces)))
    size = {letter: draw(st.integers(1, largest)) for letter in letters}
    drawn = [draw(arrays(tuple(size[letter] for letter in word), kind)) for word in spaces]
    return drawn if len(drawn) > 1 else drawn[0]


@st.composite
def symmetric_pairs(draw):
    """Draw two symmetric matrices of one size and kind."""
    A, B = draw(matrices("nn", "nn"))
    return A + A.T, B + B.T


@st.composite
def maps_and_elements(draw, count=1, equal_sides=False):
    """Draw maps from one space to another, an element of the first and one of the second."""
    kind = draw(st.sampled_from(KINDS))
    spaces = st.one_of(st.tuples(sizes, sizes), st.tuples(sizes, sizes), st.just(()))
    domain = draw(spaces)
    codomain = domain if equal_sides else draw(spaces)
    maps = [draw(linear_maps(domain, codomain, kind)) for _ in range(count)]
    return *maps, draw(arrays(domain, kind)), draw(arrays(codomain, kind))


@st.composite
def linear_maps(draw, domain, codomain, kind, depth=2):
    """Draw a map: elementary, or made of others by every operation on maps."""
    operations = ["sum", "difference", "multiple", "negative", "composition", "adjoint"]
    made = draw(st.sampled_from(["elementary"] * 3 + operations * bool(depth)))

    def other(source=domain, target=codomain):
        return draw(linear_maps(source, target, kind, depth - 1))

    if made == "sum":
        return other() + other()
    if made == "difference":
        return other() - other()
    if made == "multiple":
        return draw(numbers[kind]) * other()
    if made == "negative":
        return -other()
    if made == "composition":
        between = draw(st.tuples(sizes, sizes))
        return other(between, codomain) @ other(domain, between)
    if made == "adjoint":
        return other(codomain, domain).adjoint
    return draw(elementary_maps(domain, codomain, kind))


@st.composite
def elementary_maps(draw, domain, codomain, kind):
    def array(*shape):
        return draw(arrays(shape, kind))

    if not domain and not codomain:
        number = array()
        return LinearMap((), (), lambda y: number * y, exact=kind == "exact")
    if not codomain:
        return functional(array(*domain))
    if not domain:
        return functional(array(*codomain)).adjoint
    (m, n), (p, q) = domain, codomain
    names = ["rank one", "sandwich", "bare rule"]
    names += ["transposition"] * ((p, q) == (n, m)) + ["identity"] * ((p, q) == (m, n))
    name = draw(st.sampled_from(names))
    if name == "rank one":
        return rank_one(array(p, q), array(m, n))
    if name == "sandwich":
        return sandwich(array(p, m), array(q, n))
    if name == "transposition":
        return transposition(m, n)
    if name == "identity":
        return identity(m, n)
    L, R = array(p, n), array(m, q)
    return LinearMap(domain, codomain, lambda Y: L @ Y.T @ R, exact=kind == "exact")


def coordinates(value, order):
    """Give the coordinates of a number, a matrix or a tensor, from the definition alone."""
    value = np.asarray(value)
    if value.ndim < 4:
        return value.ravel(order)
    rows, columns = map(range, value.shape[:2])
    by_rows, by_columns = product(rows, columns), ((i, j) for j in columns for i in rows)
    pairs = by_rows if order == "C" else by_columns
    return np.concatenate([value[pair].ravel(order) for pair in pairs])


def inner(Y, Z):
    """Give the Frobenius inner product, entry by entry."""
    pairs = zip(np.ravel(Y), np.ravel(Z), strict=True)
    return sum(y * z for y, z in pairs)


def hessian_table(P, Q):
    """Give the table of second partial derivatives of ⟨P, X⟩ ⟨Q, X⟩, from the formula."""
    return np.multiply.outer(P, Q) + np.multiply.outer(Q, P)


def differ(actual, expected):
    return not np.allclose(np.asarray(actual, float), np.asarray(expected, float))


def assert_same(actual, expected, tolerance=1e-9):
    """Equal shapes and entries: to the last digit where either side is exact, else to rounding."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    if object in (actual.dtype, expected.dtype):
        assert is_exact(actual.astype(object)), f"not exact: {actual}"
        assert is_exact(expected.astype(object)), f"not exact: {expected}"
        assert np.all(actual == expected), f"{actual} is not {expected}"
    else:
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)
