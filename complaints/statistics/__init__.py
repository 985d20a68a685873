"""One standard: what is counted, by which day, with which formula. Pure: facts in, figures out.

`facts` makes one dated fact of a complaint's events, `definitions` names what is counted over them, `figures` counts,
`periods` are the days it is counted over, `document` writes the definitions down (docs/statistics.md).
"""
