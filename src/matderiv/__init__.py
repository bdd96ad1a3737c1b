"""Matrix derivatives as linear maps: a derivative is a map first, coordinates are an argument."""

from matderiv.bilinear import BilinearForm
from matderiv.coordinates import (
    commutation_matrix,
    duplication_matrix,
    elimination_matrix,
    unvec,
    vec,
    vech,
)
from matderiv.derivatives import (
    Derivative,
    TaylorTest,
    check_derivative,
    derivative,
    directional_derivative,
    gradient,
    second_derivative,
)
from matderiv.exactness import exact, is_exact, symbolic
from matderiv.maps import LinearMap, functional, identity, rank_one, sandwich, transposition
from matderiv.traces import TraceProduct

__version__ = "0.1.0"

__all__ = [
    "BilinearForm",
    "Derivative",
    "LinearMap",
    "TaylorTest",
    "TraceProduct",
    "check_derivative",
    "commutation_matrix",
    "derivative",
    "directional_derivative",
    "duplication_matrix",
    "elimination_matrix",
    "exact",
    "functional",
    "gradient",
    "identity",
    "is_exact",
    "rank_one",
    "sandwich",
    "second_derivative",
    "symbolic",
    "transposition",
    "unvec",
    "vec",
    "vech",
]
