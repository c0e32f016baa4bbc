"""How fast exports are, on a real engine: `make bench`."""
