"""What ``hazardmap import --update`` can be told, and what it tells of releases and of ground.

Spells the public verbs; knows no geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hazardmap as hm
from hazardmap import words
from hazardmap.cli.showing import area, plain, usable
from hazardmap.errors import SchemaError

if TYPE_CHECKING:
    import argparse

_ONLY_WITH = ("allow_older", "allow_same_day", "missing_from", "partial")
#: Standings, worst first.
_STANDINGS = ("void", "pending", "counting")
_MOVES_GROUND = ("hazards", "releases", "surveys", "finds")
_SHOWN = 5


def add_arguments(command: Any) -> None:
    """Describe the options of an update."""
    newer = command.add_argument_group("a newer edition of a file")
    newer.add_argument(
        "--update", action="store_true", help="match by id: what differs is a newer report; nothing is deleted"
    )
    newer.add_argument("--allow-older", action="store_true", help="take reports older than those held")
    newer.add_argument("--allow-same-day", action="store_true", help="take reports of the same day as those held")
    expected = newer.add_mutually_exclusive_group()
    expected.add_argument(
        "--missing-from", metavar="SOURCE", help="the earlier file, or origin, all of whose records are expected"
    )
    expected.add_argument("--partial", action="store_true", help="the file holds only some records: none is missing")


def brought_in(programme: hm.Programme, imported: Any, options: argparse.Namespace) -> tuple[hm.Programme, Any]:
    """Add or update; give the programme, and what is to be printed.

    Raises
    ------
    SchemaError
        When an option of an update is given without ``--update``.
    """
    if not options.update:
        if lone := [n for n in _ONLY_WITH if getattr(options, n)]:
            names = ", ".join(f"--{n.replace('_', '-')}" for n in lone)
            raise SchemaError(f"{names} without --update", "an update", "add --update, or leave it out")
        return hm.add(programme, imported), imported
    done = hm.update(programme, imported, **{n: getattr(options, n) for n in _ONLY_WITH})
    return done.programme, done


def status(done: Any, *, strict: bool) -> int:
    """Give the exit status: 1 when reports were refused, or when ``--strict`` meets rows not sound or missing."""
    counts = done.counts
    if "refused" not in counts:
        return int(strict and counts["accepted"] < counts["rows"])
    unsound = counts["quarantined"] + done.repaired + counts["missing"]
    return int(counts["refused"] > 0 or (strict and unsound > 0))


def effects(before: hm.Programme, after: hm.Programme, table: str) -> str:
    """Tell which releases an update made better or worse, and how much ground is in which state before and after."""
    if table not in _MOVES_GROUND or before.as_of is None or after.as_of is None:
        return ""
    was, now = (usable(p, told=False)[0] for p in (before, after))
    lines = _standings(was, now)
    areas = [hm.ground(p, on=p.as_of or "").groupby("state")["area_m2"].sum() for p in (was, now)]
    told = [
        f"  {state.replace('_', ' '):<18}{area(a):>14} → {area(b)}"
        for state in words.KNOWN_STATES
        if round(a := float(areas[0].get(state, 0))) != round(b := float(areas[1].get(state, 0)))
    ]
    if told:
        lines += [f"Ground on {before.as_of} → on {after.as_of}:", *told]
    return "\n".join(lines)


def _standings(was: hm.Programme, now: hm.Programme) -> list[str]:
    then, later = (
        hm.releases_on(p, on=p.as_of or "").drop_duplicates("release_id", keep="last").set_index("release_id")
        for p in (was, now)
    )
    both = later.index[later.index.isin(then.index)]
    moved: dict[str, list[str]] = {"better": [], "worse": []}
    for name, a, b in zip(both, then.loc[both, "standing"], later.loc[both, "standing"], strict=True):
        if a != b:
            side = "better" if _STANDINGS.index(b) > _STANDINGS.index(a) else "worse"
            moved[side].append(f"{plain(name)} ({a} → {b})")
    gone = then.index[~then.index.isin(later.index)]
    moved["worse"] += [f"{plain(name)} (not complete any more)" for name in gone]
    return [
        f"Releases that count for {'more' if side == 'better' else 'less'} than before: {len(found):,}, e.g."
        f" {', '.join(found[:_SHOWN])}"
        for side, found in moved.items()
        if found
    ]
