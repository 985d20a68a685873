"""The open interface for other systems: /api/v1, described by /api/openapi.json (OpenAPI 3.1)."""
