"""The order of environments: what an earlier one must have shown before a later one is written. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.errors import ExitCode
from reconciler.model.command import Invocation
from reconciler.model.finding import errors_in
from reconciler.model.identity import ObjectRef
from reconciler.model.record import Record
from reconciler.model.revision import Revision
from reconciler.model.run import EnvironmentRun, Forecast, RunError

ANYWAY = "--promote-anyway applies it nevertheless"
_NAMED = 3  # Secrets in a hint


def unproven(
    name: str, revision: Revision, record: Record | None, invocation: Invocation
) -> tuple[str, str] | None:
    """Why an earlier environment does not prove a revision, and what to do; None if it does.

    Its record has the revision that it has applied completely, and the run that found that one in sync.
    """
    elsewhere = replace(invocation, context="", cluster="")  # which are those of the later one
    apply = elsewhere.command("apply", name)
    if not revision.commit or revision.dirty:
        what = "uncommitted changes" if revision.commit else "files without a commit"
        return f"no record can prove {what}, and {name} comes first", f"commit them; or {ANYWAY}"
    short = revision.commit[:7]
    if record is None or not record.applied:
        return f"{name} comes first, and has not applied {short}", f"{apply}; or {ANYWAY}"
    if record.revision != revision.commit:
        before = record.revision.partition("+")[0][:7] or "files without a commit"
        message = f"{name} comes first, and has applied {before}, not {short}"
        return message, f"{apply}; or {ANYWAY}"
    if record.in_sync.revision != revision.commit:
        message = f"{name} comes first, and its last run did not find {short} in sync"
        return _with_rotations(message, name, record, elsewhere)
    return None


def _with_rotations(
    message: str, name: str, record: Record, elsewhere: Invocation
) -> tuple[str, str]:
    """Why, if that is a rotation, and every command that ends the refusal, in order."""
    drift = elsewhere.command("drift", name, "--record")
    secrets = {f"{key.namespace}/{key.name}" for key, each in record.secrets.items() if each.open}
    if not secrets:
        return message, f"{drift} ends this, or tells why it does not; or {ANYWAY}"
    chosen = sorted(secrets) if len(secrets) <= _NAMED else ["--all"]
    acknowledge = elsewhere.command("acknowledge", name, *chosen, "--reason", "TEXT")
    what = "a rotation is" if len(secrets) == 1 else f"rotations of {len(secrets):,} Secrets are"
    return f"{message}: {what} open", f"{acknowledge}, and then {drift}; or {ANYWAY}"


def recorded_revisions(record: Record | None, refs: Iterable[ObjectRef]) -> tuple[str, ...]:
    """The revisions of the last complete apply, and of the last apply of each of these objects."""
    if record is None:
        return ()
    objects = (record.objects[ref] for ref in refs if ref in record.objects)
    own = [each.revision for each in objects if not each.restored]
    return tuple(dict.fromkeys([*([record.revision] if record.applied else []), *own]))


def stopped_by(earlier: Iterable[EnvironmentRun]) -> tuple[RunError | None, tuple[str, ...]]:
    """The error of an environment after a failed one in the same run, and the reasons in a few words.

    (None, ()) if none failed.
    """
    for each in earlier:
        if each.exit_code is not ExitCode.OK:
            words = ", ".join(each.exit_reasons)
            why = f" ({words})" if words else ""
            error = RunError(
                f"{each.name} comes first, and ended with exit code {int(each.exit_code)}{why}",
                hint=f"see {each.name} in this report",
                exit_code=each.exit_code,
            )
            return error, _not_applied(each)
    return None, ()


def foreseen(ended: EnvironmentRun, earlier: Iterable[EnvironmentRun]) -> EnvironmentRun:
    """A review, with the forecast that an apply of all would not reach it if an earlier environment fails."""
    if ended.error or errors_in(ended.findings):
        return ended
    for each in earlier:
        code = _foreseen_exit(each)
        if code is not ExitCode.OK:
            forecast = Forecast(code, _not_applied(each))
            return replace(ended, unproven=(*ended.unproven, each.name), forecast=forecast)
    return ended


def _foreseen_exit(review: EnvironmentRun) -> ExitCode:
    """The exit code that an apply would have. A review that stopped early has no forecast."""
    if review.forecast:
        return review.forecast.exit_code
    return review.exit_code if review.error or errors_in(review.findings) else ExitCode.OK


def _not_applied(earlier: EnvironmentRun) -> tuple[str, ...]:
    return (f"not applied since {earlier.name} comes first",)
