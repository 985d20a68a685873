"""The procedure: its steps and the articles that allow them, and what follows a settlement."""
