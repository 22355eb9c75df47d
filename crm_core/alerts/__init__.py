"""Alerts: what the live page warns of, by which rules, and who took it."""
