"""Who: users, people and companies, and all that happened with them. Calls come in by the bus alone.

Each feature has the same file names, where it needs them: ``model`` (tables and values), ``service`` (what may be
asked, by whom), ``store`` (its SQL), ``events`` (what it tells the bus), ``migrations`` (its tables, step by step).
"""
