"""What a Kubernetes API server does with one custom resource, as pure functions.

values       JSON values: equality, copies, how Go prints them
violation    what validation objects to, in the server's words
schema/      the CRD: types, defaults, pruning
validation/  OpenAPI, list types, object metadata, CEL rules, ratcheting
ownership/   FieldsV1, server-side apply, managedFields, the no-op proof
server/      one request: apply, create, update, merge_patch, update_status, delete
compare      the fields in which two objects differ, for people

Each folder may import those above it in this list, never those below. Nothing here does I/O, knows a kind by name, or
guesses: what the engine does not support is "not provable" (a reason in the answer), and then only the server can
tell. `tests/semantics` sends generated requests to this engine and to a real API server and compares every answer.
"""
