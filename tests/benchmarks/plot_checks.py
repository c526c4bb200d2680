"""How long it takes to answer for the plots of a country, beside geopandas, shapely and DuckDB; and whether all say the same.

Run: python tests/benchmarks/plot_checks.py --plots 195000 --hazards 10000 --releases 30000 --runs 1 --peers geopandas,duckdb --ours

Each engine works in a process of its own, from EPSG:4326 GeoParquet to open area, released area and nearest open hazard of each plot;
ours says ten states, verdict and records as well. Starting Python and importing are not counted; reading files is.

--simple    a nation that the peers' simple rule reads rightly (all papers, one version, no finds), so that all areas must agree
--single N  one plot at a time: the latency of N questions when all is warm
--scaling   time per plot at 250,000, 500,000 and 1,000,000 plots
--memory    ten million plots from file to file: the peak
"""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

HERE = Path(__file__).resolve().parent
LIBRARIES = (
    "hazardmap",
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "shapely",
    "geopandas",
    "pyproj",
    "duckdb",
    "duckdb-extension-spatial",
)
OURS = {"ours": "whole", "ours, streamed": "streamed"}


def child(script, *arguments, env=None):
    """Run one measured process and read what it reports; None when it failed, and say why."""
    done = subprocess.run(
        [sys.executable, HERE / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )
    if done.returncode:
        print(
            f"{script} {arguments[0]} failed: {(done.stderr.strip() or 'no message').splitlines()[-1]}", file=sys.stderr
        )
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def prepared(folder, plots, hazards, releases, seed, *, simple):
    """Make the nation and its plots, once; nations that lie alike share their plots. Another generator makes them anew."""
    made_by = zlib.crc32(b"".join((HERE / name).read_bytes() for name in ("nation.py", "parcels.py")))
    folder = folder / f"{made_by:08x}"
    tables = folder / f"nation-{hazards}-{releases}-{seed}{'-simple' if simple else ''}"
    land = folder / f"plots-{plots}-{min(hazards, 10_000)}-{seed}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [what for what, path in (("nation", tables / "plane.txt"), ("plots", land)) if not path.exists()]
    for what in wanted:
        if child("plot_checks.py", "--make", what, tables, land, plots, hazards, releases, seed, int(simple)) is None:
            sys.exit(f"the {what} could not be made")
    return tables, land


def make(what, tables, land, plots, hazards, releases, seed, simple):
    """Write the nation or its plots: in a process of its own, so that this one stays small."""
    import nation
    import parcels

    tables, land = Path(tables), Path(land)
    if what == "plots":
        parcels.write(land.with_suffix(".part"), int(plots), seed=int(seed), share=nation.share(int(hazards)))
        land.with_suffix(".part").rename(land)
    else:
        nation.write(nation.programme(int(hazards), int(releases), seed=int(seed), simple=simple == "1"), tables)
        (tables / "plane.txt").write_text(nation.PLANE_TEXT, encoding="utf-8")
    print("{}")


def measured(engines, tables, land, folder, runs):
    """Run the engines in turn, `runs` times over."""
    found = {}
    for _ in range(runs):
        for engine in engines:
            answers = folder / f"answers-{engine.replace(', ', '-')}.parquet"
            answers.unlink(missing_ok=True)
            script, name = ("ours.py", OURS[engine]) if engine in OURS else ("peers.py", engine)
            report = child(script, name, tables, land, answers)
            if report:
                found.setdefault(engine, []).append(report)
    return found


def table(found):
    """Print the medians, and how many times our CPU seconds each took."""
    totals = {
        engine: {
            **{kind: statistics.median(sum(r[kind].values()) for r in reports) for kind in ("wall", "cpu")},
            "peak": statistics.median(r["peak_mb"] for r in reports),
        }
        for engine, reports in found.items()
    }
    base = totals.get("ours")
    print(f"\n{'':16}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'CPU ÷ ours':>12}   CPU s of each phase")
    for engine, total in totals.items():
        times = f"{total['cpu'] / base['cpu']:.1f}" if base else "–"
        reports = found[engine]
        phases = ", ".join(f"{p} {statistics.median(r['cpu'][p] for r in reports):.2f}" for p in reports[0]["cpu"])
        print(f"{engine:16}{total['wall']:9.2f}{total['cpu']:9.2f}{total['peak']:9.0f}{times:>12}   {phases}")


def compare(found, tables, land, folder, *, simple):
    """Print whether the answers agree, with ours (or with the first engine, when ours is not among them)."""
    import agreement
    import geopandas as gpd
    import nation
    import pandas as pd

    first, *others = ("ours", *(e for e in found if e != "ours")) if "ours" in found else found
    plane = (tables / "plane.txt").read_text(encoding="utf-8")
    plots = gpd.read_parquet(land, columns=["plot_id", "geometry"]).to_crs(plane)
    same, why = agreement.same_ground(nation.read(tables), plots.geometry.to_numpy(), plane)

    def answers(engine):
        frame = pd.read_parquet(folder / f"answers-{engine.replace(', ', '-')}.parquet")
        return frame.set_index("plot_id").loc[plots["plot_id"]].reset_index()

    ours = answers(first)
    print(
        f"\nAgreement with {first}; the simple rule means other ground on {(~same).sum():,} of {len(same):,} plots, which meet"
    )
    for reason, count in why.items():
        print(f"    {count:9,} {reason}")
    for engine in others:
        theirs = answers(engine)
        print(f"  {engine}")
        for name, gap in agreement.differences(ours, theirs, same).items():
            print(
                f"    {name:12} largest difference {gap['largest']:.3g} m², 99.9 % within {gap['p999']:.3g} m²"
                f" ({gap['plots']:,} plots that have some); {gap['less']} told over 1 m² less, {gap['more']} more"
            )
        layer = folder / f"answers-{engine}.parquet.open"
        parts = gpd.read_parquet(layer).geometry.to_numpy() if layer.exists() else plots.geometry.to_numpy()[:0]
        if not simple:  # the nearest open ground may be ground that the rules read otherwise, far from this plot
            continue
        near = agreement.told_nearer(
            ours["nearest_m"].to_numpy()[same],
            theirs["nearest_m"].to_numpy()[same],
            plots.geometry.to_numpy()[same],
            parts,
        )
        print(
            f"    nearest      {near['nearer']:,} told nearer ({near['share']:.2%}), {near['farther']:,} farther",
            end="",
        )
        print(
            f"; by up to {near['most_m']:,.0f} m. Still nearer without slivers under a millimetre {near['sifted']:,},"
            f" without spikes as well {near['smoothed']:,}"
            if near["nearer"]
            else ""
        )


def machine():
    """Say what it ran on."""
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} –")
    import shapely

    print(
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, GEOS {shapely.geos_version_string}"
    )
    print(", ".join(versions))


def first_use():
    """Print what compiling costs once on a machine, and loading what was compiled costs each process."""
    with tempfile.TemporaryDirectory() as cache:
        reports = [child("ours.py", "first", env={"NUMBA_CACHE_DIR": cache}) for _ in range(2)]
    for name, report in zip(("first use on a machine", "first use in a process"), reports, strict=True):
        if report:
            wall, cpu = (report[kind]["first"] - report[kind]["second"] for kind in ("wall", "cpu"))
            print(f"{name}: {wall:.2f} s more than warm ({cpu:.2f} CPU s)")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plots", type=int, default=195_000)
    parser.add_argument("--hazards", type=int, default=10_000)
    parser.add_argument("--releases", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--peers", default="", help="of geopandas, shapely, duckdb, with commas")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--simple", action="store_true")
    parser.add_argument("--single", type=int, metavar="N")
    parser.add_argument("--scaling", type=int, nargs="*", metavar="PLOTS")
    parser.add_argument("--memory", type=int, nargs="?", const=10_000_000, metavar="PLOTS")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "hazardmap-benchmark")
    return parser.parse_args()


def main():
    if sys.argv[1:2] == ["--make"]:
        make(*sys.argv[2:])
        return
    asked = options()
    sizes = asked.hazards, asked.releases, asked.seed
    tables, land = prepared(asked.folder, asked.plots, *sizes, simple=asked.simple)
    machine()
    print(f"{asked.plots:,} plots, {asked.hazards:,} hazards, {asked.releases:,} releases, seed {asked.seed}", end="")
    print(f"{', simple' if asked.simple else ''}; medians of {asked.runs} runs")

    engines = [e for e in asked.peers.split(",") if e]
    if not engines and not asked.ours and asked.single is None and asked.scaling is None and asked.memory is None:
        engines, asked.ours = ["geopandas", "shapely", "duckdb"], True
    engines += list(OURS) if asked.ours else []
    found = measured(engines, tables, land, asked.folder, asked.runs)
    if found:
        table(found)
    if len(found) > 1:
        compare(found, tables, land, asked.folder, simple=asked.simple)
    if asked.ours:
        first_use()
    if asked.single and (told := child("ours.py", "single", tables, land, "-", asked.single)):
        print(
            f"\none plot at a time, {told['asked']:,} asked: p50 {told['p50_ms']:.2f} ms, p95 {told['p95_ms']:.2f}, p99 {told['p99_ms']:.2f},"
            f" most {told['max_ms']:.1f}; the index takes {told['wall']['index']:.2f} s, the first question {told['first_ms']:.0f} ms"
        )
    for count in (asked.scaling or (250_000, 500_000, 1_000_000)) if asked.scaling is not None else ():
        tables, land = prepared(asked.folder, count, *sizes, simple=asked.simple)
        for engine, reports in measured(engines or ["ours"], tables, land, asked.folder, asked.runs).items():
            wall, cpu = (statistics.median(sum(r[kind].values()) for r in reports) for kind in ("wall", "cpu"))
            print(
                f"{count:>10,} plots {engine:16} {1e6 * wall / count:7.2f} µs a plot, {1e6 * cpu / count:7.2f} CPU µs"
            )
    if asked.memory:
        tables, land = prepared(asked.folder, asked.memory, *sizes, simple=asked.simple)
        if told := child("ours.py", "streamed", tables, land, asked.folder / "answers-memory.parquet"):
            print(
                f"\n{told['plots']:,} plots from file to file: peak {told['peak_mb']:,.0f} MB, {sum(told['wall'].values()):,.0f} s,"
                f" {sum(told['cpu'].values()):,.0f} CPU s, answers {told['answers_mb']:,.0f} MB"
            )


if __name__ == "__main__":
    main()
