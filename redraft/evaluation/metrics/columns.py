"""What every metric asks of its arrays before it computes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from redraft.errors import ConfigError


def aligned(**columns: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """The columns as floats. Raises ConfigError, naming the column, for NaN and where they are not of one length."""
    arrays = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    lengths = {name: array.shape for name, array in arrays.items()}
    if len(set(lengths.values())) > 1 or any(len(shape) != 1 for shape in lengths.values()):
        told = ", ".join(f"{name} has shape {shape}" for name, shape in lengths.items())
        raise ConfigError(f"a metric needs one number an item in each column: {told}")
    for name, array in arrays.items():
        if missing := int(np.isnan(array).sum()):
            raise ConfigError(f"{name}: {missing} of {array.size} are NaN; leave those items out, and say so")
    return tuple(arrays.values())
