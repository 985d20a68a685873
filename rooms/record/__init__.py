"""The record of a session: its minutes, who may see it, how long it is kept."""
