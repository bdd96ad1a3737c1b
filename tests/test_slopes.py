"""Slopes of functions of one variable: right within their error, refused where there is none."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from matderiv.slopes import (
    EPSILON,
    each_rounded,
    exact_slope,
    is_smooth,
    near_zero,
    rounded,
    slope_by_differences,
)

s, t = sp.symbols("s t", real=True)
p = sp.Symbol("p", positive=True)


def refuse(t):
    raise ValueError("math domain error")


@given(st.floats(-2, 2), st.floats(-3, 3), st.integers(-9, 9))
def test_slopes_by_differences_are_right_within_a_small_error(a, b, k):
    scale = 10.0**k
    found = slope_by_differences(
        lambda t: each_rounded(
            scale * np.array([[math.sin(a + b * t), math.exp(a * t)], [b, b * t - a * t**2]])
        )
    )
    slopes = scale * np.array([[b * math.cos(a), a], [0, b]])
    assert found.complaint is None
    assert found.error.shape == (2, 2)
    assert np.all(np.abs(found.value - slopes) <= found.error)
    assert np.all(found.error <= 1e-7 * scale)


def test_a_number_has_a_number_for_its_slope():
    found = slope_by_differences(lambda t: rounded(math.exp(3 * t)))
    assert np.shape(found.value) == np.shape(found.error) == ()
    assert abs(found.value - 3) <= found.error <= 1e-8


@pytest.mark.parametrize("side", [1, -1])
def test_the_function_may_be_undefined_away_from_zero(side):
    found = slope_by_differences(lambda t: rounded(math.log(1 + side * 100 * t)))
    assert found.complaint is None
    assert abs(found.value - side * 100) <= found.error <= 1e-4


@pytest.mark.parametrize("side", [1, -1])
def test_a_function_that_ends_at_zero_has_no_slope(side):
    found = slope_by_differences(lambda t: rounded(t) if side * t >= 0 else refuse(t))
    assert found.complaint


@pytest.mark.parametrize(
    ("g", "complaint"),
    [
        (abs, "its slopes from two sides differ"),
        (lambda t: 1 + 1e-3 * abs(t), "its slopes from two sides differ"),
        (lambda t: np.array([t, abs(t)]), "its slopes from two sides differ"),
        (np.sign, "its difference quotients do not settle as the step shrinks"),
        (math.cbrt, "its difference quotients do not settle as the step shrinks"),
    ],
)
def test_the_complaint_says_what_is_wrong(g, complaint):
    assert slope_by_differences(lambda t: each_rounded(g(t))).complaint == complaint


def test_rounding_is_that_of_the_largest_or_of_each():
    values = np.array([1.0, -4.0])
    assert rounded(values).error == 4 * EPSILON
    assert each_rounded(values).error.tolist() == [EPSILON, 4 * EPSILON]


@pytest.mark.parametrize(
    ("expression", "near"),
    [
        (sp.Abs(t + p), t + p),
        (sp.Abs(t - p), p - t),
        (sp.sign(t + p), 1),
        (sp.sign(t - p), -1),
        (sp.Abs(s * t - 1), 1 - s * t),
        (sp.Max(t, 1), 1),
        (sp.Max(t, s, p), p),
        (sp.Min(t, 1), t),
        (sp.Min(t, s - p, p), s - p),
        (sp.Max(t, 0), (t + sp.Abs(t)) / 2),
        (sp.Min(t, 0), (t - sp.Abs(t)) / 2),
        (sp.Abs(sp.Abs(t) - 1), 1 - sp.Abs(t)),
        (sp.Abs(t), sp.Abs(t)),
        (sp.sign(t), sp.sign(t)),
        (sp.Abs(sp.floor(t) + p / 2), sp.Abs(sp.floor(t) + p / 2)),
        (sp.sign(sp.floor(t) + p / 2), sp.sign(sp.floor(t) + p / 2)),
    ],
)
def test_near_zero_the_sides_are_chosen_where_they_can_be(expression, near):
    assert sp.expand(near_zero(expression, s, t) - near) == 0


def test_only_what_is_applied_to_the_parameters_need_be_smooth():
    smooth = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.atan, sp.sinh, sp.cosh, sp.tanh)
    for function in smooth:
        assert is_smooth(1 + function(t), t)
    assert is_smooth(sp.floor(p) * t, t)
    assert is_smooth(sp.floor(s) * t, t)
    assert not is_smooth(sp.floor(s) * t, s, t)
    assert not is_smooth(sp.floor(t) + sp.exp(t), t)
    assert not is_smooth(sp.Abs(t), t)
    assert is_smooth(sp.Abs(t), t, also=(sp.Abs,))


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        (sp.exp(3 * t) + p, 3),
        ((t**2 - 1) / (t + p), 1 / p**2),
        (3 + t * sp.Abs(t), 0),
        (3 + p * t + t * sp.Abs(t), p),
    ],
)
def test_exact_slopes_are_right_at_corners_too(expression, slope):
    assert exact_slope(expression, t) == slope


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (sp.Abs(t), "its slopes from two sides are 1 and -1"),
        (sp.sqrt(t), "the slope of sqrt(t) at t = 0 is zoo"),
        (sp.exp(-1 / t**2), "the slope of exp(-1/t**2) at t = 0 is nan"),
        (sp.sqrt(t - 1), "the slope of sqrt(t - 1) at t = 0 is -I/2"),
        (sp.Heaviside(t) * t, "t*Heaviside(t) is given in pieces; take floats"),
        (sp.Piecewise((t, t > 0), (0, True)) * sp.Abs(t), "is given in pieces; take floats"),
    ],
)
def test_where_there_is_no_exact_slope_the_reason_is_given(expression, reason):
    with pytest.raises(ValueError, match="f has no derivative at X that could be") as caught:
        exact_slope(expression, t)
    assert reason in str(caught.value)
