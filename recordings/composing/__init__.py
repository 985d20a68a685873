"""One film of a session: planned from its journal, made by an encoder, copied with somebody's name on it."""
