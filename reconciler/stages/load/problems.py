"""What is wrong with the files of an environment: all of it at once."""

from __future__ import annotations

from reconciler.errors import EnvironmentFileError
from reconciler.model.location import Location
from reconciler.text.yaml import Fault


class Problems:
    """Collects problems with their places."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._found: list[tuple[Location, str, str, str]] = []

    def add(self, code: str, where: Location, message: str, hint: str = "") -> None:
        self._found.append((where, code, message, hint))

    def add_faults(self, path: str, faults: tuple[Fault, ...]) -> None:
        for fault in faults:
            self.add(fault.code, fault.position.location(path), fault.message, fault.hint)

    def stop_if_any(self) -> None:
        """
        Raises:
            EnvironmentFileError: something was found.
        """
        found = sorted(set(self._found))
        if not found:
            return
        if len(found) == 1:
            where, code, message, hint = found[0]
            raise EnvironmentFileError(f"{message} [{code}]", hint=hint, where=str(where))
        lines = [
            f"  {where}: {message} [{code}]" + (f"; {hint}" if hint else "")
            for where, code, message, hint in found
        ]
        head = f"the environment {self._environment} cannot be used: {len(found)} problems"
        raise EnvironmentFileError("\n".join((head, *lines)))
