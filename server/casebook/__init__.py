"""The casebook's desks: cases drawn from files, worked on, exchanged; lawyers' links; notes of experience."""
