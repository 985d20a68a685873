"""What complaints say: bursts against an expectation, trends, and what is new. Pure: counts in, findings out.

`season` makes an exposure of the days, `series` the counts, `expectation` what they should come to, `bursts` tests
them, `spots` is the life of a hot spot once found, `examination` puts a day together, `months` a month (terms, change
points, slopes), `aftermath` what followed an action. The reasons are in docs/insight.md.
"""
