"""The writer of recordings in C, for whoever has a compiler: `recordings.frame_writer` is what it is held to."""
