"""Objects by the addresses that a command line names: `provider/omnia/claude`, or with the group of the kind."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import UsageError
from reconciler.frozen import dataclass
from reconciler.model.identity import Names, ObjectRef

_NAMED = 10  # addresses in a hint


@dataclass(frozen=True, slots=True)
class Addressed:
    """What the messages about an address say.

    Attributes:
        has: who has the objects: `git has`.
        lacks: what is said of an address that nothing has: `git has no such object`.
        listing: begins the list of what there is instead: `it has`.
        option: the option with the address, with a blank behind it; "" for an argument.
    """

    has: str
    lacks: str
    listing: str
    option: str = ""

    def among(self, refs: Iterable[ObjectRef], address: str) -> ObjectRef:
        """The only object with an address.

        Raises:
            UsageError: none of them has it, or several have.
        """
        known = sorted(set(refs))
        named = [ref for ref in known if address in (ref.address, ref.short_address)]
        if len(named) > 1:
            hint = f"name the group as well: {' or '.join(ref.address for ref in named)}"
            message = f"{self.option}{address}: {self.has} {len(named)} such objects"
            raise UsageError(message, hint=hint)
        if not named:
            names = Names.among(ref.group_kind for ref in known)
            listed = ", ".join(map(names.address, known[:_NAMED]))
            hint = f"{self.listing} {listed or 'none'}"
            raise UsageError(f"{self.option}{address}: {self.lacks}", hint=hint)
        return named[0]
