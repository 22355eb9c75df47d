"""Settings: what wins, what is refused, and that each says what to mend."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from cti.app.reference import settings_page
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import HELP, Settings, address, load


def test_defaults_need_nothing() -> None:
    settings = load({})
    assert settings.pbx_url == ""
    assert settings.database.startswith("sqlite+aiosqlite:///")
    assert settings.timezone == "Asia/Tehran"


def test_the_environment_outranks_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tamas.toml"
    file.write_text('language = "en"\nhttp = "127.0.0.1:9000"\n[pbx.main]\npreset = "freepbx"\n', "utf-8")
    settings = load({"CTI_CONFIG": str(file), "CTI_HTTP": "127.0.0.1:9001"})
    assert (settings.language, settings.http) == ("en", "127.0.0.1:9001")
    assert settings.pbx == {"main": {"preset": "freepbx"}}


def test_numbers_come_as_text() -> None:
    assert load({"CTI_JOURNAL_DAYS": "7", "CTI_JOURNAL": "false"}).journal_days == 7.0


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"CTI_PBXURL": "x"}, "CTI_PBX_URL"),
        ({"CTI_LANGUAGE": "de"}, "language"),
        ({"CTI_TIMEZONE": "Tehran"}, "Asia/Tehran"),
        ({"CTI_HTTP": "8080"}, "HOST:PORT"),
        ({"CTI_JOURNAL_DAYS": "many"}, "journal_days"),
        ({"CTI_CONFIG": "/no/such/file.toml"}, "cannot be read"),
        ({"CTI_BUS_URL": "nats://127.0.0.1"}, "cannot be used yet"),
    ],
)
def test_what_cannot_be_says_what_to_mend(environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load(environment)


def test_an_unknown_key_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "tamas.toml"
    file.write_text('langauge = "en"\n', "utf-8")
    with pytest.raises(ConfigurationError, match="did you mean language"):
        load({"CTI_CONFIG": str(file)})


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "tamas.toml"
    file.write_text("language = ", "utf-8")
    with pytest.raises(ConfigurationError, match="not TOML"):
        load({"CTI_CONFIG": str(file)})


def test_addresses() -> None:
    assert address("127.0.0.1:8080") == ("127.0.0.1", 8080)
    assert address("[::1]:80") == ("::1", 80)


def test_every_setting_is_explained_and_the_docs_say_the_same() -> None:
    assert set(HELP) == {field.name for field in msgspec.structs.fields(Settings)}
    page = Path(__file__).parents[3] / "docs" / "settings.md"
    assert page.read_text("utf-8") == settings_page()
