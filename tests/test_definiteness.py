"""Definiteness: verdicts that agree with characteristic polynomials, proofs, and words."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import prod

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from matderiv import commutation_matrix, definiteness, exact, symbolic
from matderiv.definiteness import Spectrum, spectrum

HUGE = sp.Integer(10) ** 400
FAMOUS = [[70, 19, 19, 22], [19, 4, 4, 7], [19, 4, 4, 7], [22, 7, 7, 6]]


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


@examples(1000)
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

    tampered = [
        replace(proof, values=with_entry(proof.values, i, exact(1)[()])),
        replace(proof, basis=proof.basis * 0),
        replace(proof, basis=proof.basis[:, :-1]),
        replace(proof, matrix=with_entry(M, (i, i), exact(1)[()])),
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
        (FAMOUS, "indefinite", (1, 1, 2)),
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


def test_values_between_two_kinds_of_machine_integers():
    proof = definiteness(np.diag([2**31, 2**31 - 1, 1, 2**33, -1]))
    assert list(proof.values) == [2**31, 2**31 - 1, 1, 2**33, -1]
    assert definiteness([[11027, -6549, 0], [-6549, 6689, 140], [0, 140, 11755]]).verify()


@given(symmetric(), st.sampled_from([HUGE, 1 / HUGE]))
def test_entries_of_any_size(M, size):
    assert definiteness(M * size).inertia == definiteness(M).inertia
    assert definiteness(M * size).verify()


@pytest.mark.parametrize("seed", range(20))
def test_floats_are_the_rationals_that_they_are(seed):
    G = np.random.default_rng(seed).standard_normal((4, 2))
    M = G @ G.T  # of rank two before rounding, of full rank after it
    found = definiteness((M + M.T) / 2)
    assert found.inertia == inertia_by_descartes(exact((M + M.T) / 2))
    assert found.verify()
    assert found.inertia == (2, 0, 2) or "hangs on rounding" in str(found)


@pytest.mark.parametrize(
    ("M", "hangs"),
    [
        ([[1.0, 1.0], [1.0, 1.0 - 1e-16]], True),
        ([[1.0, 1.0], [1.0, 1.0 + 2.3e-16]], True),
        ([[-1.0, 1.0], [1.0, 1e-17 - 1.0]], False),  # it has become −1 exactly
        ([[1.0, 1.0], [1.0, 1.0 + 1e-9]], False),
        (np.diag([1e20, 1.0]), False),  # units
        (np.ones((3, 3)), False),
        ([[2.0, 1.0], [1.0, 2.0]], False),
        (0.1 * np.array(FAMOUS), True),  # the counts hang, the verdict does not
        (0.3 * np.array(FAMOUS), True),
        (0.25 * np.array(FAMOUS), False),
        (np.diag([1e20, -1.0, 1e-20]), False),
        ([[2**52, 2**52], [2**52, 2**52 + 1]], False),  # integers are not rounded
        (exact([[1.0, 1.0], [1.0, 1.0 - 1e-16]]), False),
    ],
)
def test_what_hangs_on_rounding_says_so(M, hangs):
    assert ("rounding" in str(definiteness(M))) == hangs


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long doubles are no longer here")
def test_long_doubles_are_the_rationals_that_they_are():
    tiny = np.longdouble(2) ** -60
    found = definiteness(np.array([[1, 1], [1, 1 - tiny]]))
    assert found.inertia == (1, 1, 0)
    assert found.matrix[1, 1] == 1 - sp.Rational(1, 2**60)
    assert "hangs on rounding" in str(found)
    assert definiteness([[1, 1], [1, 1 + tiny]]).verdict == "positive definite"
    with pytest.raises(ValueError, match="symmetric"):
        definiteness(np.array([[1, 1], [1 - tiny, 1]]))


@pytest.mark.parametrize("factor", [0.1, 0.3, 0.7])
def test_counts_up_to_rounding_are_those_of_the_matrix_before_it(factor):
    found = definiteness(factor * np.array(FAMOUS))
    assert found.rounded == "indefinite up to rounding: 1 positive, 1 negative, 2 zero"
    assert str(found).endswith(f"; it hangs on rounding: {found.rounded}")


def test_entries_that_became_floats_of_sympy_are_the_rationals_that_they_are():
    found = definiteness(exact([[2, 4], [4, 8]]) * 0.5)
    assert found.inertia == (1, 0, 1)
    assert found.verify()
    assert np.all(found.matrix == exact([[1, 2], [2, 4]]))


def test_a_matrix_that_is_symmetric_up_to_rounding_is_refused_with_the_way_out():
    rng = np.random.default_rng(0)
    C, S = rng.standard_normal((2, 5, 5))
    M = C @ (S + S.T) @ C.T
    assert not np.array_equal(M, M.T)
    size = f"{np.abs(M - M.T).max():.6g}".replace("+", r"\+")
    with pytest.raises(ValueError, match=rf"symmetric.*{size}.*\(M \+ M\.T\) / 2"):
        definiteness(M)
    assert definiteness((M + M.T) / 2).verify()
    with pytest.raises(ValueError, match=r"symmetric.*1e-400.*\(M \+ M\.T\) / 2"):
        definiteness(exact([[1, 1 + 1 / HUGE], [1, 1]]))


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
        ([], "entr"),
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


def test_what_takes_hours_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"^M\b.*512 rows.*513.*eigvalsh"):
        definiteness(np.eye(513))
    assert definiteness(np.ones((512, 512))).inertia == (1, 0, 511)


def test_proofs_hold_for_fractions_and_not_for_irrational_numbers():
    proof = definiteness(exact([[2, 1], [1, 2]]) / 3)
    halved = replace(proof, basis=proof.basis / 2, values=proof.values / 4)
    assert proof.verify()
    assert halved.verify()
    assert not replace(halved, values=proof.values).verify()
    root = sp.sqrt(2)
    assert not replace(proof, values=proof.values * root).verify()
    assert not replace(proof, basis=proof.basis * root).verify()


# Spectra, for people to read.


@pytest.mark.parametrize(
    ("least", "text"),
    [
        (None, "a verdict"),
        (-0.123456789, "a verdict, with the least eigenvalue -0.123457"),
        (100.0, "a verdict, with the least eigenvalue 100"),
        (sp.Integer(2), "a verdict, with the least eigenvalue 2"),
        (sp.Integer(0), "a verdict, with the least eigenvalue 0"),
        (sp.sqrt(2), "a verdict, with the least eigenvalue sqrt(2) = 1.41421"),
        (sp.N(sp.sqrt(2)), "a verdict, with the least eigenvalue 1.41421"),
        (HUGE * 16 / 5, "a verdict, with the least eigenvalue 3.2e+400"),
        (-HUGE * sp.sqrt(10), "a verdict, with the least eigenvalue -3.16228e+400"),
        (sp.Rational(1, HUGE), "a verdict, with the least eigenvalue 1e-400"),
    ],
)
def test_the_least_eigenvalue_is_shown_exactly_where_it_is_short_and_in_decimals(least, text):
    assert str(Spectrum("a verdict", least)) == text


@pytest.mark.parametrize(
    ("M", "verdict", "least"),
    [
        (sp.Matrix([[2, 1], [1, 2]]), "positive definite", 1),
        (sp.Matrix([[0, 1], [1, 1]]), "indefinite", (1 - sp.sqrt(5)) / 2),
        (sp.diag(1, 0, -sp.Rational(1, 10**12)), "indefinite", -sp.Rational(1, 10**12)),
        (sp.diag(1, 0, sp.Rational(1, 10**12)), "positive semidefinite", 0),
        (sp.diag(HUGE, 1, -1 / HUGE), "indefinite", -1 / HUGE),
        (sp.diag(HUGE, 2 * HUGE), "positive definite", HUGE),
        (sp.diag(0, 0), "zero", 0),
        (2 * sp.eye(16), "positive definite", 2),
    ],
)
def test_rational_matrices_are_described_with_a_proof_and_the_exact_least_eigenvalue(
    M, verdict, least
):
    assert spectrum(exact(M)) == Spectrum(verdict, least)


@examples(200)
@given(symmetric(largest=5), st.integers(-500, 500))
def test_exact_spectra_agree_with_those_in_many_digits(M, exponent):
    size = sp.Integer(10) ** exponent
    found = spectrum(M * size)
    assert found.verdict == verdict_of(*inertia_by_descartes(M))
    with mpmath.workdps(60):
        least = min(mpmath.eigsy(mpmath.matrix(M.tolist()), eigvals_only=True))
        assert abs(mpmath.mpf(sp.N(found.least / size, 60)) - least) <= 1e-12 * abs(least) + 1e-40


def test_the_digits_of_a_least_eigenvalue_that_floats_lose():
    hilbert = exact([[sp.Rational(1, i + j + 1) for j in range(16)] for i in range(16)])
    with mpmath.workdps(60):
        truth = min(mpmath.eigsy(mpmath.matrix(hilbert.tolist()), eigvals_only=True))
    assert (
        str(spectrum(hilbert)) == f"positive definite, with the least eigenvalue {float(truth):.6g}"
    )
    close = spectrum(exact(sp.diag(1 + sp.Rational(1, 10**13), 1))).least
    assert abs(close - 1) < 1e-15
    least = spectrum(exact([[1, 1], [1, 1 + sp.Rational(1, 10**38)]])).least
    assert abs(least / 5e-39 - 1) < 1e-12
    large = sp.Integer(10) ** 60
    least = spectrum(exact([[large**2, large], [large, 2]])).least
    assert abs(least - 1) < 1e-12


@pytest.mark.parametrize("n", [16, 17])
def test_large_exact_matrices_of_any_size(n):
    M = exact(np.ones((n, n), dtype=int) + np.eye(n, dtype=int)) * HUGE
    found = spectrum(M)
    assert found.verdict == "positive definite" + (" up to rounding" if n > 16 else "")
    assert str(found).endswith("1e+400")
    assert str(spectrum(exact(np.ones((n, n))))).startswith("positive semidefinite")
    assert spectrum(exact(np.triu(np.ones((n, n))))) == Spectrum("not symmetric")
    assert spectrum(exact(np.zeros((n, n)))).verdict.startswith("zero")


r, one = sp.sqrt(2), sp.Integer(1)
hidden = (1 + r) ** 2 - 3 - 2 * r


@pytest.mark.parametrize(
    ("M", "verdict", "least"),
    [
        ([[2 * r, 0], [0, r]], "positive definite", 2**0.5),
        ([[r, 1], [1, r / 2]], "positive semidefinite", None),
        ([[r, 1], [1, r / 2 - one / 10**20]], "positive semidefinite", None),
        ([[hidden, 0], [0, 1]], "positive semidefinite", None),
        ([[1, 3 + 2 * r], [(1 + r) ** 2, 1]], "indefinite", -2 - 2 * 2**0.5),
        ([[-r * HUGE, 0], [0, 0]], "negative semidefinite", -r * HUGE),
    ],
)
def test_roots_are_described_up_to_rounding(M, verdict, least):
    found = spectrum(exact(M))
    assert found.verdict == f"{verdict} up to rounding"
    assert (found.least is None) == (least is None)
    assert least is None or abs(found.least / least - 1) < 1e-10


@pytest.mark.parametrize("size", [1e-300, 1e-6, 1.0, 1e6, 1e300])
@pytest.mark.parametrize(
    ("M", "verdict", "least"),
    [
        ([[2.0, 0.0], [0.0, 1.0]], "positive definite", 1),
        ([[1.0, 1.0], [1.0, 1.0]], "positive semidefinite", None),
        ([[1.0, 1.0 + 1e-12], [1.0, 1.0]], "positive semidefinite", None),
        ([[0.0, 1.0], [1.0, 0.0]], "indefinite", -1),
        ([[-2.0, 0.0], [0.0, -1.0]], "negative definite", -2),
        ([[-2.0, 0.0], [0.0, 0.0]], "negative semidefinite", -2),
        ([[0.0, 0.0], [0.0, 0.0]], "zero", None),
        (np.diag([1e7, -1, -1]), "indefinite", -1),
        (np.diag([1e7, 1, 1]), "positive definite", 1),
        ([[1e7, 3e3], [3e3, 1]], "positive definite", 0.1),
        ([[1e-8, 1], [1, -1e-8]], "indefinite", -1),
    ],
)
def test_floats_are_described_up_to_rounding(M, verdict, least, size):
    found = spectrum(np.array(M) * size)
    assert found.verdict == f"{verdict} up to rounding"
    assert found.least == (None if least is None else pytest.approx(least * size, rel=1e-6))


def test_small_eigenvalues_of_well_determined_entries_count():
    assert spectrum(np.diag([1e8, -1, -1, -1])).verdict == "indefinite up to rounding"
    assert spectrum(np.diag([1e8, 1, 1, 1])).verdict == "positive definite up to rounding"
    assert spectrum(np.diag([1e300, 1e-300])).verdict == "positive definite up to rounding"
    assert spectrum(np.diag([1e300, -1e-300])).verdict == "indefinite up to rounding"


@given(symmetric(), st.lists(st.integers(-40, 40), min_size=4, max_size=4))
def test_the_verdict_on_floats_does_not_depend_on_units(M, exponents):
    units = 2.0 ** np.array(exponents[: len(M)])
    floats = M.astype(float) * np.multiply.outer(units, units)
    assert spectrum(floats).verdict == f"{definiteness(M).verdict} up to rounding"


@pytest.mark.parametrize(
    ("M", "errors", "verdict"),
    [
        ([1.0, 1e-7], [0, 1e-6], "positive semidefinite"),
        ([1.0, -1e-7], [0, 1e-6], "positive semidefinite"),
        ([1.0, -1e-5], [0, 1e-6], "indefinite"),
        ([-1.0, 1e-7], [0, 1e-6], "negative semidefinite"),
        ([1e8, 1.0, -1.0], [0.1, 1e-9, 1e-9], "indefinite"),
        ([1e8, 1.0, 1.0], [0.1, 1e-9, 1e-9], "positive definite"),
        ([1.0, 0.0, 0.0], [1e-9, 1e-9, 1e-9], "positive semidefinite"),
        ([1e-9, 1e-9], [1.0, 1.0], "zero"),
        ([0.0, 0.0], [1.0, 1.0], "zero"),
        ([1e-320, 1e-320], [1e300, 1e300], "zero"),
    ],
)
def test_errors_make_eigenvalues_that_they_reach_count_as_zero(M, errors, verdict):
    assert spectrum(np.diag(M), np.diag(errors)).verdict == f"{verdict} up to rounding"


@examples(300)
@given(symmetric(), st.integers(0, 2**32 - 1), st.integers(-12, 1))
def test_what_is_said_despite_errors_holds_of_every_matrix_within_them(M, seed, exponent):
    rng = np.random.default_rng(seed)
    errors = 10.0**exponent * np.triu(rng.random(M.shape) * (rng.random(M.shape) < 0.5))
    errors = errors + errors.T
    noise = np.triu(rng.uniform(-1, 1, M.shape))
    near = M.astype(float) + errors * np.where(noise, noise, noise.T)
    verdict = spectrum(near, errors).verdict.removesuffix(" up to rounding")
    positive, negative, _ = definiteness(M).inertia
    assert positive or verdict not in ("indefinite", "positive definite", "positive semidefinite")
    assert negative or verdict not in ("indefinite", "negative definite", "negative semidefinite")
    if verdict.endswith(" definite"):
        assert definiteness(M).verdict == verdict


@pytest.mark.parametrize("size", [1e-300, 1e-6, 1.0, 1e6, 1e300])
def test_what_is_not_symmetric_is_said_to_be_so(size):
    M = np.array([[1.0, 1.0 + 1e-6], [1.0, 1.0]]) * size
    assert spectrum(M) == Spectrum("not symmetric")
    assert spectrum(M, np.full((2, 2), 1e-6) * size) != Spectrum("not symmetric")
    assert spectrum(np.array([[1e-300, 1e300], [1e-300, 1e-300]])) == Spectrum("not symmetric")
    assert spectrum(exact([[1, 2], [3, 4]])) == Spectrum("not symmetric")
    assert spectrum(exact([[1, r], [2 * r, 1]])) == Spectrum("not symmetric")


def test_symbols_and_very_large_matrices_are_not_described():
    assert spectrum(symbolic("x", (2, 2))) is None
    assert spectrum(np.eye(1001)) is None
    assert spectrum(np.eye(1000)).verdict == "positive definite up to rounding"


def test_signs_do_not_hang_on_units_however_unlike():
    found = spectrum(np.array([[2.0, 1e-18], [1e-18, 2e-36]]))
    assert found.verdict == "positive definite up to rounding"


@pytest.mark.parametrize("kind", [np.float16, np.float32, float, object])
def test_what_hangs_on_rounding_does_so_in_the_precision_of_its_entries(kind):
    X = np.random.default_rng(0).standard_normal((4, 2)).astype(float if kind is object else kind)
    M = X @ X.T
    said = str(definiteness(((M + M.T) / 2).astype(kind)))
    assert said.endswith("up to rounding: 2 positive, 0 negative, 2 zero")
    assert "rounding" not in str(definiteness(np.diag([1, 2, 3]).astype(kind)))


def test_doubles_hang_on_no_rounding_but_that_of_eigenvalues():
    nearly = np.ones((2, 2)) + 6 * 2.0**-52 * np.eye(2)
    assert str(definiteness(nearly)) == "positive definite: 2 positive, 0 negative, 0 zero"
