"""Files of converted networks: read and write graphs."""
