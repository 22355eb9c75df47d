"""What the kinds, roles and tiers of people are called, and who looks after them. Texts are English and keys.

Neighbours: ``crm_core.contacts.model`` has the kinds, the pages of people show them.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from crm_core.users.account import Team, UserRef
from web.i18n import N_
from web.page import SERVICES, actor_of

NUMBERS: dict[str, str] = {
    "mobile": N_("Mobile"),
    "work": N_("Work"),
    "home": N_("Home"),
    "fax": N_("Fax"),
    "other": N_("Other"),
}
MAILS: dict[str, str] = {"work": N_("Work"), "home": N_("Private"), "other": N_("Other")}
ADDRESSES: dict[str, str] = {
    "work": N_("Work"),
    "home": N_("Home"),
    "billing": N_("Billing"),
    "shipping": N_("Delivery"),
    "other": N_("Other"),
}
LINKS: dict[str, str] = {
    "website": N_("Web site"),
    "telegram": N_("Telegram"),
    "whatsapp": N_("WhatsApp"),
    "instagram": N_("Instagram"),
    "linkedin": N_("LinkedIn"),
    "x": N_("X"),
    "facebook": N_("Facebook"),
    "eitaa": N_("Eitaa"),
    "bale": N_("Bale"),
    "rubika": N_("Rubika"),
    "other": N_("Other"),
}
ROLES: dict[str, str] = {
    "customer": N_("Customer"),
    "partner": N_("Partner"),
    "supplier": N_("Supplier"),
    "donor": N_("Donor"),
}
TIERS: dict[str, str] = {"vip": N_("VIP"), "gold": N_("Gold"), "silver": N_("Silver"), "bronze": N_("Bronze")}
LANGUAGES: dict[str, str] = {
    "fa": N_("Persian"),
    "en": N_("English"),
    "ar": N_("Arabic"),
    "tr": N_("Turkish"),
    "ku": N_("Kurdish"),
}


class Colleagues(msgspec.Struct, frozen=True):
    """Who may look after somebody: users and teams by id."""

    users: dict[str, UserRef]
    teams: dict[str, Team]

    def user(self, user_id: str | None) -> str:
        """The user's name; the id of who is no longer known, empty for nobody."""
        found = self.users.get(user_id or "")
        return found.name or found.login if found else user_id or ""

    def team(self, team_id: str | None) -> str:
        found = self.teams.get(team_id or "")
        return found.name if found else team_id or ""


async def colleagues(request: web.Request) -> Colleagues:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    users, teams = await crm.users.directory(actor), await crm.teams.all(actor)
    return Colleagues({one.id: one for one in users}, {one.id: one for one in teams})
