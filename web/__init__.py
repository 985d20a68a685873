"""Pages, forms and the assets they need."""
