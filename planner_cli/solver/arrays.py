"""Short names for the kinds of numpy arrays the solver uses."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
#: Types, terms and other small numbers of which there are millions.
Small = npt.NDArray[np.int16]
