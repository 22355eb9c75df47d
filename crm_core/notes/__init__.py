"""Notes: what people write about a contact or a call for one another."""
