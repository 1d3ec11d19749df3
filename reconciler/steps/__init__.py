"""The steps of the pipeline. Each passes parts of the state to a stage and returns the state with the result added.

`sources` needs no cluster. `pipeline.py` loads the others only for a verb that reads one: `cluster` (the record, the
CRDs, the objects), `secrets` (references, fingerprints, stamps), `impact` (who is affected), `review` (the plan that
was reviewed) and `locking`. `stages/` implements the stages; `pipeline.py` decides which steps run, and in which order.
"""
