"""Maps on Dask arrays in two worker processes, each with too little memory for the whole."""

import numpy as np
import pytest

from matderiv import TraceProduct

pytest.importorskip("distributed")
import dask.array as da

from bench.cluster import covariances, is_refused, residual, two_workers

LIMIT, SIZE = "400MiB", 4000  # four matrices of 122 MiB, besides what a worker takes by itself

on_a_cluster = pytest.mark.xdist_group("cluster")


@on_a_cluster
def test_two_processes_agree_with_numpy_and_with_the_closed_form():
    k, Y = np.arange(1, 301), np.random.default_rng(0).standard_normal((300, 300))
    f = TraceProduct(*covariances(k))
    with two_workers(LIMIT) as client:
        assert len(client.scheduler_info()["workers"]) == 2
        far = TraceProduct(*covariances(da.from_array(k, chunks=100)))
        y = da.from_array(Y, chunks=100)
        for ours, theirs in ((f.hessian, far.hessian), (f.false_hessian, far.false_hessian)):
            np.testing.assert_allclose(theirs(y).compute(), ours(Y), rtol=1e-10)
        assert residual(SIZE, block=1000) < 1e-12


@on_a_cluster
def test_one_worker_alone_is_refused():
    assert is_refused(SIZE, LIMIT)
