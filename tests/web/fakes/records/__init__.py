"""Sessions and what is kept of them."""
