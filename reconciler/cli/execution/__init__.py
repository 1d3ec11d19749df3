"""How a process runs and ends.

guard        errors to a message and an exit code
stop         signals
streams      stdout and stderr, escaped
progress     what a long run is doing
termination  the last words of a container, for `kubectl describe`
"""
