"""The Asterisk adapter, all of it. Imported by ``cti.app`` alone."""
