"""The Gaussian likelihood by its covariance, the case that decides: score, Hessian, information.

f(Σ) = −N/2 (log det Σ + tr Σ⁻¹S) is written as people write it, with what reads all of Σ or one
triangle only; `make sweep` draws a hundred. Errors are estimates: twice as much is allowed, as
`diagnose` does, beside what rounding leaves of the closed form.
"""

import numpy as np
import pytest
from strategies import SWEEP

from matderiv import (
    derivative,
    diagnose,
    duplication_matrix,
    gradient,
    second_derivative,
    symmetric,
)

COUNT = 100 if SWEEP else 6
N = 25


def by_slogdet(K, S):
    return np.linalg.slogdet(K)[1] + np.trace(np.linalg.solve(K, S))


def by_cholesky(K, S):
    L = np.linalg.cholesky(K)
    return 2 * np.sum(np.log(np.diag(L))) + np.sum(np.linalg.solve(L, np.linalg.cholesky(S)) ** 2)


def by_eigenvalues(K, S):
    values, V = np.linalg.eigh(K)
    return np.sum(np.log(np.linalg.eigvalsh(K))) + np.sum(np.diag(V.T @ S @ V) / values)


@pytest.mark.parametrize("ratio", [1e-4, 1e-5, 1e-6])
def test_scores_of_variables_in_very_different_units_are_right(ratio):
    rng = np.random.default_rng(3)
    for _ in range(COUNT):
        n = int(rng.integers(2, 4))
        units = np.where(np.arange(n) < n - 1, 1.0, ratio)
        C, S = (M @ M.T / n for M in rng.standard_normal((2, n, 2 * n)))
        K = C * np.outer(units, units)
        P = np.linalg.inv(S) / np.outer(units, units)

        def distance(K, P=P):
            return np.trace(P @ K) - np.linalg.slogdet(K)[1]

        G = gradient(distance, K, within=symmetric(n)) * np.outer(units, units)
        true = np.linalg.inv(S) - np.linalg.inv(C)
        assert np.max(np.abs(G - true)) <= 1e-5 * np.max(np.abs(true))


def covariance(rng, n, condition):
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    values = condition ** -rng.permutation(np.linspace(0, 1, n))
    K = Q * values @ Q.T
    return (K + K.T) / 2


def drawn(seed):
    """Draw a point, data, and the likelihood as somebody wrote it."""
    rng = np.random.default_rng(seed)
    n = 2 + seed % 4
    S = covariance(rng, n, 10 ** rng.uniform(0, 3))
    written = [by_slogdet, by_cholesky, by_eigenvalues][seed % 3]
    return rng, n, S, lambda K: -N / 2 * written(K, S)


seeds = pytest.mark.parametrize("seed", range(COUNT))


@seeds
def test_the_score_is_right_within_its_error(seed):
    rng, n, S, f = drawn(seed)
    K = covariance(rng, n, 10 ** rng.uniform(0, 3))
    P = np.linalg.inv(K)
    score = -N / 2 * (P - P @ S @ P)
    D = derivative(f, K, within=symmetric(n))
    slack = 2 * D.error + 1e-12 * np.linalg.cond(K) * np.max(np.abs(P @ S @ P))
    J = symmetric(n).matrix() @ D.subspace.change("orthonormal", exactly=False)
    assert np.max(np.abs(D.matrix(coordinates="orthonormal") - np.ravel(score, "F") @ J)) <= slack
    G = gradient(f, K, within=symmetric(n))
    assert np.array_equal(G, G.T)
    assert np.max(np.abs(G - score)) <= slack
    assert D.error <= 1e-4 * np.max(np.abs(score))


@seeds
def test_the_hessian_at_the_maximum_is_the_information_and_is_recognised(seed):
    _, n, S, f = drawn(seed)
    P = np.linalg.inv(S)
    everywhere = -N / 2 * np.kron(P, P)
    D = duplication_matrix(n)
    information = -D.T @ everywhere @ D
    H = second_derivative(f, S, within=symmetric(n))
    scale = 1 / np.sqrt(np.diag(D.T @ D))
    slack = 2 * H.error + 1e-12 * np.linalg.cond(S) * np.max(np.abs(everywhere))
    gap = np.abs(H.matrix() + information * np.multiply.outer(scale, scale))
    assert np.max(gap) <= slack
    assert np.allclose(H.matrix(coordinates="vech"), -information, 0, 4 * slack)
    for candidate in (everywhere, -information):
        found = diagnose(f, S, candidate, within=symmetric(n))
        assert found, str(found)
        assert found.candidate.verdict == found.true.verdict == "negative definite up to rounding"
        assert not diagnose(f, S, candidate * 1.01, within=symmetric(n))


@pytest.mark.parametrize("scale", [1e-6, 1e-5, 1e-3, 1.0, 1e3])
def test_correlations_stay_on_the_diagonal_which_is_no_noise_where_they_jump_far_away(scale):
    def correlations(K):
        return K / np.sqrt(np.outer(np.diag(K), np.diag(K)))

    rng = np.random.default_rng(8)
    for _ in range(COUNT):
        K = scale * covariance(rng, 3, 10)
        D = derivative(correlations, K, within=symmetric(3))
        R, Y = correlations(K), K * np.array([[1, 2, 3], [2, 4, 5], [3, 5, 6]])
        relative = np.diag(Y) / np.diag(K)
        true = Y / np.sqrt(np.outer(np.diag(K), np.diag(K)))
        true -= R * np.add.outer(relative, relative) / 2
        assert np.max(np.abs(D(Y) - true)) <= 1e-7
