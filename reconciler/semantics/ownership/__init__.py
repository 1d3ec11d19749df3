"""Field ownership: FieldsV1, server-side apply, managedFields and the no-op proof (KEP-555).

atoms           a schema as structured-merge-diff reads it
path_elements   the path elements of FieldsV1
typed           the typed conversion that a body must pass before an apply merges it
fieldset        FieldsV1 as a set of paths; the fields that an apply owns
changes         the fields in which one object differs from another
combine         merge an applied body over a live object, and remove fields
merge           the object and the field owners after an apply or an update
managed_fields  the managedFields of an object, and how a write changes them
adoption        fields that move from other managers to ours
queries         which fields a manager owns, and who owns a field
noop            the proof that an apply would change nothing
"""
