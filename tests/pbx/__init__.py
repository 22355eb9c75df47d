"""The lab: a real Asterisk and real SIP phones on loopback, for tests, for `make lab` and for recording traces."""
