"""The exact engine against closed forms: right to the last digit, or refused with the reason."""

import gc
import pickle
import weakref
from fractions import Fraction
from functools import partial
from math import comb, prod

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from matderiv.arrays import ExactArray, exact, is_exact, symbolic
from matderiv.engines.exact import ExactEngine
from matderiv.engines.expressions import is_zero, shortest

R, sqrt = sp.Rational, sp.sqrt
x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
n = sp.Symbol("n", negative=True)
REFUSED = "f has no derivative at X that could be confirmed: "


def units(shape):
    for place in np.ndindex(shape):
        unit = np.zeros(shape, dtype=int)
        unit[place] = 1
        yield exact(unit)


def gradient(f, X):
    values, errors = ExactEngine(f, X).slopes(units(X.shape))
    assert values.shape == errors.shape == (prod(X.shape),)
    return values.reshape(X.shape)


def hessian(f, X):
    basis = list(units(X.shape))
    values, errors = ExactEngine(f, X).second_slopes(basis, basis)
    assert type(values) is ExactArray
    assert errors.dtype == float
    assert not errors.any()
    return values


def same(found, expected):
    found, expected = np.asarray(found), np.asarray(expected, dtype=object)
    assert found.shape == expected.shape
    return is_exact(found) and all(map(is_zero, np.ravel(found - exact(expected))))


def zeros(*shape):
    return exact(np.zeros(shape, dtype=int))


def arrays(*shape):
    entries = st.builds(Fraction, st.integers(-9, 9), st.integers(1, 4))
    return st.lists(entries, min_size=prod(shape), max_size=prod(shape)).map(
        lambda values: exact(values).reshape(shape)
    )


def det(X):
    """Expand along the first row, as anybody would."""
    rows = [list(row) for row in X]
    if len(rows) == 1:
        return rows[0][0]
    return sum(
        (-1) ** j * entry * det([row[:j] + row[j + 1 :] for row in rows[1:]])
        for j, entry in enumerate(rows[0])
    )


def cofactors(X):
    """Give the gradient of det, from minors."""
    m = len(X)
    minors = [
        (-1) ** (i + j) * det(np.delete(np.delete(X, i, 0), j, 1))
        for i in range(m)
        for j in range(m)
    ]
    return exact(minors).reshape(m, m)


def defined_at_zero(f, value=0):
    """Give f of the entries, and a value of its own where all of them are zero."""
    return lambda X: f(*np.ravel(X)) if np.any(np.asarray(X) != 0) else value


# Where f is analytic.


@settings(max_examples=10)
@given(arrays(3, 2), arrays(2, 3), arrays(2, 3))
def test_a_product_of_traces_has_the_derivatives_of_the_product_rule(X, A, B):
    def f(W):
        return np.trace(A @ W) * np.trace(B @ W)

    a, b = np.ravel(A.T), np.ravel(B.T)
    assert same(gradient(f, X), A.T * np.vdot(b, X) + B.T * np.vdot(a, X))
    assert same(hessian(f, X), np.outer(a, b) + np.outer(b, a))


@settings(max_examples=10)
@given(arrays(3, 3), arrays(3, 3))
def test_a_determinant_has_its_cofactors_for_a_gradient(X, Y):
    assert same(gradient(det, X), cofactors(X))
    ((second,),), _ = ExactEngine(det, X).second_slopes([Y], [Y])
    t = sp.Symbol("t")
    assert second == sp.Poly(det(X + t * Y), t).coeff_monomial(t**2) * 2


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_the_logarithm_of_a_determinant_has_the_inverse_for_a_gradient(size):
    X = exact([[comb(i + j, i) for j in range(size)] for i in range(size)])  # Pascal's, det 1
    inverse = exact(sp.Matrix(X).inv())
    assert same(gradient(lambda W: sp.log(det(W)), X), inverse.T)
    assert same(
        hessian(lambda W: sp.log(det(W)), X).reshape(4 * (size,)),
        -np.einsum("li,jk->ijkl", inverse, inverse),
    )


@given(arrays(2, 2), arrays(2, 2))
def test_a_function_of_matrices_has_a_matrix_for_its_slope(X, Y):
    values, errors = ExactEngine(lambda W: W @ W.T, X).slopes([Y, X])
    assert type(values) is ExactArray
    assert same(values, [X @ Y.T + Y @ X.T, 2 * X @ X.T])
    assert errors.shape == (2, 2, 2)
    assert errors.dtype == float
    assert not errors.any()


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (2, 2, 2)])
@pytest.mark.parametrize("image", [(), (2,), (1, 1), (3, 2)])
def test_x_and_the_values_may_have_any_number_of_indices(shape, image):
    X = exact(np.arange(1, 1 + prod(shape)).reshape(shape))
    weights = exact(np.arange(1, 1 + prod(image)).reshape(image))
    engine = ExactEngine(lambda W: weights * (W * W).sum() if shape else weights * W**2, X)
    assert engine.shape == image
    assert (engine.method, engine.error) == ("exact", 0.0)
    assert np.all(engine.X == X)
    values, _ = engine.slopes(units(shape))
    assert same(values, np.multiply.outer(2 * np.ravel(X), weights))


def test_a_number_is_given_to_f_as_a_number():
    assert ExactEngine(sp.sin, exact(0)).slopes([exact(2)])[0].tolist() == [2]
    assert hessian(sp.exp, exact(0)).tolist() == [[1]]


@pytest.mark.parametrize(
    "value", [2, Fraction(1, 3), sp.pi, np.array(5), np.int64(4), exact([[7]])]
)
def test_a_constant_of_any_kind_has_no_slope(value):
    engine = ExactEngine(lambda X: value, exact([[1, 2]]))
    assert engine.shape == np.shape(value)
    assert not engine.slopes(units((1, 2)))[0].any()


def test_exponents_may_depend_on_x():
    f, X = lambda X: X[0] ** X[1], exact([2, 3])
    log = sp.log(2)
    assert same(gradient(f, X), [12, 8 * log])
    assert same(hessian(f, X), [[12, 4 + 12 * log], [4 + 12 * log, 8 * log**2]])


def test_many_directions_are_taken_one_after_another():
    alive = []

    def counted():
        for unit in units((30, 20)):
            alive.append(weakref.ref(unit))
            yield unit
            del unit
            gc.collect(0)
            most.append(sum(reference() is not None for reference in alive))

    most = []
    X = exact(np.arange(600).reshape(30, 20))
    values, _ = ExactEngine(lambda W: W[0, 0] * W[29, 19], X).slopes(counted())
    assert same(values, [599] + 598 * [0] + [0])
    assert max(most) <= 40


def test_a_table_of_many_directions_has_each_pair_in_its_place():
    weights = exact(np.arange(1, 14) ** 2)
    X = exact(np.arange(13))
    expected = np.outer(weights, weights) * 6 * np.vdot(weights, X)
    assert same(hessian(lambda W: np.vdot(weights, W) ** 3, X), expected)


@pytest.mark.parametrize("scale", [10**400, R(1, 10**200), -sqrt(2) * 10**300])
def test_numbers_may_be_huge_or_tiny(scale):
    X = scale * exact([[1, 2], [3, 4]])
    assert same(gradient(lambda W: np.trace(W @ W @ W), X), 3 * (X @ X).T)
    assert same(gradient(lambda W: sp.Abs(det(W)), X), -cofactors(X))
    assert same(gradient(lambda W: sqrt(np.vdot(W, W)), X), X / (sqrt(30) * abs(scale)))


def test_symbols_stand_for_numbers_like_any_other():
    X = symbolic("x", (2, 2))
    (a, b), (c, d) = X
    inverse = exact([[d, -b], [-c, a]]) / (a * d - b * c)
    assert same(gradient(lambda W: sp.log(det(W)), X), inverse.T)
    assert same(gradient(lambda W: sp.Abs(W[0, 0]), X), [[sp.sign(a), 0], [0, 0]])
    with pytest.raises(ValueError, match=rf"{REFUSED}.*max.*of symbols"):
        gradient(lambda W: sp.Max(a, W[1, 1]), X)


def test_derivatives_may_be_taken_of_derivatives():
    A, X, Y, Z = exact([[1, 2], [3, 4]]), *(symbolic(name, (2, 2)) for name in "xyz")

    def along_y(W):
        return ExactEngine(lambda V: np.trace(A @ V @ V @ V), W).slopes([Y])[0][0]

    (found,), _ = ExactEngine(along_y, X).slopes([Z])
    orders = [(X, Y, Z), (X, Z, Y), (Y, X, Z), (Y, Z, X), (Z, X, Y), (Z, Y, X)]
    assert is_zero(found - sum(np.trace(A @ P @ Q @ S) for P, Q, S in orders))


def test_derivatives_are_in_their_shortest_form():
    def f(X):
        return (X[0] ** 2 - 1) / (X[0] - 1) + (X[0] ** 3 - 1) / (X[0] - 1)

    assert gradient(f, exact([x]))[0] == 2 * x + 2
    assert hessian(f, exact([x]))[0, 0] == 2


# Corners elsewhere.


@pytest.mark.parametrize(
    ("f", "X", "slopes"),
    [
        (lambda X: np.abs(X).sum(), [3, -4], [1, -1]),
        (lambda X: sp.Max(*X), [3, -4], [1, 0]),
        (lambda X: sp.Min(*X), [3, -4], [0, 1]),
        (lambda X: sp.Max(X[0], X[1], 2, X[0] + X[1]) ** 2, [3, -4], [6, 0]),
        (lambda X: sp.sign(X[1]) * X[0], [3, -4], [-1, 0]),
        (lambda X: sp.Max(*X), range(16), [0] * 15 + [1]),
        (lambda X: sp.Max(*X), [1, 3, 1, 1], [0, 1, 0, 0]),
        (lambda X: sp.sin(sp.Max(X[0], 1)) + X[1] ** sp.Min(X[0], 2), [-3, 1], [0, -3]),
    ],
)
def test_corners_that_do_no_harm(f, X, slopes):
    assert same(gradient(f, exact(X)), slopes)


@pytest.mark.parametrize(
    ("f", "X", "table"),
    [
        (lambda X: np.sum(X * np.abs(X)), [3, -4], [[2, 0], [0, -2]]),
        (lambda X: sp.Max(X[0], X[1]) ** 3 + sp.Min(X[0], 5) * X[1], [3, -4], [[18, 1], [1, 0]]),
        (lambda X: sp.sign(X[1]) * X[0] ** 2 * X[1], [3, -4], [[8, -6], [-6, 0]]),
    ],
)
def test_second_derivatives_beside_corners(f, X, table):
    assert same(hessian(f, exact(X)), table)


# Where there is no derivative.


@pytest.mark.parametrize(
    ("f", "X", "reason"),
    [
        (lambda X: np.abs(X).sum(), [0, 1], "corner.*floats"),
        (lambda X: sp.Max(X[0], 0), [0], "corner"),
        (lambda X: sp.Max(*X), [1] * 9, "corner"),
        (lambda X: np.abs(X).sum(), [sqrt((1 + sqrt(2)) ** 2) - 1 - sqrt(2)], "corner"),
        (lambda X: sp.sign(X[0]), [0], "sign"),
        (lambda X: sp.Max((-2) ** X[0], 5), [3], "real"),  # beside 3 it has no value
        (lambda X: sp.sign((-2) ** X[0]), [3], "real"),
        (lambda X: sqrt(sp.Abs(X[0])), [0], "corner.*floats"),
        (lambda X: sp.Abs(X[0]) ** R(3, 2), [0], "corner"),  # it has one, unknown to rules
        (lambda X: sqrt(np.vdot(X, X)), [0, 0], "sqrt"),
        (lambda X: X[1] * sqrt(X[0]) ** 3, [0, 1], r"z\*\*\(3/2\)"),
        (lambda X: X[0] ** X[1], [-2, 3], "real"),
        (defined_at_zero(lambda x: x**2 * sp.log(x)), [0], "finite"),
        (defined_at_zero(lambda x: sp.sin(x) / x, 1), [0], "finite"),
        (defined_at_zero(lambda x: x * sp.sin(1 / x)), [0], "finite"),
        (defined_at_zero(lambda x, y: x**4 / (x**2 - 2 * y**2)), [0, 0], "finite"),
        (lambda X: sp.asin(X[0]), [1], "finite"),
        (lambda X: sp.sinc(X[0]), [0], "sinc.*floats"),
        (lambda X: sp.Piecewise((X[0], X[0] > 0), (0, True)), [0], "pieces.*floats"),
        (lambda X: sp.Heaviside(X[0]) * X[0], [0], "Heaviside.*pieces.*floats"),
        (lambda X: sp.floor(X[0]), [1], "floor.*floats"),
        (lambda X: sp.floor(X[0]), [R(1, 2)], "floor.*floats"),
        # Of the sign of what jumps at X, nothing can be told from its value there:
        (lambda X: sp.Abs(X[0]) * sp.Abs(sp.sign(X[0]) + 1 - sp.sign(X[0]) ** 2), [0], "sign"),
        (lambda X: X[0] + 1 if X[0] != 0 else X[0], [0], "0 at X, and 1 near X"),
        (lambda X: X if X[0] != 0 else X + 1, [0, 1], "1 at X, and 0 near X"),
        (lambda X: sqrt((1 + sqrt(2)) ** 2 - 3 - 2 * sqrt(2) + X[0] ** 2), [0], "sqrt"),
        (lambda X: sqrt(sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2) + X[0] ** 2), [0], "sqrt"),
        (lambda X: (sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2) + X[0]) ** R(5, 2), [0], "5/2"),
        (
            defined_at_zero(lambda x: x**2 / (x + (y + 1) ** 2 - y**2 - 2 * y - 1)),
            [0],
            "finite",
        ),
    ],
)
def test_where_there_is_no_derivative_the_reason_is_given(f, X, reason):
    with pytest.raises(ValueError, match=rf"{REFUSED}.*{reason}"):
        ExactEngine(f, exact(X)).slopes(units(np.shape(X)))


def soft_threshold(X):
    a, b = X
    return sp.Max(0, a - 10 * sp.Abs(b)) - sp.Max(0, -a - 10 * sp.Abs(b))


def median(X):
    a, b, c = X
    return sp.Max(sp.Min(a, b), sp.Min(sp.Max(a, b), c))


@pytest.mark.parametrize(
    ("f", "X"),
    [
        (lambda X: sqrt(sp.Abs(det(X))), zeros(2, 2)),
        (lambda X: sp.sign(det(X)) * sp.Abs(det(X)) ** R(1, 3), zeros(3, 3)),
        (lambda X: sp.Abs(det(X)) ** R(1, 4), zeros(4, 4)),
        (lambda X: X[1] + sp.Abs(X[0]), zeros(2)),
        (median, zeros(3)),
        (lambda X: soft_threshold(X[::-1]), zeros(2)),
        (lambda X: sp.Max(0, sp.Min(*X)), zeros(6)),
        (lambda X: sp.Max(0, sp.Min(X[0], -X[1])), zeros(2)),
        (lambda X: sp.Max(0, sp.Min(-X[0], X[1])), zeros(2)),
        (defined_at_zero(lambda x, y: x**3 / (x**2 + y**2)), zeros(2)),
        (defined_at_zero(lambda x, y: sp.cancel(x**3 / (x**2 + y**2))), zeros(2)),
        (lambda X: defined_at_zero(lambda x, y: x**3 / (x**2 + y**2))(X[:2]), zeros(3)),
    ],
)
def test_what_is_not_linear_in_the_direction_is_refused_along_each(f, X):
    basis = list(units(X.shape))
    with pytest.raises(ValueError, match=REFUSED):
        ExactEngine(f, X).second_slopes(basis, basis)
    for directions in (basis, basis[-1:]):
        with pytest.raises(ValueError, match=REFUSED):
            ExactEngine(f, X).slopes(directions)


def test_slopes_that_add_up_along_lines_and_not_along_curves_are_refused():
    f = defined_at_zero(lambda x, y: x**3 * y / (x**4 + y**2))  # half of x on a parabola
    for do in (gradient, hessian):
        with pytest.raises(ValueError, match=REFUSED):
            do(f, zeros(2))


def test_a_derivative_that_is_missing_in_directions_not_asked_for_is_said_so():
    with pytest.raises(ValueError, match=rf"{REFUSED}.*corner"):
        ExactEngine(lambda X: sp.Abs(X[0]) + X[1], zeros(2)).slopes([exact([0, 1])])


@pytest.mark.parametrize(
    ("f", "X"),
    [
        (lambda X: np.sum(X * np.abs(X)), [0, -4]),
        (lambda X: sp.Max(X[0], 0) ** 2, [0, 1]),
        (lambda X: sp.Abs(X[0] - 3) ** 3 + X[1], [3, -4]),
        (lambda X: sp.Abs(X[0]) * X[1] ** 2, [0, 0]),
        (lambda X: sp.Min(X[0], sp.Max(X[1], X[2])), [2, 5, 5]),
        (lambda X: sp.Abs(sp.Abs(X[0]) - 1) ** 2 + 2 * sp.Abs(X[0]), [0]),
        (lambda X: sp.Abs(X[0]) ** 3 + X[0], [0]),
        (lambda X: sp.Abs(det(X.reshape(2, 2))), [0, 0, 0, 0]),
        (lambda X: sp.Abs(det(X.reshape(3, 3))), [0] * 9),
    ],
)
def test_at_corners_that_do_no_harm_derivatives_are_left_to_floats(f, X):
    for do in (gradient, hessian):
        with pytest.raises(ValueError, match=rf"{REFUSED}.*corner.*floats"):
            do(f, exact(X))


def test_second_derivatives_that_are_not_symmetric_are_refused():
    f = defined_at_zero(lambda x, y: x * y * (x**2 - y**2) / (x**2 + y**2))  # Peano's
    with pytest.raises(ValueError, match=REFUSED):
        hessian(f, zeros(2))


# What f may not do, and may.


@pytest.mark.parametrize(
    "f",
    [
        lambda X: 0.5 * X.sum(),
        lambda X: np.trace(np.array([[0.5, 0], [0, 1]]) @ X),
        lambda X: X.astype(float),
        lambda X: 1.0,
        lambda X: sp.Float(1) * X[0, 0],
        lambda X: "1",
        lambda X: [[1, 2], [3]],
        lambda X: {},
        lambda X: np.exp(X),
        lambda X: np.linalg.slogdet(X)[1],
        lambda X: scipy.linalg.expm(X),
        scipy.linalg.inv,
        scipy.linalg.det,
    ],
)
@pytest.mark.filterwarnings("ignore:Calling .* of dtype=object:DeprecationWarning")  # SciPy 1.18's
def test_f_must_compute_exactly(f):
    with pytest.raises(TypeError, match=r"(?s)^f must compute exactly.*SymPy.*floats"):
        ExactEngine(f, exact([[2, 1], [1, 3]]))


def test_the_error_that_f_raised_is_chained():
    with pytest.raises(TypeError, match="no callable exp method") as caught:
        ExactEngine(np.exp, exact([[2]]))
    assert type(caught.value.__cause__) is TypeError


def test_what_f_raises_of_its_own_comes_through():
    with pytest.raises(ValueError, match="not invertible"):
        ExactEngine(lambda X: exact(sp.Matrix(X).inv()), zeros(2, 2))


def test_f_must_return_something():
    with pytest.raises(TypeError, match=r"^f must .* returned None: .*return\?"):
        ExactEngine(lambda X: None, exact([[1]]))


@pytest.mark.parametrize(
    "f",
    [lambda X: X[0] * sp.I, lambda X: X[0] * sp.oo, lambda X: X[:0], lambda X: sp.log(X[0] - 1)],
)
def test_f_must_be_real_and_finite_at_x(f):
    with pytest.raises(
        (TypeError, ValueError),
        match=r"^f at an exact X must (hold real|be finite|have at least one)",
    ):
        ExactEngine(f, exact([1]))


def test_f_must_return_values_of_one_shape():
    def f(X):
        return X if X[0] == 1 else X[:1]

    with pytest.raises(TypeError, match=r"values of one shape.*\(2,\) and \(1,\)"):
        ExactEngine(f, exact([1, 2])).slopes(units((2,)))


def test_a_comparison_of_what_is_not_known_is_refused():
    engine = ExactEngine(lambda X: X[0] if X[0] > 0 else -X[0], exact([1]))
    with pytest.raises(TypeError, match=r"^f must compute exactly.*Relational.*floats"):
        engine.slopes(units((1,)))


def test_f_gets_a_copy():
    def f(X):
        X *= 2
        X[0] = X[0] + X[1]
        return X.sum()

    X, D = exact([1, 2]), exact([3, 4])
    engine = ExactEngine(f, X)
    for _ in range(2):
        assert engine.slopes([D])[0].tolist() == [22]
        assert engine.second_slopes([D], [D])[0].tolist() == [[0]]
    assert X.tolist() == [1, 2]
    assert D.tolist() == [3, 4]


def power(W, exponent):
    return np.trace(W) ** exponent


def test_an_engine_pickles_when_f_does_before_and_after_its_use():
    engine = ExactEngine(partial(power, exponent=3), zeros(2, 2))
    for _ in range(2):
        engine = pickle.loads(pickle.dumps(engine))
        assert not engine.slopes(units((2, 2)))[0].any()
        basis = list(units((2, 2)))
        assert not engine.second_slopes(basis, basis)[0].any()


# Zero, however it is written.

ROOTS = sqrt(2) + sqrt(3) + sqrt(5) + sqrt(7)


NESTED = sqrt(3 + 2 * sqrt(2)) - 1 - sqrt(2)


@pytest.mark.parametrize(
    "zero",
    [
        sp.Integer(0),
        (1 + sqrt(2)) ** 2 - (3 + 2 * sqrt(2)),
        1 / (1 + sqrt(2)) - sqrt(2) + 1,
        NESTED,
        NESTED ** R(5, 2),
        sp.pi * NESTED,
        NESTED + sqrt(NESTED),
        NESTED * x,
        sp.cbrt(2 + sqrt(5)) - (1 + sqrt(5)) / 2,
        sp.cbrt(sp.cbrt(2) - 1) - (1 - sp.cbrt(2) + sp.cbrt(4)) / sp.cbrt(9),
        sqrt(11 + 2 * sqrt(29))
        + sqrt(16 - 2 * sqrt(29) + 2 * sqrt(55 - 10 * sqrt(29)))
        - sqrt(5)
        - sqrt(22 + 2 * sqrt(5)),
        ROOTS**2 - sp.expand(ROOTS**2),
        sp.cos(sp.pi / 7) - sp.cos(2 * sp.pi / 7) + sp.cos(3 * sp.pi / 7) - R(1, 2),
        (sp.pi + 1) ** 2 - sp.pi**2 - 2 * sp.pi - 1,
        sp.log(4) - 2 * sp.log(2),
        sp.sin(1) ** 2 + sp.cos(1) ** 2 - 1,
        1 / (x - 1) - 1 / (x + 1) - 2 / (x**2 - 1),
        (x**3 - y**3) / (x - y) - x**2 - x * y - y**2,
        sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
        sp.exp(x + y) - sp.exp(x) * sp.exp(y),
        1 / (sqrt(p) + 1) - (sqrt(p) - 1) / (p - 1),
        sp.log(n**2) - 2 * sp.log(-n),
        (x + sqrt(2)) * (x - sqrt(2)) - x**2 + 2,
    ],
)
def test_zeros_are_recognised(zero):
    assert is_zero(zero) is True


@pytest.mark.parametrize(
    "other",
    [
        R(1, 10**200),
        sqrt(2) / 10**200,
        sqrt(10**60 + 1) - 10**30,
        sqrt(10**400 + 1) - 10**200,
        sp.pi - R(314159265358979323846264338327950288, 10**35),
        sp.exp(sp.pi * sqrt(163)) - 640320**3 - 744,
        sqrt(2) + sqrt(3) - sqrt(10),
        sp.exp(-(10**5)),
        x,
        n,
        x - y,
        x / 10**300,
        sp.Abs(x) - x,
        sp.sign(x),
        sp.Symbol("k", integer=True),
        sp.log(x**2) - 2 * sp.log(x),
        sqrt(x**2 + 2 * x + 1) - x - 1,
        1 / NESTED,
        sp.nan,
        sp.oo,
        sp.zoo,
    ],
)
def test_what_is_not_zero_is_not_taken_for_it(other):
    assert is_zero(other) is False


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**30), st.integers(1, 100))
def test_rationals_and_their_roots_are_told_apart_from_zero(numerator, denominator, k):
    number = R(numerator, denominator)
    assert is_zero(number) == (numerator == 0)
    shifted = sqrt(k) + number
    assert is_zero((shifted**2 - k - number**2) / 2 - sqrt(k) * number)
    assert not is_zero((shifted**2 - k - number**2) / 2 - sqrt(k) * number - R(1, 10**90))


def test_the_shortest_form_has_no_common_factors():
    assert shortest((x**2 - 1) / (x - 1)) == x + 1
    assert shortest(R(2, 3)) == R(2, 3)
    assert shortest(sqrt(2)) == sqrt(2)


def test_symbols_that_may_be_complex_are_asked_to_be_real():
    a = sp.Symbol("a")
    with pytest.raises(ValueError, match="near X; declare a real"):
        ExactEngine(lambda X: sp.sqrt(X[0, 0] ** 2), exact([[a]])).slopes([exact([[1]])])
