"""The profile of each configured PBX, from the settings or a file, with its patterns checked before anything starts.

Neighbour: ``cti.live.profile`` says what a profile means.
"""

from __future__ import annotations

import re
from pathlib import Path

from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from cti.live.profile import Profile, ProfileSettings, read_profiles, settings_from


def profile_of(settings: Settings, name: str) -> Profile:
    """The profile of one PBX: ``[pbx.NAME]``, or the plain preset. Raises ``ConfigurationError``."""
    try:
        chosen = settings_from(settings.pbx.get(name), settings.region)
    except ValueError as error:
        raise ConfigurationError(f"[pbx.{name}]: {error}") from error
    return checked(chosen, f"[pbx.{name}]")


def profile_from(path: Path | None) -> tuple[str, Profile]:
    """Name and profile of the PBX from a TOML file with a ``[pbx.NAME]``; without a file the plain preset."""
    if path is None:
        return "main", Profile()
    try:
        found = read_profiles(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, AttributeError) as error:  # AttributeError: ``pbx`` is there and is no table
        raise ConfigurationError(f"{path}: {error}") from error
    name, settings = next(iter(found.items()), ("main", ProfileSettings()))
    return name, checked(settings, f"{path}: [pbx.{name}]")


def checked(settings: ProfileSettings, where: str) -> Profile:
    """The profile, if its patterns can be used. Raises ``ConfigurationError`` that begins with ``where``."""
    for key in ("extensions", "trunks", "devices"):
        text = getattr(settings, key)
        try:
            pattern = re.compile(text)
        except re.error as error:
            raise ConfigurationError(f"{where}: {key} is not a regular expression: {error}: {text!r}") from error
        if key == "devices" and text and not pattern.groups:
            raise ConfigurationError(f"{where}: devices needs a group around the extension, as in '^99(\\d+)$'")
    return Profile(settings)
