"""What gets answered when asked: pages, JSON, and the socket that carries pushes."""
