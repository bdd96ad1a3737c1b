"""Jets hold the derivatives that SymPy finds, one by one, and say where they cannot."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import numbers

from matderiv.jets import Jet, jet

S = sp.symbols("s:3", real=True)
FUNCTIONS = [sp.exp, sp.sin, sp.atan, lambda u: u**2, lambda u: u**3, lambda u: 2**u]
AWAY_FROM_ZERO = [sp.log, sp.sqrt, lambda u: 1 / u, lambda u: u ** sp.Rational(-3, 2)]
rationals = numbers["exact"].map(sp.Rational)
leaves = st.one_of(st.sampled_from(S), rationals, st.just(sp.Symbol("a", positive=True)))


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


@example(S[0] * S[1] * (2 + S[2]))
@example(sp.exp(S[0] * S[1] + S[2]) / (9 + S[1]))
@given(st.recursive(leaves, combine, max_leaves=6))
@example(((2 + S[0]) ** 2 + (1 + S[0] * S[1]) ** 3) ** 2)
@example((2 + S[0]) ** 2 * (3 + S[1]) ** 3)
def test_a_jet_holds_the_derivatives_that_sympy_finds(expression):
    zero = dict.fromkeys(S, sp.Integer(0))
    found = jet(expression, S)
    if not isinstance(found, Jet):
        assert sp.sympify(found) == expression
        return
    assert sp.simplify(found.value - expression.xreplace(zero)) == 0
    for i, s in enumerate(S):
        assert sp.simplify(found.first[i] - expression.diff(s).xreplace(zero)) == 0
        for j, t in enumerate(S):
            assert sp.simplify(found.second[i, j] - expression.diff(s, t).xreplace(zero)) == 0


def test_the_jet_of_a_root_at_zero_is_not_finite():
    for power in (sp.Rational(1, 2), sp.Rational(3, 2), -1):
        second = jet(S[0] ** 2 + S[1] ** power, S[:2]).second
        assert second[1, 1] in (sp.nan, sp.zoo)


def test_parameters_in_two_arguments_of_a_function_are_refused():
    with pytest.raises(NotImplementedError, match="several arguments"):
        jet((1 + S[0]) ** S[1], S)


def test_rational_numbers_stay_exact():
    second = jet((1 + S[0] / 3) ** -2, S).second
    assert second[0, 0] == sp.Rational(2, 3)
    assert not any(isinstance(entry, (float, np.floating)) for entry in second.flat)


def test_rational_numbers_are_pythons():
    assert type(jet(sp.Integer(3), S)) is int
    assert type(jet(sp.Rational(1, 2), S)) is Fraction
