"""An AMI action as a client sent it, and the blocks that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Request(NamedTuple):
    """``headers`` by lower-case name, the first of repeated ones; ``variables`` are all ``Variable`` headers."""

    headers: Mapping[str, str]
    variables: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        return self.headers.get(name.lower(), default)

    @property
    def action(self) -> str:
        return self.get("Action")

    @property
    def action_id(self) -> str:
        """Its ``ActionID`` line, empty if it has none."""
        known = self.get("ActionID")
        return f"ActionID: {known}\r\n" if known else ""

    def number(self, name: str, default: int) -> int:
        """A number, or the default where it is none."""
        text = self.get(name)
        return int(text) if text.lstrip("-").isdecimal() else default

    def truth(self, name: str) -> bool:
        """As ``ast_true``."""
        return self.get(name).lower() in ("yes", "true", "y", "t", "1", "on")


def parse(lines: Iterable[str]) -> Request:
    """The lines of one action, without line ends."""
    headers: dict[str, str] = {}
    variables: list[tuple[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        key, value = name.strip().lower(), value.strip()
        if key == "variable":
            variables += [_assignment(item) for item in value.split(",") if item]
        headers.setdefault(key, value)
    return Request(headers, tuple(variables))


def _assignment(item: str) -> tuple[str, str]:
    name, _, value = item.partition("=")
    return name.strip(), value.strip()


def answer(request: Request, response: str, lines: str) -> str:
    return f"Response: {response}\r\n{request.action_id}{lines}\r\n"


def done(request: Request, message: str) -> str:
    return answer(request, "Success", f"Message: {message}\r\n")


def refused(request: Request, message: str) -> str:
    return answer(request, "Error", f"Message: {message}\r\n")


def listing(request: Request, message: str, event: str, items: list[str], more: str = "") -> str:
    """A list: its announcement, its items (whole blocks), and ``event`` with ``Complete``."""
    head = answer(request, "Success", f"EventList: start\r\nMessage: {message}\r\n")
    tail = f"Event: {event}\r\n{request.action_id}EventList: Complete\r\nListItems: {len(items)}\r\n{more}\r\n"
    return head + "".join(items) + tail
