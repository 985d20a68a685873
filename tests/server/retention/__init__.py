"""How long things are kept, archived, erased."""
