"""What in a text somebody could be known by, found by rules that are pure and say of what kind it is.

Rules propose, a person decides (`casebook`). `looking` puts the finders together; a finder answers with places
and what to put there. How much they find is measured on planted texts: `yuntiao bench deidentify`.
"""
