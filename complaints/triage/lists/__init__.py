"""Weighted words, one file for each question. They are data: whoever changes them runs `yuntiao bench triage`."""
