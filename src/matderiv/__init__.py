"""Matrix derivatives as linear maps: a derivative is a map first, coordinates are an argument."""

from matderiv.bilinear import BilinearForm
from matderiv.convexity import Convexity
from matderiv.coordinates import (
    commutation_matrix,
    duplication_matrix,
    elimination_matrix,
    unvec,
    vec,
    vech,
)
from matderiv.definiteness import Definiteness, definiteness
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
from matderiv.layouts import (
    LAYOUTS,
    Diagnosis,
    diagnose,
    flatten,
    partial_transpose,
    realign,
)
from matderiv.maps import LinearMap, functional, identity, rank_one, sandwich, transposition
from matderiv.traces import TraceProduct

__version__ = "0.1.0"

__all__ = [
    "LAYOUTS",
    "BilinearForm",
    "Convexity",
    "Definiteness",
    "Derivative",
    "Diagnosis",
    "LinearMap",
    "TaylorTest",
    "TraceProduct",
    "check_derivative",
    "commutation_matrix",
    "definiteness",
    "derivative",
    "diagnose",
    "directional_derivative",
    "duplication_matrix",
    "elimination_matrix",
    "exact",
    "flatten",
    "functional",
    "gradient",
    "identity",
    "is_exact",
    "partial_transpose",
    "rank_one",
    "realign",
    "sandwich",
    "second_derivative",
    "symbolic",
    "transposition",
    "unvec",
    "vec",
    "vech",
]
