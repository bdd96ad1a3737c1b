"""Long work shows how far it is, where somebody watches, and stops on Ctrl-C."""

import io
import sys
import time

import numpy as np
import pytest

from matderiv import exact, gradient, second_derivative
from matderiv.engines import progress

X = np.array([[1.0, 2.0], [3.0, 5.0]])


class Screen(io.StringIO):
    def isatty(self):
        return True


def slowly(seconds):
    for item in range(3):
        time.sleep(seconds / 3)
        yield item


def test_it_gives_the_items_and_says_nothing_where_nobody_watches(capsys):
    assert list(progress(slowly(2.4), "work")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_it_shows_long_work_where_somebody_watches(monkeypatch):
    monkeypatch.setattr("sys.stderr", Screen())
    assert list(progress(slowly(2.4), "the work")) == [0, 1, 2]
    assert "the work" in sys.stderr.getvalue()


def test_it_says_nothing_of_short_work(monkeypatch):
    monkeypatch.setattr("sys.stderr", Screen())
    assert list(progress(range(3), "the work")) == [0, 1, 2]
    assert sys.stderr.getvalue().strip() == ""


@pytest.mark.parametrize("X", [X, exact(X)], ids=["floats", "exact"])
@pytest.mark.parametrize("differentiate", [gradient, lambda f, X: second_derivative(f, X).matrix()])
def test_it_stops_where_the_reader_stops_it(differentiate, X):
    calls = []

    def f(W):
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return np.trace(W @ W)

    with pytest.raises(KeyboardInterrupt):
        differentiate(f, X)
    assert len(calls) == 2
