"""The table of answers: one row for each plot, with its verdict, areas, records and days.

Puts together what the pieces, the search, the second method and the verdicts say; measures and decides nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from hazardmap import measure, words
from hazardmap.checks.confirming import contradicts, look_again
from hazardmap.checks.meanings import TOLD
from hazardmap.checks.pieces import Pieces, cut_up, lay_out, search
from hazardmap.checks.telling import Reasons, sentences
from hazardmap.checks.verdicts import STATE, VERDICT, Facts, decide_verdicts
from hazardmap.release.days import ALWAYS, NEVER
from hazardmap.release.telling import gathered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.checks.confirming import Opinion
    from hazardmap.checks.index import Ground
    from hazardmap.checks.meanings import Listed
    from hazardmap.checks.pieces import Laid, Near

    Array = NDArray[Any]

_RELEASED = [STATE[s] for s in words.RELEASED_STATES]
_DIRECTIONS = np.array([*words.DIRECTIONS, None], dtype=object)
_VERDICTS = np.array(list(words.VERDICTS), dtype=object)
_TEXTS = frozenset({"verdict", "why", "nearest_hazard_id", "nearest_direction"})
_CARRIED = ("plot_id", "cadastre_no", "name", "use")
_OUTSIDE = "it lies outside the country (policy, extent_deg)"
#: Which states the releases have that decide a verdict.
_DECIDES = np.zeros((len(words.VERDICTS), len(words.STATES)), dtype=bool)
_DECIDES[VERDICT["release_in_question"], STATE["in_question"]] = True
_DECIDES[VERDICT["not_handed_over"], STATE["not_handed_over"]] = True
for _verdict in words.RELEASE_VERDICTS:
    _DECIDES[VERDICT[_verdict], _RELEASED] = True
_ID_COLUMN = {
    "hazard": "hazard_ids",
    "release": "release_ids",
    "idle": "idle_release_ids",
    "survey": "survey_ids",
    "find": "find_ids",
}


def table(ground: Ground, plots: gpd.GeoDataFrame, found: Iterable[dict[str, Array]]) -> Any:
    """Put what is found about the parts of a table of plots, in their order, into one table on its index.

    Every column is made once and filled as the parts come: to join them at the end would hold all of it twice.
    """
    columns: dict[str, Any] = {}
    texts: dict[str, list[pa.Array]] = {name: [] for name in _TEXTS}
    first = last = 0
    for part in found:
        first, last = last, last + len(part["verdict"])
        for name, values in part.items():
            if name in texts:
                columns[name] = None  # its place in the order
                texts[name].append(_texts(values))
            else:
                columns.setdefault(name, np.empty(len(plots), dtype=values.dtype))[first:last] = values
    columns |= {name: pd.array(pa.chunked_array(parts), dtype="str") for name, parts in texts.items()}
    sources = pa.repeat(pa.scalar(ground.programme.sources, pa.large_string()), len(plots))
    frame = {name: plots[name].array.copy() for name in _CARRIED} | columns
    frame["sources"] = pd.array(sources, dtype="str")
    frame["geometry"] = gpd.GeoSeries(plots.geometry.to_numpy().copy(), index=plots.index, crs=measure.STORED_CRS)
    return gpd.GeoDataFrame(frame, index=plots.index, crs=measure.STORED_CRS, copy=False)


def _texts(values: Array) -> pa.Array:
    """Make a column of texts of which many are the same: each different one is looked at once."""
    codes, different = pd.factorize(values)
    return pa.array(different, pa.large_string()).take(pa.array(codes, mask=codes < 0))


def findings(
    ground: Ground,
    shapes: Array,
    *,
    accuracy_m: Array,
    required_depth_m: Array,
    today: date | None = None,
    doubt: Array | None = None,
) -> dict[str, Array]:
    """Find everything about plots: the columns of the answer as arrays.

    Parameters
    ----------
    ground
        The programme, prepared for the day.
    shapes
        Polygons in EPSG:4326.
    accuracy_m, required_depth_m
        Of each plot, NaN where not stated.
    today
        As in `check_plots`.
    doubt
        For each plot why its record cannot be trusted; empty where it can.
    """
    policy, count = ground.records.policy, len(shapes)
    doubt = np.full(count, "", dtype=object) if doubt is None else doubt
    laid = lay_out(shapes, ground.records.plane)
    # Swapped axes and a wrong CRS bring no good news.
    doubt = np.where(laid.outside(policy.extent_deg) & (doubt == ""), _OUTSIDE, doubt)
    pieces = cut_up(ground, laid)
    by_state, there = _states(ground, pieces, count)
    counted = there[pieces.plot, ground.meanings.state[pieces.ground]]
    pieces = Pieces(pieces.plot, pieces.ground, pieces.area_m2, counted)  # what decides is what is told
    # What lies on confirmed open ground cannot be told worse; what lies on suspected ground can.
    known = there[:, STATE["confirmed_open"]] | there[:, STATE["suspected_open"]]
    near = search(ground, laid, np.where(np.isnan(accuracy_m), policy.plots_m, accuracy_m), known)
    until = _covered_until(ground, pieces, count)
    cleared_depth, without_depth, cleared_without = _depths(ground, pieces, count)
    facts = Facts(
        usable=laid.flaw == "",
        doubtful=doubt != "",
        there=there,
        distance_m=np.where(known, 0.0, near.distance_m),
        within=near.within >= 0,
        required_depth_m=required_depth_m,
        cleared_depth_m=cleared_depth,
        without_depth=without_depth,
        cleared_without_depth=cleared_without,
        old=_old(ground, until, today),
        unplaced=_unplaced(ground, pieces, count),
        fictitious=ground.programme.fictitious,
    )
    verdict, flags = decide_verdicts(facts, policy)
    opinion, disagree = _second_opinion(ground, laid, verdict, by_state)
    hazards, releases = _deciding(ground, pieces, near, verdict, count)
    verdict = np.where(disagree, VERDICT["cannot_tell"], verdict)
    area = by_state.sum(axis=1)
    area[~facts.usable] = np.nan
    by_state[~facts.usable] = np.nan
    share = 100 * by_state / np.where(area > 0, area, np.nan)[:, None]
    distance = np.where(facts.usable & np.isfinite(facts.distance_m), facts.distance_m, np.nan)
    told = _told(ground, pieces, near, verdict, count)
    as_of = ground.programme.as_of
    columns: dict[str, Array] = {
        "verdict": _VERDICTS[verdict],
        "why": verdict,  # its place in the order of columns; told last
        "flags": _flag_words(flags),
        "area_m2": area,
        **{f"{state}_m2": by_state[:, i] for i, state in enumerate(words.STATES)},
        **{f"{state}_pct": share[:, i] for i, state in enumerate(words.STATES)},
        "nearest_hazard_id": _nearest_ids(ground, pieces, near, known, count),
        "nearest_hazard_m": distance,
        "nearest_direction": _directions(near, distance),
        "required_depth_m": required_depth_m,
        "cleared_depth_m": cleared_depth,
        **{_ID_COLUMN[kind]: told[kind] for kind in TOLD},
        "unplaced_hazards": facts.unplaced,
        "on": _dates(np.full(count, ground.day)),
        "as_of": np.full(count, np.datetime64(as_of or "NaT", "us")),
        "data_as_of": _dates(until),
    }
    reasons = Reasons(
        verdict=verdict,
        flags=flags,
        hazard_ids=hazards,
        release_ids=releases,
        flaw=laid.flaw,
        doubt=doubt,
        opinion=opinion,
        disagree=disagree,
        released_pct=share[:, _RELEASED].sum(axis=1),
        today=today,
    )
    columns["why"] = sentences(ground.papers, columns, reasons)
    return columns


def _states(ground: Ground, pieces: Pieces, count: int) -> tuple[Array, Array]:
    """Add up the areas of each plot by state, and say which states are there by more than noise."""
    state = ground.meanings.state[pieces.ground]
    key, size = pieces.plot * len(words.STATES) + state, count * len(words.STATES)
    area = np.bincount(key, pieces.area_m2, minlength=size).astype("float64").reshape(count, len(words.STATES))
    thick = np.bincount(key, pieces.thick, minlength=size).reshape(count, len(words.STATES)) > 0
    # Ground in many thin pieces beside each other is no noise: noise is less than its width all round the plot.
    rim = 2 * measure.NOISE_WIDTH_M * np.sqrt(np.maximum(area.sum(axis=1), 0.0))[:, None]
    return area, thick | (area > rim)


def _relevant(pieces: Pieces) -> tuple[Array, Array]:
    """Give plot and set of the pieces that are more than noise."""
    return pieces.plot[pieces.thick], pieces.ground[pieces.thick]


def _joined(pieces: Pieces, listed: Listed, of: Array) -> tuple[Array, Array]:
    """Put beside each piece what its set has: plot, and the place in the list; `of` says where the list has the set."""
    plot, number = _relevant(pieces)
    owner, place = listed.of(of[number])
    return plot[owner], place


def _covered_until(ground: Ground, pieces: Pieces, count: int) -> Array:
    """Give the day up to which the coverage of each plot speaks: that of its oldest part; NEVER without any."""
    plot, number = _relevant(pieces)
    until = ground.meanings.covered_until[number]
    oldest = np.full(count, NEVER)
    inside = until > ALWAYS
    np.minimum.at(oldest, plot[inside], until[inside])
    return oldest


def _old(ground: Ground, until: Array, today: date | None) -> Array:
    """Say which plots the data are too old for: on the day asked about, or by today."""
    allowed = ground.records.policy.stale_after_days
    old = (until < NEVER) & (ground.day - until > allowed)
    if today is not None:
        as_of = ground.programme.as_of
        old |= as_of is None or (today - as_of).days > allowed
    return np.asarray(old)


def _depths(ground: Ground, pieces: Pieces, count: int) -> tuple[Array, Array, Array]:
    """Give the least depth of cleared ground, whether some released ground has none, whether some cleared has none."""
    plot, number = _relevant(pieces)
    state, depth = ground.meanings.state[number], ground.meanings.depth_m[ground.meanings.of[number]]
    released, missing = np.isin(state, _RELEASED), np.isnan(depth)
    least = np.full(count, np.inf)
    some = released & ~missing
    np.minimum.at(least, plot[some], depth[some])
    without = np.bincount(plot, released & missing, minlength=count) > 0
    cleared = np.bincount(plot, missing & (state == STATE["cleared"]), minlength=count) > 0
    return np.where(np.isfinite(least), least, np.nan), without, cleared


def _unplaced(ground: Ground, pieces: Pieces, count: int) -> Array:
    """Count the hazards without a position that may lie on each plot: those of its districts, and those of none."""
    listed = ground.meanings.districts
    plot, place = _joined(pieces, listed, np.arange(len(ground.meanings.state)))
    touched = np.unique(plot * (len(ground.lost_in_district) + 1) + listed.number[place])
    district = touched % (len(ground.lost_in_district) + 1)
    lost = ground.lost_in_district[district] if len(touched) else touched
    found = np.bincount(touched // (len(ground.lost_in_district) + 1), lost, minlength=count)
    return found.astype(np.int64) + ground.lost_anywhere


def _second_opinion(ground: Ground, laid: Laid, verdict: Array, by_state: Array) -> tuple[Opinion, Array]:
    """Look again at the plots that are said to be released; give what was seen, and which it contradicts."""
    which = np.flatnonzero(np.isin(verdict, [VERDICT[v] for v in words.RELEASE_VERDICTS]))
    seen = look_again(ground, laid, which)
    disagree = np.zeros(len(verdict), dtype=bool)
    share = by_state[which][:, _RELEASED].sum(axis=1) / by_state[which].sum(axis=1)
    disagree[which] = contradicts(seen, verdict[which] != VERDICT["partly_released"], share)
    return seen.spread(which, len(verdict)), disagree


def _deciding(ground: Ground, pieces: Pieces, near: Near, verdict: Array, count: int) -> tuple[Array, Array]:
    """Gather for each plot the hazards (or evidence), and the releases, that decide its verdict."""
    plot, number = _relevant(pieces)
    state, release = ground.meanings.state[number], ground.meanings.release[ground.meanings.of[number]]
    deciding = (release >= 0) & _DECIDES[verdict[plot], state]
    releases = gathered(plot[deciding], ground.names["release"], release[deciding], count)
    hazard, confirmed = ground.meanings.opened.number, ground.meanings.opened.flag
    plot, place = _joined(pieces, ground.meanings.opened, ground.meanings.of)
    mine = verdict[plot] == np.where(confirmed[place], VERDICT["confirmed_hazard"], VERDICT["suspected_hazard"])
    beside, label = _within(ground, near, verdict)
    hazards = gathered(
        np.concatenate([plot[mine], beside]), ground.ids, np.concatenate([hazard[place[mine]], label]), count
    )
    return hazards, releases


def _told(ground: Ground, pieces: Pieces, near: Near, verdict: Array, count: int) -> dict[str, Array]:
    """Gather the ids of all records that lie on each plot; for a hazard within the error, its id as well."""
    plot, number = _relevant(pieces)
    of, told = ground.meanings.of[number], {}
    for kind in TOLD:
        told[kind] = _spelt(ground, kind, plot, of, ground.meanings.told[kind], count)
    beside, label = _within(ground, near, verdict)
    hazards = len(ground.names["hazard"])
    for i, code in zip(beside.tolist(), label.tolist(), strict=True):
        kind, record = ("find", code - hazards) if code >= hazards else ("hazard", code)
        told[kind][i] = tuple(sorted({*told[kind][i], str(ground.names[kind][record])}))
    return told


def _spelt(ground: Ground, kind: str, plot: Array, of: Array, listed: Listed, count: int) -> Array:
    """Spell for each plot the ids of what its sets have, sorted: pairs (plot, what the rule was asked about)."""
    from hazardmap.trapezoids.unions import united  # noqa: PLC0415  the compiler is loaded when it is needed

    texts, rank = ground.ranked[kind]
    owner, begin, ranks = united(plot, of, listed.start, listed.number, rank)
    spelt = np.full(count, None, dtype=object)
    spelt[:] = [()] * count
    words_of = texts[ranks].tolist()
    for i, low, high in zip(owner.tolist(), begin[:-1].tolist(), begin[1:].tolist(), strict=True):
        spelt[i] = tuple(words_of[low:high])
    return spelt


def _within(ground: Ground, near: Near, verdict: Array) -> tuple[Array, Array]:
    """List plot and number of the hazards that decide a plot because they lie within the error."""
    deciding = {VERDICT["confirmed_hazard"]: 0, VERDICT["suspected_hazard"]: 1}
    plots, labels = [], []
    for code, column in deciding.items():
        mine = np.flatnonzero((verdict == code) & (near.within[:, column] >= 0))
        plots.append(mine)
        labels.append(near.within[mine, column] % (len(ground.ids) + 1))
    return np.concatenate(plots), np.concatenate(labels)


def _nearest_ids(ground: Ground, pieces: Pieces, near: Near, known: Array, count: int) -> Array:
    """Name the nearest open hazard: of those that a plot overlaps the worst, by class and then by number."""
    many = len(ground.ids) + 1
    hazard, confirmed = ground.meanings.opened.number, ground.meanings.opened.flag
    plot, place = _joined(pieces, ground.meanings.opened, ground.meanings.of)
    best = np.full(count, 2 * many)
    np.minimum.at(best, plot, np.where(confirmed[place], 0, many) + hazard[place])
    label = np.where(known, best, np.where(near.label >= 0, near.label, 2 * many))
    names = np.concatenate([ground.ids, [None]])
    return np.asarray(names[np.where(label < 2 * many, label % many, len(ground.ids))])


def _directions(near: Near, distance: Array) -> Array:
    known = np.isfinite(near.azimuth_deg) & (distance > 0)
    octant = np.floor((np.where(known, near.azimuth_deg, 0.0) + 22.5) / 45).astype(np.int64) % 8
    return np.asarray(_DIRECTIONS[np.where(known, octant, len(words.DIRECTIONS))])


def _flag_words(flags: Array) -> Array:
    """Spell flags out, each combination once."""
    code = flags @ (1 << np.arange(flags.shape[1]))
    combinations, place = np.unique(code, return_inverse=True)
    spelt = np.empty(len(combinations), dtype=object)
    spelt[:] = [tuple(flag for bit, flag in enumerate(words.FLAGS) if int(c) >> bit & 1) for c in combinations.tolist()]
    return np.asarray(spelt[place])


def _dates(numbers: Array) -> Array:
    known = (numbers > ALWAYS) & (numbers < NEVER)
    days = np.where(known, numbers, 0).astype("datetime64[D]")
    return np.where(known, days, np.datetime64("NaT")).astype("datetime64[us]")
