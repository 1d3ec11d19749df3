"""The commands `status` and `acknowledge`: they read and change the record alone."""
