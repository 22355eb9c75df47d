"""What the PBX is doing now: facts in, calls and events out. No I/O, no clock, no bus."""
