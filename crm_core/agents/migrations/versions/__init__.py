"""One file per step. Alembic reads them; nothing imports them."""
