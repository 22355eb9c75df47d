"""`cti user` and `cti token`, at a console beside nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from cti.app import account_commands as commands
from cti.kernel.errors import ConflictError, InvalidError, NotFoundError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTI_DATA", str(tmp_path))


async def test_a_users_life() -> None:
    lines = await commands.add_user("Sara", name="سارا محمدی", role="Supervisor", extensions=("201",))
    assert lines[0] == "user sara (سارا محمدی) is there" and lines[1].startswith("one-time password: ")
    assert (await commands.list_users())[0].split()[:3] == ["sara", "supervisor", "201"]
    assert (await commands.set_role("sara", "administrator")) == ["sara has the role administrator"]
    assert len(await commands.set_password("sara")) == 3
    assert len(await commands.set_password("sara", "a long one of mine")) == 1
    await commands.add_user("boss", role="administrator")
    await commands.switch("sara", active=False)
    assert "disabled" in "\n".join(await commands.list_users())
    await commands.switch("sara", active=True)
    assert "disabled" not in "\n".join(await commands.list_users())
    await commands.drop_second_step("sara")


async def test_what_cannot_be_is_said() -> None:
    with pytest.raises(NotFoundError, match="agent, supervisor"):
        await commands.add_user("sara", role="king")
    with pytest.raises(NotFoundError, match="none"):
        await commands.add_user("sara", teams=("sales",))
    with pytest.raises(InvalidError):
        await commands.add_user("sara", password="short")
    with pytest.raises(NotFoundError):
        await commands.set_password("nobody")
    await commands.add_user("boss", role="administrator")
    with pytest.raises(ConflictError):
        await commands.switch("boss", active=False)


async def test_a_tokens_life() -> None:
    await commands.add_user("sara")
    (secret,) = await commands.create_token("sara", "script", ("contacts.view",), 30)
    assert secret.startswith("tamas_")
    (line,) = await commands.list_tokens("sara")
    assert "contacts.view" in line and line.endswith("script") and "until never" not in line
    await commands.revoke_token(line.split()[0])
    assert await commands.list_tokens("sara") == []
    with pytest.raises(NotFoundError):
        await commands.revoke_token("none")
