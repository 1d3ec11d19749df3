"""The forge: where a pull request is discussed. httpx is imported here, and only when something is posted.

github   the one comment of an environment: found by its marker and author, created or updated in place
wire     one request: limits, repetitions, and one sentence per refusal
"""
