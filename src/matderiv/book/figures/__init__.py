"""The pictures of the book, one function each; what a function returns shows in a notebook."""

try:
    import matplotlib  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "matderiv.book.figures needs Matplotlib; install the extra matderiv[book]", name=error.name
    ) from error

from matderiv.book.figures.album import album
from matderiv.book.figures.cone import cone
from matderiv.book.figures.curves import chord, quotients, taylor
from matderiv.book.figures.diagrams import legs, square
from matderiv.book.figures.forms import two_forms
from matderiv.book.figures.grids import kronecker_blocks, two_tables, unfoldings
from matderiv.book.figures.layouts import flattenings
from matderiv.book.figures.levels import climb
from matderiv.book.figures.measurements import BenchTable, measured, measured_in_words, quantity
from matderiv.book.figures.samples import iterations, spread
from matderiv.book.figures.scaling import costs, million, multiplications
from matderiv.book.figures.sliding import angle
from matderiv.book.figures.verdicts import barcodes

__all__ = [
    "BenchTable",
    "album",
    "angle",
    "barcodes",
    "chord",
    "climb",
    "cone",
    "costs",
    "flattenings",
    "iterations",
    "kronecker_blocks",
    "legs",
    "measured",
    "measured_in_words",
    "million",
    "multiplications",
    "quantity",
    "quotients",
    "spread",
    "square",
    "taylor",
    "two_forms",
    "two_tables",
    "unfoldings",
]
