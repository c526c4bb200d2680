"""Which column of a file may be which of ours: names and values together, the best first, rivals beside them.

A column that can make an answer better (a decision, a quality, a handover, a closing) is read only where its name says
it and its values fit. Knows names, values and columns of ours; writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hazardmap.intake import profile as profiles
from hazardmap.intake.guessing.fitting import fit, percent
from hazardmap.intake.guessing.naming import Names, cut_alike, names
from hazardmap.intake.guessing.proposal import Match, shown
from hazardmap.intake.profile import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hazardmap.intake.guessing.contents import Content
    from hazardmap.schema import Column, Table

#: From this confidence on a proposal is read by the written profile.
READ = 0.6
#: … and from this one where what it says can make an answer better.
READ_GOOD = 0.85
#: Columns with which an answer can get better than without.
BETTER = frozenset(
    {
        *("closed_on", "close_reason", "superseded_by", "workflow", "event", "decision", "decision_date", "quality"),
        *("quality_date", "nonconformity_closed_on", "handover_no", "handover_date", "handover_to", "answered_on"),
        *("answered_by", "depth_m", "valid_from", "valid_to"),
    }
)
#: Columns whose words are told from other words by themselves.
_TELLING = frozenset({"classification", "status", "contamination", "product", "activity_type", "kind"})
_LEAST, _CLOSE = 0.3, 0.05


@dataclass(frozen=True)
class _Pair:
    ours: Column
    theirs: Content
    confidence: float
    why: str
    question: str = ""


@dataclass
class Matched:
    """What was matched: matches in our order, their questions, and the values of each column read."""

    matches: list[Match] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    of: dict[str, Content] = field(default_factory=dict)


def matched(table: Table, seen: Sequence[Content], *, cut: bool, areas: Mapping[str, float] | None) -> Matched:
    """Match the columns of a file with those of a table.

    Parameters
    ----------
    table
        Ours.
    seen
        The columns of the file that a profile can name.
    cut
        Whether the format cuts names to ten letters.
    areas
        See `fitting.fit`.
    """
    generic = profiles.load("generic").sections.get(table.name, profiles.Section()).columns
    beside = [c.name for c in seen]
    first = [c for c in seen if not (cut and cut_alike(c.name))]  # of a numbered name nobody knows what it stood for
    wanted = [c for c in table.columns if c.name not in OWN]
    pairs = [
        pair
        for column in wanted
        for pair in _pairs(
            column,
            table,
            first,
            names(table.name, column.name, _kind(column, table), generic.get(column.name, ())),
            beside=beside if cut else None,
            areas=areas,
        )
    ]
    order = sorted(range(len(pairs)), key=lambda i: (-pairs[i].confidence, i))
    chosen: dict[str, _Pair] = {}
    taken: dict[str, str] = {}
    for i in order:
        pair = pairs[i]
        if pair.ours.name in chosen or taken.get(pair.theirs.name) not in _shared(pair.ours.name):
            continue
        chosen[pair.ours.name] = pair
        taken.setdefault(pair.theirs.name, pair.ours.name)
    done = Matched()
    for column in wanted:
        if column.name in chosen:
            _add(done, chosen[column.name], pairs, chosen)
    return done


def _kind(column: Column, table: Table) -> str:
    return "id" if column.name == table.id_column else column.kind


def _shared(ours: str) -> tuple[Any, ...]:
    """Name the columns of ours that may be read from the same one of theirs."""
    return (None, "plot_id", "cadastre_no") if ours in {"plot_id", "cadastre_no"} else (None,)


def _pairs(
    column: Column,
    table: Table,
    seen: Sequence[Content],
    known: Names,
    *,
    beside: Sequence[str] | None,
    areas: Mapping[str, float] | None,
) -> list[_Pair]:
    found = []
    for theirs in seen:
        hit = known.hit(theirs.name, cut=beside is not None, beside=beside or ())
        if hit is None:
            pair = _by_content(column, table, theirs, seen)
        else:
            fits = fit(column, table, theirs, areas)
            pair = _Pair(column, theirs, hit.confidence * fits.factor, f"{hit.why}; {fits.why}", fits.question)
        if pair is not None and pair.confidence >= _LEAST:
            found.append(pair)
    return found


def _by_content(column: Column, table: Table, theirs: Content, seen: Sequence[Content]) -> _Pair | None:
    """Propose a column by its values alone; weak, and never for what can make an answer better."""
    if not theirs.filled:
        return None
    if column.words is not None and column.name in _TELLING:
        known, _ = theirs.words(column.words, several=column.kind == "words")
        share = theirs.share(known)
        if share < 0.8:
            return None
        return _Pair(
            column, theirs, 0.45 + 0.2 * share, f"by its values alone: {percent(share)} are words of {column.name}"
        )
    if column.name == table.id_column and theirs.different == theirs.rows > 1:
        alike = sum(c.different == c.rows for c in seen)
        told = "the only column" if alike == 1 else f"one of {alike} columns"
        return _Pair(
            column,
            theirs,
            0.5 if alike == 1 else 0.35,
            f"by its values alone: {told} whose values are all there and all different",
        )
    dates = [c for c in seen if c.filled and c.share(c.days.certain) > 0.8]
    if column.kind == "date" and column.required and len(dates) == 1 and dates[0] is theirs:
        return _Pair(
            column, theirs, 0.5, "by its values alone: the only column of dates; whether it is this day is not known"
        )
    return None


def _add(done: Matched, pair: _Pair, pairs: Sequence[_Pair], chosen: Mapping[str, _Pair]) -> None:
    ours, theirs = pair.ours.name, pair.theirs.name
    used_by_others = {p.theirs.name for name, p in chosen.items() if name != ours}
    rivals = [
        p for p in pairs if p.ours is pair.ours and p.theirs is not pair.theirs and p.theirs.name not in used_by_others
    ]
    rivals = sorted((p for p in rivals if p.confidence >= 0.5), key=lambda p: -p.confidence)[:3]
    contested = [p for p in pairs if p.theirs is pair.theirs and p.ours is not pair.ours and p.ours.name not in chosen]
    contested = [p for p in contested if pair.confidence - p.confidence < _CLOSE and ours not in _shared(p.ours.name)]
    read = pair.confidence >= (READ_GOOD if ours in BETTER else READ)
    name = shown(theirs, 40)
    if rivals and pair.confidence - rivals[0].confidence < _CLOSE:
        read = False
        done.questions.append(f"{ours}: {name} or {' or '.join(shown(r.theirs.name, 40) for r in rivals)}?")
    elif contested:
        read = False
        done.questions.append(f"{name}: is it {ours} or {' or '.join(p.ours.name for p in contested)}?")
    elif not read:
        why = "it can make an answer better, and its name or its values leave a doubt" if ours in BETTER else pair.why
        done.questions.append(f"{ours}: is it {name}? {why}")
    if pair.question:
        done.questions.append(f"{ours}: {pair.question}")
    done.of[ours] = pair.theirs
    done.matches.append(
        Match(ours, theirs, round(pair.confidence, 2), pair.why, read, tuple((r.theirs.name, r.why) for r in rivals))
    )
