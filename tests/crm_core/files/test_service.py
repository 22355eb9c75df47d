"""Files: added once by content, refused in time, given back, deleted with their trail."""

from __future__ import annotations

import pytest

from crm_core.files.model import File
from crm_core.files.service import Files
from crm_core.timeline.calls import entry_of
from crm_core.timeline.model import of_call, of_party
from cti.kernel.actor import Actor
from cti.kernel.clock import SystemClock
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.timeline.people import BLIND, ELHAM, SINA, STRANGER, call, party
from tests.crm_core.timeline.test_service import stream, whole
from web.services import Crm


async def add(
    files: Files, actor: Actor, party_id: str | None, content: bytes, name: str = "a.txt", call_id: str | None = None
) -> File:
    upload = await files.begin(actor, party_id, call_id)
    try:
        await upload.write(content)
        return await files.add(actor, upload, name, party_id, call_id)
    finally:
        upload.close()


async def test_added_listed_and_given_back(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    added = await add(crm.files, SINA, maryam.id, b"\x89PNG\r\n\x1a\n...", "../pic.exe")
    assert (added.name, added.media, added.size) == ("pic.exe", "image/png", 11)
    (item,) = await whole(crm, of_party(maryam.id))
    assert (item.source, item.facts.name) == (added.id, "pic.exe")
    assert (await crm.files.page(SINA, party=maryam.id)).items == (added,)
    found, path = await crm.files.content(SINA, added.id)
    assert found == added
    assert path.read_bytes() == b"\x89PNG\r\n\x1a\n..."


async def test_one_content_lies_once_and_goes_with_its_last_file(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    one, two = [await add(crm.files, SINA, maryam.id, b"same") for _ in range(2)]
    _, path = await crm.files.content(SINA, one.id)
    await crm.files.delete(SINA, one.id)
    assert path.exists()
    with pytest.raises(NotFoundError, match="deleted"):
        await crm.files.content(SINA, one.id)
    with pytest.raises(NotFoundError, match="deleted"):
        await crm.files.delete(SINA, one.id)
    await crm.files.delete(ELHAM, two.id)
    assert not path.exists()
    gone = [item.facts for item in await whole(crm, of_party(maryam.id))]
    assert sorted(facts.deleted_by for facts in gone) == ["Elham", "Sina"]
    assert (await crm.files.page(SINA, party=maryam.id)).items == ()


async def test_refused_in_time(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    with pytest.raises(InvalidError, match="empty"):
        await add(crm.files, SINA, maryam.id, b"")
    with pytest.raises(NotFoundError, match="contact"):
        await crm.files.begin(SINA, "nobody")
    with pytest.raises(InvalidError, match="about"):
        await crm.files.begin(SINA)
    upload = await crm.files.begin(SINA, maryam.id)
    with pytest.raises(InvalidError, match="at most 25 MB"):
        await upload.write(bytes(crm.files.largest + 1))
    upload.close()


async def test_no_room(crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> None:
    small = Files(crm.database, SystemClock(), crm.audit, crm.timeline, tmp_path_factory.mktemp("files"), 100, room=100)
    maryam = await party(crm, "مریم")
    kept = await add(small, SINA, maryam.id, bytes(90))
    with pytest.raises(InvalidError, match="no room"):
        await add(small, SINA, maryam.id, bytes(11))
    await small.delete(SINA, kept.id)
    await add(small, SINA, maryam.id, bytes(11))


async def test_a_content_that_is_missing_is_said_so(crm: Crm) -> None:
    added = await add(crm.files, SINA, (await party(crm, "a")).id, b"x")
    _, path = await crm.files.content(SINA, added.id)
    path.unlink()
    with pytest.raises(NotFoundError, match="backup"):
        await crm.files.content(SINA, added.id)


async def test_it_follows_its_call(crm: Crm) -> None:
    one = call(1)
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(one))
    added = await add(crm.files, SINA, None, b"x", call_id=one.id)
    async with crm.database.transaction() as tx:
        await crm.files.follow(tx, one.id, call(0).id)
    assert await stream(crm, of_call(call(0).id)) == [added.id]
    assert (await crm.files.page(SINA, call=call(0).id)).items[0].id == added.id


async def test_who_may(crm: Crm) -> None:
    maryam = await party(crm, "مریم")
    added = await add(crm.files, ELHAM, maryam.id, b"x", "09121112233.txt")
    with pytest.raises(ForbiddenError):
        await crm.files.begin(BLIND, maryam.id)
    with pytest.raises(ForbiddenError, match="Elham"):
        await crm.files.delete(SINA, added.id)
    for doing in (crm.files.get(STRANGER, added.id), crm.files.content(STRANGER, added.id), crm.files.page(STRANGER)):
        with pytest.raises(ForbiddenError):
            await doing
    assert "1112" not in (await crm.files.get(BLIND, added.id)).name
    with pytest.raises(NotFoundError):
        await crm.files.get(SINA, "../\0")
