"""What columns of our tables are called in files of several languages.

A name here is a reason to propose a column, never to read one. Knows names; knows nothing of values or files.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How a language is told.
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "en": "English",
        "ru": "Russian",
        "uk": "Ukrainian",
        "az": "Azerbaijani",
        "fr": "French",
        "es": "Spanish",
        "bs": "Bosnian or Croatian",
        "ar": "Arabic",
    }
)

_NUMBER = {
    "en": ("id", "no", "number", "code", "local id", "localid", "reference"),
    "ru": ("номер", "код", "идентификатор", "№"),
    "uk": ("номер", "код", "ідентифікатор"),
    "az": ("nömrə", "nömrəsi", "kod"),
    "fr": ("identifiant", "numéro", "code"),
    "es": ("código", "identificador", "número"),
    "bs": ("broj", "šifra", "oznaka"),
    "ar": ("الرقم", "رقم", "الرمز"),
}
_DAY = {
    "en": ("date", "day", "year"),
    "ru": ("дата", "год"),
    "uk": ("дата", "рік"),
    "az": ("tarix", "il"),
    "fr": ("date", "année"),
    "es": ("fecha", "año"),
    "bs": ("datum", "godina"),
    "ar": ("التاريخ", "تاريخ", "السنة"),
}
_TYPE = {
    "en": ("type", "kind", "category", "class"),
    "ru": ("тип", "вид", "категория"),
    "uk": ("тип", "вид", "категорія"),
    "az": ("növ", "növü", "kateqoriya"),
    "fr": ("type", "catégorie"),
    "es": ("tipo", "categoría"),
    "bs": ("vrsta", "tip", "kategorija"),
    "ar": ("النوع", "نوع"),
}
#: Names that stand for many things: what such a column holds must fit as well.
GENERAL: tuple[Mapping[str, tuple[str, ...]], ...] = (_NUMBER, _DAY, _TYPE)

_COMMON: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "district": {
        "en": ("municipality", "admin2", "adm2 name", "admin2 name", "county", "district name", "rayon", "raion"),
        "ru": ("район", "муниципалитет"),
        "uk": ("район", "громада"),
        "az": ("rayon", "rayonu"),
        "fr": ("commune", "territoire"),
        "es": ("municipio",),
        "bs": ("opština", "općina"),
        "ar": ("المديرية", "المنطقة", "القضاء"),
    },
    "organisation": {
        "en": ("organization", "operator", "org name", "agency", "reported by", "implementing organisation"),
        "ru": ("организация", "оператор"),
        "uk": ("організація", "оператор"),
        "az": ("təşkilat", "qurum"),
        "fr": ("opérateur",),
        "es": ("organización", "operador"),
        "bs": ("organizacija",),
        "ar": ("المنظمة",),
    },
    "accuracy_m": {
        "en": ("accuracy", "gps accuracy", "positional accuracy", "precision m"),
        "ru": ("точность", "точность м", "погрешность"),
        "uk": ("точність", "точність м", "похибка"),
        "az": ("dəqiqlik", "dəqiqlik m"),
        "fr": ("précision", "précision m"),
        "es": ("precisión", "precisión m"),
        "bs": ("tačnost", "točnost"),
        "ar": ("الدقة",),
    },
    "source": {
        "en": ("data source", "origin"),
        "ru": ("источник",),
        "uk": ("джерело",),
        "az": ("mənbə",),
        "es": ("fuente",),
        "bs": ("izvor",),
        "ar": ("المصدر",),
    },
    "name": {
        "en": ("place", "site name", "hazard name", "location name"),
        "ru": ("название", "наименование"),
        "uk": ("назва",),
        "az": ("ad", "adı"),
        "fr": ("nom", "lieu"),
        "es": ("nombre", "lugar"),
        "bs": ("naziv", "ime"),
        "ar": ("الاسم",),
    },
    "ap_found": {"en": ("ap mines found", "ap mines", "apm found"), "ru": ("найдено ппм", "ппм"), "uk": ("ппм",)},
    "av_found": {
        "en": ("at mines found", "at mines", "avm found", "atm found"),
        "ru": ("найдено птм", "птм"),
        "uk": ("птм",),
    },
    "uxo_found": {"en": ("uxo", "uxo items"), "ru": ("нрб", "найдено нрб"), "uk": ("впп", "нрб")},
}
_OF_TABLE: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "hazards": {
        "hazard_id": {
            "en": (
                *(
                    "ha id",
                    "ha code",
                    "hazard no",
                    "minefield id",
                    "minefield no",
                    "minefield number",
                    "mf id",
                    "mf no",
                ),
                *("polygon id", "hazard localid", "sha id", "cha id", "area id", "hazard code"),
            ),
            "ru": ("номер минного поля", "номер участка", "номер мп", "код участка"),
            "uk": ("номер мінного поля", "номер ділянки", "код ділянки"),
            "az": ("sahə nömrəsi", "minalı sahənin nömrəsi", "minalı sahə №"),
            "fr": ("numéro de zone", "code zone", "identifiant de la zone"),
            "es": ("código área", "id área", "código del área peligrosa"),
            "bs": ("broj minskog polja", "šifra područja"),
            "ar": ("رقم المنطقة", "رقم حقل الألغام"),
        },
        "date_of_information": {
            "en": (
                "date of info",
                "information date",
                "report date",
                "date of report",
                "survey date",
                "date of survey",
                "doi",
            ),
            "ru": ("дата обследования", "дата отчета", "дата отчёта", "дата информации", "дата донесения"),
            "uk": ("дата обстеження", "дата звіту", "дата інформації"),
            "az": ("məlumatın tarixi", "yoxlama tarixi", "hesabat tarixi"),
            "fr": ("date de l'information", "date d'enquête", "date du rapport"),
            "es": ("fecha de información", "fecha del informe", "fecha de estudio"),
            "bs": ("datum izviđanja", "datum informacije", "datum izvještaja"),
            "ar": ("تاريخ المسح", "تاريخ التقرير"),
        },
        "classification": {
            "en": (
                "hazard type",
                "area type",
                "hazard classification",
                "ha type",
                "ha classification",
                "sha cha",
                "typeArea",
            ),
            "ru": ("классификация", "тип участка", "тип района"),
            "uk": ("класифікація", "тип ділянки", "тип території"),
            "az": ("təsnifat", "sahənin növü"),
            "fr": ("type de zone",),
            "es": ("clasificación", "tipo de área"),
            "bs": ("klasifikacija", "vrsta područja"),
            "ar": ("التصنيف", "نوع المنطقة"),
        },
        "status": {
            "en": ("state", "hazard status", "ha status", "work status", "hazard status current", "status enum"),
            "ru": ("статус", "состояние"),
            "uk": ("статус", "стан"),
            "az": ("vəziyyət", "vəziyyəti"),
            "fr": ("statut", "état"),
            "es": ("estado",),
            "bs": ("stanje",),
            "ar": ("الحالة",),
        },
        "contamination": {
            "en": ("contamination type", "type of contamination", "eo type", "threat", "mine type", "ordnance"),
            "ru": ("загрязнение", "тип загрязнения", "вид загрязнения", "тип мин"),
            "uk": ("забруднення", "тип забруднення", "вид забруднення", "тип мін"),
            "az": ("çirklənmə", "çirklənmə növü", "mina növü"),
            "fr": ("type de contamination", "type d'engin"),
            "es": ("contaminación", "tipo de contaminación", "tipo de mina"),
            "bs": ("kontaminacija", "vrsta kontaminacije", "vrsta mina"),
            "ar": ("التلوث", "نوع التلوث"),
        },
        "stated_area_m2": {
            "en": ("area m2", "area sqm", "area", "area size", "size", "stated area"),
            "ru": ("площадь", "площадь м2", "площадь кв м"),
            "uk": ("площа", "площа м2", "площа кв м"),
            "az": ("sahə", "sahəsi", "sahə m2"),
            "fr": ("superficie", "surface", "superficie m2"),
            "es": ("área", "superficie", "área m2"),
            "bs": ("površina", "površina m2"),
            "ar": ("المساحة",),
        },
        "evidence": {
            "en": ("evidence type", "direct evidence"),
            "ru": ("признаки", "свидетельства"),
            "uk": ("ознаки", "докази"),
            "fr": ("indices", "preuve"),
            "es": ("evidencia",),
            "bs": ("dokazi",),
        },
        "priority": {
            "ru": ("приоритет",),
            "uk": ("пріоритет",),
            "az": ("prioritet",),
            "fr": ("priorité",),
            "es": ("prioridad",),
            "bs": ("prioritet",),
            "ar": ("الأولوية",),
        },
        "closed_on": {
            "en": ("date closed", "closing date"),
            "ru": ("дата закрытия",),
            "uk": ("дата закриття",),
            "es": ("fecha de cierre",),
        },
        "event": {"en": ("change",), "ru": ("событие",), "uk": ("подія",)},
    },
    "releases": {
        "release_id": {
            "en": ("lr id", "lr code", "clearance id", "completion report no", "polygon id", "hazreduc localid"),
            "ru": ("номер участка", "номер полигона"),
            "uk": ("номер ділянки",),
            "az": ("sahə nömrəsi",),
            "es": ("código área",),
        },
        "hazard_ids": {
            "en": ("hazard id", "ha id", "ha code", "minefield id", "minefield no", "hazard localid"),
            "ru": ("номер минного поля",),
            "uk": ("номер мінного поля",),
            "az": ("minalı sahənin nömrəsi",),
            "bs": ("broj minskog polja",),
        },
        "activity_id": {
            "en": ("task id", "task", "task no", "project no"),
            "ru": ("задание", "номер задания"),
            "bs": ("zadatak",),
        },
        "activity_type": {
            "en": ("activity", "operation", "type of activity"),
            "ru": ("вид работ", "тип работ"),
            "uk": ("вид робіт",),
            "es": ("actividad",),
            "fr": ("activité",),
        },
        "product": {
            "en": ("release type", "land release product", "lr type", "land release type", "typeArea"),
            "ru": ("вид высвобождения", "результат"),
            "uk": ("результат", "вид вивільнення"),
            "fr": ("produit",),
            "es": ("producto",),
            "ar": ("نوع الإفراج",),
        },
        "method": {
            "en": ("methods", "assets"),
            "ru": ("метод", "способ"),
            "uk": ("метод", "спосіб"),
            "az": ("üsul", "metod"),
            "fr": ("méthode",),
            "es": ("método",),
            "bs": ("metoda",),
        },
        "depth_m": {
            "en": ("depth", "clearance depth m", "clearance depth"),
            "ru": ("глубина", "глубина м", "глубина очистки"),
            "uk": ("глибина", "глибина м"),
            "az": ("dərinlik", "dərinlik m"),
            "fr": ("profondeur", "profondeur m"),
            "es": ("profundidad", "profundidad m"),
            "bs": ("dubina", "dubina m"),
            "ar": ("العمق",),
        },
        "date_completed": {
            "en": ("completion date", "end date", "completed", "finish date", "enddate"),
            "ru": ("дата завершения", "дата окончания"),
            "uk": ("дата завершення", "дата закінчення"),
            "az": ("bitmə tarixi", "tamamlanma tarixi"),
            "fr": ("date de fin", "date d'achèvement"),
            "es": ("fecha de terminación", "fecha fin", "fecha de finalización"),
            "bs": ("datum završetka",),
            "ar": ("تاريخ الانتهاء",),
        },
        "decision_date": {"en": ("approval date", "date approved")},
        "quality": {"en": ("qc result", "qa result", "quality control")},
        "quality_date": {"en": ("qc date", "qa date")},
        "handover_no": {
            "en": ("handover number", "certificate no", "handover certificate"),
            "ru": ("номер акта",),
            "uk": ("номер акта",),
            "az": ("akt nömrəsi",),
            "es": ("acta de entrega",),
        },
        "handover_date": {
            "en": ("date of handover",),
            "ru": ("дата передачи",),
            "uk": ("дата передачі",),
            "es": ("fecha de entrega",),
            "bs": ("datum primopredaje",),
        },
    },
    "finds": {
        "find_id": {"en": ("accident id", "incident id", "event id", "accident localid")},
        "date": {
            "en": ("date found", "accident date", "date of accident", "incident date"),
            "ru": ("дата находки", "дата происшествия"),
            "uk": ("дата знахідки", "дата події"),
            "es": ("fecha del evento",),
        },
        "kind": {
            "en": ("event type", "incident type", "typeArea"),
            "ru": ("тип события", "вид события"),
            "uk": ("тип події",),
            "es": ("tipo de evento", "tipo nombre"),
        },
    },
    "surveys": {
        "date": {"en": ("survey date", "date of survey"), "ru": ("дата обследования",), "uk": ("дата обстеження",)},
    },
    "plots": {
        "use": {
            "en": ("land use", "landuse", "planned use"),
            "ru": ("назначение", "использование"),
            "uk": ("призначення",),
            "az": ("təyinat", "istifadə"),
            "fr": ("usage",),
            "es": ("uso",),
            "bs": ("namjena",),
        },
        "required_depth_m": {"en": ("required depth",), "ru": ("требуемая глубина",), "uk": ("потрібна глибина",)},
    },
    "districts": {"parent": {"en": ("admin1", "region", "adm1 name"), "ru": ("область",), "uk": ("область",)}},
    "coverage": {"as_of": {"en": ("as of date", "up to")}},
}
#: Column of ours, by kind → the general names that can stand for it.
_GENERAL_OF = {"id": _NUMBER, "date": _DAY}
_TYPED = frozenset({"classification", "product", "kind"})


def names_of(table: str, column: str, kind: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the names, with the language of each, under which files have a column: those that say it, and general ones.

    Examples
    --------
    >>> said, general = names_of("hazards", "date_of_information", "date")
    >>> said["дата обследования"], general["fecha"]
    ('ru', 'es')
    """
    said: dict[str, str] = {}
    for listed in (_OF_TABLE.get(table, {}).get(column, {}), _COMMON.get(column, {})):
        for language, names in listed.items():
            for name in names:
                said.setdefault(name, language)
    wide = _TYPE if column in _TYPED else _GENERAL_OF.get(kind, {}) if _main(table, column) else {}
    general: dict[str, str] = {}
    for language, names in wide.items():
        for name in names:
            general.setdefault(name, language)
    return said, general


def _main(table: str, column: str) -> bool:
    """Tell whether a column is the id or the day of its table: the one that a general name means."""
    return column in {
        "hazards": ("hazard_id", "date_of_information"),
        "releases": ("release_id", "date_completed"),
        "surveys": ("survey_id", "date"),
        "finds": ("find_id", "date"),
        "plots": ("plot_id",),
        "districts": ("district_id",),
        "coverage": ("coverage_id", "as_of"),
    }.get(table, ())
