"""What complaints say: bursts against an expectation, trends, and what is new. Pure: counts in, findings out.

`calendar` names the kinds of day, `season` makes an exposure of them, `series` the counts, `bursts` tests them,
`spots` is the life of a hot spot once found, `examining` puts a day together, `months` a month, `trends` change
points and slopes, `terms` the words of a text, `aftermath` what followed an action. The reasons are in docs/insight.md.
"""
