"""The writer of recordings in C, for whoever has a compiler: `recordings.writer` is what it is held to."""
