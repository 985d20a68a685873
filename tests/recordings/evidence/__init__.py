"""Evidence packages: made out of an invented session, read, and attacked."""
