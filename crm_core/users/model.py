"""The tables of users and of how they come in. Neighbours: each service writes its own, ``migrations`` makes them.

Secrets are kept as hashes only: a copy of the database lets nobody in (but for ``totp_secret``, which is worth
nothing without the password).
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

role = sa.Table(
    "role",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("title", sa.Text(), nullable=False),
    sa.Column("permissions", sa.Text(), nullable=False),  # names and spaces; *: all that there are
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("changed_at", sa.Double(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)

team = sa.Table(
    "team",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("name", sa.Text(), nullable=False, unique=True),
    sa.Column("changed_at", sa.Double(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)

user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("login", sa.Text(), nullable=False, unique=True),  # folded
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("password", sa.Text(), nullable=False),  # argon2; empty: cannot sign in by password
    sa.Column("role", sa.Text(), nullable=False),
    sa.Column("active", sa.Boolean(), nullable=False),
    sa.Column("must_change", sa.Boolean(), nullable=False),
    sa.Column("demo", sa.Boolean(), nullable=False),
    sa.Column("language", sa.Text(), nullable=False),  # here and below: empty is "as the site has it"
    sa.Column("calendar", sa.Text(), nullable=False),
    sa.Column("digits", sa.Text(), nullable=False),
    sa.Column("theme", sa.Text(), nullable=False),
    sa.Column("density", sa.Text(), nullable=False),
    sa.Column("totp_secret", sa.Text()),  # null: no second step
    sa.Column("totp_pending", sa.Text()),  # offered, not yet confirmed by a code
    sa.Column("totp_step", sa.BigInteger(), nullable=False),  # the last time step whose code was taken
    sa.Column("signed_in_at", sa.Double()),
    sa.Column("created_at", sa.Double(), nullable=False),
    sa.Column("created_by", sa.Text(), nullable=False),
    sa.Column("changed_at", sa.Double(), nullable=False),
    sa.Column("changed_by", sa.Text(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)

user_team = sa.Table(
    "user_team",
    metadata,
    sa.Column("user_id", sa.Text(), primary_key=True),
    sa.Column("team", sa.Text(), primary_key=True),
    sa.Index("user_team_team", "team"),
)

user_work = sa.Table(  # what a user works with
    "user_work",
    metadata,
    sa.Column("user_id", sa.Text(), primary_key=True),
    sa.Column("kind", sa.Text(), primary_key=True),  # extension, device, queue
    sa.Column("position", sa.Integer(), primary_key=True),
    sa.Column("value", sa.Text(), nullable=False),
    sa.Index("user_work_value", "kind", "value"),
)

user_recovery = sa.Table(
    "user_recovery",
    metadata,
    sa.Column("user_id", sa.Text(), primary_key=True),
    sa.Column("code", sa.Text(), primary_key=True),  # hashed; deleted when used
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),  # the hash of the cookie
    sa.Column("user_id", sa.Text(), nullable=False),
    sa.Column("step", sa.Text(), nullable=False),  # in, or code: the password was right, the code is awaited
    sa.Column("made_at", sa.Double(), nullable=False),
    sa.Column("seen_at", sa.Double(), nullable=False),
    sa.Column("origin", sa.Text(), nullable=False),
    sa.Column("browser", sa.Text(), nullable=False),
    sa.Column("revoked_at", sa.Double()),
    sa.Index("session_user", "user_id"),
)

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("hash", sa.Text(), nullable=False, unique=True),
    sa.Column("user_id", sa.Text(), nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("scopes", sa.Text(), nullable=False),  # names of permissions; *: all that the user has
    sa.Column("made_at", sa.Double(), nullable=False),
    sa.Column("expires_at", sa.Double()),
    sa.Column("used_at", sa.Double()),
    sa.Column("revoked_at", sa.Double()),
    sa.Index("token_user", "user_id"),
)

attempt = sa.Table(  # wrong sign-ins, of a login or an address
    "sign_in_attempt",
    metadata,
    sa.Column("key", sa.Text(), primary_key=True),  # hashed: people type their passwords where the login goes
    sa.Column("count", sa.Integer(), nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("free_at", sa.Double(), nullable=False),
)

access_state = sa.Table(  # one row: a number that grows whenever somebody's rights or ways in change
    "access_state",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("generation", sa.BigInteger(), nullable=False),
)

pbx_seen = sa.Table(  # what a PBX last told that it has
    "pbx_seen",
    metadata,
    sa.Column("pbx", sa.Text(), primary_key=True),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),  # JSON of directory.PbxSeen
)

desk = sa.Table(  # the phone that somebody chose for now; counts while its session does
    "desk",
    metadata,
    sa.Column("extension", sa.Text(), primary_key=True),
    sa.Column("user_id", sa.Text(), nullable=False),
    sa.Column("session", sa.Text(), nullable=False),
    sa.Column("since", sa.Double(), nullable=False),
)

desk_lost = sa.Table(  # whom to tell that his phone was taken, until he has read it
    "desk_lost",
    metadata,
    sa.Column("user_id", sa.Text(), primary_key=True),
    sa.Column("extension", sa.Text(), nullable=False),
    sa.Column("taken_by", sa.Text(), nullable=False),
    sa.Column("at", sa.Double(), nullable=False),
)
