"""The canary test: secrets are planted in every place, every command runs, and every byte that left is searched.

plants: secrets, and texts that hold them as others write them        scanner: searches bytes in every encoding
test_scanner: a seeded leak is found                                  test_crash: a bug in the middle of a run
test_canaries: commands, formats, verbosity and roles, on the real API server
"""
