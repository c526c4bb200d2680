"""The vocabulary of the field: codes, their meaning, their source and the spellings met in files.

A word that is in no list is a fault: nothing here guesses. Codes are what the tables hold; spellings (several
languages, any case) are accepted at import only. Knows nothing of tables or geometry.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Vocabulary:
    """A closed list of codes with accepted spellings.

    Parameters
    ----------
    name
        What the words say, for messages.
    source
        The document that the codes come from (domain notes in the README).
    spellings
        Code → other ways in which files write it. The code itself is always accepted.
    """

    name: str
    source: str
    spellings: Mapping[str, tuple[str, ...]]
    _codes: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes: dict[str, str] = {}
        for code, others in self.spellings.items():
            for text in (code, *others):
                if codes.setdefault(fold(text), code) != code:
                    msg = f"{self.name}: the spelling {text!r} stands for two codes"
                    raise ValueError(msg)
        object.__setattr__(self, "_codes", MappingProxyType(codes))

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in the order of the list."""
        return tuple(self.spellings)

    def code(self, text: str) -> str | None:
        """Give the code that a spelling stands for, or None when the list does not know it.

        Examples
        --------
        >>> CLASSIFICATION.code("  Подтвержденный ")
        'confirmed'
        >>> CLASSIFICATION.code("ŞÜBHƏLİ")
        'suspected'
        >>> CLASSIFICATION.code("probably") is None
        True
        """
        return self._codes.get(fold(text))


def fold(text: str) -> str:
    """Bring a spelling to the form in which spellings are compared.

    Case, accents, the Turkic dotted and dotless i, and the marks between words make no difference.

    Examples
    --------
    >>> fold("  Booby-TRAP ") == fold("booby_trap")
    True
    >>> fold("İşğal") == fold("IŞĞAL")
    True
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ı", "i")
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


# No spelling that also stands for something else is listed where it would make an answer better: "AP" is an area in one
# country and a mine in the next, "verified" is a step before approval in many; unknown, they are faults.
CLASSIFICATION = Vocabulary(
    "classification",
    "IMAS 08.10; evidence: GICHD wiki, Evidence of Contamination",
    {
        "suspected": (
            "SHA",
            "suspected hazardous area",
            "suspect",
            "suspected minefield",
            "suspected area",
            "şübhəli",
            "подозрительный",
            "предполагаемый",
            "СОР",
            "підозрілий",
            "підозрювана",
            "suspecté",
            "zone soupçonnée dangereuse",
            "ZSD",
            "sospechosa",
            "área sospechosa",
            "sumnjiva",
            "sumnjivo područje",
            "rizično područje",
            "şüpheli",
            "مشتبه",
        ),
        "confirmed": (
            "CHA",
            "confirmed hazardous area",
            "DHA",
            "defined hazardous area",
            "təsdiqlənmiş",
            "подтвержденный",
            "підтверджений",
            "підтверджена",
            "confirmé",
            "zone confirmée dangereuse",
            "ZCD",
            "confirmada",
            "área peligrosa confirmada",
            "APC",
            "potvrđena",
            "potvrđeno područje",
            "onaylanmış",
            "مؤكد",
        ),
    },
)

EVENT = Vocabulary(
    "event",
    "IMSMA information model; IMAS 05.10",
    {
        "established": ("new", "created", "opened", "initial", "установлен", "yaradılıb"),
        "extended": ("enlarged", "increase", "расширен", "genişləndirilib"),
        "revised_down": ("decrease", "revised downwards", "уменьшен"),
        "reclassified": ("переклассифицирован",),
        "reopened": ("re opened", "повторно открыт"),
        "edited": ("edit", "updated", "changed", "изменен"),
        "closed": ("close", "закрыт", "bağlanıb"),
        "merged": ("merge", "объединен"),
        "split": ("divided", "разделен"),
    },
)

#: Events that may be reported without a polygon: they bring no ground of their own.
EVENTS_WITHOUT_GROUND = ("revised_down", "reclassified", "reopened", "edited", "closed", "merged", "split")

STATUS = Vocabulary(
    "status",
    "TN 07.11/01 Land Release Symbology (2016)",
    {
        "open": ("active", "not started", "açıq", "открыт", "відкрито", "ouvert", "abierto", "abierta", "otvoren"),
        "worked_on": (
            "ongoing",
            "in progress",
            "worked",
            "in clearance",
            "icra olunur",
            "в работе",
            "в роботі",
            "en cours",
            "en proceso",
            "u radu",
        ),
        "suspended": ("on hold", "stopped", "dayandırılıb", "приостановлен", "призупинено", "suspendu", "suspendida"),
        "closed": ("completed", "finished", "bağlı", "закрыт", "закрито", "fermé", "cerrado", "cerrada", "zatvoren"),
    },
)

CLOSE_REASON = Vocabulary(
    "close_reason",
    "IMAS 07.11",
    {
        "cancelled": ("canceled",),
        "reduced": (),
        "cleared": (),
        "mixed": (),
        "merged": (),
        "error": ("entered in error", "mistake"),
    },
)

CONTAMINATION = Vocabulary(
    "contamination",
    "IMAS 04.10",
    {
        "AP": ("APM", "anti-personnel", "anti-personnel mine", "AP mine", "PMA", "противопехотная", "piyada əleyhinə"),
        "AV": ("AT", "ATM", "AVM", "anti-tank", "anti-vehicle", "AT mine", "противотанковая", "tank əleyhinə"),
        "cluster": ("CM", "cluster munition", "submunition", "кассетные", "kaset"),
        "UXO": ("unexploded ordnance", "НРБ", "PHS"),
        "AXO": ("abandoned ordnance", "abandoned explosive ordnance"),
        "IED": ("improvised explosive device", "СВУ", "EYP"),
        "booby_trap": ("booby trap", "мина-ловушка"),
        "unknown": ("not known", "неизвестно", "naməlum", "inconnu", "desconocido", "nepoznato"),
    },
)

EVIDENCE = Vocabulary(
    "evidence",
    "GICHD wiki, Evidence of Contamination; which item is direct is the policy's to say",
    {
        "detonation": ("detonations",),
        "accident_known_place": ("accident",),
        "record_high_reliability": ("reliable record",),
        "sign_or_fence": ("signs", "fencing", "marking"),
        "visual": ("visual observation", "seen"),
        "old_survey": ("previous survey",),
        "former_combat_zone": ("combat zone", "confrontation line"),
        "accident_unknown_place": (),
        "record_low_reliability": ("record", "minefield record"),
        "land_not_used": ("productive land not in use",),
        "verbal_report": ("verbal", "informant"),
    },
)

RELIABILITY = Vocabulary("record_reliability", "IMAS 08.10", {"high": (), "low": (), "unknown": ("not known",)})

LOCATION_KIND = Vocabulary(
    "location_kind",
    "GICHD wiki, point and polygon accuracy",
    {"surveyed": ("measured", "gps"), "estimated": ("approximate", "sketched"), "centroid": ("centre", "center")},
)

WORKFLOW = Vocabulary(
    "workflow",
    "IMSMA information model",
    {"draft": ("new",), "submitted": ("pending", "for approval"), "approved": ()},
)

ACTIVITY = Vocabulary(
    "activity_type",
    "IMAS 07.11, 08.10, 08.20, 09.10, 09.11",
    {
        "NTS": ("non-technical survey", "non technical survey", "НТО", "QTA"),
        "TS": ("technical survey", "ТО", "TA"),
        "clearance": ("mine clearance", "demining", "разминирование", "minatəmizləmə", "розмінування"),
        "BAC": ("battle area clearance",),
        "EOD": ("explosive ordnance disposal", "EOD spot task", "spot task"),
    },
)

PRODUCT = Vocabulary(
    "product",
    "IMAS 07.11",
    {
        "cancelled": ("canceled", "cancellation", "ləğv edilib", "отменен", "скасовано", "annulé", "cancelada"),
        "reduced": ("reduction", "reduced area", "azaldılıb", "сокращен", "réduit", "reducida"),
        "cleared": (
            "cleared area",
            "cleared areas",
            "clearance",
            "təmizlənib",
            "очищен",
            "очищено",
            "dépollué",
            "despejada",
            "očišćeno",
        ),
    },
)

METHOD = Vocabulary(
    "method",
    "IMAS 09.10, 09.40, 09.50",
    {
        "manual": ("man",),
        "mechanical": ("machine", "mech"),
        "animal": ("MDD", "dog", "dogs", "rat"),
        "visual": ("visual search",),
        "instrument": ("detector", "large loop"),
        "other": (),
    },
)

DECISION = Vocabulary(
    "decision",
    "IMAS 07.11; domain notes §3",
    {"reported": ("submitted",), "approved": ("accepted",), "rejected": ("refused", "declined")},
)

QUALITY = Vocabulary(
    "quality",
    "IMAS 07.40, 09.20",
    {
        "passed": ("pass", "accepted"),
        "conditional": ("conditional pass",),
        "failed": ("fail", "rejected"),
        "pending": ("in progress",),
        "none": ("not inspected",),
    },
)

NONCONFORMITY = Vocabulary("nonconformity", "IMAS 07.40", {"none": (), "minor": (), "major": (), "critical": ()})

FIND_KIND = Vocabulary(
    "kind of find",
    "IMAS 05.10",
    {
        "device": ("device found", "EO found", "mine found", "lifted mine", "lifted minefield", "lifted minefields"),
        "accident": ("demining accident", "mine accident", "civilian accident", "accidente"),
        "incident": ("incidents", "incidente"),
    },
)

#: Which product each activity can give; EOD gives none: it removes an item, it releases no area (IMAS 07.11).
PRODUCT_OF_ACTIVITY: Mapping[str, str] = MappingProxyType(
    {"NTS": "cancelled", "TS": "reduced", "clearance": "cleared", "BAC": "cleared"}
)

#: The states of a point of ground, worst first (design, the rule of the ground, 6).
STATES: tuple[str, ...] = (
    "confirmed_open",
    "suspected_open",
    "in_question",
    "not_handed_over",
    "cancelled",
    "reduced",
    "cleared",
    "surveyed",
    "no_record",
    "outside_coverage",
)
OPEN_STATES = STATES[:2]
REMAINING_STATES = STATES[:4]
RELEASED_STATES = STATES[4:7]
KNOWN_STATES = STATES[:7]

#: What a product for others may carry beside states, kinds and days, each by its own permission of the policy.
DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "boundaries": "exact boundaries of ground, hazards, releases and surveys",
        "finds": "places of finds and accidents",
        "plots": "plots of land",
        "answers": "verdicts about plots",
        "ids": "ids of records",
        "organisations": "organisations that reported, worked or received land",
        "documents": "numbers of papers, tasks and the cadastre; sources of single records",
        "contamination": "kinds of explosive ordnance, and how many devices were found",
        "casualties": "which evidence is an accident or an incident",
        "text": "free text: names, places, remarks",
    }
)
#: Whom a product is for; everything, partners of the programme, anybody.
AUDIENCES = ("internal", "partner", "public")

#: Said on every product.
DISCLAIMER = "Information, not permission to enter."
ABSENCE = (
    "The absence of a polygon means nothing: ground without a record is not known to be free of explosive ordnance."
)
FICTITIOUS = "FICTITIOUS EXAMPLE DATA – not real hazards, not real land"

#: The answers about a plot, the first that holds wins, and how each is put into words (domain notes §5).
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "cannot_tell": "cannot tell",
        "confirmed_hazard": "overlaps a confirmed hazardous area",
        "suspected_hazard": "overlaps a suspected hazardous area",
        "release_in_question": "later evidence contradicts the release",
        "not_handed_over": "work reported finished, papers missing",
        "too_shallow": "released, but not to the depth that this use needs",
        "partly_released": "partly released, the rest has no record",
        "released": "released",
        "near_hazard": "no overlap recorded, an open hazard is near",
        "surveyed_no_evidence": "surveyed, no evidence found at that time",
        "no_record": "nothing recorded here; this is not evidence that the land is free of explosive ordnance",
        "outside_coverage": "no data for this place",
    }
)
#: Verdicts that data older than the policy allows do not carry: they are told as `cannot_tell`.
GOOD_NEWS = tuple(VERDICTS)[6:]
#: Verdicts that say some land was released; each is confirmed by a second method.
RELEASE_VERDICTS = ("too_shallow", "partly_released", "released")
#: What may be said beside any verdict.
FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "near_hazard": "an open hazard lies within the national proximity distance",
        "boundary_uncertain": "the hazard lies within the error of the boundaries",
        "depth_unknown": "the use needs a depth; some of the released land has none",
        "stale_data": "the data are older than the policy allows",
        "unplaced_hazards": "hazards without a position may lie here",
        "fictitious_data": "example data, not real land",
    }
)
#: Eight directions, clockwise from north.
DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
