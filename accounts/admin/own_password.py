"""A member of staff changes his own password."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from accounts.admin.base import staff
from accounts.views.account import change_own_password


class OwnPasswordView(PasswordChangeView):
    """Django's page, through the action: a journal entry, a mail, and one's other sessions end."""

    form_class = AdminPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Replace it."""
        change_own_password(self.request, staff(self.request), form.cleaned_data["new_password1"])
        return redirect(self.get_success_url())
