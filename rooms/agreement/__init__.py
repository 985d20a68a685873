"""The agreement: its clauses and facts as they are drafted, answered and phrased, and how a mediation ends."""
