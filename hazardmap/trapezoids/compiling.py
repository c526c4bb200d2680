"""How functions are compiled, and where what was compiled is kept: once for each state of this folder's source.

The compiler's own cache watches only the file of each function, not the files of those it calls; so the name of the
place where ours is kept holds a fingerprint of the whole folder.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import Any

import numba

_HERE = Path(__file__).resolve().parent


def compiled(function: Any) -> Any:
    """Compile a function when it is first called, and keep the result for later processes.

    It runs without Python's lock, and division by zero gives infinity as in numpy.
    """
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _kept_in(before)
    try:
        return numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = before


@functools.cache
def _kept_in(said: str) -> str:
    """Give the folder for compiled code: where the user says, beside the source, or in the user's own cache."""
    source = hashlib.sha256()
    for file in sorted(_HERE.glob("*.py")):
        source.update(file.read_bytes())
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    if said:
        base = Path(said)
    elif os.access(_HERE, os.W_OK):
        base = _HERE / "__pycache__"
    else:
        base = Path(home)
    return str(base / f"hazardmap-{source.hexdigest()[:16]}")
