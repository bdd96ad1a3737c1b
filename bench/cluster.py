"""The Hessian on Dask arrays: two worker processes, each with less memory than the matrices take.

Usage: python -m bench.cluster
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import dask
import dask.array as da
import numpy as np
from dask.distributed import Client, KilledWorker, LocalCluster

from matderiv import TraceProduct

LIMIT = "400MiB"
SIZE, BLOCK = 8000, 1000


def covariances(k: Any) -> tuple[Any, Any]:
    """Make the matrices min(i, j) and N + 1 − max(i, j) from the numbers k = 1, …, N."""
    return np.minimum(k[:, None], k), len(k) + 1 - np.maximum(k[:, None], k)


def least_eigenvalue(N: int) -> int:
    """Give the least eigenvalue of their Hessian, proved in the chapter `scale`."""
    return -(N**2 * (N**2 - 1) // 12)


def residual(N: int, block: int) -> float:
    """Apply the Hessian to the eigenvector W = A − B; give |D(W) − λW| / |λW|."""
    A, B = covariances(da.arange(1, N + 1, chunks=block))
    D, W = TraceProduct(A, B).hessian, A - B
    expected = least_eigenvalue(N) * W
    return float(np.linalg.norm(D(W) - expected) / np.linalg.norm(expected))


@contextmanager
def two_workers(memory_limit: str) -> Iterator[Client]:
    """Start two worker processes of one thread each; one that breaks its limit is not retried."""
    once = {"distributed.scheduler.allowed-failures": 0}
    with (
        dask.config.set(once),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=memory_limit,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def is_refused(N: int, memory_limit: str) -> bool:
    """Tell whether the same work in one block, hence on one worker, breaks the limit."""
    with two_workers(memory_limit):
        try:
            residual(N, block=N)
        except (KilledWorker, MemoryError):
            return True
    return False


def measure(N: int = SIZE, block: int = BLOCK, memory_limit: str = LIMIT) -> dict[str, Any]:
    """Run it for real and say what came out."""
    with two_workers(memory_limit) as client:
        processes = len(client.scheduler_info()["workers"])
        start = perf_counter()
        error = residual(N, block)
        seconds = perf_counter() - start
    return {
        "N": N,
        "block": block,
        "workers": processes,
        "memory_limit": memory_limit,
        "bytes_of_one_matrix": 8 * N**2,
        "seconds": seconds,
        "residual": error,
        "refused_in_one_block": is_refused(N, memory_limit),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
