"""Clients, bad lines and forwarders of other kinds: what the benchmarks of media put together."""
