"""Live media: the engine's interface, and the embedded SFU."""
