"""What a program can check of an instruction: a small function per kind of constraint, by family, and their verifier.

Each family's file ends with its `CHECKS`; `catalogue` joins them and asks them, `verifier` is the door. What takes a
model to tell belongs with the judges.
"""
