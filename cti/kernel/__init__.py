"""The ground floor: settings, clock, ids, bus, database, tasks, errors. Knows no telephony."""
