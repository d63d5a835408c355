"""The full-screen view of a run.

``sessions`` fold events in a thread; ``screens`` show what they have folded: on the ``board`` of a
run lie its ``panels``, ``guiding`` lays cards over them, and ``widgets`` are the rest.
``commands`` say what a person can do there; ``apps`` put one of each together.

The modules beside them hold no widgets:

- what is shown, as values: ``standing``, ``curves``, ``seen_curve``, ``axes``, ``plot_view``,
  ``happenings``, ``stages``, ``rates``, ``settings``, ``trouble``, and ``journey`` on a walk
- how networks are asked: ``looking``, ``inquiry``, ``drawing_reader``
- the terminal and its thread: ``themes``, ``driver``, ``stray``, ``pace``, ``messages``
"""
