"""Exact derivatives against SymPy's, also beside corners; where there is none, the reason."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import numbers

from matderiv import derivative, exact, gradient, second_derivative

S = sp.symbols("s:3", real=True)
FUNCTIONS = [sp.exp, sp.sin, sp.atan, lambda u: u**2, lambda u: u**3, lambda u: 2**u]
AWAY_FROM_ZERO = [sp.log, sp.sqrt, lambda u: 1 / u, lambda u: u ** sp.Rational(-3, 2)]
rationals = numbers["exact"].map(sp.Rational)
leaves = st.one_of(st.sampled_from(S), rationals, st.just(sp.Symbol("a", positive=True)))
ORIGIN = exact(np.zeros((1, 3)))


def combine(parts):
    pairs = st.tuples(parts, parts)
    return st.one_of(
        pairs.map(lambda pair: pair[0] + pair[1]),
        pairs.map(lambda pair: pair[0] * pair[1]),
        st.tuples(st.sampled_from(FUNCTIONS), parts).map(lambda pair: pair[0](pair[1])),
        st.tuples(st.sampled_from(AWAY_FROM_ZERO), parts).map(
            lambda pair: pair[0](9 + pair[1] ** 2)
        ),
    )


def function(expression):
    """Make an expression in three symbols a function of a row of three numbers."""
    return lambda X: sp.sympify(expression).xreplace(dict(zip(S, X.flat, strict=True)))


@example(S[0] * S[1] * (2 + S[2]))
@example(sp.exp(S[0] * S[1] + S[2]) / (9 + S[1]))
@example(((2 + S[0]) ** 2 + (1 + S[0] * S[1]) ** 3) ** 2)
@example((2 + S[0]) ** 2 * (3 + S[1]) ** 3)
@example((1 + S[0]) ** S[1])
@given(st.recursive(leaves, combine, max_leaves=6))
def test_first_and_second_derivatives_are_those_that_sympy_finds(expression):
    at = dict.fromkeys(S, sp.Integer(0))
    f = function(expression)
    slopes, table = gradient(f, ORIGIN), second_derivative(f, ORIGIN).matrix()
    for i, s in enumerate(S):
        assert sp.simplify(slopes[0, i] - sp.diff(expression, s).xreplace(at)) == 0
        for j, t in enumerate(S):
            assert sp.simplify(table[i, j] - sp.diff(expression, s, t).xreplace(at)) == 0


@pytest.mark.parametrize("power", [sp.Rational(1, 2), sp.Rational(3, 2), -1])
def test_a_root_or_a_pole_at_x_has_no_second_derivative(power):
    with pytest.raises(ValueError, match="f"):
        second_derivative(function(S[0] ** 2 + S[1] ** power), ORIGIN).matrix()


s, t, _ = S
p = sp.Symbol("p", positive=True)


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        (sp.exp(3 * t) + p, 3),
        ((t**2 - 1) / (t + p), 1 / p**2),
        (sp.Abs(t + p), 1),
        (sp.Abs(t - p), -1),
        (sp.sign(t + p) * t, 1),
        (sp.sign(t - p) * t, -1),
        (sp.Abs(s * t - 1), 0),
        (sp.Max(t, 1), 0),
        (sp.Max(t, s, p), 0),
        (sp.Min(t, 1), 1),
        (sp.Min(t, s - p, p), 0),
        (sp.Abs(sp.Abs(t + 2) - 1), 1),
        (sp.floor(p) * t, sp.floor(p)),
    ],
)
def test_corners_elsewhere_do_no_harm(expression, slope):
    assert sp.simplify(gradient(function(expression), ORIGIN)[0, 1] - slope) == 0


def test_powers_with_symbols_above_are_differentiated_in_time():
    D = derivative(lambda x: x[0] ** x[1] * x[1] ** x[1], exact([2, 3]))
    slope = 216 * (sp.log(2) + sp.log(3) + 1)
    assert [sp.simplify(gap) for gap in D.matrix()[0] - [324, slope]] == [0, 0]


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda t: t if t.is_nonnegative else -t, 0),
        (lambda t: t if t.is_positive else 0 * t, 0),
        (lambda t: t**2 if t.is_positive else 2 * t, 2),
        (lambda t: sp.exp(t) if t.is_positive else 1 + t, 0),
    ],
)
def test_functions_that_ask_for_signs_of_symbols_are_refused(f, x):
    for do in (gradient, second_derivative):
        with pytest.raises(ValueError, match=r"another beside X.*is_positive"):
            do(f, exact(x)).matrix() if do is second_derivative else do(f, exact(x))
    assert gradient(lambda t: t**2 if t.is_real else 2 * t, exact(2)) == 4


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (sp.Abs(t), "corner.*floats"),
        (sp.Max(t, 0), "corner"),
        (3 + p * t + t * sp.Abs(t), "corner"),
        (sp.sqrt(t), "sqrt"),
        (sp.Heaviside(t) * t, "pieces.*floats"),
        (sp.Piecewise((t, t > 0), (0, True)) * sp.Abs(t - 1), "pieces.*floats"),
        (sp.floor(t) + sp.exp(t), "floor.*pieces"),
    ],
)
def test_where_there_is_no_exact_slope_the_reason_is_given(expression, reason):
    with pytest.raises(ValueError, match=rf"f has no derivative at X.*{reason}"):
        derivative(function(expression), ORIGIN)([[0, 1, 0]])
