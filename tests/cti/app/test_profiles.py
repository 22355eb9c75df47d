"""Profiles from settings and files: what cannot be used is told before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from cti.app.profiles import profile_from, profile_of
from cti.kernel.errors import ConfigurationError
from tests.live import settings_of

BAD = [
    ("extensions = '('", "extensions is not a regular expression"),
    ("devices = '^99'", "devices needs a group"),
    ("preset = 'asterisk'", "preset"),
    ("extension = '^2'", "extension"),
    ("keep_digits = 'often'", "keep_digits"),
]


def test_the_site_gives_the_region_and_the_table_the_rest(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[pbx.main]\npreset = 'issabel'\narea_code = '021'\n", region="DE")
    chosen = profile_of(settings, "main").settings
    assert (chosen.preset, chosen.area_code, chosen.region) == ("issabel", "021", "DE")
    assert profile_of(settings, "other").settings.preset == "plain"


def test_without_a_file_the_plain_preset() -> None:
    name, profile = profile_from(None)
    assert (name, profile.settings.preset) == ("main", "plain")
    assert profile.kind("PJSIP/201") == "phone"


def test_a_file_names_the_pbx(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text("[pbx.tehran]\nextensions = '^7'\n", "utf-8")
    name, profile = profile_from(path)
    assert name == "tehran"
    assert profile.kind("PJSIP/71") == "phone"


@pytest.mark.parametrize(("line", "says"), BAD)
def test_what_cannot_be_used_is_named(tmp_path: Path, line: str, says: str) -> None:
    text = f"[pbx.main]\n{line}\n"
    path = tmp_path / "profile.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=says) as from_file:
        profile_from(path)
    with pytest.raises(ConfigurationError, match=says) as from_settings:
        profile_of(settings_of(tmp_path, text), "main")
    assert str(path) in str(from_file.value)
    assert "[pbx.main]" in str(from_settings.value)


@pytest.mark.parametrize("text", ["[pbx.main", "pbx = 3", "[pbx]\nmain = 3", "\x00"])
def test_a_file_that_is_no_profile(tmp_path: Path, text: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"profile\.toml"):
        profile_from(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        profile_from(tmp_path / "none.toml")
