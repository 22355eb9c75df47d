"""Tamas: the contact centre and CRM around an Asterisk phone system.

Storeys, imports downwards only: ``cti.app`` and ``cti.cli`` (roof), ``web``, ``screenpop``,
``call_log`` | ``crm_core`` | ``ami_listener``, ``cti.control``, ``cti.live``, ``cti.kernel``.
"""
