"""The structural schema of a custom resource.

keywords     the types that schema keywords must have
facts        the keywords that decide which objects are valid
structural   the schema, navigable by field
defaults     structural defaulting and pruning
crd          the CRD around it: group, names, versions, scope
jsonschema   a CRD as JSON Schema, for editors
"""
