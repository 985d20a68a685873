"""Reports and consultations."""
