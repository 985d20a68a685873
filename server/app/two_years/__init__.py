"""Two years of the demo office: what came in and what became of it, and a desk of today. All of it is invented.

`filling` has the order in which it is made, `past` what came in as an earlier system's history, `recent` the last weeks
as they were handled here, `today` the calendar and what waits, `shelf` what supervisors and the casebook have of it.
"""
