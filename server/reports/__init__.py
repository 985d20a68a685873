"""Reports, consultations and matters of other bodies: what pages ask, and what imports register."""
