"""Sessions: what is arranged, held, recorded and composed."""
