"""The verbs of the pipeline and `unlock`: their options, the run, and its reports."""
