"""The five channels complaints come in by: one mapping file each, and how their cells and rows are read. Pure."""
