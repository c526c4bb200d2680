"""What is written down about a day: layers of features, each with its sign and its columns, and what has no shape.

Chooses rows and columns; decides nothing about ground and measures nothing. Free text that a record was made from
(`as_entered`) is not among the columns. Knows the release functions and the signs of the map; knows no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hazardmap import measure, release, tables, words
from hazardmap.errors import SchemaError
from hazardmap.exporting.imprint import Imprint
from hazardmap.maps import scene
from hazardmap.maps.symbols import SYMBOLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from hazardmap.maps.symbols import Symbol
    from hazardmap.programme import Programme

    Array = NDArray[Any]

#: What can be asked for → the name of its layer. No layer is named like a table of a programme, so that no file of one
#: day is ever read as one.
LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "ground": "ground",
        "hazards": "hazard_outlines",
        "releases": "release_outlines",
        "surveys": "survey_outlines",
        "finds": "evidence",
        "plots": "plot_outlines",
        "districts": "district_outlines",
        "coverage": "coverage_outlines",
    }
)
USUAL = ("ground", "hazards", "finds")
#: The layer of what has no shape.
NOWHERE = "without_place"
NOWHERE_COLUMNS = ("id", "is_a", "classification", "status", "date_of_information", "district", "reason")

_IDS = ("hazard_ids", "release_ids", "unlinked_release_ids", "void_release_ids", "survey_ids", "find_ids")
_GROUND: Mapping[str, str] = MappingProxyType(
    {"state": "word", "product": "word", "depth_m": "number"}
    | dict.fromkeys(_IDS, "ids")
    | {"why": "text", "area_m2": "number"}
)
#: Table → the columns that are written, in their order.
_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "hazards": (
            "hazard_id name classification status event date_of_information closed_on close_reason superseded_by"
            " contamination evidence record_reliability accuracy_m accuracy_is location_kind stated_area_m2 area_m2"
            " open_m2 unplaced district priority organisation workflow source repaired quarantined"
        ),
        "releases": (
            "release_id hazard_ids activity_id activity_type product method depth_m standing in_question why"
            " date_completed decision decision_date quality quality_date nonconformity handover_no handover_date"
            " handover_to accuracy_m accuracy_is area_m2 district organisation source repaired quarantined"
        ),
        "surveys": "survey_id date organisation source repaired quarantined",
        "finds": (
            "find_id date kind ap_found av_found uxo_found axo_found cluster_found ied_found accuracy_m accuracy_is"
            " answered_on answered_by district source quarantined"
        ),
        "plots": ("plot_id cadastre_no name use required_depth_m accuracy_m accuracy_is district source quarantined"),
        "districts": "district_id name aliases valid_from valid_to parent source quarantined",
        "coverage": "coverage_id as_of source quarantined",
    }
)
_OWN_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "accuracy_is": "text",
        "area_m2": "number",
        "open_m2": "number",
        "unplaced": "flag",
        "standing": "word",
        "in_question": "flag",
        "why": "text",
    }
)
_GROUND_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "confirmed_open": "CHA",
        "suspected_open": "SHA",
        "in_question": "in question",
        "not_handed_over": "not handed over",
        "surveyed": "surveyed",
        "no_record": "no record",
    }
)
_SHOWN = 3
_NO_POSITION = "no position, or some of it has none: it may lie anywhere"
_ENDED = "its ground is told by the hazard that took its place"
_NO_SHAPE = "no shape that can be drawn"
#: Layers whose rows say that something is known; a receiver or a drawing shows no column by which one is doubted.
_GOOD_NEWS = ("surveys", "coverage")
_NOT_TRUSTED = "; quarantined: counts for nothing"


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """Features of one kind.

    Parameters
    ----------
    what, name, title
        What was asked for, the name of the layer in a file, and its title for people.
    frame
        GeoDataFrame in EPSG:4326, every row with a shape, with ``id``, ``label`` (short, for people), ``sign`` (a code
        of `signs`), ``sign_in_words`` and the columns of `kinds`. Rings outside run anticlockwise.
    kinds
        Column → kind (`schema.DTYPES`, and ``flag``).
    signs
        Code → sign, worst first.
    """

    what: str
    name: str
    title: str
    frame: gpd.GeoDataFrame
    kinds: Mapping[str, str]
    signs: Mapping[str, Symbol]

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, kw_only=True, eq=False)
class Product:
    """Everything that a file of one day holds: what is said of it, its layers, and a table of what has no shape."""

    imprint: Imprint
    layers: tuple[Layer, ...]
    nowhere: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Layer → number of features, those without a shape last."""
        return {layer.name: len(layer) for layer in self.layers} | {NOWHERE: len(self.nowhere)}


def gathered(programme: Programme, *, on: str | date, what: Iterable[str] = USUAL) -> Product:
    """Gather what a file about a day holds.

    Parameters
    ----------
    programme
        The tables.
    on
        The day. Finds and surveys after it are left out, undated ones are kept: they count as evidence.
    what
        Which layers, of `LAYERS`.

    Raises
    ------
    SchemaError
        When a layer is not known, the tables have faults or the day lies after the as-of date.

    Examples
    --------
    >>> import hazardmap as hm
    >>> gathered(hm.example(), on="2024-12-31").counts
    {'ground': 9, 'hazard_outlines': 5, 'evidence': 1, 'without_place': 1}
    """
    asked = tuple(dict.fromkeys([what] if isinstance(what, str) else what))
    unknown = [w for w in asked if w not in LAYERS]
    if unknown or not asked:
        raise SchemaError(
            f"{', '.join(map(repr, unknown)) or 'nothing'} is asked for",
            f"one or more of {', '.join(LAYERS)}",
            "e.g. --what ground,hazards,finds",
        )
    state, day = release.state_on(programme, on=on), pd.Timestamp(on)
    frames = _frames(programme, state, day)
    layers, nowhere = [], [_unplaced(state.unplaced)]
    for name in (w for w in LAYERS if w in asked):
        frame, kinds = frames[name]
        there = _placed(frame.geometry.to_numpy())
        nowhere.append(_without_shape(frame[~there], name, state.unplaced))
        layers.append(_layer(name, frame[there], kinds, day))
    lost = pd.concat([n for n in nowhere if len(n)] or nowhere[:1], ignore_index=True)
    told = Imprint(
        programme=programme.name or "Programme without a name",
        on=day.date(),
        as_of=str(programme.as_of or "unknown"),
        sources=programme.sources or "not stated",
        fictitious=programme.fictitious,
        unplaced=tuple(state.unplaced["hazard_id"].fillna("(no id)")),
    )
    return Product(imprint=told, layers=tuple(layers), nowhere=lost)


def _frames(programme: Programme, state: Any, day: pd.Timestamp) -> dict[str, tuple[Any, Mapping[str, str]]]:
    policy = programme.policy
    assumed = np.where(
        state.hazards["location_kind"].eq("surveyed"), policy.hazards_surveyed_m, policy.hazards_estimated_m
    )
    districts = programme.districts
    valid = ~(districts["valid_from"] > day) & ~(districts["valid_to"] < day)
    found = {
        "hazards": _accuracy(state.hazards, assumed),
        "releases": _accuracy(state.releases, policy.releases_m),
        "surveys": programme.surveys[~(programme.surveys["date"] > day)],
        "finds": _accuracy(programme.finds[~(programme.finds["date"] > day)], policy.finds_m),
        "plots": _accuracy(programme.plots, policy.plots_m),
        "districts": districts[valid],
        "coverage": programme.coverage,
    }
    told: dict[str, tuple[Any, Mapping[str, str]]] = {"ground": (state.ground, _GROUND)}
    for name, frame in found.items():
        schema = tables.table(name)
        kinds = {c: _OWN_KINDS[c] if (k := schema.column(c)) is None else k.kind for c in _COLUMNS[name].split()}
        told[name] = (frame, kinds)
    return told


def _accuracy(frame: gpd.GeoDataFrame, assumed: Any) -> gpd.GeoDataFrame:
    """Fill in the accuracy that the policy assumes where a record states none, and say which it is."""
    stated = frame["accuracy_m"].notna()
    return frame.assign(
        accuracy_m=frame["accuracy_m"].where(stated, assumed),
        accuracy_is=np.where(stated, "as recorded", "assumed by the policy"),
    )


def _layer(what: str, frame: gpd.GeoDataFrame, kinds: Mapping[str, str], day: pd.Timestamp) -> Layer:
    frame = frame.reset_index(drop=True)
    signs = SYMBOLS[what]
    sign = pd.Series(_signs(what, frame, day), index=frame.index, dtype="object")
    said = {code: symbol.label for code, symbol in signs.items()}
    in_words = sign.map(said)
    if what == "hazards":
        flag = scene.hazard_flag(frame)
        in_words = in_words + flag.map(lambda f: f"; {said[f].lower()}" if isinstance(f, str) else "")
    if what in _GOOD_NEWS:
        in_words = in_words.where(frame["quarantined"].isna(), in_words + _NOT_TRUSTED)
    own = {c: frame[c].to_numpy(dtype=object) if kinds[c] in {"ids", "words"} else frame[c] for c in kinds}
    told = pd.DataFrame(own, index=frame.index)
    number = (frame.index + 1).astype(str)
    key = next(iter(kinds))
    names = pd.Series("G-" + number, index=frame.index) if what == "ground" else told[key].fillna("(no id)")
    label = _ground_labels(frame) if what == "ground" else names
    whole = gpd.GeoDataFrame(
        pd.concat(
            [
                pd.DataFrame({"id": names, "label": label, "sign": sign, "sign_in_words": in_words}, dtype="object"),
                told,
            ],
            axis=1,
        ),
        geometry=_oriented(frame.geometry.to_numpy()),
        crs=measure.STORED_CRS,
    )
    titles = {
        "ground": f"Ground on {day.date()}",
        "hazards": "Hazards as recorded (outline: status)",
        "releases": "Releases as reported",
        "surveys": "Surveys",
        "finds": "Finds, accidents, incidents",
        "plots": "Plots of land",
        "districts": "Districts",
        "coverage": "Limit of the data",
    }
    return Layer(what=what, name=LAYERS[what], title=titles[what], frame=whole, kinds=kinds, signs=signs)


def _signs(what: str, frame: gpd.GeoDataFrame, day: pd.Timestamp) -> Any:
    if what == "ground":
        return scene.ground_symbol(frame).to_numpy(dtype=object)
    if what == "hazards":
        return scene.hazard_symbol(frame).to_numpy(dtype=object)
    if what == "releases":
        return scene.release_symbol(frame).to_numpy(dtype=object)
    if what == "finds":
        return scene.find_kind(frame).mask(scene.answered(frame) <= day, "answered").to_numpy(dtype=object)
    return [next(iter(SYMBOLS[what]))] * len(frame)


def _ground_labels(ground: gpd.GeoDataFrame) -> list[str]:
    """Say in a few letters what each ground is and whose records lie there.

    Examples
    --------
    >>> import hazardmap as hm
    >>> _ground_labels(hm.ground(hm.example(), on="2024-12-31"))[-4:]
    ['CL 0.2 m · H-001', 'CL 0.5 m · H-005', 'surveyed · S-001', 'no record']
    """
    return [
        " · ".join(filter(None, (letters(state, product, depth), _some(hazards or releases or finds or surveys))))
        for state, product, depth, hazards, releases, finds, surveys in zip(
            ground["state"],
            ground["product"],
            ground["depth_m"],
            ground["hazard_ids"],
            ground["release_ids"],
            ground["find_ids"],
            ground["survey_ids"],
            strict=True,
        )
    ]


def letters(state: str, product: Any, depth_m: float) -> str:
    """Give the letters of a state of the ground.

    Examples
    --------
    >>> letters("cleared", "cleared", 0.2), letters("not_handed_over", "reduced", float("nan"))
    ('CL 0.2 m', 'not handed over (R)')
    """
    sign = SYMBOLS["ground"]
    if state == "cleared":
        return f"CL {depth_m:g} m" if depth_m > 0 else "CL"
    if state in words.RELEASED_STATES:
        return sign[state].letters
    if state == "not_handed_over" and product in words.PRODUCT.codes:
        return f"{_GROUND_LETTERS[state]} ({sign[product].letters.partition('{')[0]})"
    return _GROUND_LETTERS[state]


def _some(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


def _placed(shapes: Array) -> Array:
    """Say which shapes are there, hold ground or a place, and are numbers throughout."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(owner, ~np.isfinite(xy).all(axis=1), minlength=len(shapes)) > 0
    return np.asarray(~(shapely.is_missing(shapes) | shapely.is_empty(shapes) | broken))


def _oriented(shapes: Array) -> Array:
    """Let outer rings run anticlockwise, holes clockwise, as GeoJSON and KML ask; in two dimensions."""
    return np.asarray(shapely.orient_polygons(shapely.force_2d(shapes)), dtype=object)


def _unplaced(unplaced: pd.DataFrame) -> pd.DataFrame:
    told = unplaced.rename(columns={"hazard_id": "id"}).assign(is_a="hazard or evidence", reason=_NO_POSITION)
    return told.reindex(columns=list(NOWHERE_COLUMNS)).fillna({"id": "(no id)"})


def _without_shape(frame: Any, what: str, unplaced: pd.DataFrame) -> pd.DataFrame:
    """List the rows of a layer that have no shape and are not among the unplaced already."""
    if frame.empty or what == "ground":
        return pd.DataFrame(columns=list(NOWHERE_COLUMNS))
    key = tables.table(what).id_column
    known = frame[key].isin(unplaced["hazard_id"]) if what in {"hazards", "finds"} else pd.Series(False, frame.index)
    rest = frame[~known]
    reason = _ENDED if what == "hazards" else _NO_SHAPE
    dates = {"hazards": "date_of_information", "surveys": "date", "finds": "date", "releases": "date_completed"}
    told = pd.DataFrame(rest).rename(columns={key: "id", dates.get(what, ""): "date_of_information"})
    told = told.assign(is_a=LAYERS[what], reason=reason)
    return told.reindex(columns=list(NOWHERE_COLUMNS)).fillna({"id": "(no id)"})
