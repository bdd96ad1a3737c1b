"""The measurements of the chapter `covariance`, as they were published."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


def chinstrap() -> NDArray[np.float64]:
    """Return the measurements of 68 chinstrap penguins: a row a bird, in millimetres.

    The columns are bill length, bill depth and flipper length.

    Returns
    -------
    array of shape (68, 3)

    Notes
    -----
    Collected on Dream Island, Antarctica, in 2007 to 2009 by K. Gorman and the Palmer Station
    LTER (Gorman, Williams and Fraser, PLoS ONE 9(3): e90081, 2014), and taken from the R package
    palmerpenguins, which offers them under CC0 1.0.

    Examples
    --------
    >>> chinstrap().mean(axis=0).round(1)
    array([ 48.8,  18.4, 195.8])
    """
    with files(__name__).joinpath("chinstrap.csv").open(encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1)
