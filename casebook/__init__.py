"""Typical cases: de-identified, classified, cited, commented on, reviewed and published. Pure.

`case` is what readers and search are given; `file` the state of the work on one, a fold of `case/<id>`; `decisions`
what may be done to it. Raw texts are never in the journal: it holds where in them something was hidden, not what.
"""
