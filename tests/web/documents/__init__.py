"""Pages about sealed documents."""
