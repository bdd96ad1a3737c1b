"""The pictures of the book, one function each; every function returns a Matplotlib figure."""

from matderiv.figures.curves import chord, quotients
from matderiv.figures.forms import two_forms
from matderiv.figures.grids import kronecker_blocks, two_tables, unfoldings

__all__ = [
    "chord",
    "kronecker_blocks",
    "quotients",
    "two_forms",
    "two_tables",
    "unfoldings",
]
