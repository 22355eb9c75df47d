"""The tests of `crm_core` run on both databases, with every table of the product."""

from tests.crm import clock, crm, database, ready_url, told

__all__ = ["clock", "crm", "database", "ready_url", "told"]
