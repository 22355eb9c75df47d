"""The command: what each subcommand prints, where, and how it ends. The work itself is tested where it is done."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from socket import socket
from typing import NamedTuple

import msgspec
import pytest

from ami_listener.journal import JournalWriter
from ami_listener.replay import replay
from ami_listener.url import parse_urls
from cti.cli import main
from cti.live.profile import read_profiles
from cti.live.record import to_json
from tests.cti.app.stage import books, profile_of, silent, url_of
from tests.scenarios import recorded

SCENARIO = "asterisk-22/queue_answered"
MANY = "asterisk-16/burst_50_concurrent"
PROFILE = str(recorded.FIXTURES / "profile.toml")


class Done(NamedTuple):
    """How it ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        """Its output as JSON, a line each."""
        return [msgspec.json.decode(line) for line in self.out.splitlines()]


def environment(**settings: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CTI_")}
    return kept | {"CTI_" + key.upper(): value for key, value in settings.items()}


def cti(*arguments: str | Path, **settings: str) -> Done:
    """The command with these arguments and settings, in this process: a new one costs half a second each."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: object = None
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(os, "environ", environment(**settings))
        try:
            main([str(argument) for argument in arguments], prog_name="cti")
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Done(code, *(stream.buffer.getvalue().decode("utf-8") for stream in (out, err)))


async def cti_beside(*arguments: str | Path, **settings: str) -> Done:
    """The same, while a simulated PBX of this process goes on."""
    return await asyncio.to_thread(cti, *arguments, **settings)


def wanted(stream: bytes) -> list[dict[str, object]]:
    return [to_json(record) for record in replay([stream], recorded.profile())]


# --- the command itself


def test_it_tells_its_version() -> None:
    command = [sys.executable, "-m", "cti", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"tamas, version \d+\.\d+\.\d+\n", done.stdout)
    assert cti("--version") == Done(0, done.stdout, done.stderr)


def test_the_installed_command_is_this_one() -> None:
    (installed,) = entry_points(group="console_scripts", name="cti")
    assert installed.load() is main


def test_help_names_every_command() -> None:
    done = cti("--help")
    for name in ("run", "replay", "simulate", "watch", "doctor", "reconcile", "migrate"):
        assert re.search(rf"^  {name} ", done.out, re.MULTILINE)


@pytest.mark.parametrize("command", ["migrate", "doctor", "reconcile", "run"])
def test_an_unknown_setting_names_the_nearest(command: str, tmp_path: Path) -> None:
    done = cti(command, data=str(tmp_path), pbxurl="ami://u:s@h/")
    assert done.code == 1
    assert done.err == "Error: CTI_PBXURL is not a setting; did you mean CTI_PBX_URL?\n"
    assert done.out == ""


# --- replay


@pytest.mark.parametrize("scenario", [SCENARIO, MANY])
def test_replay_prints_a_line_for_each_call(scenario: str) -> None:
    folder = recorded.FIXTURES / scenario
    (path,) = folder.glob("ami.raw*")
    done = cti("replay", path, "--profile", PROFILE)
    assert done.code == 0
    assert done.err == ""
    assert done.lines == wanted(recorded.raw(scenario))
    assert done.lines
    assert cti("replay", path, "--profile", PROFILE) == done


def test_replay_of_a_damaged_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(recorded.raw(MANY))
    path = tmp_path / "damaged.gz"
    path.write_bytes(packed[: len(packed) * 4 // 5])
    done = cti("replay", path, "--profile", PROFILE)
    assert done.code == 1
    says = rf"cti replay: {path}: the gzip data is broken after byte (\d+) of its content: .*\n"
    found = re.fullmatch(says, done.err)
    assert found
    assert done.lines == wanted(recorded.raw(MANY)[: int(found[1])])
    assert done.lines


def test_replay_of_a_stream_that_ends_inside_a_block(tmp_path: Path) -> None:
    path = tmp_path / "cut.raw"
    path.write_bytes(recorded.raw(SCENARIO)[:-9])
    done = cti("replay", path, "--profile", PROFILE)
    assert done.code == 1
    assert re.fullmatch(rf"cti replay: {path}: .*\(at byte \d+\)\n", done.err)
    assert done.lines == wanted(recorded.raw(SCENARIO)[:-9])


def test_replay_of_a_journal(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "journal", keep_digits=True)
    writer.begin(1.0)
    writer.write(recorded.raw(SCENARIO), 1.0)
    writer.close()
    done = cti("replay", tmp_path / "journal", "--profile", PROFILE)
    assert (done.code, done.err) == (0, "")
    assert done.lines == wanted(recorded.raw(SCENARIO))


def test_replay_without_any_times(tmp_path: Path) -> None:
    path = tmp_path / "ami.raw"
    path.write_bytes(recorded.without_timestamps(SCENARIO)[0])
    done = cti("replay", path, "--profile", PROFILE)
    assert done.code == 0
    assert "timestampevents=yes" in done.err
    assert "--times" in done.err
    assert {line["started_at"] for line in done.lines} == {None}
    assert {line["talk_seconds"] for line in done.lines} == {None}


def test_replay_with_arrival_times(tmp_path: Path) -> None:
    stream, times = recorded.without_timestamps(SCENARIO)
    (tmp_path / "ami.raw").write_bytes(stream)
    rows = [f"{place},{times.at(place)}\n" for place in range(0, len(stream), 50)]
    (tmp_path / "times.csv").write_text("byte_offset,epoch\n" + "".join(rows), "utf-8")
    done = cti("replay", tmp_path / "ami.raw", "--profile", PROFILE, "--times", tmp_path / "times.csv")
    assert (done.code, done.err) == (0, "")
    for line, known in zip(done.lines, wanted(recorded.raw(SCENARIO)), strict=True):
        assert str(line["started_at"])[:15] == str(known["started_at"])[:15]
        assert line["talk_seconds"] == pytest.approx(known["talk_seconds"], abs=0.2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[pbx.main", "cannot be read"),
        ("[pbx.main]\nextensionss = '^2'", "extensionss"),
        ("[pbx.main]\nextensions = '('", "extensions is not a regular expression"),
    ],
)
def test_replay_with_a_profile_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text, "utf-8")
    done = cti("replay", recorded.FIXTURES / SCENARIO / "ami.raw", "--profile", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"Error: {path}: ")
    assert says in done.err


def test_replay_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = cti("replay", tmp_path / "none.raw")
    assert done.code == 2
    assert "does not exist" in done.err


# --- doctor


async def test_doctor_at_a_pbx_that_is_well(tmp_path: Path) -> None:
    async with silent() as pbx:
        done = await cti_beside("doctor", data=str(tmp_path), pbx_url=url_of(pbx))
    assert done.code == 0, done
    findings, _, paste = done.out.partition("\n\n")
    assert re.search(r"^ok    PBX main: connected, Asterisk \d", findings, re.MULTILINE)
    assert re.search(r"^ok    The database answers\.", findings, re.MULTILINE)
    assert "BAD" not in findings
    assert "[tamas]" in paste
    assert "[tamas-actions]" in paste


async def test_doctor_with_a_wrong_secret(tmp_path: Path) -> None:
    async with silent() as pbx:
        done = await cti_beside("doctor", "--brief", data=str(tmp_path), pbx_url=url_of(pbx, secret="guessed"))
    assert done.code == 1
    found = re.search(r"^BAD   PBX main: no link: .*\n      (.*)$", done.out, re.MULTILINE)
    assert found
    assert found[1].startswith("Compare user and secret with manager.conf")
    assert "guessed" not in done.out + done.err
    assert "[tamas]" not in done.out


def test_doctor_where_nothing_listens(tmp_path: Path) -> None:
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        url = f"ami://u:s@127.0.0.1:{free.getsockname()[1]}/"
        done = cti("doctor", "--brief", data=str(tmp_path), pbx_url=url)
    assert done.code == 1
    assert re.search(r"^BAD   PBX main: no link: .*\n      Check host and port", done.out, re.MULTILINE)


# --- reconcile, migrate


def test_reconcile_without_a_source_says_so(tmp_path: Path) -> None:
    done = cti("reconcile", data=str(tmp_path))
    assert done == Done(1, "", "Error: CTI_CDR_URL is not set: there is nothing to compare with\n")


async def test_reconcile_prints_a_line_and_each_difference(tmp_path: Path) -> None:
    pbx = await books(tmp_path / "cdr", calls=3)
    config = tmp_path / "cti.toml"
    config.write_text(profile_of(pbx), "utf-8")
    settings = {
        "config": str(config), "data": str(tmp_path / "data"), "cdr_url": str(tmp_path / "cdr"), "cdr_timezone": "UTC"
    }  # fmt: skip
    first = await cti_beside("reconcile", "--since", "1d", **settings)
    assert first.code == 0
    assert first.out.startswith("main: the PBX has 3 calls, 0 agree; 3 missing, 0 wrong")
    assert len(first.out.splitlines()) == 4
    again = await cti_beside("reconcile", **settings)
    assert again.out.startswith("main: the PBX has 3 calls, 3 agree; 0 missing")
    wrong = await cti_beside("reconcile", "--since", "lately", **settings)
    assert (wrong.code, wrong.out) == (1, "")
    assert "30m, 6h, 2d or a date" in wrong.err


def test_migrate_makes_the_database_and_may_be_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert cti("migrate", data=str(tmp_path / "new")) == Done(0, "the database is up to date\n", "")
    assert (tmp_path / "new" / "tamas.db").exists()


# --- what runs until it is told to stop


class Started:
    """A command that goes on; what it has printed so far."""

    def __init__(self, *arguments: str, **settings: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cti", *arguments],
            env=environment(**settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def read(self, upto: str) -> str:
        """What it prints up to the line that holds ``upto``."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if upto in line:
                return "".join(lines)
        raise AssertionError(f"it ended: {lines} {self.process.communicate()}")

    def stop(self, number: signal.Signals = signal.SIGINT) -> Done:
        self.process.send_signal(number)
        try:
            out, err = self.process.communicate(timeout=20)
        finally:
            self.process.kill()
        return Done(self.process.returncode, out, err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_says_where_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    running = Started("run", data=str(tmp_path), http="127.0.0.1:0")
    printed = running.read("connect your PBX")
    assert re.search(r"Tamas is running:  http://127\.0\.0\.1:\d+/\n", printed)
    assert "demo: a simulated PBX" in printed
    done = running.stop(number)
    assert done.code == 0, done.err
    assert "stopping…" in done.out
    assert "Traceback" not in done.err


def test_run_on_a_port_that_is_taken(tmp_path: Path) -> None:
    with closing(socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        http = f"127.0.0.1:{other.getsockname()[1]}"
        done = cti("run", data=str(tmp_path), http=http)
    assert done.code == 1
    assert f"Error: CTI_HTTP: {http} cannot be used: " in done.err


def test_simulate_prints_what_to_set_and_stops_when_told() -> None:
    running = Started("simulate", "--port", "0", "--seed", "3")
    printed = running.read("area_code")
    address, _, profile = printed.partition("\n")
    (url,) = parse_urls(address.partition("CTI_PBX_URL=")[2])
    assert read_profiles(profile).keys() == {"main"}
    with socket() as client:
        client.connect((url.host, url.port))
        assert client.recv(100).startswith(b"Asterisk Call Manager/")
    done = running.stop()
    assert (done.code, done.err) == (0, "")


def test_simulate_on_a_port_that_is_taken() -> None:
    with closing(socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = cti("simulate", "--port", str(other.getsockname()[1]))
    assert done.code == 1
    assert "cannot be served there" in done.err


@pytest.mark.parametrize(
    "arguments", [["--calls-per-second", "0"], ["--port", "70000"], ["--agents", "0"], ["--seed", "x"]]
)
def test_simulate_refuses_what_cannot_be(arguments: Sequence[str]) -> None:
    assert cti("simulate", *arguments).code == 2


def test_the_include_of_the_dialplan(tmp_path: Path) -> None:
    assert "[tamas-dial]" in cti("dialplan").out
    file = tmp_path / "extensions_tamas.conf"
    assert "#include extensions_tamas.conf" in cti("dialplan", "--context", "phones", "--write", file).out
    assert "Local/${EXTEN}@phones/n" in file.read_text("utf-8")
    done = cti("dialplan", "--write", tmp_path / "no" / "x")
    assert done.code == 1
    assert "cannot be written" in done.err
