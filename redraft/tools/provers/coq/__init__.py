"""Coq, named Rocq since version 9: its sentences, its process, and what makes a proof count."""
