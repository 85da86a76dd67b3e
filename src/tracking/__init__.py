"""The service that generates pictures and makes each generation a measurable event."""
