"""Files of cases at rest: a key a case, the encrypted form, what is complete or not at all."""
