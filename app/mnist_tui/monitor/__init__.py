"""The full-screen view of a run.

``sessions`` fold events in a thread; ``screens`` show what they have folded, in ``widgets``;
``commands`` say what a person can do there; ``apps`` put one of each together.
"""
