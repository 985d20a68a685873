"""Benchmarks: `measure(quick)` of each module gives one report of figures and of the targets they are held to.

Figures of time depend on the machine and on what else it does, so the report names both; where a target must hold on
any machine it is a ratio of two things measured in the same run.
"""
