"""Tests of asynchronous mediation."""
