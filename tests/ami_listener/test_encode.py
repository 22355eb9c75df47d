import pytest
from hypothesis import given
from hypothesis import strategies as st

from ami_listener.encode import UnsafeValueError, agi_command, checked, encode, plain
from ami_listener.protocol import AmiReader


def test_the_action_comes_first_and_lists_are_repeated() -> None:
    data = encode([("Variable", ["a=1", "b=2"]), ("Action", "Originate"), ("Async", True), ("Timeout", 30_000)])
    assert data == b"Action: Originate\r\nVariable: a=1\r\nVariable: b=2\r\nAsync: true\r\nTimeout: 30000\r\n\r\n"


@given(st.text(max_size=50), st.text(max_size=50))
def test_whatever_is_sent_is_read_as_one_action_with_that_value(key: str, value: str) -> None:
    try:
        data = encode([("Action", "Setvar"), ("Value", value), (key, "x")])
    except UnsafeValueError:
        return
    # The reader stands for Asterisk's own: as many headers as were given, and the value as it was.
    (message,) = AmiReader(expect_greeting=False).feed(b"Response: x\r\n" + data)
    assert list(message.headers) == list(dict.fromkeys(["Response", "Action", "Value", key]))
    assert message.headers["Value"] == ("x" if key == "Value" else value)


@pytest.mark.parametrize("evil", ["a\r\nAction: Command", "a\nb", "a\rb", "\0", "\r"])
def test_line_breaks_and_nul_are_refused_everywhere(evil: str) -> None:
    for headers in ([("Value", evil)], [(evil, "x")], [("Variable", ["a", evil])]):
        with pytest.raises(UnsafeValueError):
            encode(headers)
    with pytest.raises(UnsafeValueError, match="name must not"):
        checked("name", evil)


@pytest.mark.parametrize("key", ["", "A: B", "Ä", "A B", ":", "1A"])
def test_a_key_is_a_plain_word(key: str) -> None:
    with pytest.raises(UnsafeValueError, match="name of a header"):
        encode([(key, "x")])


def test_what_asterisk_would_drop_is_refused_instead() -> None:
    assert encode([("A", "ب" * 509)])
    with pytest.raises(UnsafeValueError, match="too long"):
        encode([("A", "ب" * 510)])
    with pytest.raises(UnsafeValueError, match="at most 128 headers"):
        encode([("Variable", ["a"] * 129)])


def test_agi_commands_are_quoted() -> None:
    assert agi_command("SET VARIABLE", "name", 'say "hi" \\ bye') == b'SET VARIABLE "name" "say \\"hi\\" \\\\ bye"\n'
    assert agi_command("ANSWER") == b"ANSWER\n"
    for command, argument in (("EXEC", "a\nHANGUP"), ("EXEC\nHANGUP", "a"), ("EXEC", "a" * 3000)):
        with pytest.raises(UnsafeValueError):
            agi_command(command, argument)


def escape(text: str) -> str:
    """What ast_escape_c() of Asterisk's utils.c does."""
    table = {
        "\a": "a",
        "\b": "b",
        "\f": "f",
        "\n": "n",
        "\r": "r",
        "\t": "t",
        "\v": "v",
        "\\": "\\",
        "'": "'",
        '"': '"',
    }
    return "".join("\\" + table[letter] if letter in table else letter for letter in text)


@given(st.text())
def test_asterisks_escapes_are_undone(text: str) -> None:
    assert plain(escape(text)) == text


def test_a_backslash_at_the_end_stays() -> None:
    assert plain("a\\") == "a\\"
    assert plain(r"O\"Neil") == 'O"Neil'
