"""The staff's pages: what waits for a person, one return at a time, and where every customer stands."""
