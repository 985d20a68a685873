"""Who gets behind which address, with what, and for how long."""
