"""Matrix derivatives as linear maps: a derivative is a map first, coordinates are an argument."""

# fmt: off
# isort: off
from typing import TYPE_CHECKING as _TYPE_CHECKING

from matderiv.arrays import exact, is_exact, symbolic
from matderiv.check import TaylorTest, check_derivative
from matderiv.coordinates import (
    LAYOUTS, commutation_matrix, duplication_matrix, elimination_matrix, flatten,
    partial_transpose, realign, unvec, unvech, vec, vech,
)
from matderiv.definiteness import Definiteness, definiteness
from matderiv.derivatives import (
    Derivative, derivative, directional_derivative, gradient, second_derivative,
)
from matderiv.diagnose import diagnose
from matderiv.maps import (
    BilinearForm, LinearMap, entrywise, functional, identity, rank_one, sandwich, transposition,
)
from matderiv.subspaces import diagonal, lower_triangular, skew_symmetric, symmetric
from matderiv.traces import Convexity, TraceProduct
from matderiv.verdicts import Diagnosis

if _TYPE_CHECKING:
    from matderiv.formulas import Formula, formula

__version__ = "0.2.0"
__all__ = [
    "LAYOUTS", "BilinearForm", "Convexity", "Definiteness", "Derivative", "Diagnosis", "Formula",
    "LinearMap", "TaylorTest", "TraceProduct", "check_derivative", "commutation_matrix",
    "definiteness", "derivative", "diagnose", "diagonal", "directional_derivative",
    "duplication_matrix", "elimination_matrix", "entrywise", "exact", "flatten", "formula",
    "functional", "gradient", "identity", "is_exact", "lower_triangular", "partial_transpose",
    "rank_one", "realign", "sandwich", "second_derivative", "skew_symmetric", "symbolic",
    "symmetric", "transposition", "unvec", "unvech", "vec", "vech",
]


def __dir__() -> list[str]:
    """List what formulas bring, too."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    """Import what formulas need when they are asked for."""
    if name not in ("Formula", "formula"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from matderiv import formulas

    return getattr(formulas, name)
