"""Officers, offices, systems, and who may do what."""
