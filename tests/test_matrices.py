"""What counts as a matrix beyond the messages: other libraries' arrays, the order in memory."""

import numpy as np
import pytest

from matderiv.matrices import is_by_columns, length, real_array


def foreign(array, mark):
    """Make an array of another library, which one of two methods gives away."""
    attributes = {name: getattr(array, name) for name in ("dtype", "shape", "size", "ndim")}
    attributes["astype"] = lambda self, dtype: ("converted", dtype)
    return type("Foreign", (), {**attributes, mark: None})()


@pytest.mark.parametrize("mark", ["__array_function__", "__array_namespace__"])
def test_arrays_of_other_libraries_are_left_to_them(mark):
    floats = foreign(np.ones((2, 3), np.float32), mark)
    assert real_array(floats, "X") is floats
    for dtype in (bool, np.uint8, np.int32):
        assert real_array(foreign(np.ones((2, 3), dtype), mark), "X") == ("converted", float)


def test_by_columns_means_not_by_rows_as_well():
    by_rows = np.ones((2, 3))
    assert is_by_columns(by_rows.T)
    assert is_by_columns(by_rows.copy("F"))
    assert not is_by_columns(by_rows)
    assert not is_by_columns(np.ones((1, 3)))
    assert not is_by_columns(np.ones((4, 6))[::2, ::2])
    assert not is_by_columns(foreign(by_rows.T, "__array_function__"))


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_the_length_is_the_frobenius_norm_also_where_squares_overflow(scale):
    assert length([[3 * scale, 0.0], [0.0, -4 * scale]]) == pytest.approx(5 * scale, rel=1e-15)
    assert length(-2 * scale) == 2 * scale


def test_zero_has_no_length_and_what_is_not_finite_no_finite_one():
    assert length(np.zeros((2, 2))) == 0
    assert length([[1.0, -np.inf]]) == np.inf
    assert np.isnan(length([[1.0, np.nan]]))
