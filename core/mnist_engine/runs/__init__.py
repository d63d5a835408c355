"""A run: its record on disk, and the state that screens show of it.

In the order in which they are best read:

- where it lies: ``directory``, ``finding``, and ``lock``, which one process holds
- what happened in it: ``writing`` and ``log``, with ``order`` for damaged ones and ``tail`` for the
  end alone; ``pictures``
- what training goes on from: ``checkpoints``, ``kept`` and ``best``
- while it is trained: ``record``, which writes all of this, and ``inbox``, by which others steer it
- how it begins and goes on: ``resuming``, then ``beginning``, which has the order of it all;
  ``rerunning``; ``going_back`` after a divergence
- what screens show: ``history``, ``state``, ``troubles``, ``timeline``, ``following``;
  ``summary`` in a line
- what it has learnt: ``networks`` and ``trained``, and ``restoring`` to look into it
"""
