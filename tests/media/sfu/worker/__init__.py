"""The worker process, and the engine that has it."""
