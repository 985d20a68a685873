"""Pages of an office's people."""
