"""Matrices of numbers as people type and paste them, on the page "Ask"."""

import numbers_typed
import pytest

SQUARE = [[7.0, -1.0], [0.5, 3.0]]


@pytest.mark.parametrize(
    "text",
    [
        "[7 -1; 0.5 3]",
        "[7, -1; 1/2, 3];",
        "[[7, -1], [.5, 3.]]",
        "np.array([[7, -1],\n          [5e-1, 3]])",
        "[[ 7.  -1. ]\n [ 0.5  3. ]]",
        "7\t−1\n0,5\t3\n",
        "7 -1\n0.5 3",
    ],
)
def test_a_matrix_is_read(text):
    assert numbers_typed.is_matrix(text)
    assert numbers_typed.matrix(text, "A") == SQUARE
    assert numbers_typed.matrices(f"A = {text}\nB={text}") == {"A": SQUARE, "B": SQUARE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1 2; 3]", "not equally long"),
        ("[1 x]", "'x' in A is no number"),
        ("[1 1/0]", "divides by zero"),
        ("[1 1e999]", "too large"),
        ("[[1, 2], x, [3, 4]]", "near"),
        ("[nan 1]", "'nan' in A is no number"),
        ("[]", "A"),
        ("[__import__('os')]", "is no number"),
        ("[" + "1 " * 5000 + "]", "more than 4096"),
    ],
)
def test_what_is_no_matrix_is_refused(text, said):
    with pytest.raises(ValueError, match="A") as error:
        numbers_typed.matrix(text, "A")
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["2*A", "kron(A, B)", "A'", "0", "", "-2*A*X"])
def test_a_formula_is_no_matrix(text):
    assert not numbers_typed.is_matrix(text)
