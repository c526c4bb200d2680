"""The peers answer the plots by the simple rule that a user would write, each as fast as its experts would write it.

The simple rule: of each hazard the latest version, made valid; of the releases those that are approved; open ground is the hazards less
all those releases, whichever hazard they name. It knows nothing of papers, finds, or which ground a release was meant for.

Each takes EPSG:4326 GeoParquet and gives `plot_id, open_m2, released_m2, nearest_m`, with its open ground beside it. Measured in the
same equal-area plane. Run as a child of `plot_checks`: python peers.py NAME FOLDER PLOTS ANSWERS.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

from meter import Meter

#: Nearest ground is sought within these distances, one after the other, each √2 times the last (DuckDB has no nearest join).
REACHES_M = tuple(125 * 2 ** (k / 2) for k in range(26))


def tables(folder, plots):
    """Read what the rule needs, with geopandas."""
    import geopandas as gpd

    hazards = gpd.read_parquet(folder / "hazards.parquet", columns=["hazard_id", "date_of_information", "geometry"])
    releases = gpd.read_parquet(folder / "releases.parquet", columns=["decision", "geometry"])
    hazards = hazards.sort_values("date_of_information").drop_duplicates("hazard_id", keep="last")
    return (
        hazards,
        releases[releases["decision"] == "approved"],
        gpd.read_parquet(plots, columns=["plot_id", "geometry"]),
    )


def by_geopandas(folder, plots, plane, meter):
    """Use geopandas' own verbs: overlay, union, sjoin_nearest."""
    import geopandas as gpd

    with meter.phase("read"):
        hazards, releases, land = tables(folder, plots)
    with meter.phase("to plane"):
        hazards, releases, land = (frame.to_crs(plane) for frame in (hazards, releases, land))
        hazards.geometry = hazards.make_valid()
    with meter.phase("open ground"):
        left = gpd.overlay(hazards, releases, how="difference", keep_geom_type=True, make_valid=False)
        zones = {
            name: gpd.GeoDataFrame(geometry=gpd.GeoSeries([ground], crs=land.crs).explode(ignore_index=True))
            for name, ground in (
                ("open_m2", left.union_all(method="disjoint_subset")),
                ("released_m2", releases.union_all(method="disjoint_subset")),
            )
        }
    answers = land[["plot_id"]].copy()
    with meter.phase("areas"):
        for name, zone in zones.items():
            pieces = gpd.overlay(land, zone, how="intersection", keep_geom_type=True, make_valid=False)
            answers[name] = answers["plot_id"].map(pieces.area.groupby(pieces["plot_id"]).sum()).fillna(0.0)
    with meter.phase("nearest"):
        near = land.sjoin_nearest(zones["open_m2"], distance_col="nearest_m")
        answers["nearest_m"] = near["nearest_m"].groupby(level=0).first()
    return answers, zones["open_m2"].geometry.to_numpy()


def by_shapely(folder, plots, plane, meter):
    """Use shapely's tree and arrays only: what is left when geopandas' conveniences are taken away."""
    import shapely

    with meter.phase("read"):
        hazards, releases, land = tables(folder, plots)
    with meter.phase("to plane"):
        shapes, freed, ground = (f.geometry.to_crs(plane).to_numpy() for f in (hazards, releases, land))
        shapes = shapely.make_valid(shapes)
    with meter.phase("open ground"):
        hazard, release = shapely.STRtree(freed).query(shapes, predicate="intersects")
        order = np.argsort(hazard, kind="stable")
        hazard, release = hazard[order], release[order]
        start = np.flatnonzero(np.r_[True, hazard[1:] != hazard[:-1]])
        cut = [shapely.union_all(group) for group in np.split(freed[release], start[1:])]
        shapes[hazard[start]] = shapely.difference(shapes[hazard[start]], cut)
        zones = [shapely.get_parts(shapely.disjoint_subset_union_all(group)) for group in (shapes, freed)]
        zones[0] = zones[0][shapely.get_dimensions(zones[0]) == 2]
    answers = land[["plot_id"]].copy()
    with meter.phase("areas"):
        tree = shapely.STRtree(ground)
        for name, zone in zip(("open_m2", "released_m2"), zones, strict=True):
            part, plot = tree.query(zone, predicate="intersects")
            area = shapely.area(shapely.intersection(zone[part], ground[plot]))
            answers[name] = np.bincount(plot, area, minlength=len(ground))
    with meter.phase("nearest"):
        _, distance = shapely.STRtree(zones[0]).query_nearest(ground, return_distance=True, all_matches=False)
        answers["nearest_m"] = distance
    return answers, zones[0]


def spatial():
    """Open DuckDB with its spatial extension, from the wheel of that name: nothing is fetched."""
    import duckdb

    found = importlib.util.find_spec("duckdb_extension_spatial")
    if found is None:
        sys.exit(
            "the spatial extension of DuckDB is missing: pip install duckdb==1.5.5 duckdb-extension-spatial==1.5.5"
        )
    connection = duckdb.connect()
    extension = next(Path(found.origin).parent.glob("extensions/*/spatial.duckdb_extension"))
    connection.execute(f"LOAD '{extension}'")
    return connection


def by_duckdb(folder, plots, plane, meter):
    """Use DuckDB's spatial join; ground under several zones is united plot by plot."""
    import shapely

    sql = spatial()
    planar = f"st_transform(geometry, 'EPSG:4326', '{plane}', always_xy := true)"
    with meter.phase("read, to plane"):
        sql.execute(
            f"""create table hazards as select hazard_id, st_makevalid({planar}) g from '{folder}/hazards.parquet'
                qualify row_number() over (partition by hazard_id order by date_of_information desc) = 1"""
        )
        sql.execute(
            f"create table freed as select {planar} g from '{folder}/releases.parquet' where decision = 'approved'"
        )
        sql.execute(f"create table land as select plot_id, {planar} g from '{plots}'")
    with meter.phase("open ground"):
        sql.execute(
            """create table cut as select hazard_id, st_union_agg(r.g) g
               from hazards h join freed r on st_intersects(h.g, r.g) group by hazard_id"""
        )
        sql.execute(
            """create table open as select unnest(st_dump(coalesce(st_difference(h.g, c.g), h.g))).geom g
               from hazards h left join cut c using (hazard_id)"""
        )
        sql.execute("delete from open where st_dimension(g) < 2 or st_isempty(g)")
    with meter.phase("areas"):
        for zone in ("open", "freed"):
            sql.execute(
                f"""create table {zone}_areas as
                    select plot_id, case when count(*) = 1 then sum(st_area(x)) else st_area(st_union_agg(x)) end m2
                    from (select plot_id, st_intersection(l.g, z.g) x from land l join {zone} z on st_intersects(l.g, z.g))
                    group by plot_id"""
            )
    with meter.phase("nearest"):
        sql.execute("create table near (plot_id varchar, m double)")
        for reach in REACHES_M:
            sql.execute(
                f"""insert into near select plot_id, min(st_distance(l.g, o.g))
                    from (select * from land anti join near using (plot_id)) l join open o on st_dwithin(l.g, o.g, {reach})
                    group by plot_id"""
            )
            if sql.execute("select (select count(*) from near) = (select count(*) from land)").fetchone()[0]:
                break
    with meter.phase("answers"):
        answers = sql.execute(
            """select plot_id, coalesce(o.m2, 0) open_m2, coalesce(f.m2, 0) released_m2, near.m nearest_m
               from land left join open_areas o using (plot_id) left join freed_areas f using (plot_id)
               left join near using (plot_id)"""
        ).df()
    parts = sql.execute("select st_aswkb(g) g from open").df()["g"]
    return answers, shapely.from_wkb(parts.map(bytes).to_numpy(dtype=object))


PEERS = {"geopandas": by_geopandas, "shapely": by_shapely, "duckdb": by_duckdb}


def main(name, folder, plots, answers):
    import geopandas as gpd

    plane = Path(folder, "plane.txt").read_text(encoding="utf-8")
    meter = Meter()
    found, open_ground = PEERS[name](Path(folder), plots, plane, meter)
    meter.report(plots=len(found), open_parts=len(open_ground))
    pd.DataFrame(found).to_parquet(answers, index=False)
    gpd.GeoDataFrame(geometry=open_ground, crs=plane).to_parquet(f"{answers}.open")


if __name__ == "__main__":
    main(*sys.argv[1:])
