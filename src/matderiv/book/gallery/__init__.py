"""The checked cookbook: derivatives of a line each, derived, verified and typeset."""

from matderiv.book.gallery.checking import Verdict, verify
from matderiv.book.gallery.entries import Entry, recipe, special
from matderiv.book.gallery.shown import recipes, sheet
from matderiv.book.gallery.table import cookbook, entries

__all__ = [
    "Entry",
    "Verdict",
    "cookbook",
    "entries",
    "recipe",
    "recipes",
    "sheet",
    "special",
    "verify",
]
