"""Measures: how right a classifier is, how real and how varied generated images are.

Read in this order: ``classification`` (answers against labels), ``classes`` (which classes a
classifier sees in generated images, and how surely), ``frechet`` (two sets of features as two
clouds), ``neighbours`` (the same by distances between points). These are pure functions of NumPy
arrays, in float64; ``arguments`` is what they refuse. ``judge`` is the network that gives them the
features and probabilities of images, ``generated`` all of them at once.
"""
