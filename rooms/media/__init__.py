"""A session's sound and pictures: who receives whom, what is recorded, what the engine reports."""
