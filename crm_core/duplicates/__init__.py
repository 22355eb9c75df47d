"""The same person or company twice: found, explained, made one, and two again within thirty days."""
