"""Validation of one object as the API server performs and reports it.

formats          the `format` keyword
patterns         the `pattern` keyword, matched by RE2
openapi          types, limits, enums, patterns
lists            list types: sets and map lists
objectmeta       names, labels, annotations, finalizers
owners           owner references
stored           what the metadata of every stored object is
ratcheting       the old value with which a new value is compared (KEP-4008)
cel              the CEL engine
rules            the CEL rules of a schema
custom_resource  all of these for one object
"""
