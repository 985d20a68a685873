"""Commands, as the person at the terminal has them."""
