"""Rooms as they run: one task and one mailbox each, and whoever listens."""
