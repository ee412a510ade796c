"""Rules that find the first wrong step of a solution without a model: one file per kind of reasoning."""
