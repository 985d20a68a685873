"""Private talks, and what is said in them."""
