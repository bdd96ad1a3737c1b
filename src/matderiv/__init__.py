"""Matrix derivatives as linear maps: a derivative is a map first, coordinates are an argument."""

from types import ModuleType as _Module
from typing import TYPE_CHECKING as _TYPE_CHECKING

from matderiv.arrays import exact as exact
from matderiv.arrays import is_exact as is_exact
from matderiv.arrays import symbolic as symbolic
from matderiv.check import TaylorTest as TaylorTest
from matderiv.check import check_derivative as check_derivative
from matderiv.coordinates import LAYOUTS as LAYOUTS
from matderiv.coordinates import commutation_matrix as commutation_matrix
from matderiv.coordinates import duplication_matrix as duplication_matrix
from matderiv.coordinates import elimination_matrix as elimination_matrix
from matderiv.coordinates import flatten as flatten
from matderiv.coordinates import partial_transpose as partial_transpose
from matderiv.coordinates import realign as realign
from matderiv.coordinates import unvec as unvec
from matderiv.coordinates import unvech as unvech
from matderiv.coordinates import vec as vec
from matderiv.coordinates import vech as vech
from matderiv.definiteness import Definiteness as Definiteness
from matderiv.definiteness import definiteness as definiteness
from matderiv.derivatives import Derivative as Derivative
from matderiv.derivatives import derivative as derivative
from matderiv.derivatives import directional_derivative as directional_derivative
from matderiv.derivatives import gradient as gradient
from matderiv.derivatives import second_derivative as second_derivative
from matderiv.diagnose import Diagnosis as Diagnosis
from matderiv.diagnose import diagnose as diagnose
from matderiv.maps import BilinearForm as BilinearForm
from matderiv.maps import LinearMap as LinearMap
from matderiv.maps import entrywise as entrywise
from matderiv.maps import functional as functional
from matderiv.maps import identity as identity
from matderiv.maps import rank_one as rank_one
from matderiv.maps import sandwich as sandwich
from matderiv.maps import transposition as transposition
from matderiv.traces import Convexity as Convexity
from matderiv.traces import TraceProduct as TraceProduct

if _TYPE_CHECKING:
    from matderiv.formulas import Formula as Formula
    from matderiv.formulas import formula as formula

__version__ = "0.1.0"
_LATER = ("Formula", "formula")  # what is imported when it is asked for
__all__ = [n for n, v in globals().items() if n[0] != "_" and not isinstance(v, _Module)]
__all__ += _LATER


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from matderiv import formulas

    return getattr(formulas, name)
