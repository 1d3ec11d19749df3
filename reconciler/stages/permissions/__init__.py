"""The permissions that a verb needs for an environment, from what git describes; reads no cluster.

needed.py  what each step of the verb asks the API server       roles.py  Roles and bindings
"""

from reconciler.stages.permissions.needed import PermissionsInput, Scope, needed
from reconciler.stages.permissions.roles import Rule, binding, role_head, rules_of

__all__ = ["PermissionsInput", "Rule", "Scope", "binding", "needed", "role_head", "rules_of"]
