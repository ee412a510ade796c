"""What touches the world (sandbox, provers, functions, retrieval), one small protocol per kind."""
