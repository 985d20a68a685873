"""Recording files: written as packets arrive, sealed with a hash, composed into one video afterwards."""
