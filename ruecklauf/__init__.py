"""The application: joins issuing, reading and the registry behind one command line."""

__version__ = "0.1.0"
