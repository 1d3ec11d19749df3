"""What a Kubernetes API server does with one custom resource, as pure functions.

schema.py     the structural schema of a CRD version, navigable
crd.py        what a CustomResourceDefinition says: names, versions, schemas
defaults.py   structural defaulting                                    prune.py   unknown fields
validate.py   OpenAPI and CEL validation, with ratcheting              cel.py     the door of the CEL engine
typed.py      what server-side apply refuses before it merges
fieldset.py   FieldsV1 as an immutable set, and the fields a body owns
merge.py      structured merge by ownership (KEP-555): managers, conflicts, managedFields
server.py     one write against one stored object: apply, create, update, patch, delete

Nothing here does I/O, knows a kind by name, or guesses: what the engine does not support is
"not provable" (a reason on the answer), and then only the server can tell.
"""
