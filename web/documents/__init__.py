"""Pages about sealed documents that need no account: checking a file."""
