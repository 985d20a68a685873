"""The writer of recordings in C, for whoever has a compiler: `recordings.scribe` is what it is held to."""
