"""Whose datagrams are taken, and who is still there."""
