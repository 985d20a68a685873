"""The story in real browsers, over the real program."""
