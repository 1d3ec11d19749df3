"""The command in a process for each run, without the second that its imports take.

server.py: a Python that has the product loaded, and forks for each run
stub.py: what a shell starts for the command: it hands the run to server.py
renderer.py: the process of such a run that renders templates, forked too
warm.py: how tests start it and run something in it
test_warm.py: that such a run is the run of a new Python
"""
