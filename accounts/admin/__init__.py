"""Staff's tools for the register, the people, the imports and the journal."""

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group

from accounts.admin import imports, journal, people, register

__all__ = ["GroupAdmin", "allauth", "imports", "journal", "people", "register"]

# Written by actions only: nobody edits these by hand. Their own modules are imported first, so that none comes back.
admin.site.unregister((Authenticator, EmailAddress, Group, UserSession))
