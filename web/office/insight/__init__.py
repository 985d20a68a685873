"""What complaints say, for people: what to look at on Monday, one hot spot, the month, and how it is calculated."""
