import pytest

from cti.control.dialling import CLASSES, WORDS, Dialling, Number, PerMinute, allowed, cleaned, read, shown_number
from cti.kernel.errors import ForbiddenError, InvalidError, TooManyError
from cti.live.profile import Profile, ProfileSettings

PROFILE = Profile(ProfileSettings(extensions=r"^2\d\d$", area_code="021"))
BEHIND_NINE = Profile(ProfileSettings(extensions=r"^2\d\d$", area_code="021", outside_prefix="9"))
IN_GERMANY = Profile(ProfileSettings(extensions=r"^2\d\d$", area_code="030", region="DE"))


@pytest.mark.parametrize(
    ("typed", "digits", "kind"),
    [
        ("202", "202", "internal"), ("5013", "5013", "internal"), ("۲۰۲", "202", "internal"),
        ("110", "110", "emergency"), ("115", "115", "emergency"), ("118", "118", "special"),
        ("1818", "1818", "special"),
        ("09121112233", "09121112233", "mobile"), ("+98 912 111 2233", "09121112233", "mobile"),
        ("tel:+98-912-111-2233", "09121112233", "mobile"), ("0098 912 1112233", "09121112233", "mobile"),
        ("\u200e0912 111 2233\u200f", "09121112233", "mobile"), ("(021) 8866-4523", "02188664523", "local"),
        ("۰۲۱۸۸۶۶۴۵۲۳", "02188664523", "local"), ("88664523", "02188664523", "local"),
        ("03132223344", "03132223344", "national"), ("+49 30 123456", "004930123456", "international"),
        ("0044 20 7946 0000", "00442079460000", "international"), ("09099070000", "09099070000", "special"),
        ("00", "00", "international"), ("0", "0", "special"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(typed: str, digits: str, kind: str) -> None:
    number = read(typed, PROFILE)
    assert (number.digits, number.kind) == (digits, kind)
    assert cleaned(number.digits) == number.digits


def test_a_pbx_behind_a_nine() -> None:
    assert read("0912 111 2233", BEHIND_NINE).digits == "909121112233"
    assert read("909121112233", BEHIND_NINE).digits == "909121112233"
    assert read("202", BEHIND_NINE).digits == "202"
    assert read("110", BEHIND_NINE).digits == "9110"


def test_another_country() -> None:
    assert read("+49 30 123456", IN_GERMANY) == Number("030123456", "local", "+4930123456")
    assert read("+98 912 111 2233", IN_GERMANY).digits == "00989121112233"
    assert read("0171 1234567", IN_GERMANY).kind == "mobile"


@pytest.mark.parametrize(
    "typed",
    [
        "SIP/201@evil", "PJSIP/1&PJSIP/2", "202\r\nAction: Command", "202\n", "0912\n1112233", "202,1", "202|x",
        "202&203",
        "*72202", "#1", "*", "${SHELL(id)}", "$[1+1]", "202@evil", "sip:202@evil", "", " ", "+", "-", "20a", "1" * 25,
        "202;answer", "202'", '202"', "202\\", "202\0", "٢٠٢x", "<202>", "202=1", "202?", "Local/202@internal/n",
    ],
)  # fmt: skip
def test_nothing_but_a_number_is_dialled(typed: str) -> None:
    if typed == "202\n":
        assert cleaned(typed) == "202"  # what comes with a paste, at the end
        return
    with pytest.raises(InvalidError):
        read(typed, PROFILE)


def test_rights_by_role() -> None:
    dialling = Dialling(roles={"trainee": ("internal",), "export": ("internal", "international")})
    abroad, mobile, inside = Number("0044", "international"), Number("0912", "mobile"), Number("202", "internal")
    for role in ("agent", "supervisor", "trainee", "made-up"):
        allowed(inside, role, dialling)
        with pytest.raises(ForbiddenError, match="numbers abroad"):
            allowed(abroad, role, dialling)
    for number in (abroad, mobile, inside):
        allowed(number, "administrator", dialling)
    allowed(abroad, "export", dialling)
    allowed(mobile, "agent", dialling)
    with pytest.raises(ForbiddenError, match="mobile numbers"):
        allowed(mobile, "trainee", dialling)
    assert set(WORDS) == set(CLASSES)


def test_what_the_called_see() -> None:
    dialling = Dialling(shown={"default": "1", "queue:sales": "2", "team:t1": "3"})
    assert shown_number(dialling, "sales", ["t1"]) == "2"
    assert shown_number(dialling, "support", ["t0", "t1"]) == "3"
    assert shown_number(dialling, "", []) == "1"
    assert shown_number(Dialling(), "sales", ["t1"]) == ""


def test_so_many_a_minute() -> None:
    limit = PerMinute(3)
    for at in (0.0, 10.0, 20.0):
        limit.take("a", at)
    with pytest.raises(TooManyError) as refused:
        limit.take("a", 30.0)
    assert refused.value.retry_seconds == 30.0
    limit.take("b", 30.0)
    limit.take("a", 60.0)
    with pytest.raises(TooManyError):
        limit.take("a", 61.0)
