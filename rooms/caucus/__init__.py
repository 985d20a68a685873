"""Who is with whom: private talks, consulting with one's own side, the interpreter's channel."""
