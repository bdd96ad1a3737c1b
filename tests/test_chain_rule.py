"""The chain rule: derivatives compose, their matrices multiply, and tables do not."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from strategies import assert_same, matrices

from matderiv import derivative, exact, functional


@pytest.mark.claim("thm-chain-rule")
@given(matrices("pm", "nq", "pq", "mn", "mn", kinds=("exact",), largest=2))
def test_the_derivative_of_a_composition_is_the_composition_of_the_derivatives(drawn):
    A, B, C, X, Y = drawn

    def inner(X):
        return A @ X @ B - C

    def outer(Z):
        return Z.T @ Z

    composed = derivative(outer, inner(X)) @ derivative(inner, X)
    by_hand = (A @ Y @ B).T @ inner(X) + inner(X).T @ A @ Y @ B
    assert_same(composed(Y), by_hand)
    assert_same(derivative(lambda X: outer(inner(X)), X)(Y), by_hand)


@pytest.mark.claim("thm-chain-rule")
def test_another_program_composes_to_the_same_jacobian():
    X = np.array([[1.0, 2.0], [0.5, 3.0]])
    F, h = anp.linalg.inv, lambda Z: anp.sin(anp.dot(Z, Z))
    first = autograd.jacobian(F)(X).reshape(4, 4)
    second = autograd.jacobian(h)(F(X)).reshape(4, 4)
    both = autograd.jacobian(lambda X: h(F(X)))(X).reshape(4, 4)
    assert_same(second @ first, both)
    assert_same(
        derivative(lambda X: np.sin(np.linalg.inv(X) @ np.linalg.inv(X)), X).matrix("C"), both
    )
    assert not np.allclose(first @ second, both)


@pytest.mark.claim("def-gradient")
@given(matrices("nn", kinds=("exact",)))
def test_the_gradient_in_a_subspace_is_the_projection_of_the_gradient(A):
    n = len(A)
    units = exact(np.eye(n * n)).reshape(-1, n, n)
    for sign in (1, -1):
        G = (A.T + sign * A) / 2
        assert_same(G, sign * G.T)
        for E in units:
            B = E + sign * E.T
            assert functional(A.T)(B) == functional(G)(B)
