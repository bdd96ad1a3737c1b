"""How a machine differentiates: adjoints, cheap gradients and Hessian-vector products, counted."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import assert_same, inner, maps_and_elements, matrices

from matderiv import derivative, exact, functional, gradient, second_derivative, vec


@pytest.mark.claim("thm-adjoint")
@given(maps_and_elements())
def test_the_adjoint_moves_a_map_to_the_other_side_and_its_matrix_is_the_transpose(drawn):
    L, Y, Z = drawn
    assert_same(inner(L(Y), Z), inner(Y, L.adjoint(Z)), 1e-7)
    for order in "FC":
        assert_same(L.adjoint.matrix(order), L.matrix(order).T)


@pytest.mark.claim("thm-adjoint")
@given(maps_and_elements(equal_sides=True, count=2))
def test_adjoints_compose_backwards(drawn):
    L, M, Y, Z = drawn
    assert_same((M @ L).adjoint(Z), L.adjoint(M.adjoint(Z)), 1e-7)
    assert_same(inner((M @ L)(Y), Z), inner(Y, L.adjoint(M.adjoint(Z))), 1e-6)


@pytest.mark.claim("thm-adjoint")
@given(matrices("pm", "mn", "pn", kinds=("exact",), largest=2))
def test_a_gradient_is_pulled_back_by_the_adjoint(drawn):
    A, X, C = drawn

    def h(Z):
        return np.vdot(Z - C, Z - C)

    pulled = derivative(lambda X: A @ X, X).adjoint(gradient(h, A @ X))
    assert_same(pulled, gradient(lambda X: h(A @ X), X))
    assert_same(pulled, 2 * A.T @ (A @ X - C))
    assert_same(functional(C).adjoint(1), C)


# Programs of additions and multiplications, differentiated as in the proof.


@st.composite
def programs(draw):
    """Draw the number of variables and steps (operation, place, place), each from earlier ones."""
    variables = draw(st.integers(1, 4))
    steps = []
    for k in range(draw(st.integers(1, 8))):
        places = st.integers(0, variables + k - 1)
        steps.append((draw(st.sampled_from("+*")), draw(places), draw(places)))
    return variables, steps


class Counter:
    """Numbers as they are, multiplications counted."""

    def __init__(self):
        self.multiplications = 0

    def times(self, x, y):
        self.multiplications += 1
        return x * y


def run(steps, values, counter):
    values = list(values)
    for operation, a, b in steps:
        x, y = values[a], values[b]
        values.append(x + y if operation == "+" else counter.times(x, y))
    return values


def run_with_gradient(steps, start, counter):
    values = run(steps, start, counter)
    slopes = [0] * (len(values) - 1) + [1]
    for k in reversed(range(len(steps))):
        operation, a, b = steps[k]
        slope = slopes[len(start) + k]
        if operation == "+":
            slopes[a] += slope
            slopes[b] += slope
        else:
            slopes[a] += counter.times(slope, values[b])
            slopes[b] += counter.times(slope, values[a])
    return values[-1], slopes[: len(start)]


@pytest.mark.claim("thm-cheap-gradient")
@given(programs(), st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_a_gradient_takes_three_times_the_multiplications_and_is_that_of_sympy(program, numbers):
    variables, steps = program
    start = numbers[:variables]
    once, thrice = Counter(), Counter()
    value = run(steps, start, once)[-1]
    same, slopes = run_with_gradient(steps, start, thrice)
    assert same == value
    assert thrice.multiplications <= 3 * once.multiplications
    x = sp.symbols(f"x:{variables}")
    formula = sp.expand(run(steps, x, Counter())[-1])
    here = dict(zip(x, start, strict=True))
    assert [sp.diff(formula, variable).subs(here) for variable in x] == slopes


class Dual:
    """A number with its rate of change; a product takes three multiplications."""

    def __init__(self, value, rate, counter):
        self.value, self.rate, self.counter = value, rate, counter

    def __add__(self, other):
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.rate, self.counter)
        return Dual(self.value + other.value, self.rate + other.rate, self.counter)

    __radd__ = __add__

    def __mul__(self, other):
        times = self.counter.times
        rate = times(self.rate, other.value) + times(self.value, other.rate)
        return Dual(times(self.value, other.value), rate, self.counter)


class Plain:
    """Counts nothing itself: the dual numbers do."""

    @staticmethod
    def times(x, y):
        if isinstance(x, Dual) and isinstance(y, Dual):
            return x * y
        return Dual(y.value * x, y.rate * x, y.counter) if isinstance(y, Dual) else x * y


@pytest.mark.claim("thm-hvp")
@given(programs(), st.lists(st.integers(-3, 3), min_size=8, max_size=8))
def test_a_hessian_times_a_direction_takes_nine_times_the_multiplications(program, numbers):
    variables, steps = program
    start, direction = numbers[:variables], numbers[4 : 4 + variables]
    once, counter = Counter(), Counter()
    run(steps, start, once)
    duals = [Dual(v, z, counter) for v, z in zip(start, direction, strict=True)]
    _, slopes = run_with_gradient(steps, duals, Plain())
    assert counter.multiplications <= 9 * once.multiplications
    x = sp.symbols(f"x:{variables}")
    hessian = sp.hessian(sp.expand(run(steps, x, Counter())[-1]), x)
    here = hessian.subs(dict(zip(x, start, strict=True)))
    rates = [slope.rate if isinstance(slope, Dual) else 0 for slope in slopes]
    assert list(here * sp.Matrix(direction)) == rates


@pytest.mark.claim("thm-hvp")
@given(matrices("nn", "nn", kinds=("exact",), largest=2))
def test_the_derivative_of_the_gradient_is_the_hessian_as_a_map(drawn):
    X, Z = drawn

    def f(X):
        return np.trace(X @ X @ X) + np.vdot(X, X)

    H = second_derivative(f, X)
    of_gradient = derivative(lambda X: 3 * (X @ X).T + 2 * X, X)
    assert_same(of_gradient(Z), 3 * (X @ Z + Z @ X).T + 2 * Z)
    assert_same(H.matrix() @ vec(Z), vec(of_gradient(Z)))
    assert_same(H.matrix(), exact(H.matrix().T))
