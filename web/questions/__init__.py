"""What each side is asked afterwards, and what became of promises."""
