"""The Gaussian likelihood: score, Hessian, information and standard errors of a covariance."""

import hashlib
from importlib.resources import files

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from strategies import assert_same, matrices

from matderiv import (
    commutation_matrix,
    definiteness,
    diagnose,
    duplication_matrix,
    exact,
    gradient,
    second_derivative,
    symbolic,
    symmetric,
    unvech,
    vec,
    vech,
)
from matderiv.book.data import chinstrap

N = 68
DIGEST = "8f05db3220327145c6cd211b4e485312e4077c34316f58c3ad0224ec77061fd5"


def definite(G):
    return G @ G.T + exact(np.eye(len(G), dtype=int))


def inverse(M):
    return exact(sp.Matrix(M).inv().tolist())


def log_likelihood(Sigma, S):
    """Write f with SymPy, which knows none of our formulas."""
    Sigma, S = sp.Matrix(Sigma), sp.Matrix(S)
    return -sp.Rational(N, 2) * (sp.log(Sigma.det()) + (Sigma.inv() * S).trace())


@pytest.mark.claim("thm-gaussian-score")
def test_score_and_hessian_are_the_derivatives_that_sympy_finds():
    S, Sigma = exact([[3, 1], [1, 2]]), exact([[2, 1], [1, 3]])
    Y, Z = exact([[1, 2], [2, -1]]), exact([[0, 1], [1, 4]])
    s, t = sp.symbols("s t")
    value = log_likelihood(Sigma + s * Y + t * Z, S)
    V = inverse(Sigma)
    M = V @ S @ V
    here = {s: 0, t: 0}
    half = sp.Rational(N, 2)
    assert sp.simplify(sp.diff(value, s).subs(here) - half * np.trace((M - V) @ Y)) == 0
    second = half * (np.trace(V @ Y @ V @ Z) - np.trace(M @ Y @ V @ Z) - np.trace(M @ Z @ V @ Y))
    assert sp.simplify(sp.diff(value, s, t).subs(here) - second) == 0


@pytest.mark.claim("thm-gaussian-score")
def test_at_the_sample_covariance_the_score_vanishes_and_another_program_agrees():
    S = np.cov(chinstrap().T, bias=True)

    def f(v):
        Sigma = anp.dot(duplication_matrix(3), v).reshape(3, 3)
        _, logdet = anp.linalg.slogdet(Sigma)
        return -N / 2 * (logdet + anp.trace(anp.dot(anp.linalg.inv(Sigma), S)))

    v, D, V = vech(S), duplication_matrix(3), np.linalg.inv(S)
    assert_same(autograd.grad(f)(v), np.zeros(6), 1e-9)
    information = N / 2 * D.T @ np.kron(V, V) @ D
    np.testing.assert_allclose(-autograd.hessian(f)(v), information, rtol=1e-8, atol=1e-8)
    away = 1.1 * S
    W = np.linalg.inv(away)
    score = D.T @ vec(N / 2 * W @ (S - away) @ W)
    np.testing.assert_allclose(autograd.grad(f)(vech(away)), score, rtol=1e-9)


@pytest.mark.claim("thm-gaussian-information")
@given(matrices("nn", "nn", "nn", kinds=("exact",)))
def test_two_forms_on_all_matrices_are_one_on_symmetric_ones(drawn):
    G, Y, Z = drawn
    n, V = len(G), definite(G)
    K, D = commutation_matrix(n, n), duplication_matrix(n)
    plain, turned = np.kron(V, V), K @ np.kron(V, V)
    for order in "FC":
        y, z = vec(Y, order), vec(Z, order)
        assert y @ plain @ z == np.trace(V @ Y.T @ V @ Z)
        assert y @ turned @ z == np.trace(V @ Y @ V @ Z)
    assert_same(D.T @ plain @ D, D.T @ turned @ D)
    assert definiteness(D.T @ plain @ D).verdict == "positive definite"
    assert definiteness(plain).verdict == "positive definite"
    inertia = definiteness(turned).inertia
    assert inertia == (n * (n + 1) // 2, n * (n - 1) // 2, 0)


@pytest.mark.claim("thm-standard-errors")
@given(matrices("nn", kinds=("exact",)))
def test_the_inverse_of_the_information_has_the_closed_form(G):
    Sigma = definite(G)
    n = len(Sigma)
    D, V = duplication_matrix(n), inverse(Sigma)
    information = sp.Rational(N, 2) * D.T @ np.kron(V, V) @ D
    places = [(i, j) for j in range(n) for i in range(j, n)]
    closed = exact(
        [
            [(Sigma[i, k] * Sigma[j, m] + Sigma[i, m] * Sigma[j, k]) / N for k, m in places]
            for i, j in places
        ]
    )
    assert_same(information @ closed, exact(np.eye(len(places), dtype=int)))
    forgetful = sp.Rational(2, N) * np.kron(Sigma, Sigma)
    for (i, j), variance in zip(places, np.diag(closed), strict=True):
        wrong = forgetful[i * n + j, i * n + j]
        rho_squared = Sigma[i, j] ** 2 / (Sigma[i, i] * Sigma[j, j])
        assert wrong * (1 + rho_squared) == 2 * variance


@pytest.mark.claim("thm-standard-errors")
def test_simulated_samples_vary_as_the_information_in_symmetric_directions_says():
    S = np.cov(chinstrap().T, bias=True)
    rng = np.random.default_rng(1)
    L = np.linalg.cholesky(S)
    samples = rng.standard_normal((20_000, N, 3)) @ L.T
    samples -= samples.mean(axis=1, keepdims=True)
    estimates = np.einsum("sni,snj->sij", samples, samples) / N
    right = np.sqrt((np.outer(np.diag(S), np.diag(S)) + S**2) / N)
    np.testing.assert_allclose(estimates.std(axis=0), right, rtol=0.03)
    wrong = np.sqrt(2 * np.outer(np.diag(S), np.diag(S)) / N)
    assert wrong[0, 1] > 1.15 * right[0, 1]


def by_determinant(Sigma, S):
    return np.linalg.slogdet(Sigma)[1] + np.trace(np.linalg.solve(Sigma, S))


def by_cholesky(Sigma, S):
    L = np.linalg.cholesky(Sigma)
    Z = np.linalg.solve(L, np.linalg.solve(L, S).T)
    return 2 * np.log(np.diag(L)).sum() + np.trace(Z)


def by_eigenvalues(Sigma, S):
    return np.log(np.linalg.eigvalsh(Sigma)).sum() + np.trace(np.linalg.solve(Sigma, S))


@pytest.mark.claim("thm-gaussian-information")
@pytest.mark.parametrize("program", [by_determinant, by_cholesky, by_eigenvalues])
def test_within_symmetric_matrices_every_program_has_one_score_and_one_information(program):
    S = np.cov(chinstrap().T, bias=True)
    away = 0.9 * S + 0.1 * np.diag(np.diag(S))
    D, V, W = duplication_matrix(3), np.linalg.inv(S), np.linalg.inv(away)
    inside = {"within": symmetric(3)}

    def f(Sigma):
        return -N / 2 * program(Sigma, S)

    np.testing.assert_allclose(gradient(f, away, **inside), N / 2 * W @ (S - away) @ W, atol=1e-7)
    book = -N / 2 * np.kron(V, V)
    form = second_derivative(f, S, **inside).matrix(coordinates="vech")
    np.testing.assert_allclose(form, D.T @ book @ D, rtol=1e-5)
    for candidate in (book, D.T @ book @ D):
        found = diagnose(f, S, candidate, **inside)
        assert found
        assert found.true.verdict == "negative definite up to rounding"
        assert not diagnose(f, S, 1.01 * candidate, **inside)
    assert not diagnose(f, S, book)


def test_the_newton_iteration_needs_one_kind_of_coordinates():
    S = np.cov(chinstrap().T, bias=True)
    D, away = duplication_matrix(3), 0.9 * S + 0.1 * np.diag(np.diag(S))
    gaps = {}
    for mixed in (False, True):
        Sigma, gaps[mixed] = away, []
        for _ in range(7):
            gaps[mixed].append(np.abs(Sigma - S).max())
            V = np.linalg.inv(Sigma)
            M = V @ S @ V
            form, G = np.kron(V, V) - np.kron(M, V) - np.kron(V, M), M - V
            if mixed:
                y = np.linalg.solve(-form, vec(2 * G - np.diag(np.diag(G))))
                Sigma = Sigma + y.reshape(3, 3)
            else:
                Sigma = Sigma + unvech(np.linalg.solve(-D.T @ form @ D, D.T @ vec(G)))
    assert gaps[False][-1] < 1e-12
    assert gaps[True][-1] > 100


def test_the_table_of_the_derivative_of_the_inverse_has_rank_one():
    X = symbolic("x", (2, 2))
    V = exact([[2, 1], [1, 3]])
    blocks = [[sp.diff((-V @ X @ V)[i, j], x) for x in X.flat] for i, j in np.ndindex(2, 2)]
    array = exact(blocks).reshape(2, 2, 2, 2)
    assert_same(array.reshape(4, 4), -np.kron(V, V))
    table = array.transpose(0, 2, 1, 3).reshape(4, 4)
    assert_same(table, -np.outer(vec(V, "C"), vec(V, "C")))
    assert sp.Matrix(table).rank() == 1


def test_the_data_are_those_that_were_published():
    text = files("matderiv.book.data").joinpath("chinstrap.csv").read_bytes()
    assert hashlib.sha256(text).hexdigest() == DIGEST
    assert chinstrap().shape == (N, 3)
    assert chinstrap()[0].tolist() == [46.5, 17.9, 192.0]
