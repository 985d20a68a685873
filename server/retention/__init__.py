"""Files of closed cases, carried to the archive and read from it."""
