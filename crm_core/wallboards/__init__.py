"""Boards for a screen on the wall: what each shows, and the link that opens it without signing in."""
