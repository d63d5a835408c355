"""One widget a file; each is mounted once and redrawn by ``show``."""
