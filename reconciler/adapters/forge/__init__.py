"""The forge, where a pull request is discussed.

github   the comment of an environment, identified by its marker and its author: created, or updated in place
wire     requests, and one sentence for each refusal
"""
