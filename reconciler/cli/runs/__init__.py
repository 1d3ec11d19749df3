"""The verbs `validate`, `diff`, `apply` and `drift`: they run the pipeline and write reports."""
