"""The command `init`, and in `files/` what it writes: templates by system and vendor, flows by forge."""
