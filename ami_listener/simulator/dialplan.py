"""The dialplan: contexts, extensions and the applications they run, in the form of ``extensions.conf``.

``run`` is the script of a channel that goes through it. The applications come with the dialplan
(``apps.APPS``); ``demo.contexts`` is what the simulator ships with. ``PJSIP/number@trunk`` dials a
number on a trunk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ami_listener.simulator.life import send_to

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

END, MOVED = "end", "moved"
"""What an application may return: the channel is finished; it changed its place in the dialplan."""


class Step(NamedTuple):
    """One line of an extension. ``data`` may hold ``${EXTEN}``, ``${UNIQUEID}`` and channel variables."""

    app: str
    data: str = ""


App = Callable[["Pbx", "Channel", str], "Script"]
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\d+))?\}")


class Dialplan:
    """``contexts``: context → extension or ``_pattern`` → steps."""

    def __init__(self, contexts: Mapping[str, Mapping[str, Sequence[Step]]], apps: Mapping[str, App]) -> None:
        self.apps = apps
        self._exact = {context: dict(extens) for context, extens in contexts.items()}
        self._patterns = {
            context: [(_pattern(name), steps) for name, steps in extens.items() if name.startswith("_")]
            for context, extens in contexts.items()
        }

    def steps(self, context: str, exten: str) -> Sequence[Step]:
        """The steps of an extension; none if there is no such extension."""
        exact = self._exact.get(context, {}).get(exten)
        if exact is not None:
            return exact
        matches = (steps for pattern, steps in self._patterns.get(context, ()) if pattern.fullmatch(exten))
        return next(matches, ())

    def has(self, context: str) -> bool:
        return context in self._exact

    def leads_outside(self, context: str, exten: str) -> bool:
        """Whether an extension dials a number on a trunk (``PJSIP/number@trunk``)."""
        return any(step.app == "Dial" and "@" in step.data for step in self.steps(context, exten))


def _pattern(name: str) -> re.Pattern[str]:
    """``_09X.`` as a regular expression: X any digit, Z one to nine, N two to nine, ``.`` the rest."""
    classes = {"X": r"\d", "Z": "[1-9]", "N": "[2-9]", ".": ".+"}
    return re.compile("".join(classes.get(letter, re.escape(letter)) for letter in name[1:]))


def expand(channel: Channel, data: str) -> str:
    """``data`` with its variables filled in."""
    if "${" not in data:
        return data

    def value(match: re.Match[str]) -> str:
        name, skip = match.groups()
        known = {"EXTEN": channel.exten, "UNIQUEID": channel.uniqueid}
        text = known.get(name) or channel.variables.get(name, "")
        return text[int(skip) :] if skip else text

    return _VARIABLE.sub(value, data)


def run(pbx: Pbx, channel: Channel, told: bool = False) -> Script:
    """Go through the dialplan from where the channel stands; ``told``: its first step was announced."""
    while True:
        steps = pbx.dialplan.steps(channel.context, channel.exten)
        if not 1 <= channel.priority <= len(steps):
            return
        step = steps[channel.priority - 1]
        data = expand(channel, step.data)
        if told:
            channel.app, channel.app_data = step.app, data
            pbx.cdr.app(channel, pbx.now)
        else:
            pbx.newexten(channel, step.app, data)
        told = False
        result = yield from pbx.dialplan.apps[step.app](pbx, channel, data)
        if result == END:
            return
        if result != MOVED:
            channel.move(channel.context, channel.exten, channel.priority + 1)


def go_to(pbx: Pbx, channel: Channel, context: str, exten: str, keep_far: bool = False) -> None:
    """Send a channel to an extension from outside its script (a transfer, a redirect). As in Asterisk it is
    announced with the application that it comes from."""
    channel.move(context, exten)
    pbx.wire.newexten(channel, exten, channel.app, channel.app_data)
    send_to(pbx, channel, _arrive(pbx, channel), keep_far)


def _arrive(pbx: Pbx, channel: Channel) -> Script:
    """Begin with a step that was announced, alone."""
    pbx.leave(channel)
    return (yield from run(pbx, channel, told=True))
