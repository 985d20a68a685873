"""Receiving and forwarding packets in C, where it has been built. Optional: media.sfu does the same in Python."""
