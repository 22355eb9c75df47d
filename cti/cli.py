"""The command ``cti``: one small function a subcommand; the work is in ``cti.app``.

What is heavy to import (web, database, migrations) is imported by the command that needs it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal

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
def simulate(**options: Any) -> None:
    """An AMI server that plays realistic calls, for demo and load."""
    from cti.app.demo import simulate_forever

    asyncio.run(simulate_forever(**options))


@main.command()
@click.option("--url", envvar="CTI_URL", default="http://127.0.0.1:8080", show_default=True, help="Or CTI_URL.")
@click.option("--token", envvar="CTI_TOKEN", default="", help="Or CTI_TOKEN, which ps does not show.")
@click.option("--json", "as_json", is_flag=True, help="Each card whole, as one line of JSON.")
@click.option("--exec", "command", default="", help="Run this for each, with the card as JSON on its standard input.")
@click.option(
    "--on",
    multiple=True,
    type=click.Choice(["ringing", "answered", "elsewhere", "ended"]),
    help="Only these; may be repeated. By default all; with --exec once a call.",
)
@click.option("--ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM of the authority.")
@click.option("--insecure", is_flag=True, help="Take any certificate.")
def watch(url: str, token: str, as_json: bool, command: str, on: tuple[str, ...], ca: Path | None,
          insecure: bool) -> None:  # fmt: skip
    """Print, or run a command for, each call of the user whose token it is."""
    from functools import partial

    from cti.app.watching import run as begin

    say = partial(click.echo, color=False)
    watching = begin(url, token, command=command, as_json=as_json, on=on, ca=ca, insecure=insecure, say=say)
    try:
        asyncio.run(watching)
    except KeyboardInterrupt:
        sys.exit(130)


@main.command()
@click.option("--brief", is_flag=True, help="Only the findings, not what to paste on the PBX.")
def doctor(brief: bool) -> None:
    """Check PBX login, permissions, missing events, clock, CDR access and database; a line each with the mend."""
    from cti.app.doctor import examine
    from cti.app.setups import client_text, manager_conf_text
    from cti.kernel.settings import load

    settings = load()
    findings = asyncio.run(examine(settings))
    marks = {"ok": "ok  ", "warn": "warn", "bad": "BAD "}
    for finding in findings:
        values = dict(finding.values)
        click.echo(f"{marks[finding.level]}  {finding.title % values}")
        if finding.mend and finding.level != "ok":
            click.echo(f"      {finding.mend % values}")
    if not brief:
        click.echo("\n" + manager_conf_text() + "\n\n" + client_text(settings))
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
@click.option("--name", "names", multiple=True, help="A host name or address that people will use; several times.")
@click.option("--new-authority", is_flag=True, help="Make the authority anew too: every device has to trust it again.")
def tls(names: tuple[str, ...], new_authority: bool) -> None:
    """Make a certificate for this network, so that browsers give the microphone and notifications."""
    import time

    from cti.app.tls import make_tls
    from cti.kernel.settings import load

    click.echo(make_tls(load(), names, time.time(), anew=new_authority))


@main.command("softphone-conf")
@click.option("--pbx", default="main", show_default=True, help="Name of the PBX.")
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--rotate", is_flag=True, help="Make new secrets first.")
def softphone_conf(pbx: str, file: Path | None, rotate: bool) -> None:
    """The file that gives the PBX the SIP secrets of phones in the browser."""
    from cti.app.softphones import make_conf
    from cti.kernel.settings import load

    try:
        click.echo(asyncio.run(make_conf(load(), pbx, file, rotate=rotate)))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error


@main.command("dialplan")
@click.option("--pbx", default="main", show_default=True, help="Which PBX, by the name in its address.")
@click.option("--context", default="", help="In which phones dial there; by default the profile's.")
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
def dialplan_command(pbx: str, context: str, file: Path | None) -> None:
    """Print the include for the PBX's dialplan: contexts of our own that calls from the screen go through."""
    from cti.app.control import write_dialplan
    from cti.kernel.settings import load

    try:
        click.echo(write_dialplan(load(), pbx, file, context))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to FILE (.tar.zst), while the product runs."""
    from cti.app.backup import backup as make
    from cti.kernel.settings import load

    size = asyncio.run(make(load(), file, lambda text: click.echo(text, err=True)))
    click.echo(
        f"{file}: {size / 1000:,.0f} kB. It holds everything, password hashes too: keep it where only you can read it."
    )


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Lose the data that is there now.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup in the place of what is there, into either kind of database. The product must not run."""
    from cti.app.backup import restore as put
    from cti.kernel.settings import load

    asyncio.run(put(load(), file, replace=replace, say=lambda text: click.echo(text, err=True)))
    click.echo("restored; start the product")


@main.command()
def migrate() -> None:
    """Bring the database to this version."""
    from cti.app.storage import migrate_database
    from cti.kernel.settings import load

    asyncio.run(migrate_database(load()))
    click.echo("the database is up to date")


@main.group()
def user() -> None:
    """Users: add, list, give passwords and roles, switch off. Works beside a running product."""


def _say(lines: Coroutine[Any, Any, list[str]]) -> None:
    for line in asyncio.run(lines):
        click.echo(line)


_FROM_STDIN = click.option("--stdin", is_flag=True, help="Read the password from the first line of stdin.")


def _password(stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\n") if stdin else None


@user.command("add")
@click.argument("login")
@click.option("--name", default="", help="What people read; by default the login.")
@click.option("--role", default="agent", show_default=True, help="Id or title of a role.")
@click.option("--team", "teams", multiple=True, help="Name of a team; may be repeated.")
@click.option("--extension", "extensions", multiple=True, help="An extension of his; may be repeated.")
@_FROM_STDIN
def user_add(
    login: str, name: str, role: str, teams: tuple[str, ...], extensions: tuple[str, ...], stdin: bool
) -> None:
    """Make a user; prints a one-time password unless one is given."""
    from cti.app.account_commands import add_user

    _say(add_user(login, name=name, role=role, teams=teams, extensions=extensions, password=_password(stdin)))


@user.command("passwd")
@click.argument("login")
@_FROM_STDIN
def user_passwd(login: str, stdin: bool) -> None:
    """Give a user a new password, to be changed at the next sign-in; his sessions end."""
    from cti.app.account_commands import set_password

    _say(set_password(login, _password(stdin)))


@user.command("role")
@click.argument("login")
@click.argument("role")
def user_role(login: str, role: str) -> None:
    """Give a user another role."""
    from cti.app.account_commands import set_role

    _say(set_role(login, role))


@user.command("list")
def user_list() -> None:
    """Login, role, extensions and name of everybody."""
    from cti.app.account_commands import list_users

    _say(list_users())


@user.command("disable")
@click.argument("login")
def user_disable(login: str) -> None:
    """Let a user in no longer; sessions and tokens end at once."""
    from cti.app.account_commands import switch

    _say(switch(login, active=False))


@user.command("enable")
@click.argument("login")
def user_enable(login: str) -> None:
    """Let a user in again."""
    from cti.app.account_commands import switch

    _say(switch(login, active=True))


@user.command("no-totp")
@click.argument("login")
def user_no_totp(login: str) -> None:
    """Switch the second step off for who lost phone and recovery codes."""
    from cti.app.account_commands import drop_second_step

    _say(drop_second_step(login))


@main.group()
def token() -> None:
    """API tokens of users. Works beside a running product."""


@token.command("create")
@click.argument("login")
@click.option("--name", default="console", show_default=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, help="A permission; may be repeated. By default all of the user's.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), default=None, help="How long it is good.")
def token_create(login: str, name: str, scopes: tuple[str, ...], days: float | None) -> None:
    """Make a token that acts for a user, and print it: it is shown only once."""
    from cti.app.account_commands import create_token

    _say(create_token(login, name, scopes, days))


@token.command("list")
@click.argument("login")
def token_list(login: str) -> None:
    """The tokens of a user that are good."""
    from cti.app.account_commands import list_tokens

    _say(list_tokens(login))


@token.command("revoke")
@click.argument("token_id", metavar="ID")
def token_revoke(token_id: str) -> None:
    """From now on it opens nothing."""
    from cti.app.account_commands import revoke_token

    _say(revoke_token(token_id))


@main.group("import")
def import_() -> None:
    """Bring data in."""


@import_.command("contacts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", default="", help="HEADER=TARGET,… or a JSON object; what is left out is guessed.")
@click.option("--policy", type=click.Choice(["skip", "fill", "overwrite", "create"]), help="For who is there already.")
@click.option("--faults", type=click.Choice(["set_aside", "leave_out"]), help="For a cell that cannot be used.")
@click.option("--kind", type=click.Choice(["person", "company"]), help="What rows are that do not say it.")
@click.option("--area-code", help="Of numbers without one, such as 021.")
@click.option("--tag", "tags", multiple=True, help="Given to each contact; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Only tell what would become of it.")
def import_contacts(file: Path, mapping: str, policy: str | None, faults: str | None, kind: str | None,
                    area_code: str | None, tags: tuple[str, ...], dry_run: bool) -> None:  # fmt: skip
    """Contacts from a CSV, XLSX or vCard file. Killed and given again, it goes on where it was.

    Exit 1 if rows were set aside: they are then in FILE-to-mend.csv, with the reason beside each.
    """
    from cti.app import exchanging
    from cti.kernel.settings import load

    given = {"on_match": policy, "on_fault": faults, "kind": kind, "area_code": area_code, "tags": tags or None}
    chosen = {name: value for name, value in given.items() if value is not None}
    if not asyncio.run(exchanging.import_contacts(load(), file, mapping, chosen, dry_run, click.echo)):
        sys.exit(1)


@main.command("export")
@click.argument("what", type=click.Choice(["contacts", "calls"]))
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx", "vcard"]), default="csv", show_default=True)
@click.option("--calendar", type=click.Choice(["gregorian", "jalali"]), default="gregorian", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="By default WHAT and the format's ending."
)
def export(what: str, kind: str, calendar: Literal["gregorian", "jalali"], output: Path | None) -> None:
    """All contacts or calls as a file."""
    from cti.app import exchanging
    from cti.kernel.settings import load
    from cti.kernel.sheets import Look

    if kind == "vcard" and what == "calls":
        raise click.UsageError("calls have no vCards; choose csv or xlsx")
    path = output or Path(f"{what}.{'vcf' if kind == 'vcard' else kind}")
    settings = load()
    run = exchanging.export_contacts if what == "contacts" else exchanging.export_calls
    look = Look(calendar=calendar, zone=settings.timezone, rtl=settings.language == "fa")
    count = asyncio.run(run(settings, path, kind, look))
    click.echo(f"{path}: {count} {what}")
