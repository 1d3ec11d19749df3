"""The structural schema of a custom resource.

keywords     what the keywords of a schema may hold
structural   the schema itself, navigable by field
defaults     structural defaulting and pruning
crd          the CRD around it: group, names, versions, scope
jsonschema   the same as JSON Schema, for editors
"""
