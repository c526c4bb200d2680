"""Names of districts that stand for two, names that stand for none, and records that lie elsewhere than they state.

Names are compared as people read them (`words.fold`). Knows districts by code, name, alias and boundary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, words
from hazardmap.inspection.findings import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hazardmap.inspection.catalogue import Thresholds
    from hazardmap.inspection.subject import Layer, Subject

    Array = NDArray[Any]

_NAMING = ("hazards", "releases", "finds", "plots")


def district_names(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find districts of which a name is also a name or an alias of another one.

    Rows of one code are one district at different times, where their dates of validity say so. Size is how far apart
    the two lie: the farther, the less are they a town and the district around it.
    """
    for layer in subject.some("districts"):
        known = _spellings(layer)
        pairs = known.merge(known, on="spelling", suffixes=("", "_other"))
        pairs = pairs[pairs["row"] != pairs["row_other"]]
        # Each pair of districts once, by a name rather than by an alias; the first is the one that has it as its name.
        pairs["rank"] = pairs["alias"].astype(int) + pairs["alias_other"].astype(int)
        both = np.sort(pairs[["row", "row_other"]].to_numpy(), axis=1)
        pairs["low"], pairs["high"] = (both[:, 0], both[:, 1]) if len(pairs) else ([], [])
        pairs = pairs[~_follow_each_other(layer, pairs)]
        pairs = pairs.sort_values(["rank", "alias", "spelling", "id", "id_other"], kind="stable")
        pairs = pairs.drop_duplicates(["low", "high"])
        one, other = (pairs[c].to_numpy(dtype=np.int64) for c in ("row", "row_other"))
        apart = _apart_km(layer, one, other)
        yield Found(
            check="district_name",
            layer=layer,
            at=one,
            found=[
                f"{_kind(a)} {t!r} is also {_kind(b)} of {o or 'a row without code'}{_away(k)}"
                for t, a, b, o, k in zip(
                    pairs["text"], pairs["alias"], pairs["alias_other"], pairs["id_other"], apart, strict=True
                )
            ],
            expected="names that stand for one district",
            severity=np.where(pairs["rank"] < 2, "warning", "note").tolist(),
            size=apart,
            other=pairs["id_other"].tolist(),
        )


def _away(km: float) -> str:
    return f", {km:,.0f} km away" if km >= 0 else ""


def _kind(alias: Any) -> str:
    return "an alias" if alias else "the name"


def _spellings(layer: Layer) -> pd.DataFrame:
    """List every name and alias of every district in the form in which they are compared."""
    frame = layer.frame
    rows = np.arange(len(frame))
    names = pd.DataFrame({"row": rows, "id": layer.ids, "text": frame["name"].to_numpy(dtype=object), "alias": False})
    aliases = names.assign(text=frame["aliases"].to_numpy(), alias=True).explode("text")
    known = pd.concat([names, aliases], ignore_index=True).dropna(subset="text")
    known["spelling"] = known["text"].map(words.fold)
    known = known[known["spelling"].ne("")].sort_values(["row", "alias"], kind="stable")
    return known.drop_duplicates(["row", "spelling"])


def _follow_each_other(layer: Layer, pairs: pd.DataFrame) -> Array:
    start = layer.frame["valid_from"].to_numpy().astype("datetime64[D]")
    end = layer.frame["valid_to"].to_numpy().astype("datetime64[D]")
    one, other = (pairs[c].to_numpy(dtype=np.int64) for c in ("row", "row_other"))
    return np.asarray((end[one] <= start[other]) | (end[other] <= start[one]))


def _apart_km(layer: Layer, one: Array, other: Array) -> Array:
    """Tell how far apart the middles of two districts are; a town in the district of its name is near it."""
    middle = shapely.centroid(layer.in_plane)
    return np.asarray(shapely.distance(middle[one], middle[other]) / 1000)


def unknown_districts(subject: Subject, _limits: Thresholds) -> Iterator[Found]:
    """Find records that name a district of which the table of districts knows nothing."""
    if "districts" not in subject.layers:
        return
    codes = _codes(subject.layers["districts"])
    for layer in subject.some(*_NAMING):
        number, texts = pd.factorize(layer.frame["district"])
        strange = np.array([bool(words.fold(t)) and not _rows_of(codes, t) for t in texts], dtype=bool)
        at = np.flatnonzero(strange[number] & (number >= 0)) if len(texts) else np.zeros(0, dtype=np.int64)
        yield Found(
            check="unknown_district",
            layer=layer,
            at=at,
            found=[f"district {texts[i]!r}" for i in number[at]],
            expected="a code, name or alias of the table of districts",
        )


def _codes(districts: Layer) -> dict[str, list[int]]:
    """Give the rows of districts by their codes, names and aliases."""
    known = _spellings(districts)
    codes = {i: [row] for row, i in enumerate(districts.ids.tolist()) if i}
    for spelling, row in zip(known["spelling"], known["row"], strict=True):
        codes.setdefault(f"\n{spelling}", []).append(row)
    return codes


def _rows_of(codes: dict[str, list[int]], text: str) -> list[int]:
    """Give the districts that a text may stand for: a code first, else every district of that name."""
    return codes.get(text.strip()) or codes.get(f"\n{words.fold(text)}") or []


def other_districts(subject: Subject, limits: Thresholds) -> Iterator[Found]:
    """Find records of which most lies in another district than they state; size is the share in the stated one."""
    if "districts" not in subject.layers:
        return
    districts = subject.layers["districts"]
    codes = _codes(districts)
    placed = np.flatnonzero(~shapely.is_missing(districts.ground))
    tree = shapely.STRtree(districts.ground[placed])
    for layer in subject.some(*_NAMING):
        number, texts = pd.factorize(layer.frame["district"])
        ground = layer.ground.copy()
        ground[layer.points] = layer.in_plane[layer.points]
        meant = [[r for r in _rows_of(codes, t) if not shapely.is_missing(districts.ground[r])] for t in texts]
        asked = [i for i, rows in enumerate(meant) if rows]
        at = np.flatnonzero(np.isin(number, asked) & ~shapely.is_missing(ground))
        at = at[~_within_stated(ground, number, at, meant, districts)]
        share, where = _shares(ground[at], placed, tree, districts, [meant[i] for i in number[at]])
        far = np.flatnonzero(share < limits.elsewhere_share)
        named = [f"{districts.ids[w]} ({_name(districts, w)})" if w >= 0 else "no district" for w in where[far]]
        yield Found(
            check="other_district",
            layer=layer,
            at=at[far],
            found=[f"lies in {n}, {s * 100:.0f} % in the one stated" for n, s in zip(named, share[far], strict=True)],
            expected=[f"in {texts[i]}" for i in number[at[far]]],
            size=share[far] * 100,
            other=[districts.ids[w] if w >= 0 else None for w in where[far]],
        )


def _name(districts: Layer, row: int) -> str:
    name = districts.frame["name"].iloc[row]
    return name if isinstance(name, str) else "no name"


def _within_stated(ground: Array, number: Array, at: Array, meant: list[list[int]], districts: Layer) -> Array:
    """Say which records lie wholly in a district that they may mean; nearly all do."""
    inside = np.zeros(len(at), dtype=bool)
    for i in np.unique(number[at]):
        mine = np.flatnonzero(number[at] == i)
        for row in meant[i]:
            area = districts.ground[row]
            shapely.prepare(area)
            inside[mine] |= shapely.covers(area, ground[at[mine]])
    return inside


def _shares(
    ground: Array, placed: Array, tree: shapely.STRtree, districts: Layer, meant: list[list[int]]
) -> tuple[Array, Array]:
    """Give of each record the share that lies where it states, and the district in which most of it lies (-1: none)."""
    record, near = tree.query(ground, predicate="intersects")
    district = placed[near]
    points = shapely.get_type_id(ground) == 0
    both = shapely.area(shapely.intersection(ground[record], districts.ground[district], grid_size=measure.GRID_M))
    part = np.where(points[record], 1.0, both / np.maximum(shapely.area(ground[record]), 1e-12))
    stated = np.array([d in meant[r] for r, d in zip(record.tolist(), district.tolist(), strict=True)], dtype=bool)
    share = np.zeros(len(ground))
    np.maximum.at(share, record[stated], part[stated])
    where = np.full(len(ground), -1, dtype=np.int64)
    order = np.lexsort((part, record))
    where[record[order]] = district[order]  # the largest share is written last
    return np.minimum(share, 1.0), where
