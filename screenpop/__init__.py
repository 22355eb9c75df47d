"""Who sees what, pushed when it happens: no transport in it."""
