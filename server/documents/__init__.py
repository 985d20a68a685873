"""Documents an office gives out: our own wordings by edition, what fills their blanks, and the typesetter."""
