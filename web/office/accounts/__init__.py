"""Officers' accounts: signing in, the second step, tokens."""
