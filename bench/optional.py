"""The competitors that the group `bench` of pyproject.toml installs."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any


@cache
def optional(name: str) -> Any:
    """Return the module, or say that it is absent and return `None`."""
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed: its rows are left out", flush=True)
        return None
