"""The JSON API under ``/api/v1``: one file a resource, all listed in ``OPERATIONS``."""

from __future__ import annotations

from web.api import (
    agents,
    audit,
    calls,
    control,
    directory,
    duplicates,
    fields,
    files,
    imports,
    notes,
    people,
    results,
    roles,
    search,
    softphone,
    tasks,
    timeline,
    users,
    ways_in,
)
from web.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    calls.LIST,
    calls.ONE,
    *control.CONTROL,
    audit.LIST,
    fields.LIST,
    fields.CREATE,
    fields.CHANGE,
    *people.CONTACTS,
    *people.COMPANIES,
    *duplicates.DUPLICATES,
    search.SEARCH,
    *users.USERS,
    *roles.ROLES,
    *roles.TEAMS,
    *ways_in.SESSIONS,
    *ways_in.TOKENS,
    *directory.DIRECTORY,
    *timeline.TIMELINE,
    *notes.NOTES,
    *files.FILES,
    *imports.IMPORTS,
    *tasks.TASKS,
    *agents.AGENTS,
    *results.RESULTS,
    *softphone.SOFTPHONE,
)
