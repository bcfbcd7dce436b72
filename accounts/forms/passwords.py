"""The password's rule where Django asks for it: AUTH_PASSWORD_VALIDATORS."""

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.rules.passwords import password_requirements


class PasswordRule:
    """People of an enterprise keep the guide's rule (G3.6); staff, who see everybody, the « renforcé » one, always."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Refuse a password that breaks a rule, and say which. user: whose it will be, perhaps not registered yet."""
        reinforced = settings.PASSWORD_REINFORCED or user is None or user.establishment is None
        asked = password_requirements(password, known=user.own_words if user else (), reinforced=reinforced)
        if missing := [one.label for one in asked if not one.kept]:
            raise ValidationError(f"Il manque à ce mot de passe : {' ; '.join(missing)}.")

    def get_help_text(self) -> str:
        """Say the staff's rule: only their page asks."""
        return f"{' ; '.join(one.label for one in password_requirements('', reinforced=True))}.".capitalize()
