"""What is a phone and what leads outside: the settings first, then what the PBX tells, then the preset."""

from __future__ import annotations

import pytest

from cti.live.profile import MOST_ENDPOINTS, Profile, ProfileSettings, read_profiles, settings_from


def kind(settings: ProfileSettings, endpoint: str) -> str:
    return Profile(settings).kind(endpoint)


@pytest.mark.parametrize("preset", ["plain", "freepbx", "issabel"])
def test_a_preset_knows_extensions_by_their_digits(preset: str) -> None:
    profile = Profile(settings_from({"preset": preset}, "IR"))
    assert (profile.kind("PJSIP/201"), profile.kind("SIP/mci-trunk")) == ("phone", "trunk")
    assert (profile.extension("PJSIP/201"), profile.extension("SIP/mci-trunk")) == ("201", None)


@pytest.mark.parametrize("preset", ["freepbx", "issabel"])
def test_a_second_device_belongs_to_its_extension(preset: str) -> None:
    profile = Profile(settings_from({"preset": preset}, "IR"))
    assert [profile.extension(f"PJSIP/{peer}") for peer in ("99201", "98201", "9912", "9920")] == [
        "201", "201", "9912", "9920",
    ]  # fmt: skip


def test_it_does_so_with_extensions_of_ones_own_where_they_agree() -> None:
    own = Profile(ProfileSettings(preset="freepbx", extensions=r"^(99)?2\d\d$"))
    assert own.extension("PJSIP/99201") == "201"
    long = Profile(ProfileSettings(preset="freepbx", extensions=r"^99\d{3}$"))
    assert long.extension("PJSIP/99201") == "99201", "201 is no extension here"


def test_a_pattern_in_the_settings_outranks_what_the_pbx_tells() -> None:
    profile = Profile(ProfileSettings(extensions="^2", trunks="^mci"))
    profile.tell("PJSIP/201", "trunk")
    profile.tell("PJSIP/mci", "phone", "9")
    assert (profile.kind("PJSIP/201"), profile.kind("PJSIP/mci")) == ("phone", "trunk")


def test_what_the_pbx_tells_outranks_the_preset_also_late() -> None:
    profile = Profile()
    assert profile.kind("PJSIP/reception") == "trunk"
    profile.tell("PJSIP/reception", "phone", "100")
    assert (profile.kind("PJSIP/reception"), profile.extension("PJSIP/reception")) == ("phone", "100")


def test_what_matches_nothing_is_neither() -> None:
    assert kind(ProfileSettings(extensions="^2", trunks="^mci"), "PJSIP/doorbell") == "other"


def test_devices_of_ones_own() -> None:
    profile = Profile(ProfileSettings(extensions=r"^phone\.", devices=r"^phone\.7(\d)$"))
    assert (profile.extension("SIP/phone.71"), profile.extension("SIP/phone.all")) == ("1", "phone.all")


def test_numbers_are_those_of_the_profile() -> None:
    profile = Profile(ProfileSettings(area_code="051", outside_prefix="9"))
    assert profile.number("38888888") == "+985138888888"
    assert profile.dialled_number("909121112233") == "+989121112233"
    assert (profile.number(None), profile.number("anonymous"), profile.dialled_number(None)) == (None, None, None)


def test_an_extension_is_never_a_number_however_long() -> None:
    profile = Profile(ProfileSettings(extensions=r"^8888\d{4}$", area_code="021"))
    assert (profile.number("88880000"), profile.dialled_number("88880000")) == (None, None)
    assert profile.number("77770000") == "+982177770000"


def test_strangers_are_not_remembered_for_ever() -> None:
    profile = Profile()
    for n in range(MOST_ENDPOINTS + 10):
        profile.extension(f"SIP/10.0.{n}")
    assert len(profile._kinds) <= MOST_ENDPOINTS
    assert len(profile._extension_of) <= MOST_ENDPOINTS


def test_profiles_are_read_and_faults_named() -> None:
    assert read_profiles('[pbx.main]\npreset = "freepbx"\narea_code = "021"\n')["main"].area_code == "021"
    for text in ("[pbx.main", '[pbx.main]\npreset = "3cx"', "[pbx.main]\nextension = '2'"):
        with pytest.raises(ValueError, match="cannot be read"):
            read_profiles(text)
    with pytest.raises(ValueError, match="cannot be used"):
        settings_from({"presett": "plain"}, "IR")


@pytest.mark.parametrize("name", ["extensions", "trunks", "devices"])
@pytest.mark.parametrize("pattern", ["(", "[", "*"])
def test_a_pattern_that_is_none_is_named(name: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is not a regular expression"):
        settings_from({name: pattern}, "IR")


def test_devices_without_a_group_are_refused() -> None:
    with pytest.raises(ValueError, match="group"):
        settings_from({"devices": "^99"}, "IR")
    assert Profile(ProfileSettings(devices="^99(2..)?")).extension("PJSIP/9931") == "9931"


def test_what_a_trunk_does_to_numbers_is_undone() -> None:
    text = """
    [pbx.main]
    area_code = "021"
    [[pbx.main.trunk_rules]]
    trunk = '^gsm'
    strip = '^0?98'
    prepend = '0'
    [[pbx.main.trunk_rules]]
    trunk = '^pri'
    strip = '^7(?=\\d{8}$)'
    prepend = '021'
    [[pbx.main.trunk_rules]]
    trunk = '^branch$'
    prepend = '051'
    """
    profile = Profile(read_profiles(text)["main"])
    assert profile.number("0989121112233", "SIP/gsm-2") == "+989121112233"
    assert profile.number("۹۸۹۱۲۱۱۱۲۲۳۳", "SIP/gsm-2") == "+989121112233"
    assert profile.number("09121112233", "SIP/gsm-2") == "+989121112233", "what the rule does not match stays"
    assert profile.number("788880000", "DAHDI/pri") == "+982188880000"
    assert profile.number("788880000", "DAHDI/other") is None
    assert profile.number("38888888", "PJSIP/branch") == "+985138888888"
    assert profile.number("38888888") == "+982138888888"
    assert profile.number("201", "PJSIP/branch") is None, "an extension stays one"


@pytest.mark.parametrize(
    ("rule", "word"), [({"trunk": "("}, "trunk"), ({"trunk": ".", "strip": "["}, "strip"),
                       ({"trunk": ".", "prepend": "x"}, "prepend"), ({"trunk": ".", "stripp": "1"}, "stripp")]
)  # fmt: skip
def test_a_trunk_rule_that_cannot_be_used_is_named(rule: dict[str, str], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        settings_from({"trunk_rules": [rule]}, "IR")
