"""Our answers to the same plots, whole or streamed; one plot at a time; and what the first use costs.

Run as a child of `plot_checks`: python ours.py MODE FOLDER PLOTS ANSWERS [COUNT]. The compiled code is warm before anything is
measured: a small nation is asked first.
"""

import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyarrow import parquet

sys.path.insert(0, str(Path(__file__).resolve().parent))

import nation
from meter import Meter

import hazardmap as hm
from hazardmap import words


def small():
    """Give a small nation that meets every part of the code."""
    return nation.nation(300, 40, 120)


def told(answers):
    """Give of our answers what the peers answer too."""
    return answers.assign(
        open_m2=answers[[f"{s}_m2" for s in words.OPEN_STATES]].sum(axis=1),
        released_m2=answers[[f"{s}_m2" for s in words.RELEASED_STATES]].sum(axis=1),
        nearest_m=answers["nearest_hazard_m"],
    )[["plot_id", "open_m2", "released_m2", "nearest_m"]]


def whole(folder, plots, answers, meter):
    programme, land = small()
    hm.check_plots(programme, land, on=nation.ON)
    with meter.phase("read"):
        programme, land = nation.read(folder), gpd.read_parquet(plots)
    with meter.phase("check"):
        found = hm.check_plots(programme, land, on=nation.ON)
    meter.report(plots=len(found))
    told(found).to_parquet(answers, index=False)


def streamed(folder, plots, answers, meter):
    """Check a file into a file; here the peak must not depend on the number of plots."""
    programme, land = small()
    path = Path(f"{answers}-small.parquet")
    land.to_parquet(path)
    hm.check_file(programme, path, f"{answers}-full.parquet", on=nation.ON)
    with meter.phase("read"):
        programme = nation.read(folder)
    with meter.phase("check, write"):
        hm.check_file(programme, plots, f"{answers}-full.parquet", on=nation.ON)
    written = parquet.ParquetFile(f"{answers}-full.parquet")
    meter.report(plots=written.metadata.num_rows, answers_mb=Path(f"{answers}-full.parquet").stat().st_size / 1e6)
    keep = ["plot_id", *(f"{s}_m2" for s in (*words.OPEN_STATES, *words.RELEASED_STATES)), "nearest_hazard_m"]
    if written.metadata.num_rows < 3_000_000:
        told(written.read(columns=keep).to_pandas()).to_parquet(answers, index=False)
    path.unlink()
    Path(f"{answers}-full.parquet").unlink()


def single(folder, plots, count, meter):
    """Ask for plots one by one, as a service does; the plots are drawn by lot."""
    programme, land = nation.read(folder), gpd.read_parquet(plots, columns=["geometry"]).geometry
    picked = land.sample(min(count + 100, len(land)), random_state=1).to_numpy()
    with meter.phase("index"):
        index = hm.plot_index(programme, on=nation.ON)
    taken = np.empty(len(picked))
    for i, plot in enumerate(picked):
        start = time.perf_counter()
        index.ask(plot)
        taken[i] = time.perf_counter() - start
    warm = 1_000 * (taken[100:] if len(taken) > 100 else taken)
    low, middle, high = np.percentile(warm, [50, 95, 99])
    meter.report(asked=len(warm), p50_ms=low, p95_ms=middle, p99_ms=high, max_ms=warm.max(), first_ms=1_000 * taken[0])


def first(meter):
    """Ask a small nation twice: the first time compiles or loads, the second is warm."""
    programme, land = small()
    for name in ("first", "second"):
        with meter.phase(name):
            hm.check_plots(programme, land, on=nation.ON)
    meter.report()


def main(mode, folder=None, plots=None, answers=None, count="0"):
    meter = Meter()
    if mode == "first":
        first(meter)
    elif mode == "single":
        single(Path(folder), plots, int(count), meter)
    else:
        {"whole": whole, "streamed": streamed}[mode](Path(folder), plots, answers, meter)


if __name__ == "__main__":
    main(*sys.argv[1:])
