"""Finding cases: what a case is found by, what a question asks, and how one is ranked against the other. Pure.

The order of a list is decided by `ranking` alone, in whole numbers, from what `entries` made of a case: whichever
database kept it and found the candidates, the list is the same.
"""
