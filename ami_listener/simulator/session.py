"""One AMI client of the simulated PBX, without its socket: lines in, text out.

Greeting, login (plain or MD5 challenge), event mask, filters, and the tables of actions. ``server``
carries the text; what the PBX does about an action is in ``actions`` and ``listings``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ami_listener.simulator.actions import COMMANDS
from ami_listener.simulator.listings import LISTINGS, Ask
from ami_listener.simulator.request import Request, answer, done, parse, refused
from ami_listener.simulator.taste import Taste, make_filter, mask_of

if TYPE_CHECKING:
    from ami_listener.simulator.options import AmiUser
    from ami_listener.simulator.pbx import Pbx

ON_THE_PBX: Mapping[str, tuple[str, Ask]] = {**LISTINGS, **COMMANDS}
BEFORE_LOGIN = ("challenge", "login", "logoff")
_NAMES = {name.lower(): name for name in ON_THE_PBX}


class Session:
    """``reply`` answers one action. ``taste`` says which events it reads, None before it is logged in;
    ``closing``: the server is to hang up after the answer."""

    def __init__(self, pbx: Pbx, users: tuple[AmiUser, ...], addresses: tuple[str, str]) -> None:
        self.pbx = pbx
        self._users = {user.name: user for user in users}
        self._local, self._remote = addresses
        self._challenge = ""
        self._security = ("", "")
        self.user: AmiUser | None = None
        self.taste: Taste | None = None
        self.closing = False
        self._own: Mapping[str, tuple[str, Callable[[Request], str]]] = {
            "challenge": ("", self._give_challenge),
            "login": ("", self._login),
            "logoff": ("", self._logoff),
            "ping": ("", self._ping),
            "events": ("", self._events),
            "filter": ("system", self._filter),
            "listcommands": ("", self._list_commands),
        }

    def reply(self, lines: list[str]) -> str:
        """The text that answers one action, given as its lines."""
        request = parse(lines)
        name = request.action.lower()
        if not name:
            return refused(request, "Missing action in request")
        if self.user is None and name not in BEFORE_LOGIN:
            return refused(request, "Permission denied")
        own = self._own.get(name)
        known = ON_THE_PBX.get(_NAMES.get(name, ""))
        if own is None and known is None:
            hint = "Use Action: ListCommands to show available commands."
            return refused(request, f"Invalid/unknown command: {request.action}. {hint}")
        if not self._may(own[0] if own is not None else known[0] if known is not None else ""):
            return refused(request, "Permission denied")
        if own is not None:
            return own[1](request)
        assert known is not None
        return known[1](self.pbx, request)

    def _may(self, classes: str) -> bool:
        """Whether this login may write one of these classes; none are asked of some actions."""
        if not classes or self.user is None:
            return True
        granted = mask_of(self.user.write)
        return granted is None or not granted.isdisjoint(classes.split(","))

    def _give_challenge(self, request: Request) -> str:
        if request.get("AuthType").lower() != "md5":
            return refused(request, "Must specify AuthType")
        self._challenge = str(random.SystemRandom().randrange(10**8, 10**9))
        return answer(request, "Success", f"Challenge: {self._challenge}\r\n")

    def _login(self, request: Request) -> str:
        user = self._users.get(request.get("Username"))
        if user is None or not self._proves(request, user):
            self._security = ("InvalidPassword", request.get("Username"))
            self.closing = True
            return refused(request, "Authentication failed")
        self.user = user
        self.taste = Taste(mask_of(user.read), mask_of(request.get("Events")))
        text = done(request, "Authentication accepted")
        if self.taste.reads("system"):
            uptime = int(self.pbx.now - self.pbx.started_at)
            figures = f"Uptime: {uptime}\r\nLastReload: {uptime}\r\nStatus: Fully Booted\r\n"
            text += f"Event: FullyBooted\r\nPrivilege: system,all\r\n{figures}\r\n"
        self._security = ("SuccessfulAuth", user.name)
        return text

    def _proves(self, request: Request, user: AmiUser) -> bool:
        if request.get("AuthType").lower() == "md5":
            wanted = hashlib.md5((self._challenge + user.secret).encode(), usedforsecurity=False).hexdigest()
            return bool(self._challenge) and request.get("Key") == wanted
        return request.get("Secret") == user.secret

    def tell_security(self) -> None:
        """Send what a login attempt gave rise to, after its answer: to this client too if it may read it."""
        (event, account), self._security = self._security, ("", "")
        if not event:
            return
        moment = dt.datetime.fromtimestamp(self.pbx.now, dt.UTC)
        when = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
        severity = "Informational" if event == "SuccessfulAuth" else "Error"
        last = "UsingPassword: 0\r\n" if event == "SuccessfulAuth" else ""
        self.pbx.wire.put(
            event,
            f"EventTV: {when}\r\nSeverity: {severity}\r\nService: AMI\r\nEventVersion: 1\r\nAccountID: {account}\r\n"
            f"SessionID: {id(self):#x}\r\nLocalAddress: IPV4/TCP/{self._local}\r\n"
            f"RemoteAddress: IPV4/TCP/{self._remote}\r\n{last}SessionTV: {when}\r\n",
        )

    def _logoff(self, request: Request) -> str:
        self.closing = True
        return answer(request, "Goodbye", "Message: Thanks for all the fish.\r\n")

    def _ping(self, request: Request) -> str:
        return answer(request, "Success", f"Ping: Pong\r\nTimestamp: {self.pbx.now:.6f}\r\n")

    def _events(self, request: Request) -> str:
        assert self.taste is not None
        self.taste = self.taste._replace(mask=mask_of(request.get("EventMask")))
        state = "Off" if self.taste.mask == frozenset() else "On"
        return answer(request, "Success", f"Events: {state}\r\n")

    def _filter(self, request: Request) -> str:
        assert self.taste is not None
        if request.get("Operation").lower() != "add":
            return refused(request, "Unknown operation")
        try:
            new = make_filter(request.get("MatchCriteria"), request.get("Filter"))
        except ValueError:
            return refused(request, "Filter format error")
        self.taste = self.taste._replace(filters=(*self.taste.filters, new))
        return done(request, "Filter added successfully")

    def _list_commands(self, request: Request) -> str:
        every = [(name, classes) for name, (classes, _) in ON_THE_PBX.items()]
        every += [(_own_name(name), classes) for name, (classes, _) in self._own.items()]
        lines = (
            f"{name}: {name}.  (Priv: {classes or '<none>'})\r\n"
            for name, classes in sorted(every)
            if self._may(classes)
        )
        return answer(request, "Success", "".join(lines))


def _own_name(name: str) -> str:
    return "ListCommands" if name == "listcommands" else name.capitalize()
