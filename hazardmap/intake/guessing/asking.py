"""What a proposal leaves to a person: the order of day and month, words that are not known, values that the file lacks.

Each question becomes a line that can be uncommented, with what was counted. Knows values and columns of ours.
"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from hazardmap.intake.guessing.profile_text import Line, quoted, written
from hazardmap.intake.guessing.proposal import counted, shown
from hazardmap.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hazardmap.intake.guessing.contents import Content
    from hazardmap.schema import Column, Table
    from hazardmap.words import Vocabulary

#: Words of a column that are listed; more are told by their number.
LISTED = 40
#: Rows that must tell day from month before an order is proposed, and their share of those that do not.
_ENOUGH, _SHARE = 3, 0.1
#: What a silent file of hazards means: the worst that these words can, as in the generic profile.
_WORST = {"hazards": {"event": "established", "status": "open"}}
#: Words that turn what stands beside them into its contrary: no meaning is proposed beside one.
_CONTRARY = frozenset(
    fold(w)
    for w in (
        "no",
        "not",
        "non",
        "un",
        "never",
        "without",
        "не",
        "нет",
        "без",
        "ні",
        "немає",
        "deyil",
        "yox",
        "ne",
        "nije",
        "sin",
        "sans",
        "pas",
        "لا",
        "غير",
        "ليس",
    )
)


def day_lines(dates: Mapping[str, Content]) -> tuple[list[Line], list[str]]:
    """Say what the dates of a table tell of their format; one format serves the whole section.

    Parameters
    ----------
    dates
        Column of ours → its values.

    Returns
    -------
    Lines of the section, and questions.
    """
    days = [c.days for c in dates.values()]
    first, second, either = (sum(getattr(d, k) for d in days) for k in ("day_first", "month_first", "either"))
    shapes: Counter[tuple[str, str]] = sum((d.shapes for d in days), Counter())
    lettered: Counter[str] = sum((d.lettered for d in days), Counter())
    lines: list[Line] = []
    questions: list[str] = []
    if either:
        mark, behind = shapes.most_common(1)[0][0]
        day, month = (f'"{a}{mark}{b}{mark}%Y{behind}"' for a, b in (("%d", "%m"), ("%m", "%d")))
        told = f"{either:,} dates can be read two ways; {first:,} can only be day first, {second:,} only month first"
        if bool(first) != bool(second) and max(first, second) >= max(_ENOUGH, _SHARE * either):
            lines.append(Line("date_format", day if first else month, told))
        else:
            lines.append(Line("date_format", day, told, asked=True))
            lines.append(Line("date_format", month, "or", asked=True))
            questions.append(f"dates: day first or month first? {told}; unanswered, those are faults")
    elif lettered:
        lines.append(
            Line(
                "date_format",
                quoted(lettered.most_common(1)[0][0]),
                f"{sum(lettered.values()):,} dates have their month in letters",
            )
        )
    if short := sum(d.short for d in days):
        told = f"{short:,} dates have a year of two digits: which century, and which order?"
        if not lines:
            mark = shapes.most_common(1)[0][0][0]
            lines.append(
                Line(
                    "date_format",
                    f'"%d{mark}%m{mark}%y"',
                    f"{told} %y reads 69 to 99 as 19.., 00 to 68 as 20..",
                    asked=True,
                )
            )
        questions.append(f"dates: {told}")
    return lines, questions


def word_lines(column: Column, seen: Content) -> tuple[list[Line], list[str]]:
    """List the words of a column that are not known, each with what it resembles; a person decides."""
    assert column.words is not None  # noqa: S101 - asked by the caller
    _, strange = seen.words(column.words, several=column.kind == "words")
    lines: list[Line] = []
    for word, rows in sorted(strange.items(), key=lambda item: (-item[1], item[0]))[:LISTED]:
        if not written(word):
            continue
        alike = resembling(word, column.words)
        told = f"{counted(rows, 'row')}; " + (f"resembles {' and '.join(alike)}" if alike else "resembles none")
        told += f"; one of {', '.join(column.words.codes)}"
        lines.append(Line(quoted(word), quoted(alike[0]) if len(alike) == 1 else '""', told, asked=True))
    if not strange:
        return [], []
    most = ", ".join(repr(shown(w, 30)) for w in sorted(strange, key=lambda w: (-strange[w], w))[:3])
    more = " …" if len(strange) > 3 else ""
    told = f"{column.name}: {counted(len(strange), 'word')} not known ({most}{more}); unanswered, their rows are faults"
    return lines, [told]


def resembling(word: str, known: Vocabulary) -> tuple[str, ...]:
    """Give the codes whose spellings stand in a text, or are spelled nearly like it; none beside a word of denial.

    Examples
    --------
    >>> from hazardmap.words import CLASSIFICATION
    >>> resembling("1 - SHA (old)", CLASSIFICATION), resembling("not confirmed", CLASSIFICATION)
    (('suspected',), ())
    """
    told = fold(word)[:200]
    if _CONTRARY & set(told.split()):
        return ()
    spellings = [(fold(s), code) for code, others in known.spellings.items() for s in (code, *others)]
    inside = {code for s, code in spellings if len(s) > 1 and f" {s} " in f" {told} "}
    if not inside and len(told) >= 5:
        inside = {
            code
            for s, code in spellings
            if len(s) >= 5 and difflib.SequenceMatcher(None, told, s, autojunk=False).ratio() >= 0.85
        }
    return tuple(code for code in known.codes if code in inside)


def lacking_lines(
    table: Table, read: Mapping[str, Content], seen: Mapping[str, Content]
) -> tuple[list[Line], list[Line], list[str]]:
    """Give the constants and templates that the file lacks, to be filled in.

    Parameters
    ----------
    table
        Ours.
    read
        Columns of ours that the profile reads.
    seen
        Columns of ours that were matched, read or not.
    """
    values: list[Line] = []
    templates: list[Line] = []
    questions: list[str] = []
    for column in table.columns:
        worst = _WORST.get(table.name, {}).get(column.name)
        if worst:
            values.append(Line(column.name, quoted(worst), "where the file is silent: the worst that it can mean"))
        elif column.required and column.name not in read:
            if column.name == table.id_column:
                why = (
                    "FILL IN: every row needs an id. Row numbers change with the next edition: name a column if you can"
                )
                templates.append(Line(column.name, '"A-{row:5}"', why, asked=True))
            else:
                told = f"FILL IN: {column.meaning}" + (
                    f"; one of {', '.join(column.words.codes)}" if column.words else ""
                )
                values.append(Line(column.name, _example(column), told, asked=True))
            questions.append(
                f"{column.name}: no column is read for it ({column.meaning}); fill it in, or import refuses the file"
            )
        if column.name in seen and column.kind == "date" and table.name == "finds":
            templates += _year(column, seen[column.name])
    return values, templates, questions


def _year(column: Column, seen: Content) -> list[Line]:
    if (
        not seen.days.years
        or seen.share(seen.days.years) <= 0.5
        or set(seen.name) & set("{}:")
        or not written(seen.name)
    ):
        return []
    why = "the file says only the year: the last day of it is the latest that a find can have been"
    return [Line(column.name, quoted(f"{{{seen.name}}}-12-31"), why, asked=True)]


def _example(column: Column) -> str:
    if column.words is not None:
        return '""'
    return "2024-12-31" if column.kind == "date" else '""'
