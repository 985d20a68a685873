"""Messages and webhooks that go out."""
