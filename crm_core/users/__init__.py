"""Who works here: users, roles, teams, and how they come in (sessions, tokens, passwords, second steps)."""
