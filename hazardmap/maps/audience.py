"""What of a scene partners and the public may have: layers and columns that the policy allows, and nothing else.

A list of what may pass, by layer and column; whatever is not on it is left out before anything is packed. Knows the
scene and the policy; knows nothing of the page.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hazardmap import release, words
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from hazardmap.maps.scene import Scene
    from hazardmap.programme import Programme

#: Layer → what it needs as a whole; "" for what anybody may see: administrative areas, the limit of the data, roads.
_LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "ground": "boundaries",
        "hazards": "boundaries",
        "releases": "boundaries",
        "surveys": "boundaries",
        "finds": "finds",
        "plots": "plots",
        "verdicts": "answers",
        "districts": "",
        "coverage": "",
        "context": "",
    }
)


def _needing(**columns: str) -> dict[str, str]:
    """Turn detail → columns into column → detail; what needs nothing stands under ``free``."""
    return {name: "" if detail == "free" else detail for detail, names in columns.items() for name in names.split()}


_DEVICES = " ".join(f"{kind}_found" for kind in ("ap", "av", "uxo", "axo", "cluster", "ied"))
_SHARES = " ".join(f"{state}_{unit}" for state in words.STATES for unit in ("m2", "pct"))
#: Layer → column → the detail that it belongs to. A column that is not named here never passes.
_COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ground": _needing(
            free="state product depth_m area_m2",
            ids="why hazard_ids release_ids unlinked_release_ids void_release_ids survey_ids find_ids",
        ),
        "hazards": _needing(
            free="classification status date_of_information event area_m2 open_m2 accuracy_m location_kind workflow"
            " unplaced",
            ids="hazard_id",
            contamination="contamination",
            casualties="evidence",
            organisations="organisation",
            text="name district priority repaired quarantined",
            documents="source",
        ),
        "releases": _needing(
            free="product standing why activity_type method depth_m date_completed decision decision_date quality"
            " nonconformity area_m2",
            ids="release_id hazard_ids",
            contamination=_DEVICES,
            organisations="organisation handover_to",
            documents="activity_id handover_no handover_date source",
            text="district repaired quarantined",
        ),
        "finds": _needing(
            free="date accuracy_m answered_on",
            ids="find_id",
            casualties=f"kind {_DEVICES}",
            documents="answered_by source",
            text="district repaired quarantined",
        ),
        "surveys": _needing(
            free="date",
            ids="survey_id",
            organisations="organisation",
            documents="source",
            text="repaired quarantined",
        ),
        "plots": _needing(
            free="required_depth_m",
            ids="plot_id",
            documents="cadastre_no source",
            text="name use district repaired quarantined",
        ),
        "verdicts": _needing(
            free="plot_id verdict flags required_depth_m cleared_depth_m area_m2 unplaced_hazards on as_of data_as_of",
            boundaries=f"nearest_hazard_m nearest_direction {_SHARES}",
            ids="nearest_hazard_id hazard_ids release_ids idle_release_ids survey_ids find_ids",
            documents="why cadastre_no sources",
            text="name use",
        ),
        "districts": _needing(free="district_id name aliases parent"),
        "coverage": _needing(free="as_of", ids="coverage_id"),
        "context": _needing(free="kind name"),
    }
)
#: What the public has of an answer about a plot, whatever else it may see: the plot and its verdict.
_PUBLIC_ANSWER = ("plot_id", "verdict")
#: Columns that draw a row: signs, and its days on a map through time.
_DRAWING = ("symbol", "flag", "from", "to")


def allowed(programme: Programme, audience: str) -> frozenset[str]:
    """Give what a product of a programme may carry for an audience: words of `words.DETAILS`.

    Raises
    ------
    SchemaError
        When there is no such audience.

    Examples
    --------
    >>> import hazardmap as hm
    >>> sorted(allowed(hm.example(), "public")), "ids" in allowed(hm.example(), "partner")
    ([], True)
    """
    if audience not in words.AUDIENCES:
        raise SchemaError(f"audience {audience!r}", f"one of {', '.join(words.AUDIENCES)}", "correct the word")
    policy = programme.policy
    shows: dict[str, Any] = {"public": policy.public_shows, "partner": policy.partner_shows}
    return frozenset(shows.get(audience, words.DETAILS))


def refuse(programme: Programme, *, audience: str, answers: bool, through_time: bool) -> None:
    """Refuse a map that the policy does not allow for an audience.

    Generalised ground is not shown from day to day: what a zone gains or loses overnight is one hazard or one release,
    with its area and its date, which is what the zone was to withhold.

    Raises
    ------
    SchemaError
        For answers about plots, and for a map through time, where the policy does not allow what they show.
    """
    shows = allowed(programme, audience)
    setting = f"{audience}_shows"
    if answers and "answers" not in shows:
        raise SchemaError(
            f"answers about plots on a map for the audience {audience!r}",
            f"a policy whose {setting} holds answers: a verdict tells what lies on a plot of land that all can find",
            f"leave answers= out, or let the national authority add it to {setting}",
        )
    if through_time and "boundaries" not in shows:
        raise SchemaError(
            f"a map through time for the audience {audience!r}",
            f"a policy whose {setting} holds boundaries: from one day to the next a zone changes by one hazard or one"
            " release, so that its area and date could be read off",
            "draw a map of one day, or several with months between them",
        )


def restricted(scene: Scene, programme: Programme, audience: str) -> Scene:
    """Leave out of a scene what an audience may not have.

    Parameters
    ----------
    scene
        What an internal map shows.
    programme
        Its programme, whose policy decides.
    audience
        ``internal``, ``partner`` or ``public``.

    Returns
    -------
    Scene
        The same for ``internal``. For others: only layers and columns that the policy allows; where it does not allow
        boundaries, a layer ``zones`` in place of ground, hazards, releases and surveys. How many hazards have no
        position is told to everybody. Of answers the public has the verdict and the outline of the plot, with ``ids``
        also its id, and no other column.
    """
    if audience == "internal":
        return scene
    shows = allowed(programme, audience)
    frames = {layer: _passed(layer, frame, shows) for layer, frame in scene.frames.items()}
    lives = {layer: _passed(layer, frame, shows) for layer, frame in scene.lives.items()}
    if audience == "public" and "verdicts" in frames:
        frames["verdicts"] = _verdicts_alone(frames["verdicts"], shows)
    if "boundaries" not in shows:
        zones = release.generalised(programme, on=scene.on)
        frames["zones"] = zones.assign(symbol=zones["state"])
    return replace(
        scene,
        audience=audience,
        frames=frames,
        lives=lives,
        unplaced=_unnamed(scene.unplaced, scene.frames["hazards"], shows),
        unplaced_life=_unnamed(scene.unplaced_life, None, shows) if scene.lives else scene.unplaced_life,
        generalised=_generalised(frames["zones"], scene.frames["ground"], programme) if "zones" in frames else {},
    )


def _passed(layer: str, frame: gpd.GeoDataFrame, shows: frozenset[str]) -> gpd.GeoDataFrame:
    columns = {name for name, detail in _COLUMNS[layer].items() if not detail or detail in shows}
    kept = [name for name in frame.columns if name in columns or name in _DRAWING or name == frame.geometry.name]
    passed = frame[kept]
    if _LAYERS[layer] and _LAYERS[layer] not in shows:
        return passed.iloc[:0]
    if layer == "finds" and "casualties" not in shows:
        # One sign for all: were devices told, what is left would be accidents.
        return passed.assign(symbol=passed["symbol"].where(passed["symbol"].eq("answered"), "evidence"))
    return passed


def _verdicts_alone(answers: gpd.GeoDataFrame, shows: frozenset[str]) -> gpd.GeoDataFrame:
    """Keep of the answers what the public has: areas, depths and flags would tell what lies on the plot."""
    told = [name for name in _PUBLIC_ANSWER if name != "plot_id" or "ids" in shows]
    return answers[[name for name in answers.columns if name in (*told, "symbol", answers.geometry.name)]]


def _unnamed(unplaced: Any, hazards: Any, shows: frozenset[str]) -> Any:
    """Count the hazards without a position for everybody; name them only to those who see ids."""
    if "partly" not in unplaced:
        drawn = hazards.loc[hazards.geometry.notna(), "hazard_id"] if len(unplaced) else []
        unplaced = unplaced.assign(partly=unplaced["hazard_id"].isin(drawn) if len(unplaced) else False)
    names = ["hazard_id"] if "ids" in shows else []
    days = [name for name in ("from", "to") if name in unplaced]
    return unplaced[[*names, "partly", *days]]


def _generalised(zones: gpd.GeoDataFrame, ground: gpd.GeoDataFrame, programme: Programme) -> dict[str, Any]:
    """Say how ground is generalised, and how much there is of it in all: zones may tell the same ground twice."""
    unit = programme.policy.public_round_m2
    area = ground.groupby("state")["area_m2"].sum()
    counts = {s: area.get(s, 0.0) / unit for s in words.KNOWN_STATES}
    whole = {s: math.floor(n) if s in words.RELEASED_STATES else math.ceil(n) for s, n in counts.items()}
    return {
        "cell_m": programme.policy.public_cell_m,
        "districts": bool(zones["zone"].eq("district").any()),
        "round_m2": unit,
        "totals": {state: float(n * unit) for state, n in whole.items()},
    }
