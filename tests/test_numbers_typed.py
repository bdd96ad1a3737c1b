"""Matrices of numbers as people type and paste them, on the page "Ask"."""

from contextlib import suppress
from time import process_time

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
        "Array([[ 7. , -1. ],\n       [ 0.5,  3. ]], dtype=float32)",
        "tensor([[ 7.0000, -1.0000],\n        [ 0.5000,  3.0000]])",
        "sp.Matrix([[7, -1], [1/2, 3]])",
    ],
)
def test_a_matrix_is_read(text):
    assert numbers_typed.is_matrix(text)
    assert numbers_typed.array(text, "A") == SQUARE
    assert numbers_typed.matrices(f"A = {text}\nB={text}") == {"A": SQUARE, "B": SQUARE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1 2; 3]", "not equally long"),
        ("[1 x]", "'x' in A is no number"),
        ("[1 1/0]", "divides by zero"),
        ("[1 1e999]", "too large"),
        ("[[1, 2], x, [3, 4]]", "'x' in A is no number"),
        ("[[1, 2], 3]", "not equally long"),
        ("[[1, 2], [3, 4]", "do not match"),
        ("[[1, 2]] [[3, 4]]", "do not match"),
        ("[[1, 2]]]", "']' in A is no number"),
        ("[[[1, 2], [3, 4]], [[5, 6], [7]]]", "not equally long"),
        ("[" * 5000, "more than 4 indices"),
        ("[nan 1]", "'nan' in A is no number"),
        ("[]", "A has no entries"),
        ("", "A has no entries"),
        ("[__import__('os')]", "is no number"),
        ("[" + "1 " * 5000 + "]", "more than 4096"),
    ],
)
def test_what_is_no_matrix_is_refused(text, said):
    with pytest.raises(ValueError, match="A") as error:
        numbers_typed.array(text, "A")
    assert said in str(error.value)


def test_the_array_of_a_program_keeps_its_four_indices():
    text = "Array([[[[1., 2.],\n         [3., 4.]]]], dtype=float32)"
    assert numbers_typed.is_matrix(text)
    assert numbers_typed.array(text, "the claim") == [[[[1, 2], [3, 4]]]]
    with pytest.raises(ValueError, match="A is no matrix: it has 4 indices"):
        numbers_typed.matrices(f"A = {text}")


@pytest.mark.parametrize("text", ["2*A", "kron(A, B)", "A'", "0", "", "-2*A*X"])
def test_a_formula_is_no_matrix(text):
    assert not numbers_typed.is_matrix(text)


@pytest.mark.parametrize("text", ["a", "a=1,", ",a=1", "[", "array(", "1 ", "A=[", "\t1", "a \n"])
@pytest.mark.parametrize("end", ["", ")", "]"])
def test_long_texts_are_read_in_an_instant(text, end):
    long = (text * numbers_typed.MOST_ENTRIES * 5)[:20_000] + end
    start = process_time()
    for read in (
        numbers_typed.is_matrix,
        numbers_typed.matrices,
        lambda text: numbers_typed.array(text, "A"),
    ):
        with suppress(ValueError):
            read(long)
    assert process_time() - start < 1
