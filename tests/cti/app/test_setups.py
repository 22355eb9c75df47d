"""What is printed to be pasted can be pasted: manager.conf is complete, the profile reads back as what it was."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

from ami_listener import manager_conf
from ami_listener.listener import PbxListener
from ami_listener.url import parse_urls
from cti.app.setups import manager_conf_text, profile_text, setups_of
from cti.kernel.clock import ManualClock
from cti.kernel.settings import load
from cti.live.profile import Profile, ProfileSettings, read_profiles
from tests.cti.app.stage import profile_of, silent, url_of
from tests.live import running_product, until


def listener(settings: ProfileSettings, name: str = "main") -> PbxListener:
    (url,) = parse_urls(f"ami://u:s@127.0.0.1:5038/?name={name}")
    return PbxListener(url, Profile(settings), lambda event: None, ManualClock())


def test_the_profile_reads_back() -> None:
    awkward = ProfileSettings(
        preset="freepbx", extensions=r"^(2\d\d|it's)$", trunks="^(trunk|مرکز)$", devices=r"^99(\d+)$",
        outside_prefix="9", area_code="021", region="DE", keep_digits=True,
    )  # fmt: skip
    for settings in (ProfileSettings(), awkward):
        assert read_profiles(profile_text(listener(settings, "tehran-2"), demo=False)) == {"tehran-2": settings}


def test_what_the_pbx_told_stands_there_as_comments() -> None:
    one = listener(ProfileSettings())
    for number in range(60):
        one.profile.kind(f"PJSIP/{2000 + number}")
    text = profile_text(one, demo=False)
    assert "# seen as phone: PJSIP/2000 PJSIP/2001" in text
    assert "PJSIP/2039 …" in text
    assert "PJSIP/2040" not in text
    assert read_profiles(text) == {"main": ProfileSettings()}


def test_manager_conf_has_both_logins_and_every_feature() -> None:
    text = manager_conf_text()
    pasted = configparser.ConfigParser(strict=False, comment_prefixes=(";",), interpolation=None)
    pasted.read_string(text)
    general, *logins = pasted.sections()
    assert general == "general"
    assert len(logins) == 2
    for section in logins:
        assert {"secret", "read", "write"} <= set(pasted[section])
    for feature in manager_conf.FEATURES:
        assert feature.name in text


async def test_one_for_each_pbx(tmp_path: Path) -> None:
    async with silent() as simulator:
        urls = f"{url_of(simulator, 'one')} {url_of(simulator, 'two')}"
        async with running_product(tmp_path, pbx_url=urls) as running:
            await running.connected()
            one, two = setups_of(running.product)
            assert (one.pbx, two.pbx) == ("one", "two")
            assert one.connected
            assert one.listener.startswith("[")
            assert one.actions != one.listener
            assert read_profiles(two.profile).keys() == {"two"}
            secret = simulator.options.users[0].secret
            assert f":{secret}@" not in one.settings
            settings = load(dict(line.split("=", 1) for line in one.settings.replace("'", "").splitlines()))
            assert parse_urls(settings.pbx_url)[0].port == simulator.port
            page = (await running.get("/connect"))[1]
            await until(lambda: one.listener.splitlines()[0].strip("[]") in page)


async def test_the_demo_shows_what_a_real_pbx_will_need(tmp_path: Path) -> None:
    async with running_product(tmp_path) as running:
        (setup,) = setups_of(running.product)
        assert setup.pbx == "main"
        assert not setup.connected
        assert "CTI_PBX_URL='ami://tamas:SECRET@192.0.2.10:5038/?name=main'" in setup.settings
        assert tomllib.loads(setup.profile)["pbx"].keys() == {"main"}


async def test_the_simulators_own_profile_is_shown_again(tmp_path: Path) -> None:
    async with (
        silent() as simulator,
        running_product(tmp_path, profile_of(simulator), pbx_url=url_of(simulator)) as running,
    ):
        (setup,) = setups_of(running.product)
        assert read_profiles(setup.profile) == read_profiles(profile_of(simulator))
