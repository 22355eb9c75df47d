"""Everything that happened with somebody, as one stream: calls, notes, files, tasks, and what else is told to it.

Whoever has something to tell ``put``s an entry; nobody reads another's tables for it. A new kind of entry is one file
in ``kinds``, its line there and its template in ``web/templates/timeline``.
"""
