"""Measure everything, and write what the chapter `scale` shows.

Usage: python -m bench [OUTPUT]
"""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench import cluster, exactly, hessian, maps, sizes, starts

OUTPUT = starts.ROOT / "src" / "matderiv" / "book" / "figures" / "measured.json"
PACKAGES = ("numpy", "scipy", "sympy", "dask", "jax", "pylops", "python-flint")


def main(output: Path) -> None:
    """Measure and write."""
    found: dict[str, Any] = {"machine": machine(), "versions": versions(), "rows": []}
    for subject in (maps, hessian, exactly, starts):
        for row in subject.rows():
            found["rows"].append(row)
            print(f"{row['subject']}, {row['size']}: {row['value']:.3g} {row['unit']}", end="")
            if row["against"]:
                print(f", {row['ratio']:.3g} times {row['against']}", end="")
            print(flush=True)
    found["times"] = sizes.times()
    found["cluster"] = cluster.measure()
    output.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written to {output}")


def machine() -> dict[str, Any]:
    """Say what the times were taken on, and how busy it was with other work."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory": memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "threads": os.environ.get("OPENBLAS_NUM_THREADS", "as many as the libraries take"),
        "load before": load,
    }


def processor() -> str:
    """Name the processor, as well as the system knows it."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text("utf-8").splitlines() if information.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def memory() -> int | None:
    """Give the machine's memory in bytes, where the system tells it."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def versions() -> dict[str, str]:
    """Give the versions of Python and of the packages that are installed."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT)
