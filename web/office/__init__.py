"""The office's pages: signing in, the desk, complaints, sessions and their links, messages, officers, accounts."""
