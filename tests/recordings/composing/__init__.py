"""Films: their plan, their pieces, their text."""
