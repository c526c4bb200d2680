"""Answers by partitions: the same as on one machine, whatever the partitioning."""

import sys

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from land import box, demo_programme, programme, table
from lands import LAND, dates, lands, made

import hazardmap as hm
from hazardmap import HazardmapError, SchemaError
from hazardmap.checks.partitions import check_partitions


def board(step=8, size=7):
    return table("plots", [{"geometry": box(x, y, size)} for x in range(-20, 110, step) for y in range(-20, 110, step)])


@LAND
@given(rows=lands(), day=dates, data=st.data())
def test_answers_are_the_same_for_any_partitioning(rows, day, data):
    land, plots = made(rows), board(step=26)
    whole = hm.check_plots(land, plots, on=day)
    labels = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(plots), max_size=len(plots))))
    for partitions in (1, 3, labels):
        pd.testing.assert_frame_equal(check_partitions(land, plots, on=day, partitions=partitions), whole)


def test_answers_are_the_same_on_a_local_cluster():
    distributed = pytest.importorskip("distributed", reason="pip install 'hazardmap[dask]'")
    demo = demo_programme()
    whole = hm.check_plots(demo, on=demo.as_of)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):
        told = check_partitions(demo, on=demo.as_of, partitions=6)
    pd.testing.assert_frame_equal(told, whole)


def test_unusable_and_no_plots_are_answered_too():
    land = programme(hazards=[{"geometry": box(0, 0, 10)}])
    plots = table("plots", [{"geometry": None}, {"geometry": box(5, 5, 10)}])
    told = check_partitions(land, plots, on="2024-12-31", partitions=2)
    pd.testing.assert_frame_equal(told, hm.check_plots(land, plots, on="2024-12-31"))
    assert told["verdict"].tolist() == ["cannot_tell", "confirmed_hazard"]
    assert check_partitions(land, plots.iloc[:0], on="2024-12-31").empty


def test_what_cannot_be_a_partitioning_is_refused():
    land, plots = programme(), board(step=60)
    with pytest.raises(SchemaError, match="2 labels of partitions for 9 plots"):
        check_partitions(land, plots, on="2024-12-31", partitions=np.array([1, 2]))
    with pytest.raises(SchemaError, match="one partition or more"):
        check_partitions(land, plots, on="2024-12-31", partitions=0)


def test_without_dask_the_error_gives_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(HazardmapError, match=r"pip install 'hazardmap\[dask\]'"):
        check_partitions(programme(), board(step=60), on="2024-12-31")
