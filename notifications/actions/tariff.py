"""The collective tariff, read from the published JSON files as they are (domain.md, section 5)."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts import rules as identifiers
from accounts.actions.journal import record
from accounts.models import User
from notifications import rules
from notifications.models import CollectiveRate, Tariff
from portal.kit.csvfile import FileProblem
from portal.kit.french import plural

CODE, LABEL, RATE, CATEGORY = "code risque", "nature du risque", "taux net", "catégorie"
MAX_BYTES = 5_000_000
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class TariffOutcome:
    """What an import changed. titles: header rows mixed into the file, which were left out."""

    year: int
    codes: int
    added: int
    changed: int
    removed: int
    titles: int

    def __str__(self) -> str:
        told = f"Tarif {self.year} : {plural(self.codes, 'code risque', 'codes risque')}, " + ", ".join(
            (
                plural(self.added, "ajouté"),
                plural(self.changed, "modifié"),
                plural(self.removed, "retiré"),
            )
        )
        return told + (f" ; {plural(self.titles, 'ligne')} de titre laissée de côté." if self.titles else ".")


def parse_tariff(content: bytes) -> tuple[dict[str, dict[str, Any]], int]:
    """Return ({code: {label, category, rate}}, number of title rows left out) of a published file.

    Raises FileProblem with a sentence that says where and what.
    """
    rows, titles, rates = _rows(content), 0, {}
    for position, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise FileProblem(f"Élément {position} : un objet est attendu, avec « Code risque » et « Taux net ».")
        cells = {" ".join(str(key).split()).casefold(): " ".join(str(value).split()) for key, value in row.items()}
        if missing := [key for key in (CODE, LABEL, RATE, CATEGORY) if key not in cells]:
            found = ", ".join(str(key) for key in row)[:150] or "aucune"
            raise FileProblem(f"Élément {position} : il manque « {missing[0]} » (clés trouvées : {found}).")
        if cells[CODE].casefold() == CODE or not (cells[CODE] or cells[RATE]):
            titles += 1
            continue
        try:
            code, rate = identifiers.clean_code_risque(cells[CODE]), rules.parse_rate(cells[RATE])
        except ValueError as error:
            raise FileProblem(f"Élément {position} : {error}") from None
        if code in rates:
            raise FileProblem(f"Élément {position} : le code risque {code} figure deux fois.")
        rates[code] = {"label": cells[LABEL], "category": cells[CATEGORY], "rate": rate}
    if not rates:
        raise FileProblem("Le fichier ne contient aucun taux.")
    return rates, titles


def _rows(content: bytes) -> list[Any]:
    if not content.strip():
        raise FileProblem("Le fichier est vide.")
    if len(content) > MAX_BYTES:
        raise FileProblem("Le fichier pèse plus de 5 Mo : un tarif publié en pèse moins d'un.")
    try:
        rows = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FileProblem("Le fichier n'est pas du texte UTF-8 : ce n'est pas un tarif publié.") from None
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            raise FileProblem(f"Le fichier est tronqué : il s'arrête à la ligne {error.lineno}.") from None
        raise FileProblem(f"Ce n'est pas du JSON : ligne {error.lineno}, colonne {error.colno}.") from None
    except RecursionError:
        raise FileProblem("Ce n'est pas un tarif : le JSON est imbriqué sans fin.") from None
    if not isinstance(rows, list):
        raise FileProblem("Une liste de taux est attendue, le fichier contient autre chose.")
    return rows


@transaction.atomic
def import_tariff(
    *, year: int, content: bytes, file_name: str, source: str, by: User | None, on: dt.datetime
) -> TariffOutcome:
    """Take a year's tariff as a whole; the same file twice changes nothing.

    Raises FileProblem, with nothing written.
    """
    if year not in YEARS:
        raise FileProblem(f"L'année {year} n'est pas entre 2000 et 2100.")
    rates, titles = parse_tariff(content)
    tariff, _created = Tariff.objects.get_or_create(
        year=year,
        defaults={"source": source, "file_name": file_name[-200:], "imported_at": on, "imported_by": by},
    )
    known = {rate.code: rate for rate in tariff.rates.all()}
    added = [CollectiveRate(tariff=tariff, code=code, **rates[code]) for code in rates if code not in known]
    changed = [rate for code, rate in known.items() if code in rates and _update(rate, rates[code])]
    removed = [rate.pk for code, rate in known.items() if code not in rates]
    outcome = TariffOutcome(year, len(rates), len(added), len(changed), len(removed), titles)
    if not (added or changed or removed):
        return outcome
    CollectiveRate.objects.filter(pk__in=removed).delete()
    CollectiveRate.objects.bulk_create(added)
    CollectiveRate.objects.bulk_update(changed, ["label", "category", "rate"])
    Tariff.objects.filter(pk=year).update(
        source=source,
        file_name=file_name[-200:],
        sha256=hashlib.sha256(content).hexdigest(),
        imported_at=on,
        imported_by=by,
    )
    record(by=by, on=on, verb="tariff.import", summary=str(outcome))
    return outcome


def _update(rate: CollectiveRate, values: dict[str, str | Decimal]) -> bool:
    """Give a rate its new values; say whether any differs."""
    differs = any(getattr(rate, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(rate, name, value)
    return differs
