"""How well the name of a column of a file fits one of ours: the same, known, general, cut, nearly spelled so.

Knows names; knows nothing of values.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hazardmap.intake.guessing.lexicon import LANGUAGES, names_of
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CUT = 10  # letters that a Shapefile keeps of a name
_NEARLY = 0.86


@dataclass(frozen=True)
class NameHit:
    """How a name fits: from 0 to 1, why, and whether the name alone says it (a general name does not)."""

    confidence: float
    why: str
    plain: bool = True


@dataclass(frozen=True)
class Names:
    """Under which names files have one column of ours: folded name → how it is told."""

    ours: str
    said: Mapping[str, str]
    general: Mapping[str, str]

    def hit(self, theirs: str, *, cut: bool, beside: Iterable[str] = ()) -> NameHit | None:
        """Tell how well a name fits, or None.

        Parameters
        ----------
        theirs
            The name in the file.
        cut
            Whether its format cuts names to ten letters.
        beside
            All names of the file: one that was cut to the same letters makes the meaning of a cut name a question.
        """
        told = fold(theirs)
        if not told:
            return None
        if told == fold(self.ours):
            return NameHit(1.0, "named as ours")
        if told in self.said:
            return NameHit(0.9, f"named so{self.said[told]}")
        if told in self.general:
            return NameHit(0.7, f"a general name{self.general[told]}", plain=False)
        if cut and (short := self._cut(theirs, beside)) is not None:
            return short
        near = self._nearest(told)
        return NameHit(0.65, f"spelled nearly like {near!r}", plain=False) if near else None

    def _cut(self, theirs: str, beside: Iterable[str]) -> NameHit | None:
        """Tell which of its names, if any, has been cut to these ten letters."""
        names = (self.ours, *self.said)
        longer = sorted(n for n in names if len(n) > _CUT and _letters(n)[:_CUT] == _letters(theirs))
        if not longer or len(theirs) != _CUT:
            return None
        told = f"can be {longer[0]!r}, cut to 10 letters"
        second = next((b for b in beside if b != theirs and cut_alike(b, theirs)), None)
        return NameHit(0.8, told) if second is None else NameHit(0.5, f"{told}, or what {second!r} is", plain=False)

    def _nearest(self, told: str) -> str | None:
        if len(told) < 5:
            return None
        for name in (fold(self.ours), *self.said):
            whole = difflib.SequenceMatcher(None, told, name, autojunk=False)
            if len(name) >= 5 and whole.real_quick_ratio() >= _NEARLY and whole.ratio() >= _NEARLY:
                return name
        return None


def names(table: str, column: str, kind: str, generic: Iterable[str]) -> Names:
    """Gather the names of one column of ours: the lexicon's, and those of the generic profile.

    Examples
    --------
    >>> hazard = names("hazards", "status", "word", ["status", "state"])
    >>> hazard.hit("Статус", cut=False).why, hazard.hit("hazard_sta", cut=True).why
    ('named so in Russian', "can be 'hazard status', cut to 10 letters")
    """
    said, general = names_of(table, column, kind)
    wide: dict[str, str] = {}
    known: dict[str, str] = {}
    for name, language in general.items():  # English stands first: "area" is not Spanish for that it is folded so
        wide.setdefault(fold(name), _language(language))
    for name, language in said.items():
        known.setdefault(fold(name), _language(language))
    for name in generic:
        if fold(name) not in wide:
            known.setdefault(fold(name), "")
    return Names(column, known, wide)


def cut_alike(second: str, first: str = "") -> bool:
    """Tell whether a Shapefile may have cut two names to the same letters and numbered the second.

    Examples
    --------
    >>> cut_alike("hazard_s_1", "hazard_sta"), cut_alike("hazard_s_1", "date_of_in"), cut_alike("hazard_id")
    (True, False, False)
    """
    head, mark, tail = second.rpartition("_")
    numbered = len(second) == _CUT and bool(mark) and tail.isdigit() and bool(head)
    return numbered and (not first or first.casefold().startswith(head.casefold()))


def _language(code: str) -> str:
    return f" in {LANGUAGES[code]}" if code != "en" else ""


def _letters(name: str) -> str:
    """Write a name as a Shapefile would hold it."""
    return name.replace(" ", "_").casefold()
