"""The command `init`.

commands  its options
init      writes the files, and prints what comes next
texts     the files, from those in `files/`: templates by system and vendor, flows by forge
"""
