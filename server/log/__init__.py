"""The journal as a log others can hold us to: its key, signed checkpoints, what outsiders attest, the check of it."""
