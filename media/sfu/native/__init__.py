"""The way of ordinary packets, compiled where somebody has built it. Optional: media.sfu does the same."""
