"""What a person asked for when he registered from the home page."""

from django.db import models

from accounts.models import User
from habilitations.models.rights import Declaration


class Registration(models.Model):
    """The end of the wizard (G3.13, G3.14). Its declarations are given once the person is active."""

    class Profile(models.TextChoices):
        ENTERPRISE = "enterprise", "Entreprise"
        TIERS_DECLARANT = "tiers_declarant", "Tiers déclarant"
        HOLDING = "holding", "Holding"

    user = models.OneToOneField(User, models.CASCADE, related_name="registration", verbose_name="personne")
    number = models.CharField("numéro", max_length=12, unique=True)
    submitted_at = models.DateTimeField("validée le")
    profile = models.CharField("vous êtes", max_length=15, choices=Profile)
    declarations = models.ManyToManyField(Declaration, related_name="+", verbose_name="déclarations demandées")

    class Meta:
        verbose_name = "inscription"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number
