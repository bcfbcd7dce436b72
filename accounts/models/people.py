"""People: one user is one person at one SIRET."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from accounts import rules
from accounts.models.register import Enterprise, Establishment


class UserManager(BaseUserManager["User"]):
    """Looks people up by their login key."""

    def create_superuser(self, login_key: str, email: str, password: str | None = None, **extra: Any) -> User:
        """Create a member of staff with all rights, for `manage.py createsuperuser`."""
        user = self.model(
            login_key=rules.normalise_name(login_key), email=email, is_staff=True, is_superuser=True, **extra
        )
        user.set_password(password)
        user.save(using=self._db)
        # Whoever creates one answers for his address: there may be no mail server yet.
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user


class UserQuerySet(models.QuerySet["User"]):
    """Named filters over people."""

    def administrators_of(self, enterprise: Enterprise) -> UserQuerySet:
        """Keep the active administrators of an enterprise, head office first."""
        return self.filter(
            establishment__enterprise=enterprise, role=User.Role.ADMINISTRATOR, state=User.State.ACTIVE
        ).order_by("-establishment__is_head_office", "last_name", "first_name")

    def reachable_administrators_of(self, enterprise: Enterprise) -> UserQuerySet:
        """Keep those of them who validated their address: only these are asked and named (trust.md, peers)."""
        return self.administrators_of(enterprise).filter(emailaddress__primary=True, emailaddress__verified=True)


class User(AbstractBaseUser, PermissionsMixin):
    """One person at one SIRET (G3.2), or a member of staff, who has none.

    The same person registered at two SIRETs is two users.
    """

    class Role(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrateur"
        DECLARANT = "declarant", "Déclarant"

    class Question(models.TextChoices):
        """Closed list (trust.md, Identity); which questions is a choice."""

        SCHOOL = "school", "Quel était le nom de votre première école ?"
        STREET = "street", "Dans quelle rue avez-vous passé votre enfance ?"
        PET = "pet", "Comment s'appelait votre premier animal ?"
        TEACHER = "teacher", "Quel professeur vous a le plus marqué ?"
        BOOK = "book", "Quel est le premier livre que vous avez aimé ?"
        TOWN = "town", "Dans quelle ville vos parents se sont-ils rencontrés ?"

    class State(models.TextChoices):
        UNVERIFIED = "unverified", "Adresse à valider"
        PENDING = "pending", "Candidat"
        ACTIVE = "active", "Actif"
        SUSPENDED = "suspended", "Suspendu"

    login_key = models.CharField("clé de connexion", max_length=255, unique=True)
    establishment = models.ForeignKey(
        Establishment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name="établissement",
    )
    last_name = models.CharField("nom", max_length=80, blank=True)
    first_name = models.CharField("prénom", max_length=80, blank=True)
    homonym = models.CharField("distinction d'homonyme", max_length=40, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    role = models.CharField("rôle", max_length=13, choices=Role, blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.ACTIVE)
    is_staff = models.BooleanField("équipe de l'atelier", default=False)
    created_at = models.DateTimeField("inscrit le", null=True, blank=True)
    question = models.CharField("question secrète", max_length=10, choices=Question, blank=True)
    answer = models.CharField("empreinte de la réponse", max_length=128, blank=True)
    answer_tries = models.PositiveSmallIntegerField("essais de réponse", default=0)
    answer_tried_on = models.DateField("jour des essais", null=True, blank=True)
    terms_version = models.CharField("conditions acceptées", max_length=10, blank=True)
    terms_accepted_at = models.DateTimeField("acceptées le", null=True, blank=True)

    USERNAME_FIELD = "login_key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        verbose_name = "personne"
        ordering = ["login_key"]
        constraints = [
            models.CheckConstraint(
                name="user_is_of_an_establishment_or_of_staff",
                condition=Q(establishment=None, role="", is_staff=True)
                | Q(establishment__isnull=False, role__in=["administrator", "declarant"], is_staff=False),
                violation_error_message="Une personne a un établissement et un rôle ; l'équipe n'en a pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First name, last name; the login key of a member of staff who gave none."""
        return f"{self.first_name} {self.last_name}".strip() or self.login_key

    @property
    def own_words(self) -> tuple[str, ...]:
        """What his password may not hold: names and SIRET, or the identifier of staff."""
        place = (self.establishment.siret,) if self.establishment else (self.login_key,)
        return (*place, self.last_name, self.first_name)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """A suspended person cannot log in, and is logged out on the next request."""
        return self.state != self.State.SUSPENDED

    @property
    def pseudonym(self) -> str:
        """What stands for a person once his account is deleted: a keyed hash of his login, 64 characters."""
        return hmac.new(settings.SECRET_KEY.encode(), self.login_key.encode(), hashlib.sha256).hexdigest()

    @property
    def journal_name(self) -> str:
        """A candidate may be deleted, and a journal is for ever: his pseudonym until he is accepted."""
        accepted = self.state not in (self.State.UNVERIFIED, self.State.PENDING)
        return self.full_name if accepted else f"Candidat {self.pseudonym[:8]}"

    @property
    def is_administrator(self) -> bool:
        """Active administrator; a candidate is not one yet."""
        return self.role == self.Role.ADMINISTRATOR and self.state == self.State.ACTIVE


class LoginFailure(models.Model):
    """Failed log-ins of one key from one source: five, then a pause. Real time, not the portal's."""

    key_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=45)
    failures = models.PositiveSmallIntegerField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "échec de connexion"
        verbose_name_plural = "échecs de connexion"
        constraints = [
            models.UniqueConstraint(name="login_failure_once_per_key_and_source", fields=["key_hash", "source"])
        ]

    def __str__(self) -> str:
        return f"{self.failures} depuis {self.source}"
