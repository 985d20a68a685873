"""Seals, papers and signatures."""
