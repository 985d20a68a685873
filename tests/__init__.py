"""Sentences about Yuntiao, each of which can turn out false."""
