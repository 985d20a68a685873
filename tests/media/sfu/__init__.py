"""The engine's parts: what is read, chosen, numbered, repeated and sent."""
