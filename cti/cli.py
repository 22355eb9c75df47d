"""The command ``cti``: one small function a subcommand; the work is in ``cti.app``.

What is heavy to import (web, database, migrations) is imported by the command that needs it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click

from cti.kernel.errors import TamasError


class Main(click.Group):
    """Errors of ours end the command with a sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TamasError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Main)
@click.version_option(package_name="tamas", prog_name="tamas")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
def main(verbose: bool) -> None:
    """Tamas: the contact centre and CRM around an Asterisk phone system."""
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)


@main.command()
@click.option("--role", type=click.Choice(["all"]), default="all", help="What this process does.")
def run(role: str) -> None:
    """Run the product until Ctrl-C."""
    from cti.app.product import serve
    from cti.kernel.settings import load

    asyncio.run(serve(load()))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--profile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TOML of the PBX.")
@click.option("--times", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of arrival times.")
def replay(files: tuple[Path, ...], profile: Path | None, times: Path | None) -> None:
    """AMI bytes as received from a PBX in, one call record a line (JSON) out."""
    from cti.app.replaying import replay_files, warnings_of

    lines, problems = replay_files(files, profile, times)
    out = sys.stdout.buffer
    for line in lines:
        out.write(line + b"\n")
    out.flush()
    for text in (*warnings_of(lines), *problems):
        click.echo(f"cti replay: {text}", err=True)
    if problems:
        sys.exit(1)


@main.command()
@click.option("--calls-per-second", type=click.FloatRange(min=0, min_open=True), default=0.4, show_default=True)
@click.option("--agents", type=click.IntRange(min=1), default=12, show_default=True)
@click.option("--seed", type=int, default=None, help="The same seed gives the same calls.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=5038, show_default=True)
@click.option("--calls", type=click.IntRange(min=1), default=None, help="Stop after so many calls.")
@click.option("--cdr-folder", type=click.Path(file_okay=False, path_type=Path), help="Write CDR and CEL there.")
def simulate(
    calls_per_second: float,
    agents: int,
    seed: int | None,
    host: str,
    port: int,
    calls: int | None,
    cdr_folder: Path | None,
) -> None:
    """An AMI server that plays realistic calls, for demo and load."""
    from cti.app.demo import simulate_forever

    asyncio.run(
        simulate_forever(
            calls_per_second=calls_per_second,
            agents=agents,
            seed=seed,
            host=host,
            port=port,
            calls=calls,
            cdr_folder=cdr_folder,
        )
    )


@main.command()
@click.option("--brief", is_flag=True, help="Only the findings, not what to paste into manager.conf.")
def doctor(brief: bool) -> None:
    """Check PBX login, permissions, missing events, clock, CDR access and database; a line each with the mend."""
    from cti.app.doctor import examine
    from cti.app.setups import manager_conf_text
    from cti.kernel.settings import load

    findings = asyncio.run(examine(load()))
    marks = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}
    for finding in findings:
        values = dict(finding.values)
        click.echo(f"{marks[finding.level]}  {finding.title % values}")
        if finding.mend and finding.level != "ok":
            click.echo(f"      {finding.mend % values}")
    if not brief:
        click.echo("\n" + manager_conf_text())
    if any(finding.level == "bad" for finding in findings):
        sys.exit(1)


@main.command()
@click.option("--since", default="1d", show_default=True, help="How far back: 30m, 6h, 2d, or a date 2026-11-22.")
def reconcile(since: str) -> None:
    """Compare the call log with the PBX's own CDR and CEL, repair it, and print what differed."""
    from cti.app.truth import reconcile_once
    from cti.kernel.settings import load

    for line in asyncio.run(reconcile_once(load(), since)):
        click.echo(line)


@main.command()
def migrate() -> None:
    """Bring the database to this version."""
    from cti.app.storage import migrate_database
    from cti.kernel.settings import load

    asyncio.run(migrate_database(load()))
    click.echo("the database is up to date")
