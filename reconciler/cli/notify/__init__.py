"""The command `notify`, which tells a webhook what is new."""
