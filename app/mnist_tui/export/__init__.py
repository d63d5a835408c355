"""Taking a run away: its weights, numbers and pictures in forms that other programs read.

One module a form: ``weights`` (and ``torch_code``), ``tables``, ``pictures``, ``report`` (and
``curves``), ``tensorboard``. ``sampling`` and ``evaluation`` put the trained networks to work.
"""
