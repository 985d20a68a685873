"""Live media: the engine protocol and the embedded forwarding unit."""
