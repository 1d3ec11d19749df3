"""The verbs of the pipeline and `unlock`.

commands   their options; those that only some verbs have are in `options`
running    a run with the values of the options
plain      a run over plain files
reporting  a run with its reports
unlock     the lock of a run that ended without releasing it
"""
