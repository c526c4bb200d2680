"""Whether two sets of answers say the same of the same plots: areas where both rules mean the same ground, and distances.

Knows which records the simple rule of the peers reads otherwise than the rule of the ground does; plots that meet one of those are
left out of the areas and counted.
"""

import numpy as np
import pandas as pd
import shapely

from hazardmap import readings

#: Evidence makes ground suspected, and releases doubtful, within this distance of it (policy, and the largest accuracy).
FIND_REACH_M = 160
#: Ground narrower than this is noise.
NOISE_M = 0.001


def read_otherwise(programme, plane):
    """List the shapes on which the two rules may differ, in the plane: reason → shapes."""
    hazards, releases, finds = (t.to_crs(plane) for t in (programme.hazards, programme.releases, programme.finds))
    shapes, ground = hazards.geometry.to_numpy(), releases.geometry.to_numpy()
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    valid = shapely.make_valid(shapes)
    wide = np.array([readings.widest(s) for s in shapes[invalid]], dtype=object)
    twofold = invalid[np.abs(shapely.area(wide) - shapely.area(valid[invalid])) > NOISE_M]

    papers = releases["decision"].eq("approved") & releases["quality"].eq("passed") & releases["handover_no"].notna()
    papers &= releases["depth_m"].notna() | releases["product"].ne("cleared")
    hazard, release = shapely.STRtree(ground).query(valid, predicate="intersects")
    names = pd.Series(releases["hazard_ids"].to_numpy())[release].explode()
    pairs = pd.DataFrame({"release": release, "hazard": hazards["hazard_id"].to_numpy()[hazard]})
    named = pairs.merge(
        pd.DataFrame({"release": names.index, "hazard": names.to_numpy()}).drop_duplicates(), how="left", indicator=True
    )
    other = named.loc[named["_merge"] == "left_only", "release"].unique()

    near = shapely.buffer(finds.geometry.to_numpy(), FIND_REACH_M)
    doubted = releases["activity_id"].isin(releases["activity_id"].iloc[shapely.STRtree(ground).query(near)[1]])
    return {
        "a hazard of several versions": valid[hazards["hazard_id"].duplicated(keep=False).to_numpy()],
        "a hazard that surrounds ground twice": valid[twofold],
        "a release without all its papers": ground[~papers.to_numpy()],
        "a release on a hazard that it does not name": ground[other],
        "a find, or a release that it puts in question": np.r_[near, ground[doubted.to_numpy()]],
    }


def same_ground(programme, plots, plane):
    """Say for each plot (in the plane) whether both rules mean the same ground; and why not, counted."""
    tree, same, why = shapely.STRtree(plots), np.ones(len(plots), dtype=bool), {}
    for reason, shapes in read_otherwise(programme, plane).items():
        hit = np.unique(tree.query(shapes, predicate="intersects")[1]) if len(shapes) else []
        why[reason] = len(hit)
        same[hit] = False
    return same, why


def broad(parts):
    """Leave out the polygons that are narrower than a millimetre all along: slivers."""
    return parts[2 * shapely.area(parts) >= NOISE_M * shapely.length(parts)]


def without_spikes(parts):
    """Take from polygons, too, what sticks out of them without width."""
    opened = shapely.buffer(
        shapely.buffer(broad(parts), -NOISE_M / 2, join_style="mitre"), NOISE_M / 2, join_style="mitre"
    )
    return opened[~shapely.is_empty(opened)]


def told_nearer(ours, theirs, plots, open_ground):
    """Compare distances; where the peer says nearer, look whether ground without width is why, and whether sifting would help.

    Distances agree within 5 cm and 0.1 % (no plane keeps all lengths).
    """
    margin = 0.05 + 0.001 * ours
    nearer, farther = theirs < ours - margin, theirs > ours + margin
    pick = np.flatnonzero(nearer)
    result = {"nearer": len(pick), "farther": int(farther.sum()), "share": len(pick) / max(len(ours), 1)}
    if len(pick):
        result["most_m"] = float((ours - theirs)[pick].max())
        for name, clean in (("sifted", broad(open_ground)), ("smoothed", without_spikes(open_ground))):
            _, distance = shapely.STRtree(clean).query_nearest(plots[pick], return_distance=True, all_matches=False)
            result[name] = int((distance < ours[pick] - margin[pick]).sum())
    return result


def differences(ours, theirs, same):
    """Compare areas where both mean the same ground, m², on the plots that have some.

    The largest difference, the 99.9th percentile, and on how many plots the other says 1 m² less, or more.
    """
    found = {}
    for name in ("open_m2", "released_m2"):
        mine, other = ours[name].to_numpy()[same], theirs[name].to_numpy()[same]
        some = np.maximum(mine, other) > 0
        gap = (other - mine)[some] if some.any() else np.zeros(1)
        found[name] = {
            "plots": int(some.sum()),
            "largest": float(np.abs(gap).max()),
            "p999": float(np.percentile(np.abs(gap), 99.9)),
            "less": int((gap < -1).sum()),
            "more": int((gap > 1).sum()),
        }
    return found
