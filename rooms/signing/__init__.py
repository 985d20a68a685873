"""Signing an agreement in the room: who reads, shows who they are and signs, and the office's seal."""
