"""Files to deposit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

MOST_FILES = 50


class ManyFilesInput(forms.ClearableFileInput):
    """The browser's own control, with several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once, each checked like one; empty ones are let through to be named on their receipt."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        """Return the list of files."""
        files = data if isinstance(data, list | tuple) and data else [None]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"{len(files)} fichiers à la fois : {MOST_FILES} au plus.")
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class DepositForm(forms.Form):
    """« Déposer une DSN »."""

    dsn = ManyFilesField(
        label="Fichiers DSN",
        max_length=200,
        help_text=f"Fichiers texte de la norme, {MOST_FILES} à la fois et 50 Mo chacun au plus.",
        error_messages={"empty": "Un de ces fichiers est vide (0 octet) : retirez-le."},
    )
