"""What all commands say and show: areas, faults, steps on a terminal, and days as they are typed.

Knows terminals; calls no verb but to list faults.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from datetime import date
from typing import TYPE_CHECKING, Any, Self

import hazardmap as hm
from hazardmap import tables, words
from hazardmap.errors import FileError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hazardmap.maps.scene import Scene

_SHOWN = 12


def day(text: str) -> date:
    """Read a day as it is typed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it like 2024-12-31") from None


def values_of(given: list[str]) -> dict[str, str]:
    """Read what --set says: column=value."""
    values = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not equals or not column.strip():
            raise SchemaError(f"--set {text!r}", "column=value", "e.g. --set classification=suspected")
        values[column.strip()] = value
    return values


def text_of(path: Path) -> str:
    """Read a policy file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise FileError(
            f"{path} cannot be read: {reason}", "a policy file in TOML", "correct the path after --policy"
        ) from None


def numbers(values: Sequence[float]) -> str:
    """Write numbers as they are typed."""
    return " ".join(f"{v:g}" for v in values)


def usable(programme: hm.Programme, *, told: bool = True) -> tuple[hm.Programme, int]:
    """Quarantine the faulty rows of a programme that was edited by hand, and say so."""
    faults = hm.validate(programme)
    faults = faults[faults["expected"] != tables.VALID]
    if faults.empty:
        return programme, 0
    if told:
        rows = faults[["table", "row"]].drop_duplicates()
        print(f"{len(rows):,} faulty rows count as quarantined: hazards as open, releases as none.")
        print_faults(faults.head(_SHOWN))
        if len(faults) > _SHOWN:
            print(f"  … and {len(faults) - _SHOWN:,} more: hazardmap validate lists all")
    changes: dict[str, Any] = {
        name: tables.quarantine(tables.canonical(programme.table(name), name), faults, name)
        for name in faults["table"].unique()
    }
    return dataclasses.replace(programme, **changes), len(faults)


def print_faults(faults: Any) -> None:
    """List faults, a line each."""
    for fault in faults.itertuples(index=False):
        name = fault.record_id or f"row {fault.row}"
        print(plain(f"  {fault.table} {name}: {fault.column} is {fault.found}; expected {fault.expected}"))


def as_of(programme: hm.Programme) -> date:
    """Give the as-of date of a programme, or refuse."""
    if programme.as_of is None:
        raise SchemaError(
            "the programme does not say up to which day it speaks", "an as-of date", "add --on 2024-12-31"
        )
    return programme.as_of


def summary(scene: Scene) -> None:
    """Tell how much ground is in which state."""
    print(f"{plain(scene.name)} on {scene.on} (data as of {scene.as_of}):")
    areas = scene.frames["ground"].groupby("state")["area_m2"].sum()
    for name in words.STATES:
        if name in areas:
            print(f"  {name.replace('_', ' '):<18}{area(areas[name]):>14}")
    if count := len(scene.unplaced):
        print(f"  {count:,} hazard{'s' if count > 1 else ''} without a position cannot be drawn and may lie anywhere.")
    print(f"  {words.ABSENCE}\n  {words.DISCLAIMER} Source: {plain(scene.sources) or 'not stated'}")


def area(m2: float) -> str:
    """Write an area in the unit that suits it.

    Examples
    --------
    >>> area(950.4), area(15_000), area(806_942_910)
    ('950 m²', '1.50 ha', '806.94 km²')
    """
    if m2 < 10_000:
        return f"{m2:,.0f} m²"
    return f"{m2 / 1e4:,.2f} ha" if m2 < 1e6 else f"{m2 / 1e6:,.2f} km²"


def plain(text: str) -> str:
    """Make text from data fit for a terminal: one line, no control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


class Steps:
    """Tell on a terminal what is being done, and how much of it; in a pipe, nothing."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.done = 0
        self.what = ""
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def __call__(self, what: str) -> None:
        """Begin the next step."""
        self.what = what
        bar = "█" * self.done + "░" * (self.count - self.done)
        self.done += 1
        self._say(f"{bar} {what} …")

    def portion(self, done: int, of: int) -> None:
        """Tell how much of a long step is done."""
        filled = 20 * done // max(of, 1)
        self._say(f"{'█' * filled}{'░' * (20 - filled)} {self.what}: {done:,} of {of:,}")

    def _say(self, text: str) -> None:
        if self.shown:
            print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)
