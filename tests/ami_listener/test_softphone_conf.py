from __future__ import annotations

import configparser

import pytest

from ami_listener.softphone_conf import section, text
from cti.kernel.errors import InvalidError


def test_one_section_of_authentication_for_each() -> None:
    made = text([("PJSIP/210", "210", "s-e_c"), ("PJSIP/web.211", "sara", "x")])
    read = configparser.ConfigParser(comment_prefixes=(";",))
    read.read_string(made)
    assert read.sections() == ["tamas-210", "tamas-web.211"]
    assert dict(read["tamas-210"]) == {
        "type": "auth", "auth_type": "userpass", "username": "210", "password": "s-e_c",
    }  # fmt: skip
    assert section("PJSIP/210") == "tamas-210" and "#include pjsip_tamas.conf" in made


@pytest.mark.parametrize("secret", ["a\nb", "a;b", "a]b", "a\0b"])
def test_a_value_is_nothing_more_than_a_value(secret: str) -> None:
    with pytest.raises(InvalidError):
        text([("PJSIP/210", "210", secret)])
