"""Verbs: one file (or package) per step of `pipeline.py`, one public function of the same name. Steps do not know
each other; they meet in `model`."""
