"""One standard: what is counted, by which day, with which formula. Pure: facts in, figures out.

`facts` makes one dated fact of a complaint's events, `definitions` names what is counted over them and writes it down
(docs/statistics.md), `figures` counts, `periods` are the days it is counted over.
"""
