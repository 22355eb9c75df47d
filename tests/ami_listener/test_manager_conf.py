import configparser
import re
from pathlib import Path

import asterisk.config
import pytest

from ami_listener import manager_conf, wanted


def test_the_listener_may_read_all_that_is_wanted_and_act_on_nothing() -> None:
    assert manager_conf.rights("listener", "read") == wanted.READ_CLASSES
    assert manager_conf.rights("listener", "write") == ("reporting",)
    assert manager_conf.rights("actions", "read") == ()
    assert manager_conf.rights("actions", "write") == ("agent", "call", "originate")


@pytest.mark.parametrize("dangerous", ["system", "command", "config", "all", "user", "agi"])
def test_no_printed_section_grants_more_than_needed(dangerous: str) -> None:
    for section in (manager_conf.listener_section(), manager_conf.actions_section()):
        (write,) = re.findall(r"^write = (.*)$", section, re.MULTILINE)
        assert dangerous not in write.split(",")


def test_every_wanted_event_is_in_the_table() -> None:
    told = [event for feature in manager_conf.FEATURES for event in feature.events]
    assert sorted(told) == sorted(event.name for event in wanted.WANTED)
    assert all(feature.name for feature in manager_conf.FEATURES)


def test_what_a_login_lacks_is_named() -> None:
    everything = {action for feature in manager_conf.FEATURES for action in feature.actions}
    assert manager_conf.missing("listener", everything) == ()
    assert manager_conf.missing("listener", everything - {"Filter"}) == ()  # optional
    (feature,) = manager_conf.missing("listener", everything - {"CoreShowChannels"})
    assert feature.right == "reporting"
    assert {feature.right for feature in manager_conf.missing("actions", ())} == {"agent", "call", "originate"}


def test_both_styles_are_printed_until_the_version_is_known() -> None:
    unknown = manager_conf.listener_section()
    assert "\neventfilter(action(include),name(Newchannel)) =\n" in unknown
    assert "\n;eventfilter = ^Event: (Newchannel|" in unknown
    newer, older = (manager_conf.listener_section(version=version) for version in ("22.10.1", "16.28.0"))
    assert "eventfilter(" in newer
    assert "eventfilter =" not in newer
    assert "eventfilter(" not in older
    assert "\neventfilter = ^Event: (Newchannel|" in older


def test_times_and_patience_are_asked_for() -> None:
    section = manager_conf.listener_section("listener", "secret")
    assert "timestampevents = yes" in section.partition("[listener]")[0]
    assert "writetimeout = 5000" in section.partition("[listener]")[2]


def test_an_independent_reader_finds_the_same_in_it(tmp_path: Path) -> None:
    path = tmp_path / "manager.conf"
    path.write_text(
        manager_conf.listener_section("one", "s1", "22.10.1") + "\n" + manager_conf.actions_section("two", "s2")
    )
    config = asterisk.config.Config(str(path))
    lines = {
        category.name: [(item.name, item.value.strip()) for item in category.items] for category in config.categories
    }
    assert set(lines) == {"general", "one", "two"}
    assert ("secret", "s1") in lines["one"]
    assert ("read", ",".join(wanted.READ_CLASSES)) in lines["one"]
    assert ("write", "agent,call,originate") in lines["two"]
    filters = [name for name, _ in lines["one"] if name.startswith("eventfilter")]
    assert len(filters) == len(wanted.WANTED) - 2 + len(wanted.APPLICATIONS) + len(wanted.VARIABLES)


def test_no_comment_sign_hides_part_of_a_line() -> None:
    parser = configparser.ConfigParser(strict=False, delimiters=("=",), interpolation=None)
    parser.read_string(manager_conf.listener_section(version="16.28.0"))
    for section in (manager_conf.listener_section(), manager_conf.actions_section()):
        assert all(";" not in line.lstrip(";") for line in section.splitlines() if not line.startswith("; "))
