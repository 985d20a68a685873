"""Asynchronous mediation (错时调解): a session in which each side acts in its own time, without meeting."""
