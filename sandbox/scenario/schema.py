"""What a scenario may say (docs/scenarios.md). Field names are the code's, aliases the file's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from accounts.rules import IdentifierError, clean_code_risque
from habilitations.models import ATMP
from sandbox.scenario import dates

MOST_REPEATED = 20_000
_YES_NO = {"oui": True, "non": False}


def _now(info: ValidationInfo) -> dt.datetime:
    """Return the instant from which the file's dates are counted."""
    now: dt.datetime = (info.context or {})["now"]
    return now


def _instant(text: object, info: ValidationInfo) -> object:
    try:
        return dates.parse(str(text), _now(info))
    except dates.WrongDate as error:
        raise PydanticCustomError("scenario", "{told}", {"told": str(error)}) from None


def _past(instant: dt.datetime, info: ValidationInfo) -> dt.datetime:
    """Hold what was done to what has been: a file's « 4 janvier » is today when read on the second."""
    return min(instant, _now(info))


def _code(text: str) -> str:
    try:
        return clean_code_risque(text)
    except IdentifierError as error:
        raise PydanticCustomError("scenario", "{told}", {"told": str(error)}) from None


def _yes_no(text: object) -> object:
    return _YES_NO.get(str(text).casefold(), text)


def _number(text: object) -> object:
    """Take « 6,05 » for 6.05."""
    return text.replace(",", ".") if isinstance(text, str) else text


Moment = Annotated[dt.datetime, BeforeValidator(_instant)]
Done = Annotated[Moment, AfterValidator(_past)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Code = Annotated[str, AfterValidator(_code)]
Percent = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, lt=100, decimal_places=2)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=34)]
# « entreprise », for its head office, or « entreprise/établissement ».
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Told = Annotated[str, StringConstraints(max_length=300)]


class Part(BaseModel):
    """Any part of a file: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True)


class Place(Part):
    """An establishment. situation: what there is to do, for the trainee's index."""

    address: Told = Field("", alias="adresse")
    postcode: str = Field("", alias="code_postal", pattern=r"^([0-9]{5})?$")
    city: Short = Field("BREST", alias="ville")
    sign: Told = Field("", alias="enseigne", max_length=100)
    naf: str = Field("", alias="naf", max_length=6)
    code: Code | None = Field(None, alias="code_risque")
    closed: Done | None = Field(None, alias="ferme")
    declarations: dict[str, Done] = Field(default_factory=dict)
    situation: Told = ""


class Company(Part):
    """An enterprise, or so many alike: « {n} » in its name is the number. headcounts: by years before this one."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=180)] = Field(alias="nom")
    legal_form: str = Field("", alias="forme", pattern=r"^([0-9]{4})?$")
    repeat: int = Field(1, alias="repete", ge=1, le=MOST_REPEATED)
    headcounts: dict[Annotated[int, Field(ge=-9, le=0)], Annotated[int, Field(ge=0, lt=10_000_000)]] = Field(
        default_factory=dict, alias="effectifs"
    )
    places: dict[Key, Place] = Field(alias="etablissements", min_length=1)


class Candidacy(Part):
    """A candidate's request. posted: the letter left; lost: it never arrives."""

    at: Done = Field(alias="le")
    route: Literal["", "cooptation", "cle"] = Field("", alias="voie")
    posted: Done | None = Field(None, alias="postee")
    lost: YesNo = Field(default=False, alias="perdue")


class Human(Part):
    """A person. absent: the account is there, nobody plays it."""

    first: Short = Field(alias="prenom")
    last: Short = Field(alias="nom")
    place: Ref = Field(alias="chez")
    role: Literal["administrateur", "déclarant", "candidat"]
    since: Done = Field(alias="depuis")
    shows: Told = Field("", alias="montre")
    rights: list[Ref] = Field(default_factory=list, alias="habilitations")
    candidacy: Candidacy | None = Field(None, alias="candidature")
    absent: YesNo = False


class Clients(Part):
    """One client of a portfolio, or one for each of a repeated enterprise. given: « Compte AT/MP », since when."""

    place: Ref = Field(alias="qui")
    since: Done = Field(alias="depuis")
    given: Done | None = Field(None, alias="compte_atmp")
    users: list[Key] = Field(default_factory=list, alias="collaborateurs")
    followed: YesNo = Field(default=False, alias="suivi")


class Folder(Part):
    """A portfolio of a firm."""

    firm: Key = Field(alias="cabinet")
    name: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(alias="nom")
    comment: Told = Field("", alias="commentaire")
    by: Key = Field(alias="par")
    since: Done = Field(alias="depuis")
    members: list[Key] = Field(default_factory=list, alias="collaborateurs")
    declarations: list[str] = Field(default_factory=lambda: [ATMP, "dsn"])
    clients: list[Clients] = Field(default_factory=list)


class Deposit(Part):
    """The DSN of the month before, deposited that day. rate: what payroll applied; absent, « pas encore notifié »."""

    by: Key = Field(alias="par")
    place: Ref = Field(alias="pour")
    at: Done = Field(alias="le")
    code: Code | None = Field(None, alias="code_risque")
    rate: Percent | None = Field(None, alias="taux")


class Rate(Part):
    """A decision, published that day. payroll: of the three years before, from which a calculation sheet is made."""

    place: Ref = Field(alias="pour")
    rate: Percent = Field(alias="taux")
    effective: Moment = Field(alias="effet")
    mode: Literal["collectif", "mixte", "individuel"]
    published: Done = Field(alias="publie")
    code: Code | None = Field(None, alias="code_risque")
    readers: list[Key] = Field(default_factory=list, alias="lu_par")
    headcount: int | None = Field(None, alias="effectif", ge=0)
    payroll: list[Annotated[int, Field(gt=0)]] = Field(default_factory=list, alias="masses", max_length=3)
    previous: Percent | None = Field(None, alias="precedent")
    # A cell of the file that is imported.
    reason: Annotated[str, StringConstraints(max_length=300, pattern=r'^[^;"\r\n]*$')] = Field("", alias="motif")


class Scenario(Part):
    """A whole file."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(alias="titre")
    summary: Told = Field(alias="resume")
    companies: dict[Key, Company] = Field(alias="entreprises", min_length=1)
    people: dict[Key, Human] = Field(default_factory=dict, alias="personnes")
    folders: dict[Key, Folder] = Field(default_factory=dict, alias="portefeuilles")
    deposits: list[Deposit] = Field(default_factory=list, alias="dsn")
    rates: list[Rate] = Field(default_factory=list, alias="taux")

    def company_of(self, ref: str) -> tuple[str, Company]:
        """Return the enterprise that a reference names, by its key."""
        key = ref.partition("/")[0]
        return key, self.companies[key]

    def place_of(self, ref: str) -> tuple[int, Place]:
        """Return the establishment that a reference names, with its number; the head office is the first."""
        key = ref.partition("/")[2]
        places = self.company_of(ref)[1].places
        number = list(places).index(key) if key else 0
        return number + 1, list(places.values())[number]
