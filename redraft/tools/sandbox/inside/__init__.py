"""What runs inside a sandbox. It imports nothing of redraft, which is not there.

`server` (trusted) starts two processes for each test: `program`, which runs the program and answers for it, and
`tester`, which runs the test and never the program. They speak over `wire`, which carries plain values. A program thus
shares no memory with what judges it: it holds no verdict, no secret and no file descriptor a verdict could go through,
and never sees what a test expects. All it can do for a test to pass is give the right values.
"""
