"""Many items at once: reading them, running them in a window, and the records that come out."""
