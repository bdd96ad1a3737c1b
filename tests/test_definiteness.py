"""Definiteness: exact verdicts that agree with characteristic polynomials, and proofs that hold."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import prod

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from matderiv import commutation_matrix, definiteness, exact, symbolic


@st.composite
def symmetric(draw, largest=4):
    """Draw symmetric rational matrices, many singular, semidefinite, sparse or without diagonal."""
    n, rank = draw(st.integers(1, largest)), draw(st.integers(0, largest))
    entries = st.builds(Fraction, st.integers(-4, 4), st.sampled_from([1, 1, 2, 3]))
    rows = draw(st.lists(st.lists(entries, min_size=n, max_size=n), min_size=n, max_size=n))
    signs = draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=rank, max_size=rank))
    kind = draw(st.sampled_from(["any", "congruent", "hollow", "sparse"]))
    M = np.array(rows, dtype=object)
    if kind == "congruent":
        diagonal = np.diag([*signs, *[0] * n][:n])
        return exact(M.T @ diagonal @ M)
    M = exact(M + M.T)
    if kind == "sparse":
        kept = draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))
        M = M * exact(np.reshape(kept, (n, n)) & np.reshape(kept, (n, n)).T)
    if kind == "hollow":
        M[np.diag_indices(n)] = exact([0] * n)
    return M


def inertia_by_descartes(M):
    """Count the signs of the eigenvalues in the characteristic polynomial.

    All its roots are real, so Descartes' rule of signs is exact.
    """
    coefficients = sp.Matrix(M).charpoly().all_coeffs()
    zero = next(k for k, c in enumerate(reversed(coefficients)) if c != 0)
    signs = [sp.sign(c) for c in coefficients if c != 0]
    positive = sum(a != b for a, b in pairwise(signs))
    return positive, len(M) - zero - positive, zero


def verdict_of(positive, negative, zero):
    if positive and negative:
        return "indefinite"
    if not positive and not negative:
        return "zero"
    return ("positive " if positive else "negative ") + ("semidefinite" if zero else "definite")


@examples(2500)
@given(symmetric())
def test_it_agrees_with_the_characteristic_polynomial(M):
    found = definiteness(M)
    assert found.inertia == inertia_by_descartes(M)
    assert found.verdict == verdict_of(*found.inertia)


@examples(300)
@given(symmetric())
def test_the_proof_holds_when_it_is_checked_by_hand(M):
    proof = definiteness(M)
    T = sp.Matrix(proof.basis)
    assert T.det() != 0
    assert T.T * sp.Matrix(M) * T == sp.diag(*proof.values)
    signs = [sp.sign(value) for value in proof.values]
    assert proof.inertia == (signs.count(1), signs.count(-1), signs.count(0))
    if proof.inertia[1]:
        w = sp.Matrix(proof.witness)
        assert (w.T * sp.Matrix(M) * w)[0] < 0
        assert all(entry.is_Rational for entry in w)
    else:
        assert proof.witness is None
    assert proof.verify()


@given(symmetric(), st.data())
def test_the_verdict_does_not_depend_on_the_coordinates(M, data):
    n = len(M)
    order = data.draw(st.permutations(range(n)))
    scale = exact(data.draw(st.lists(st.sampled_from([-2, 1, 3]), min_size=n, max_size=n)))
    changed = (M * scale[:, None] * scale)[order][:, order]
    assert definiteness(changed).inertia == definiteness(M).inertia
    assert definiteness(-M).inertia == tuple(definiteness(M).inertia[k] for k in (1, 0, 2))
    assert definiteness(M / 7).verdict == definiteness(M).verdict


@examples(100)
@given(symmetric(), st.data())
def test_tampered_proofs_are_rejected(M, data):
    proof = definiteness(M)
    n = len(M)
    i = data.draw(st.integers(0, n - 1))

    def with_entry(array, index, change):
        copy = array.copy()
        copy[index] += change
        return copy

    positive, negative, zero = proof.inertia
    tampered = [
        replace(proof, verdict="positive definite" if negative + zero else "indefinite"),
        replace(proof, inertia=(positive + 1, negative, zero - 1)),
        replace(proof, inertia=(positive, negative, zero + 1)),
        replace(proof, values=with_entry(proof.values, i, exact(1)[()])),
        replace(proof, basis=proof.basis * 0),
        replace(proof, basis=proof.basis[:, :-1]),
        replace(proof, matrix=with_entry(M, (i, i), exact(1)[()])),
        replace(proof, witness=None if negative else proof.basis[:, 0]),
        replace(proof, witness=exact([0] * n)),
    ]
    if n > 1:
        doubled = proof.basis.copy()
        doubled[:, i] = doubled[:, (i + 1) % n]
        tampered.append(replace(proof, basis=doubled))
        shifted = with_entry(M, (0, n - 1), exact(1)[()])
        tampered.append(replace(proof, matrix=shifted))
    assert [fake for fake in tampered if fake.verify()] == []


@given(st.integers(1, 3), st.integers(0, 3), st.data())
def test_the_basis_of_a_proof_must_be_a_basis(n, rank, data):
    def whole(*shape):
        entries = st.lists(st.integers(-3, 3), min_size=prod(shape), max_size=prod(shape))
        return exact(np.reshape(data.draw(entries), shape))

    T = whole(n, rank) @ whole(rank, n) if rank else exact(np.zeros((n, n)))
    proof = definiteness(np.zeros((n, n)))
    assert replace(proof, basis=T).verify() == (sp.Matrix(T).det() != 0)


@pytest.mark.parametrize("prime", [2**61 - 1, 2**89 - 1, 2**107 - 1])
def test_a_determinant_that_one_prime_divides_is_not_taken_for_zero(prime):
    proof = definiteness(np.zeros((2, 2)))
    assert replace(proof, basis=exact([[prime, 1], [0, 1]])).verify()
    assert replace(proof, basis=exact([[0, 1], [1, prime]])).verify()
    assert not replace(proof, basis=exact([[prime, 1], [prime, 1]])).verify()


def test_a_basis_of_null_vectors_that_spans_too_little_proves_nothing():
    proof = definiteness(np.diag([1, 0, 0]))
    short = proof.basis.copy()
    short[:, 2] = short[:, 1]
    assert np.all(short.T @ proof.matrix @ short == np.diag(proof.values))
    assert not replace(proof, basis=short).verify()


@pytest.mark.parametrize(
    ("M", "verdict", "inertia"),
    [
        ([[0]], "zero", (0, 0, 1)),
        ([[5]], "positive definite", (1, 0, 0)),
        ([[-5]], "negative definite", (0, 1, 0)),
        (np.zeros((3, 3)), "zero", (0, 0, 3)),
        (np.ones((3, 3)), "positive semidefinite", (1, 0, 2)),
        (-np.ones((3, 3)), "negative semidefinite", (0, 1, 2)),
        ([[0, 1], [1, 0]], "indefinite", (1, 1, 0)),
        ([[0, 0, 1], [0, 0, 0], [1, 0, 0]], "indefinite", (1, 1, 1)),
        (commutation_matrix(2, 2), "indefinite", (3, 1, 0)),
        (
            [[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]],
            "indefinite",
            (1, 1, 2),
        ),
        (
            [[70, 19, 19, 4], [19, 22, 4, 7], [19, 4, 22, 7], [4, 7, 7, 6]],
            "positive definite",
            (4, 0, 0),
        ),
    ],
)
def test_known_verdicts(M, verdict, inertia):
    found = definiteness(M)
    assert (found.verdict, found.inertia) == (verdict, inertia)
    assert found.verify()
    assert (
        str(found) == f"{verdict}: {inertia[0]} positive, {inertia[1]} negative, {inertia[2]} zero"
    )


def test_what_floating_point_cannot_settle():
    nearly = exact([[1, 1], [1, 1]])
    nearly[1, 1] -= sp.Rational(1, 10**20)
    assert np.linalg.eigvalsh(nearly.astype(float))[0] == 0
    assert definiteness(nearly).verdict == "indefinite"
    nearly[1, 1] += sp.Rational(1, 10**20)
    assert definiteness(nearly).verdict == "positive semidefinite"


@pytest.mark.parametrize("seed", range(20))
def test_floats_are_the_rationals_that_they_are(seed):
    G = np.random.default_rng(seed).standard_normal((4, 2))
    M = G @ G.T  # of rank two before rounding, of full rank after it
    found = definiteness((M + M.T) / 2)
    assert found.inertia == inertia_by_descartes(exact((M + M.T) / 2))
    assert found.verify()


def test_pivots_that_reach_other_columns_than_those_before():
    assert definiteness([[1, 0, 1], [0, 3, 0], [1, 0, 5]]).verify()
    assert definiteness([[2, 0, 1, 0], [0, 3, 0, 1], [1, 0, 5, 0], [0, 1, 0, 7]]).verify()


def test_a_large_matrix():
    G = np.random.default_rng(1).integers(-9, 10, (40, 30))
    found = definiteness(G @ G.T)
    assert found.inertia == (30, 0, 10)
    assert found.verify()


@pytest.mark.parametrize(
    ("M", "named"),
    [
        ([[1, 2], [3, 4]], "symmetric"),
        ([[1, 2, 3]], "square"),
        (symbolic("m", (1, 1)), "rational"),
        (exact([[sp.sqrt(2)]]), "rational"),
        (np.zeros((2, 2, 2, 2)), "flatten"),
        ([], "entry"),
        ([[1], [2, 3]], "rows"),
        ([[np.inf]], "finite"),
        ([[np.nan]], "finite"),
        ([[1j]], "real"),
        ([["1"]], "real"),
    ],
)
def test_bad_matrices_are_refused(M, named):
    with pytest.raises((TypeError, ValueError), match=rf"^M\b.*{named}"):
        definiteness(M)


def test_large_matrices_of_low_rank_are_proved():
    assert definiteness(np.ones((100, 100))).inertia == (1, 0, 99)


def test_proofs_hold_for_fractions_and_not_for_irrational_numbers():
    proof = definiteness(exact([[2, 1], [1, 2]]) / 3)
    halved = replace(proof, basis=proof.basis / 2, values=proof.values / 4)
    assert proof.verify()
    assert halved.verify()
    assert not replace(halved, values=proof.values).verify()
    root = sp.sqrt(2)
    assert not replace(proof, values=proof.values * root).verify()
    assert not replace(proof, basis=proof.basis * root).verify()
    indefinite = definiteness([[1, 0], [0, -1]])
    assert not replace(indefinite, witness=indefinite.witness * root).verify()
