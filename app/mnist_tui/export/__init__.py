"""Taking a run away: its weights, numbers and pictures in forms that other programs read.

One module a form, as ``forms`` names them: ``weights`` (and ``torch_code``), ``tables``,
``last_grid``, ``animation``, ``report`` (and ``curves``), ``tensorboard``. ``sampling`` and
``evaluation`` put the trained networks to work.
"""
