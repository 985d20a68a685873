"""The book of a year’s cases: which chapter each stands in, and everything that is printed, in order. Pure."""
