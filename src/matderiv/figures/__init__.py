"""The pictures of the book, one function each; what a function returns shows in a notebook."""

from matderiv.figures.album import album
from matderiv.figures.cone import cone
from matderiv.figures.curves import chord, quotients
from matderiv.figures.forms import two_forms
from matderiv.figures.grids import kronecker_blocks, two_tables, unfoldings
from matderiv.figures.layouts import flattenings
from matderiv.figures.measurements import BenchTable, measured, measured_in_words, quantity
from matderiv.figures.scaling import costs, million
from matderiv.figures.sliding import angle
from matderiv.figures.verdicts import barcodes

__all__ = [
    "BenchTable",
    "album",
    "angle",
    "barcodes",
    "chord",
    "cone",
    "costs",
    "flattenings",
    "kronecker_blocks",
    "measured",
    "measured_in_words",
    "million",
    "quantity",
    "quotients",
    "two_forms",
    "two_tables",
    "unfoldings",
]
