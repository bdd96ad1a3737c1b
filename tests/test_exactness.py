"""Exact and symbolic matrices: they hold the numbers they were given, and compute with them."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from strategies import matrices

from matderiv import exact, is_exact, symbolic

finite = st.floats(allow_nan=False, allow_infinity=False)


def fractions(X):
    return [[Fraction(int(entry.p), int(entry.q)) for entry in row] for row in X]


@given(st.lists(finite, min_size=1, max_size=4))
def test_a_float_becomes_the_rational_that_it_is(values):
    (row,) = fractions(exact([values]))
    assert row == [Fraction(value) for value in values]


@given(st.lists(st.integers(-(2**200), 2**200), min_size=1, max_size=4))
def test_integers_of_any_size_stay_themselves(values):
    assert [int(entry) for entry in exact(values)] == values


@pytest.mark.parametrize("shape", [(), (3,), (1, 1), (2, 3), (2, 1, 2), (2, 2, 2, 2)])
def test_the_shape_stays(shape):
    assert exact(np.ones(shape)).shape == shape


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        (True, sp.Integer(1)),
        (np.bool_(False), sp.Integer(0)),
        (np.int8(-3), sp.Integer(-3)),
        (np.uint64(2**64 - 1), sp.Integer(2**64 - 1)),
        (np.float32(0.1), sp.Rational(13421773, 134217728)),
        (Fraction(-2, 6), sp.Rational(-1, 3)),
        (sp.sqrt(2), sp.sqrt(2)),
        (sp.Float(0.5) * sp.pi, sp.pi / 2),
    ],
)
def test_every_kind_of_real_number_becomes_exact(entry, number):
    assert exact([[entry]])[0, 0] == number
    assert is_exact(exact([[entry]]))


def test_sympy_matrices_and_exact_arrays_are_taken_as_they_are():
    A = exact(sp.Matrix([[1, sp.Rational(1, 2)], [sp.pi, 0]]))
    assert A.shape == (2, 2)
    assert np.all(exact(A) == A)
    assert exact(A) is not A


@given(matrices("mn", "np", "mn", kinds=("exact",)))
def test_arithmetic_is_that_of_fractions(spaces):
    A, B, C = spaces
    a, b, c = map(fractions, spaces)
    columns = list(zip(*b, strict=True))
    product = [
        [sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a
    ]
    assert fractions(A @ B) == product
    assert fractions(A + C) == [
        [x + y for x, y in zip(*rows, strict=True)] for rows in zip(a, c, strict=True)
    ]
    assert fractions(A / 3) == [[x / 3 for x in row] for row in a]
    assert fractions(np.kron(A, B)) == [[x * y for x in u for y in v] for u in a for v in b]
    assert np.trace(A @ A.T) == sum(x * x for row in a for x in row)


def test_integers_do_not_overflow():
    A = exact(np.full((2, 2), 2**62))
    assert np.trace(A @ A @ A) == 8 * 2**186
    assert np.vdot(A, A) == 4 * 2**124


def test_reductions_are_sympy_numbers_and_comparisons_plain_truth_values():
    A = exact([[1, 2], [3, 4]])
    for number in (A.sum(), np.trace(A), np.vdot(A, A), A[0] @ A[1]):
        assert isinstance(number, sp.Integer)
    assert type(A == A) is np.ndarray
    assert (A == A).dtype == bool


def test_functions_of_numpy_keep_the_kind():
    A = exact([[1, 2], [3, 4]])
    assert type(A + A) is type(A)
    assert type(A.__array_wrap__(np.asarray(A))) is type(A)
    assert type(np.apply_along_axis(np.cumsum, 0, A)) is type(A)


def test_conversion_to_another_type_takes_what_numpy_takes():
    A = exact([[1, 2], [3, 4]])
    assert type(A.astype(float)) is np.ndarray
    assert A.astype(int).dtype == int
    assert A.astype(float, "F").flags.f_contiguous
    assert A.astype(float, order="F").flags.f_contiguous


@pytest.mark.parametrize(
    "entry",
    [
        sp.Symbol("z", imaginary=True),
        sp.Pow(-2, sp.Rational(1, 3)),  # the principal root
        sp.asin(2),
    ],
)
def test_what_is_not_real_is_refused_without_an_i_in_it(entry):
    assert not entry.has(sp.I)
    with pytest.raises(TypeError, match="real numbers"):
        exact([entry])


def test_one_float_spoils_exactness():
    A = exact([[1, 2]])
    assert is_exact(A * Fraction(1, 3))
    assert not is_exact(A * 0.5)
    assert not is_exact(A + np.array([[0.5, 0.5]]))
    assert not is_exact(np.array([[1, 2]]))
    assert is_exact(sp.Integer(3))
    assert not is_exact(3.0)


def test_the_original_stays():
    original = np.array([[0.5, 1.0]])
    made = exact(original)
    made[0, 0] = sp.Integer(7)
    assert original[0, 0] == 0.5
    entries = np.array([[sp.Integer(1)]], dtype=object)
    exact(entries)[0, 0] = sp.Integer(7)
    assert entries[0, 0] == 1


def test_it_shows_its_numbers_as_text_and_as_latex():
    A = exact([[7, 0.5]])
    assert repr(A) == "exact([[7, 1/2]])"
    assert repr(exact([[1, 2], [3, 4]])) == "exact([[1, 2],\n       [3, 4]])"
    latex = A._repr_latex_()
    assert latex.startswith("$")
    assert latex.endswith("$")
    assert r"\begin{matrix}7 & " in latex
    folded = sp.latex(sp.Matrix([[7, sp.Rational(1, 2)]]), fold_short_frac=True)
    assert latex == rf"$\displaystyle {folded}$"
    assert exact([1, 2])._repr_latex_() == rf"$\displaystyle {sp.latex((1, 2))}$"
    assert exact(np.ones((1, 1, 1)))._repr_latex_() is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (9, 9), (1, 10), (11, 12)])
def test_symbols_are_real_different_and_named_by_row_and_column(shape):
    X = symbolic("x", shape)
    assert X.shape == shape
    assert is_exact(X)
    assert len({symbol.name for symbol in X.flat}) == math.prod(shape)
    assert all(symbol.is_real for symbol in X.flat)
    first = "x11" if max(shape) < 10 else "x1_1"
    assert X[0, 0] == sp.Symbol(first, real=True)


def test_symbols_of_one_name_are_the_same():
    assert np.all(symbolic("x", (2, 3)) == symbolic("x", [2, 3]))
    assert symbolic("a", (3, 2))[2, 1].name == "a32"


@pytest.mark.parametrize(
    ("bad", "word"),
    [([[1, 2], [3]], "rows"), ([], "entry"), (["1"], "real"), ([1j], "real"), ([None], "real"),
     ([np.inf], "finite"), ([sp.nan], "finite"), (np.ma.masked_less([1, 2], 2), "masked")],
)  # fmt: skip
def test_what_has_no_exact_entries_is_refused_with_the_reason(bad, word):
    with pytest.raises((TypeError, ValueError), match=f"^an exact array .*{word}"):
        exact(bad)


def test_lists_of_numbers_are_not_exact_before_they_are_made_so():
    assert not is_exact([[1, 2]])
    assert is_exact([[sp.Integer(1), Fraction(1, 2)]])
    assert not is_exact([sp.Float(0.5)])


def test_arrays_that_are_far_away_are_not_fetched_to_see_whether_they_are_exact():
    class Far:
        dtype = np.dtype(float)

        def __array__(self, *args, **kwargs):
            raise AssertionError("fetched")

    assert not is_exact(Far())


def test_floats_made_of_exact_numbers_are_plain_arrays():
    assert type(exact([[1, 2]]).astype(float)) is np.ndarray
