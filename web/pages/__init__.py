"""The pages, one file each. ``PAGES`` is all of them, in the order of the rail."""

from __future__ import annotations

from web.page import Page
from web.pages import (
    audit,
    call,
    calls,
    calls_export,
    connect,
    contact,
    contact_form,
    contacts,
    fields,
    live,
    settings,
    sign_in,
    truth,
)

PAGES: tuple[Page, ...] = (
    live.PAGE,
    calls.PAGE,
    calls_export.PAGE,
    call.PAGE,
    contacts.PAGE,
    contacts.COMPANIES,
    contacts.ATTACH,
    contact_form.NEW,
    contact_form.PAGE,
    contact.PAGE,
    truth.PAGE,
    truth.DAY,
    settings.PAGE,
    settings.OFFLINE,
    connect.PAGE,
    fields.PAGE,
    audit.PAGE,
    audit.EXPORT,
    audit.TRAIL,
    sign_in.PAGE,
    sign_in.CODE,
    sign_in.WELCOME,
)
