"""Throwaway database servers for the tests: one PostgreSQL and one MariaDB per test run, on unix sockets.

Neither may run as root, so both are started as their Debian users when the tests are. Each test
takes a database of its own in them. They are ended by process id when the run ends.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tests.scratch import scratch

_POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
_START_SECONDS = 30
_COPIES_KEPT = 20
_HASTY = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
          "autovacuum=off")  # fmt: skip
"""What a server may leave undone whose data nobody needs after a power cut."""


class Server:
    """A database server of our own in a folder of its own; ``socket`` is the folder of its unix socket."""

    def __init__(self, user: str, name: str) -> None:
        self.folder = scratch(name)
        self.account = pwd.getpwnam(user) if os.geteuid() == 0 else None
        self.names = itertools.count(1)
        self.process: subprocess.Popen[bytes] | None = None
        if self.account is not None:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        atexit.register(self.destroy)

    @property
    def user(self) -> str:
        return self.account.pw_name if self.account else pwd.getpwuid(os.geteuid()).pw_name

    def run(self, *command: str | Path) -> str:
        done = subprocess.run([*map(str, command)], check=False, capture_output=True, text=True, **self._identity())
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")
        return str(done.stdout)

    def start(self, *command: str | Path) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._identity()
            )

    def wait_for(self, ready: Callable[[], bool]) -> None:
        assert self.process is not None
        deadline = time.monotonic() + _START_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server now, as a crash would; ``start`` may follow."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def destroy(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _identity(self) -> dict[str, Any]:
        if self.account is None:
            return {"cwd": self.folder}
        return {
            "cwd": self.folder,
            "user": self.account.pw_uid,
            "group": self.account.pw_gid,
            "extra_groups": [],
            "env": {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
        }


class Postgres(Server):
    """``durable``: syncs its commits to disk, as a production server does; for the benchmarks."""

    def __init__(self, durable: bool = False) -> None:
        if not _POSTGRES:
            raise RuntimeError("the tests need PostgreSQL (Debian: postgresql)")
        self.bin = _POSTGRES[-1]
        super().__init__("postgres", "pg")
        self.durable = durable
        self._copies: list[str] = []
        self.data = self.folder / "data"
        # Files are copied as files: through the log, as is usual since 15, it takes several times the work.
        self._copied = " STRATEGY file_copy" if int(self.bin.parent.name) >= 15 else ""
        self.run(
            self.bin / "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", self.data
        )
        self.serve()

    def serve(self) -> None:
        """Start the server (again, after ``stop``) and return when it answers."""
        settings = (
            *(() if self.durable else _HASTY),
            "listen_addresses=",
            f"unix_socket_directories={self.folder}",
            "max_connections=200",
        )
        self.start(self.bin / "postgres", "-D", self.data, *(part for s in settings for part in ("-c", s)))
        self.wait_for(lambda: self._psql("SELECT 1"))

    def _psql(self, sql: str) -> bool:
        try:
            self.run(self.bin / "psql", "-h", self.folder, "-d", "postgres", "-qc", sql)
        except RuntimeError:
            return False
        return True

    def new_url(self, like: str | None = None) -> str:
        """A database of its own, empty or a copy of the one at ``like``, as ``postgresql+asyncpg://…``."""
        name = f"t{os.getpid()}_{next(self.names)}"
        template = f" TEMPLATE {make_url(like).database}" if like else ""
        if like:
            self._copies.append(name)
            self._thin_out()
        self.run(
            self.bin / "psql",
            "-h",
            self.folder,
            "-d",
            "postgres",
            "-qc",
            f"CREATE DATABASE {name}{template}{self._copied}",
        )
        return f"postgresql+asyncpg://{self.user}@/{name}?host={self.folder}"

    def _thin_out(self) -> None:
        """Drop the copies of tests that are over: each takes 10 MB, and a run makes hundreds. Several at once, since
        each call costs more than what it drops; one that is still in use is refused by the server and stays."""
        if len(self._copies) <= _COPIES_KEPT:
            return
        old, self._copies = self._copies[: -_COPIES_KEPT // 2], self._copies[-_COPIES_KEPT // 2 :]
        drops = [part for name in old for part in ("-c", f"DROP DATABASE {name}")]
        subprocess.run(
            [self.bin / "psql", "-h", self.folder, "-d", "postgres", "-q", *drops],
            check=False,
            capture_output=True,
            **self._identity(),
        )


class MariaDB(Server):
    def __init__(self) -> None:
        super().__init__("mysql", "my")
        self.data, self.socket = self.folder / "data", self.folder / "socket"
        data = f"--datadir={self.data}"
        self.run("mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal")
        self.start(
            "/usr/sbin/mariadbd", "--no-defaults", data, f"--socket={self.socket}",
            "--skip-networking", "--innodb-flush-log-at-trx-commit=0", f"--pid-file={self.folder / 'pid'}",
        )  # fmt: skip
        self.wait_for(lambda: self._sql("SELECT 1"))

    def _sql(self, sql: str) -> bool:
        try:
            self.run("mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-e", sql)
        except RuntimeError:
            return False
        return True

    def new_url(self) -> str:
        """A database of its own, empty, as ``mysql+aiomysql://…``."""
        name = f"t{os.getpid()}_{next(self.names)}"
        self.run("mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-e", f"CREATE DATABASE {name}")
        return f"mysql+aiomysql://root@localhost/{name}?unix_socket={self.socket}&charset=utf8mb4"


@cache
def postgres() -> Postgres:
    """This run's PostgreSQL, started on first use."""
    return Postgres()


@cache
def mariadb() -> MariaDB:
    """This run's MariaDB, started on first use."""
    return MariaDB()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the test's own, once of each kind that the product runs on."""
    if request.param == "postgresql":
        return postgres().new_url()
    return f"sqlite+aiosqlite:///{tmp_path / 'tamas.sqlite'}"
