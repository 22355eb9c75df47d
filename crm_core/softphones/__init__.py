"""The softphone in the browser: with which SIP account a phone registers, and how well it was heard.

Neighbours: ``web.sip`` carries its signalling; the PBX has the accounts.
"""
