"""The database is locked, full, or restarting while Asterisk is busy: calls wait in memory and none is lost."""

import asyncio
import errno
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.storm import OFTEN, Size, agreed, both_sizes, moments, storm
from tests.databases import Postgres
from tests.live import ProductProcess, Running, running_product, until
from tests.pbx.asterisk import Asterisk

pytestmark = pytest.mark.pbx


@asynccontextmanager
async def connected(pbx: Asterisk, folder: Path, **settings: str) -> AsyncIterator[Running]:
    url, cdr = pbx.ami_url(), str(pbx.truth)
    async with running_product(
        folder, pbx.profile, pbx_url=url, cdr_url=cdr, reconcile_minutes=OFTEN, **settings
    ) as running:
        await running.connected()
        yield running


async def nothing_lost(pbx: Asterisk, running: Running, size: Size, tell: str) -> None:
    """All that waited is written, and it was never the PBX's truth that had to help."""
    recorder = running.product.recorder
    await running.quiet(60)
    status = recorder.status()
    assert (status.depth, status.refused, status.let_go, status.error) == (0, 0, 0, None)
    records = await agreed(pbx, running.records, size, tell=f"{tell}, {status.failures} writes tried again")
    assert len(records) == size.calls
    days = [await running.product.ledger.differences("main", 0.0, 1e12)]
    assert days == [[]]
    assert (await running.get("/readyz"))[0] == 200


async def waits(running: Running) -> None:
    """The product says that calls wait to be written, and goes on showing the calls that are up."""

    async def said() -> bool:
        status, body = await running.get("/readyz")
        return status == 503 and "wait to be written" in body["checks"]["call log"]

    await until(said, 20, lambda: str(running.product.recorder.status()))
    assert running.product.listeners[0].connection.state.phase == "up"


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Somebody else has the database for himself."""
    other = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        # In a thread: the product's transaction that has to end first may need this loop.
        await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def once(size: Size) -> Size:
    """A fault that lasts long comes once."""
    return replace(size, faults=1)


@both_sizes
async def test_locked(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    async with connected(pbx, tmp_path) as running:
        async with storm(pbx, size):
            async for _ in moments(once(size), spare=size.outage):
                async with locked(tmp_path / "tamas.db"):
                    over = time.monotonic() + size.outage
                    await waits(running)
                    await asyncio.sleep(max(0.0, over - time.monotonic()))
        await nothing_lost(pbx, running, size, f"locked for {size.outage} s")


@both_sizes
async def test_postgresql_restarted(pbx: Asterisk, tmp_path: Path, size: Size) -> None:
    server = Postgres()
    try:
        async with connected(pbx, tmp_path, database_url=server.new_url()) as running:
            async with storm(pbx, size):
                async for _ in moments(size, spare=4.0):
                    assert server.process is not None
                    server.process.send_signal(signal.SIGQUIT)  # at once, in mid-write; it recovers at the next start
                    await asyncio.to_thread(server.process.wait)
                    await waits(running)
                    await asyncio.to_thread(server.serve)
            await nothing_lost(pbx, running, size, "PostgreSQL ended in mid-write")
    finally:
        server.destroy()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 48 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full to its last byte."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(os.urandom(1) * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


@both_sizes
async def test_disk_full(pbx: Asterisk, tmp_path: Path, small_disk: Path, size: Size) -> None:
    settings = {
        "pbx_url": pbx.ami_url(),
        "cdr_url": str(pbx.truth),
        "reconcile_minutes": OFTEN,
        "data": str(small_disk / "data"),
    }
    async with ProductProcess(tmp_path / "product", pbx.profile, **settings) as product:
        await until(product.ready)
        async with storm(pbx, size):
            async for _ in moments(once(size), spare=size.outage):
                fill(small_disk / "ballast")

                async def said() -> bool:
                    checks = (await product.get("/readyz"))[1]["checks"]
                    return "wait to be written" in checks["call log"]

                await until(said, 20, product.log)
                await asyncio.sleep(size.outage - 5.0)
                (small_disk / "ballast").unlink()
        lost = 'tamas_journal_lost_bytes_total{pbx="main"} 0.0'
        assert lost not in (await product.get("/metrics"))[1]  # what no journal can keep on a full disk is counted
        records = await agreed(pbx, product.records, size, tell=f"the disk was full for {size.outage} s")
        assert len(records) == size.calls
        assert await product.ready()
        assert product.starts == 1
        assert await product.stop() == 0
