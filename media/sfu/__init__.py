"""The embedded forwarding engine: worker processes that pass media on without ever decoding it."""
