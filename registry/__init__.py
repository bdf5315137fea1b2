"""The registry: customers, issued forms, what came back, what was read and what a person decided."""
