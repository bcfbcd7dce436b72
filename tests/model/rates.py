"""Rates published, corrected and cancelled; what people do with a notification; what they are told of it."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import ImportFile
from notifications import tasks
from notifications.access import document_access, notification_access
from notifications.actions import receipts
from notifications.actions.campaign import create_campaign, publish_campaign
from notifications.actions.correction import Correction, correct_decision
from notifications.models import Notification, RateDecision
from tests.model.base import WHICH, act, one_of, when
from tests.model.days import DAY, told
from tests.model.tiers import Tiers
from tests.model.world import ATMP, UNVERIFIED, Person, Place, Rate

CODE = "45.2BE"
DAYS = (dt.date(2027, 1, 1), dt.date(2027, 4, 1), dt.date(2027, 1, 1), dt.date(2028, 1, 1))
RATES = ["2.10", "3.45"]
MODE, LABEL = "individual", "individuel"
somebody_may_read = when(lambda self: any(self.world.concerned(rate) for rate in self.world.notified()))


class Rates(Tiers):
    """Rules about rates and notifications."""

    @act(where=range(3), effective=DAYS, rate=RATES)
    def publish(self, where: int, effective: dt.date, rate: str) -> None:
        """A campaign of one line: deposited, read by the sweep, confirmed, applied by the sweep."""
        world, place = self.world, self.world.places[where]
        before = world.standing(place, effective)
        if place.closed and place.closed <= effective:
            expected = "yes: refused, closed"
        elif before and (before.rate, before.mode) == (rate, MODE):
            expected = "yes: unchanged"
        else:
            expected = f"yes: {self._channel(place)}"
        text = io.StringIO()
        lines = [["siret", "code_risque", "taux", "date_effet", "mode"], [place.siret, CODE, rate, effective, LABEL]]
        csv.writer(text, delimiter=";").writerows(lines)

        def act() -> ImportFile:
            content = ContentFile(text.getvalue().encode(), "taux.csv")
            campaign = create_campaign(name="Essai", content=content, by=self.cast.staff, on=self.now)
            tasks.process_campaigns.run()
            campaign.refresh_from_db()
            publish_campaign(campaign=campaign, by=self.cast.staff, on=self.now)
            tasks.process_campaigns.run()
            return campaign.import_file

        file = self.play("publish", expected, act)
        file.refresh_from_db()
        assert file.status == ("refused" if expected == "yes: refused, closed" else "applied")
        assert file.unchanged == (expected == "yes: unchanged")
        if expected in ("yes: electronic", "yes: paper"):
            self._decided(place, effective, rate, MODE, "rate")
        else:
            assert not RateDecision.objects.filter(campaign__import_file=file).exists()

    def _channel(self, place: Place) -> str:
        """Registered, be it not usable yet, it is notified by itself."""
        return "paper" if self.world.covered(place, ATMP) is None else "electronic"

    def _decided(self, place: Place, effective: dt.date, rate: str, mode: str, nature: str) -> None:
        world, before = self.world, self.world.standing(place, effective)
        row = RateDecision.objects.filter(establishment=place.pk).order_by("-pk").first()
        version = before.version + 1 if before else 1
        assert (row.effective_on, row.version, row.rate, row.mode, row.nature, row.channel) == (
            effective, version, Decimal(rate), mode, nature, self._channel(place),
        )  # fmt: skip
        notification = Notification.objects.filter(decision=row).values_list("pk", flat=True).first()
        assert (notification is None) == (row.channel == "paper")
        world.rates.append(Rate(place, effective, version, rate, mode, nature, row.pk, notification, self.now))

    @when(lambda self: self.world.rates)
    @act(which=WHICH, what=["rectify", "change", "cancel"], effective=DAYS, rate=RATES)
    def correct(self, which: int, what: str, effective: dt.date, rate: str) -> None:
        world = self.world
        mine = one_of(world.rates, which)
        place, day = mine.place, effective if what == "change" else mine.effective
        earlier = world.before(place, day)
        nature = "cancellation" if what == "cancel" else "rate"
        mode = MODE
        if what == "cancel" and earlier:
            rate, mode = earlier.rate, earlier.mode
        same = (mine.rate, mine.mode) == (rate, mode) and (what != "cancel" or mine.nature == nature)
        if world.standing(place, mine.effective) is not mine:
            expected = "no: replaced"
        elif day != mine.effective and world.standing(place, day):
            expected = "no: that day has its own"
        elif what == "cancel" and earlier is None:
            expected = "no: nothing before it"
        elif place.closed and place.closed <= day:
            expected = "no: closed then"
        elif same and day == mine.effective:
            expected = "no: nothing changes"
        else:
            expected = f"yes: {what}"
        values: tuple[Any, Any] = (None, None) if what == "cancel" else (Decimal(rate), mode)
        decision = RateDecision.objects.select_related("establishment", "enterprise").get(pk=mine.pk)
        correction = Correction(nature, day, *values, "Accident requalifié")
        self.play(
            "correct",
            expected,
            lambda: correct_decision(decision=decision, correction=correction, by=self.cast.staff, on=self.now),
        )
        if expected.startswith("yes"):
            self._decided(place, day, rate, mode, nature)

    @act(where=range(3))
    def a_change_is_cancelled(self, where: int) -> None:
        for effective, rate in zip(DAYS[:2], RATES, strict=True):
            self.publish(where, effective, rate)
        if self.world.rates:
            self.correct(len(self.world.rates) - 1, "cancel", DAYS[1], RATES[1])

    def _readers(self) -> list[Person]:
        return [one for one in self.world.people.values() if one.state != UNVERIFIED]

    @when(lambda self: self.world.notified())
    @act(who=WHICH, which=WHICH, what=["open", "document"])
    def anybody_reads(self, who: int, which: int, what: str) -> None:
        self._handle(one_of(self._readers(), who), one_of(self.world.notified(), which), what)

    @somebody_may_read
    @act(
        who=WHICH,
        which=WHICH,
        what=["open", "archive", "delete", "unarchive", "restore", "document"],
    )
    def the_enterprise_reads(self, who: int, which: int, what: str) -> None:
        self._handle(*self._concerned(who, which), what)

    @somebody_may_read
    @act(
        who=WHICH,
        which=WHICH,
        acts=[["open", "open"], ["archive", "archive", "unarchive"], ["delete", "delete", "restore"]],
    )
    def the_enterprise_reads_again(self, who: int, which: int, acts: list[str]) -> None:
        person, rate = self._concerned(who, which)
        for what in acts:
            self._handle(person, rate, what)

    def _concerned(self, who: int, which: int) -> tuple[Person, Rate]:
        rates = [(rate, people) for rate in self.world.notified() if (people := self.world.concerned(rate))]
        rate, people = one_of(rates, which)
        return one_of(people, who), rate

    @when(lambda self: self.world.notified())
    @act(which=WHICH)
    def the_enterprise_reads_without_its_declaration(self, which: int) -> None:
        """It was registered when it was notified, and is no more (G0.1)."""
        world, rate = self.world, one_of(self.world.notified(), which)
        enterprise = rate.place.enterprise
        for boss in world.rulers(enterprise):
            for place in world.reach(boss):
                if place in (rate.place, world.head(enterprise)):
                    self._choose_declarations(boss, place, set())
        for person in self._readers():
            if person.place.enterprise == enterprise:
                self._handle(person, rate, "open")

    def _handle(self, person: Person, rate: Rate, what: str) -> None:
        user = self.user(person)
        notification = Notification.objects.select_related("establishment").get(pk=rate.notification)
        rule, _moment = self.world.answer(person, rate.place)
        asked = notification_access(user, notification, self.now)
        assert (asked.allowed, asked.rule) == (rule == "", rule)
        paper = document_access(user, notification, self.now)
        assert (paper.allowed, paper.rule) == (rule == "", "G0.2" if rule else "")
        if rule:
            self.counts[f"read a notification, no: {rule}"] += 1
            return
        mine = person.receipts.get(rate.notification, set())
        marks = {"open": "read", "archive": "archived", "delete": "deleted"}
        unmarks = {"unarchive": "archived", "restore": "deleted"}
        if what == "document":
            expected = "yes"
        else:
            word = (marks | unmarks)[what]
            expected = "yes" if (word in mine) == (what in unmarks) else "nothing"
        acts = {
            "open": receipts.open_notification,
            "archive": receipts.archive,
            "delete": receipts.delete,
            "unarchive": receipts.unarchive,
            "restore": receipts.restore,
            "document": receipts.take_document,
        }
        self.play(
            f"{what} a notification",
            expected,
            lambda: acts[what](notification=notification, by=user, on=self.now),
        )
        if what in marks:
            mine = mine | {marks[what]}
        elif what in unmarks:
            mine = mine - {unmarks[what]}
        person.receipts.pop(rate.notification, None)
        if mine:
            person.receipts[rate.notification] = mine
        if what == "document" or (what == "open" and expected == "yes"):
            rate.consulted = rate.consulted or self.world.today

    @act()
    def tell_legal_dates(self) -> None:
        """The notice of deposit, the reminders of the fifteen days and of the two months: to whom may read it, once."""
        world, today, told_to = self.world, self.world.today, 0
        for rate in world.rates:
            status, _notified, until = rate.legal(today) if rate.notification else ("paper", None, None)
            kinds = []
            if today <= rate.free:
                kinds.append(("available", "Avis de dépôt : votre taux AT/MP", status != "paper"))
            if rate.free - DAY * 5 <= today <= rate.free:
                last = told(rate.free)
                kinds.append(("unread", f"Rappel : taux AT/MP à ouvrir jusqu'au {last}", status == "available"))
            if until and until - DAY * 15 <= today <= until:
                kinds.append(("challenge", f"Rappel : taux AT/MP contestable jusqu'au {told(until)}", True))
            for kind, subject, due in kinds:
                if kind in rate.told:
                    continue
                rate.told.add(kind)
                people = world.concerned(rate) if due else []
                for person in people:
                    world.mail(person.email, subject)
                told_to += len(people)
                self.counts[f"legal dates, {kind}"] += len(people)
        expected = "yes" if told_to else "nothing"
        self.play("tell legal dates", expected, lambda: tasks.tell_legal_dates.run() and None)
