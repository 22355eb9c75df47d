"""Who: users, contacts, the timeline and all that hangs on it."""
