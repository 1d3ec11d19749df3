"""The forge that hosts the pull requests.

github.py  creates or updates the comment of an environment
wire.py    sends requests; one message for each refusal
"""
