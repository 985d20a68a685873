"""The public window: filing, following and withdrawing a complaint from a phone."""
