"""One file per published method, and the parts that methods share."""
