"""The gallery of derivatives: each written once, as NumPy code, to be verified and typeset."""

from matderiv.book.gallery.collection import Gallery
from matderiv.book.gallery.entries import Entry, verify

__all__ = ["Entry", "Gallery", "verify"]
