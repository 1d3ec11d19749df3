"""Runs that every format must render well: the golden files and the schema test use them all."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Awaited, Change, Outcome, Prerequisite, Result, State
from reconciler.model.difference import (
    ABSENT,
    REDACTED,
    FieldDifference,
    FieldValue,
    ForeignField,
    IgnoredField,
    Why,
    Writer,
)
from reconciler.model.document import Document
from reconciler.model.environment import ExtraFields
from reconciler.model.finding import Finding, Severity
from reconciler.model.hold import Hold
from reconciler.model.identity import Endpoint, ObjectRef
from reconciler.model.impact import Affected, Consequence, Effect
from reconciler.model.live import LiveFinding, UnmanagedObject
from reconciler.model.location import Location
from reconciler.model.path import FieldPath
from reconciler.model.readiness import Readiness, ReadyState
from reconciler.model.record.rotations import Closing, Opening, RecordedRotation
from reconciler.model.resolution import Certificate, ConsumerSecret, Copy, ExternalSecret
from reconciler.model.revision import Revision
from reconciler.model.rotation import Rotation, SecretRow
from reconciler.model.run import (
    ClusterIdentity,
    EnvironmentRun,
    Forecast,
    RecordSummary,
    Run,
    RunError,
    SchemaUsed,
)
from reconciler.model.sealed import Moved
from reconciler.model.secret import (
    Fingerprint,
    Format,
    SecretReading,
    SecretReference,
    SecretState,
)
from reconciler.model.stamp import Stamped, StampResult
from reconciler.model.trust import SettingChange, Trust
from reconciler.model.unchecked import Unchecked
from reconciler.model.verbs import APPLY, DIFF, DRIFT, IMPACT, STAMP, VALIDATE, Verb
from tests.reports.consumer_rows import (
    SECRET,
    VERTEX,
    of_provider,
    of_secret,
    unread_of_secret,
)

FLOKOA = Endpoint("agent.flokoa.ai", "v1alpha1", "ModelProvider", "modelproviders")
OMNIA = Endpoint("omnia.altairalabs.ai", "v1alpha1", "Provider", "providers")
VALUES = "environments/prod/values.yaml"
TEMPLATE = "templates/flokoa/gateway.yaml.j2"
KUBECTL = Writer("kubectl-edit", "Update", "2026-07-24T02:14:00Z")
OLD = Fingerprint("2811fcd9", "827ba3994ec7ba02")
NEW = Fingerprint("2811fcd9", "538c937f92ad7b3f")
REVISION = Revision("a1b2c3d4e5f60718293a4b5c6d7e8f9001122334", "main")
RECORD = RecordSummary("9f8e7d6c5b4a39281706f5e4d3c2b1a000112233", "2026-07-24T09:35:00Z")
CLUSTER = ClusterIdentity("prod-eu", "0d9c2a52-6a4c-4a5c-8b1e-3b1f0a7f5a11", "prod-eu")
FOLDER = ClusterIdentity("directory:.demo/dev", folder=".demo/dev")
NOW = "2026-07-24T11:35:00Z"


def flokoa(name: str, namespace: str = "llm") -> ObjectRef:
    return ObjectRef(FLOKOA.group, FLOKOA.kind, namespace, name)


def omnia(name: str, namespace: str = "omnia") -> ObjectRef:
    return ObjectRef(OMNIA.group, OMNIA.kind, namespace, name)


def change(ref: ObjectRef, state: State, action: Action, **more: object) -> Change:
    endpoint = FLOKOA if ref.kind == FLOKOA.kind else OMNIA
    body = Document.of({"spec": {"headers": {"Authorization": "canary-never-shown"}}})
    return replace(
        Change(ref, endpoint, state, action, content="d" * 32, body=body, uid="u-1"),
        **more,  # type: ignore[arg-type]
    )


def field(
    path: str | FieldPath,
    live: object,
    git: object,
    why: Why = Why.CHANGE,
    *,
    line: int = 14,
    by: Writer | None = None,
) -> FieldDifference:
    steps: FieldPath = tuple(path.split(".")) if isinstance(path, str) else path
    place = Location(VALUES, line) if git is not None else None
    return FieldDifference(steps, _value(live), _value(git), why, place, by=by)


def _value(value: object) -> FieldValue:
    if value is None:
        return ABSENT
    return REDACTED if value is REDACTED else FieldValue.of(value)


def secret(owner: ObjectRef, name: str, key: str, state: SecretState, **more: object) -> SecretRow:
    path = "spec.apiKeySecretRef" if owner.kind == FLOKOA.kind else "spec.secretRef"
    reading = SecretReading(state, key, fingerprint=NEW if state is SecretState.OK else None)
    row = SecretRow(owner, SecretReference(owner.namespace, name, path, (key,)), reading)
    return replace(row, where=Location(TEMPLATE, 18), **more)  # type: ignore[arg-type]


def environment(name: str = "prod", code: ExitCode = ExitCode.OK, **more: object) -> EnvironmentRun:
    environment_run = EnvironmentRun(
        name, code, cluster=CLUSTER, record=RECORD, files=18, objects=42
    )
    return replace(environment_run, **more)  # type: ignore[arg-type]


def run(verb: Verb, *environments: EnvironmentRun, **more: object) -> Run:
    run = Run(
        verb,
        "0.1.0",
        REVISION,
        environments,
        started="2026-07-24T09:41:00Z",
        finished="2026-07-24T09:41:02.500Z",
    )
    return replace(run, **more)  # type: ignore[arg-type]


OPENED = Opening("2026-07-24T03:07:00Z", "b" * 40, "2026-07-24T04:00:00Z")


def unchanged(number: int) -> tuple[Change, ...]:
    return tuple(
        change(omnia(f"steady-{n}"), State.UNCHANGED, Action.NONE) for n in range(1, number + 1)
    )


def first_diff() -> Run:
    """Nothing was ever applied: everything is new, the key of the installation is not there yet."""
    fields = (
        field("spec.provider", None, "openai"),
        field("spec.openai.baseURL", None, "https://gw.corp/v1"),
        field(("spec", "openai", "headers", "X-Team"), None, REDACTED),
    )
    objects = [
        change(flokoa(name), State.NEW, Action.CREATE, differences=fields)
        for name in ("gateway", "vertex", "bedrock")
    ]
    objects += [
        change(omnia(name), State.NEW, Action.CREATE, differences=fields[:2]) for name in "ab"
    ]
    environment_run = environment(
        code=ExitCode.DIFFERENCES,
        record=RecordSummary(),
        objects=5,
        changes=tuple(objects),
        secrets=(
            secret(flokoa("gateway"), "gateway", "api-key", SecretState.UNAVAILABLE),
            secret(flokoa("vertex"), "vertex-sa", "key.json", SecretState.MISSING_SECRET),
        ),
        exit_reasons=("missing-secret",),
        plan_id="f4b9979f4bc1",
    )
    return run(DIFF, environment_run)


def empty_diff() -> Run:
    row = secret(flokoa("gateway"), "gateway", "api-key", SecretState.OK)
    environment_run = environment(
        changes=unchanged(3), objects=3, secrets=(row,), plan_id="f4b9979f4bc1"
    )
    return run(DIFF, environment_run)


def review() -> Run:
    """A pull request: changes, a conflict, drift below a change, a missing key, a rotation."""
    gateway = change(
        flokoa("gateway"),
        State.DRIFTED,
        Action.UPDATE,
        differences=(
            field(
                "spec.openai.baseURL",
                "https://gw-backup.corp/v1",
                "https://gw2.corp/v1",
                Why.DRIFT,
                by=KUBECTL,
            ),
            field("spec.timeout", None, 30, line=15),
        ),
        foreign=(ForeignField(("spec", "headers", "X-Route"), REDACTED, Writer("k9s", "Update")),),
    )
    claude = change(
        omnia("claude-eu"),
        State.CHANGED,
        Action.UPDATE,
        differences=(
            field("spec.model", "claude-sonnet-4-5", "claude-opus-4-5", line=31),
            field(("spec", "headers", "X-Title"), REDACTED, REDACTED, line=33),
            field("spec.pricing", {"input": 3, "output": 15}, None),
        ),
    )
    vertex = change(
        flokoa("vertex"),
        State.CONFLICT,
        Action.REFUSE,
        differences=(
            field(
                "spec.google.location",
                "europe-west1",
                "europe-west4",
                Why.CONFLICT,
                line=22,
                by=Writer("helm", "Apply"),
            ),
        ),
        reason="helm owns spec.google.location, and it was never ours",
    )
    environment_run = environment(
        code=ExitCode.DIFFERENCES,
        findings=(_dead_field(),),
        changes=(gateway, claude, vertex, *unchanged(39)),
        secrets=_rows(),
        exit_reasons=("conflict", "missing-secret"),
        notes=("the CRDs of the cluster may not be read; the pinned ones were used",),
        warnings=(
            "/home/me/.kube/config can be read by others (mode 0644): chmod 600 /home/me/.kube/config",
        ),
        traced=(SECRET, gateway.ref, claude.ref, vertex.ref),
        affected=(*unread_of_secret(), *of_provider(gateway.ref), *of_provider(vertex.ref, 1)),
    )
    return run(DIFF, environment_run)


def _rows() -> tuple[SecretRow, ...]:
    missing = secret(omnia("claude-eu"), "claude", "ANTHROPIC_API_KEY", SecretState.MISSING_KEY)
    reading = replace(missing.reading, found_keys=("api-key", "url"))
    rotated = secret(
        flokoa("vertex"),
        "vertex-sa",
        "key.json",
        SecretState.OK,
        rotation=Rotation.ROTATED,
        before=OLD,
        since="2026-07-24T03:07:00Z",
        event=RecordedRotation(str(OLD), OPENED),
        noticed=True,
    )
    other = replace(rotated, owner=flokoa("vertex-eu"))
    fine = secret(flokoa("gateway"), "gateway", "api-key", SecretState.OK)
    return (replace(missing, reading=reading), rotated, other, fine)


def drift() -> Run:
    """A watch that finds one of everything."""
    gateway = change(
        flokoa("gateway"),
        State.DRIFTED,
        Action.UPDATE,
        differences=(
            field(
                "spec.openai.baseURL",
                "https://gw-backup.corp/v1",
                "https://gw.corp/v1",
                Why.DRIFT,
                by=KUBECTL,
            ),
            field("spec.tls.useSystemCAs", None, True, Why.DRIFT, line=17),
            field("spec.timeout", 10, 30),
        ),
    )
    gone = change(omnia("gpt-batch"), State.MISSING, Action.CREATE, where=Location(TEMPLATE, 1))
    lost = change(
        omnia("cohere"), State.CHANGED, Action.UPDATE, differences=(field("spec.model", "a", "b"),)
    )
    added = change(
        omnia("ollama"),
        State.UNCHANGED,
        Action.NONE,
        foreign=(ForeignField(("metadata", "annotations", "team"), FieldValue.of("ml"), KUBECTL),),
    )
    broken = change(
        omnia("claude-eu"),
        State.UNCHANGED,
        Action.NONE,
        readiness=Readiness(
            ReadyState.NOT_READY,
            "SecretNotFound",
            "secret omnia/claude lacks a key",
            "2026-07-24T05:35:00Z",
        ),
    )
    kept = change(
        omnia("legacy"),
        State.KEPT,
        Action.SKIP,
        reason="no longer in git; kept in the cluster, since nothing is pruned",
        hint="kubectl --context prod-eu delete providers.omnia.altairalabs.ai -n omnia legacy",
    )
    foreign = change(
        flokoa("shared"),
        State.FOREIGN,
        Action.REFUSE,
        reason="app.kubernetes.io/managed-by says Helm",
        hint="add Helm to policy.adoptFrom, or remove it from git",
    )
    environment_run = environment(
        code=ExitCode.DIFFERENCES,
        changes=(gateway, gone, lost, added, broken, kept, foreign, *unchanged(35)),
        secrets=_all_secret_states(),
        notes=("3 objects in namespace team-c: no permission to list providers there",),
        traced=(SECRET, gateway.ref, gone.ref, kept.ref),
        affected=(*of_secret(), *of_provider(gateway.ref), *of_provider(gone.ref, 1)),
        exit_reasons=("drift", "missing-secret"),
    )
    return run(DRIFT, environment_run)


def _all_secret_states() -> tuple[SecretRow, ...]:
    names = {state: f"s-{state.value}" for state in SecretState}
    rows = [secret(omnia(n), n, "api-key", s) for s, n in names.items() if s is not SecretState.OK]
    malformed = SecretReference(
        "omnia", "sa", "spec.secretRef", ("key.json",), format=Format.JSON_OBJECT
    )
    rows.append(
        replace(
            rows[0], reference=malformed, reading=SecretReading(SecretState.MALFORMED, "key.json")
        )
    )
    optional = replace(rows[0].reference, optional=True, name="optional")
    rows.append(replace(rows[0], reference=optional))
    rows[0] = replace(rows[0], event=RecordedRotation(str(OLD), OPENED))
    reset = secret(
        omnia("reset"), "reset", "api-key", SecretState.OK, rotation=Rotation.BASELINE_RESET
    )
    first = secret(omnia("first"), "first", "api-key", SecretState.OK, rotation=Rotation.FIRST_SEEN)
    recorded = secret(
        omnia("recorded"),
        "recorded",
        "k",
        SecretState.OK,
        recorded=True,
        since="2026-07-24T03:07:00Z",
    )
    return (*_rows(), *rows, reset, first, recorded, *_lives())


def _lives() -> tuple[SecretRow, ...]:
    """Rotations that earlier runs recorded, that nobody needs to deal with, and values after a gap."""
    gap = replace(OPENED, gap="missing-secret", gap_since="2026-07-22T01:00:00Z")
    ahead = Closing("2026-07-24T09:41:00Z", "acknowledged", "c" * 40, "weekly, by the vault")
    events = {
        Rotation.ROTATED: RecordedRotation(str(OLD), gap),
        Rotation.OTHER_KEY: RecordedRotation("", replace(OPENED, key_before="token")),
        Rotation.PICKED_UP: RecordedRotation(
            str(OLD), OPENED, replace(ahead, how="picked-up", reason="")
        ),
        Rotation.ACKNOWLEDGED: RecordedRotation(str(OLD), OPENED, ahead),
        Rotation.BACK: None,
    }
    return tuple(
        secret(
            *(omnia(f"life-{rotation}"), f"life-{rotation}", "api-key", SecretState.OK),
            rotation=rotation,
            before=OLD if event and event.previous else None,
            since=OPENED.time,
            event=event,
            noticed=rotation is Rotation.OTHER_KEY,
            gap=SecretState.EMPTY
            if rotation is Rotation.BACK
            else event and event.opened.gap_state,
        )
        for rotation, event in events.items()
    )


def in_sync() -> Run:
    row = secret(flokoa("gateway"), "gateway", "api-key", SecretState.OK)
    return run(DRIFT.recording(), environment(changes=unchanged(3), objects=3, secrets=(row,)))


def limited() -> Run:
    """A watch with `--only`: nothing is wrong with the object that it looked at."""
    (same,) = unchanged(1)
    reasons = ("limited by --only",)
    return run(
        DRIFT, environment(changes=(same,), objects=10, only=(same.ref,), not_in_sync=reasons)
    )


def not_checked() -> Run:
    """What the watch could not look at: a Secret, and a kind of which git has no object."""
    rows = (secret(flokoa("gateway"), "gateway-key", "api-key", SecretState.OK, recorded=True),)
    unchecked = (
        Unchecked(
            "Secret", "llm/gateway-key", "no permission", "allow get on secrets gateway-key in llm"
        ),
        Unchecked(
            "kind", "Model in llm", "no permission", "allow list on models.agent.flokoa.ai in llm"
        ),
        Unchecked("kind", "Provider in llm", "no permission", "allow list on providers in llm"),
    )
    return run(
        DRIFT,
        environment(
            code=ExitCode.DIFFERENCES,
            changes=unchanged(2),
            secrets=rows,
            unchecked=unchecked,
            exit_reasons=("not checked",),
        ),
    )


def extra_fields() -> Run:
    """Others added fields: two that decide where prompts go, one of which apply removes, and one that does not."""
    by = Writer("kubectl-patch", "Update", "2026-07-24T02:14:00Z")

    def extra(policy: ExtraFields, *steps: str, decides: bool = True) -> ForeignField:
        value = FieldValue.of("https://evil.example.com/v1")
        return ForeignField(steps, value, by, decides=decides, policy=policy, root=steps[:2])

    failing = extra(ExtraFields.FAIL, "spec", "openai", "baseURL")
    removed = extra(ExtraFields.REMOVE, "spec", "tls", "insecureSkipVerify")
    harmless = extra(ExtraFields.REPORT, "spec", "pricing", decides=False)
    label = extra(ExtraFields.REPORT, "metadata", "labels", "team", decides=False)
    rows = (
        change(flokoa("gateway"), State.UNCHANGED, Action.NONE, foreign=(label, failing)),
        change(omnia("claude"), State.DRIFTED, Action.UPDATE, foreign=(removed,)),
        change(omnia("gpt"), State.UNCHANGED, Action.NONE, foreign=(harmless,)),
    )
    reasons = ("drift", "extra fields")
    return run(DRIFT, environment(code=ExitCode.DIFFERENCES, changes=rows, exit_reasons=reasons))


def extra_field_in_folder() -> Run:
    """The same in a directory cluster, which has files, and no kubectl reaches it."""
    (change_of, *_) = extra_fields().environments[0].changes
    unready = Readiness(ReadyState.NOT_READY, "SecretNotFound")
    left = replace(change_of, readiness=unready)
    kept = change(omnia("legacy"), State.KEPT, Action.SKIP, foreign=left.foreign)
    reasons = ("extra fields",)
    return run(
        DRIFT,
        environment(
            code=ExitCode.DIFFERENCES, cluster=FOLDER, changes=(left, kept), exit_reasons=reasons
        ),
    )


def extra_field_left() -> Run:
    """An apply with nothing to do, which leaves what others added."""
    by = Writer("kubectl-patch", "Update", "2026-07-24T02:14:00Z")
    path = ("spec", "openai", "baseURL")
    value = FieldValue.of("https://evil.example.com/v1")
    extra = ForeignField(path, value, by, decides=True, policy=ExtraFields.FAIL, root=path)
    ref = flokoa("gateway")
    return run(
        APPLY,
        environment(
            code=ExitCode.PARTIAL,
            changes=(change(ref, State.UNCHANGED, Action.NONE, foreign=(extra,)),),
            outcomes=(Outcome(ref, Result.UNCHANGED),),
            exit_reasons=("extra fields",),
        ),
    )


def live_policy() -> Run:
    """What the policy forbids in the cluster: in an object of ours, and in one that nobody manages."""
    by = Writer("kubectl-patch", "Update", "2026-07-24T02:14:00Z")

    def finding(ref: ObjectRef) -> LiveFinding:
        message = "the environment does not allow the host evil.example.com"
        hint = "`policy.allowedHosts` allows *.internal.example.com"
        return LiveFinding(ref, "POL001", "spec.baseURL", message, hint, by)

    rogue = UnmanagedObject(omnia("rogue"), by, findings=(finding(omnia("rogue")),))
    return run(
        DRIFT,
        environment(
            code=ExitCode.DIFFERENCES,
            changes=unchanged(2),
            live_findings=(finding(flokoa("gateway")),),
            unmanaged=(rogue, UnmanagedObject(omnia("harmless"), by)),
            exit_reasons=("forbidden live values",),
            not_in_sync=("forbidden live values",),
        ),
    )


def _adopted() -> EnvironmentRun:
    by = Writer("kubectl-client-side-apply", "Update", "2026-07-20T09:00:00Z")
    url = field("spec.openai.baseURL", "https://old.corp/v1", None, Why.ADOPT, by=by)
    model = field("spec.model", "gpt-4o", "gpt-5", Why.ADOPT, by=by)
    label = field(("metadata", "annotations", "team"), REDACTED, None, Why.ADOPT, by=by)
    adopted = change(
        flokoa("gateway"),
        State.ADOPTED,
        Action.UPDATE,
        differences=(label, url),
        where=Location(TEMPLATE, 1),
        adopted_from=(by.manager,),
        ignored=(
            IgnoredField(("spec", "baseURL"), "cost-controller", decides=True),
            IgnoredField(("spec", "defaults", "maxTokens"), "cost-controller", 1),
        ),
        adoption=Document.of({"metadata": {"canary-never-shown": 1}}),
    )
    beside = change(
        omnia("shared"),
        State.ADOPTED,
        Action.UPDATE,
        hint="name helm in policy.adoptFrom: a shared field stays if git removes it",
    )
    drifted = change(
        omnia("gpt"),
        State.DRIFTED,
        Action.UPDATE,
        differences=(replace(model, why=Why.DRIFT),),
        adopted_from=(by.manager,),
    )
    held = change(
        omnia("claude"),
        State.HELD,
        Action.SKIP,
        differences=(replace(model, why=Why.DRIFT),),
        hold=Hold("2026-07-24T18:00:00Z", "vendor outage", Writer(by.manager, "Apply", NOW)),
    )
    unclear = change(
        omnia("claude-eu"),
        State.HELD,
        Action.REFUSE,
        reason="its annotation provider-reconciler/hold cannot be used: it does not begin with a time",
        hint="correct the annotation, or release the object",
        hold=Hold("", "4h", KUBECTL, "it does not begin with a time"),
    )
    note = "policy.adoptFrom: kubectl owns no field of a live object; did you mean kubectl-edit?"
    return environment(
        changes=(adopted, beside, drifted, held, unclear, *unchanged(3)), notes=(note,)
    )


def adoption() -> Run:
    """Objects of other tools, before the first apply."""
    return run(DIFF, replace(_adopted(), exit_code=ExitCode.DIFFERENCES))


def adoption_watch() -> Run:
    """The same in a watch: what others set and git lacks needs a look."""
    reasons = ("drift", "conflict")
    return run(DRIFT, replace(_adopted(), exit_code=ExitCode.DIFFERENCES, exit_reasons=reasons))


def partial_apply() -> Run:
    """Created, configured, refused, skipped, failed, and one object that apply did not reach."""
    plan = review().environments[0].changes[:3]
    new = change(
        omnia("new"), State.NEW, Action.CREATE, differences=(field("spec.model", None, "m"),)
    )
    waiting = change(
        omnia("later", "team-c"),
        State.WAITING,
        Action.SKIP,
        reason='namespaces "team-c" not found',
        where=Location(TEMPLATE, 1),
        awaited=Awaited(Prerequisite.NAMESPACE, "team-c"),
    )
    bad = change(omnia("bad"), State.NEW, Action.CREATE)
    outcomes = (
        Outcome(plan[0].ref, Result.CONFIGURED, warnings=("spec.timeout is deprecated",)),
        Outcome(plan[1].ref, Result.CONFIGURED),
        Outcome(plan[2].ref, Result.REFUSED),
        Outcome(new.ref, Result.CREATED),
        Outcome(waiting.ref, Result.SKIPPED),
        Outcome(bad.ref, Result.FAILED, "admission webhook denied the request", "ask its owner"),
        *(Outcome(c.ref, Result.UNCHANGED) for c in unchanged(36)),
    )
    environment_run = environment(
        code=ExitCode.PARTIAL,
        changes=(*plan, new, waiting, bad, *unchanged(36)),
        outcomes=outcomes,
        exit_reasons=("1 failed", "1 refused", "1 waiting"),
    )
    return run(APPLY, environment_run)


def waiting() -> Run:
    """A new cluster: namespaces and a CRD are not there yet, and another one still refuses an object."""
    namespace = Awaited(Prerequisite.NAMESPACE, "llm")
    leaving = Awaited(Prerequisite.NAMESPACE, "team-c", leaving=True)
    crd = Awaited(Prerequisite.CRD, OMNIA.crd_name)

    def later(ref: ObjectRef, awaited: Awaited, reason: str) -> Change:
        return change(ref, State.WAITING, Action.SKIP, reason=reason, awaited=awaited)

    without_namespace = 'namespaces "llm" not found'
    changes = (
        *(later(flokoa(f"gateway-{n}"), namespace, without_namespace) for n in range(8)),
        later(flokoa("old", "team-c"), leaving, "the namespace is being terminated"),
        later(omnia("claude"), crd, f"CRD {OMNIA.crd_name} is not installed"),
    )
    refused = review().environments[0].changes[2]
    return run(
        DIFF,
        environment(
            code=ExitCode.PARTIAL,
            changes=changes,
            objects=10,
            record=RecordSummary(),
            exit_reasons=("waiting for the cluster",),
            forecast=Forecast(ExitCode.PARTIAL, ("waiting for the cluster",)),
        ),
        environment(
            "staging",
            ExitCode.DIFFERENCES,
            changes=(replace(refused, action=Action.REFUSE), *unchanged(2)),
            objects=3,
            exit_reasons=("conflicts",),
            forecast=Forecast(ExitCode.SAFETY, ("refused",)),
        ),
    )


def values_layer() -> Run:
    """One line of a values layer changes thirteen objects, of which one changes otherwise, too."""
    layer = replace(field("spec.model", "claude-haiku-4-5", "claude-sonnet-4-5"), where=LAYER)
    own = field("spec.timeout", "30s", "60s")
    changes = tuple(
        change(
            omnia(f"agent-{n:02}"),
            State.CHANGED,
            Action.UPDATE,
            differences=(layer, own) if n == 7 else (layer,),
        )
        for n in range(1, 14)
    )
    differing = ("changes",)
    return run(
        DIFF,
        environment(
            code=ExitCode.DIFFERENCES,
            changes=(*changes, *unchanged(3)),
            objects=16,
            exit_reasons=differing,
        ),
        environment(
            "staging",
            ExitCode.DIFFERENCES,
            changes=(changes[0], *unchanged(2)),
            objects=3,
            exit_reasons=differing,
        ),
    )


LAYER = Location("environments/base/values.yaml", 3, 9)


def dry_run() -> Run:
    """What apply would do: no outcome, nothing written."""
    run = review()
    return replace(run, verb=APPLY.as_dry_run())


def impact() -> Run:
    """The trees of a Secret, of a provider, and of one that nobody uses."""
    lonely = omnia("lonely")
    environment_run = environment(
        record=None,
        secrets=(replace(_rows()[1], reading=replace(_rows()[1].reading, written=OPENED.time)),),
        traced=(SECRET, VERTEX, lonely),
        affected=(*of_secret(), *of_provider(VERTEX, 1)),
        unchecked=(
            Unchecked("consumer kind", "Agent in other namespaces", "no permission", "allow it"),
        ),
    )
    return run(IMPACT, environment_run)


def stamp() -> Run:
    """Every result of a stamp; the rotation itself stays on show."""
    secrets = ("llm/vertex-sa [key.json]",)
    denied = "no permission to patch modelproviders in namespace team-c"
    environment_run = environment(
        code=ExitCode.SAFETY,
        record=None,
        secrets=_rows()[1:],
        stamps=(
            Stamped(flokoa("vertex"), StampResult.STAMPED, secrets),
            Stamped(flokoa("vertex-eu"), StampResult.UNCHANGED, secrets),
            Stamped(flokoa("gone"), StampResult.SKIPPED, secrets, "it is being deleted"),
            Stamped(flokoa("team", "team-c"), StampResult.FAILED, secrets, denied, "ask its owner"),
            Stamped(omnia("raced"), StampResult.REFUSED, secrets, "it has changed", "run it again"),
        ),
        exit_reasons=("stamp refused", "stamp failed"),
    )
    return run(STAMP, environment_run)


def stamp_dry_run() -> Run:
    stamped = Stamped(flokoa("vertex"), StampResult.STAMPED, ("llm/vertex-sa [key.json]",))
    return run(STAMP.as_dry_run(), environment(record=None, stamps=(stamped,)))


def resolution() -> Run:
    """What consumers read elsewhere than operators, certificates, ExternalSecrets."""
    where = Location(TEMPLATE, 18)
    field_text = "spec.apiKeySecretRef"
    operator = SecretReference("llm", "gateway", field_text, ("api-key",))
    fine = SecretReading(SecretState.OK, "api-key", fingerprint=NEW)

    def agent(name: str, namespace: str, reading: SecretReading, copy: Copy) -> ConsumerSecret:
        return ConsumerSecret(
            ObjectRef(FLOKOA.group, "Agent", namespace, name),
            flokoa("gateway"),
            replace(operator, namespace=namespace),
            reading,
            copy,
            operator,
            fine,
            where,
        )

    def pods(keys: tuple[str, ...], reading: SecretReading) -> ConsumerSecret:
        reference = SecretReference("omnia", "claude", "spec.credential.secretRef", keys)
        used = replace(reference, keys=("ANTHROPIC_API_KEY", "api-key"))
        runtime = ObjectRef(OMNIA.group, "AgentRuntime", "shop", "checkout")
        copy = Copy.NO_COPY
        return ConsumerSecret(runtime, omnia("claude"), reference, reading, copy, used, fine, where)

    no_secret = SecretReading(SecretState.MISSING_SECRET, "api-key")
    no_key = SecretReading(
        SecretState.MISSING_KEY, "ANTHROPIC_API_KEY", found_keys=("api-key", "url")
    )
    forbidden = SecretReading(SecretState.FORBIDDEN, "api-key")
    return run(
        DRIFT,
        environment(
            code=ExitCode.DIFFERENCES,
            certificates=(
                Certificate("llm", "ca", "ca.crt", "2026-08-01T00:00:00Z", 7, where),
                Certificate("llm", "old", "ca.crt", "2026-07-01T00:00:00Z", -24, where),
                Certificate("llm", "far", "ca.crt", "2028-07-01T00:00:00Z", 707, where),
            ),
            consumer_secrets=(
                *(agent(name, "team-a", no_secret, Copy.UNKNOWN) for name in "abcde"),
                agent("support", "team-b", fine, Copy.DIFFERENT),
                agent("sales", "team-c", fine, Copy.SAME),
                agent("legal", "team-d", forbidden, Copy.UNKNOWN),
                pods(("ANTHROPIC_API_KEY",), no_key),
                pods(("value",), replace(fine, key="value")),
                replace(
                    agent("sole", "team-e", no_secret, Copy.NO_COPY),
                    operator=None,
                    operator_reading=None,
                ),
            ),
            external_secrets=(
                ExternalSecret("llm", "gateway", "gateway", "True", refreshed=RECORD.applied),
                ExternalSecret(
                    "llm", "vertex", "vertex-sa", "False", "SecretSyncedError", "could not get it"
                ),
            ),
            exit_reasons=("missing key",),
        ),
    )


def _unknown_field() -> Finding:
    return Finding(
        "K8S002",
        Severity.ERROR,
        "unknown field spec.bedrock.inferenceProfileARN",
        Location("templates/flokoa/bedrock.yaml.j2", 9, 5, 19),
        ref=flokoa("bedrock"),
        path="spec.bedrock.inferenceProfileARN",
        hint="did you mean spec.bedrock.region?",
        source="    inferenceProfileARN: {{ arn | tojson }}",
    )


def _dead_field() -> Finding:
    return Finding(
        "FL012",
        Severity.NOTICE,
        "spec.google.location has no effect on agents",
        Location(VALUES, 22),
        ref=flokoa("vertex"),
        path="spec.google.location",
    )


def invalid() -> Run:
    """Validate over three environments: one finding shared by all, one of prod alone, one environment clean."""
    platform = Finding(
        "OM017",
        Severity.ERROR,
        "openai cannot run on vertex",
        Location(VALUES, 31, 13, 6),
        ref=omnia("gpt-vertex"),
        path="spec.platform.type",
        hint="use platform azure, or type gemini",
        source="  platform: vertex",
        also=(Location("templates/omnia/openai.yaml.j2", 22),),
    )
    http = Finding("NET001", Severity.WARNING, "http to a public host", Location(VALUES, 8))
    crds = (
        SchemaUsed("modelproviders.agent.flokoa.ai", "2026-06-11"),
        SchemaUsed("providers.omnia.altairalabs.ai", "2026-07-24 (pinned)"),
    )
    offline = {"cluster": None, "record": None, "schemas": crds}
    reasons = ("invalid",)
    return run(
        VALIDATE,
        environment(
            "dev",
            ExitCode.INVALID,
            findings=(_unknown_field(),),
            exit_reasons=reasons,
            **offline,
        ),
        environment("staging", findings=(_dead_field(),), **offline),
        environment(
            "prod",
            ExitCode.INVALID,
            findings=(platform, http, _unknown_field(), _dead_field()),
            exit_reasons=reasons,
            **offline,
        ),
    )


def valid() -> Run:
    crds = (SchemaUsed("providers.omnia.altairalabs.ai", "2026-07-24"),)
    return run(VALIDATE, environment(cluster=None, record=None, schemas=crds))


def moved() -> Run:
    """An apply that was held to a plan, and wrote nothing since something has moved."""
    plan = "3f2a91c0d4e5"
    error = RunError(
        f"plan {plan} is out of date: it is not what apply would do now, so nothing was written",
        "make a new plan and review it: reconciler diff prod --out FILE",
        exit_code=ExitCode.SAFETY,
    )
    differences = (
        Moved(
            None,
            "the policy or the namespaces of the environment have changed since the plan was made",
        ),
        Moved(
            omnia("claude"),
            "its spec was changed; apply would now update it, and the plan says to leave it as it is",
            Writer("kubectl-edit", "Update", "2026-07-24T09:31:00Z"),
        ),
        Moved(
            flokoa("gateway"),
            "it was deleted; apply would now create it, and the plan says to update it",
        ),
    )
    return run(
        APPLY.following_plan(),
        environment(
            "prod", ExitCode.SAFETY, error=error, reviewed=plan, moved=differences, record=None
        ),
    )


def as_reviewed() -> Run:
    """An apply that did what was reviewed."""
    planned = change(omnia("claude"), State.CHANGED, Action.UPDATE)
    done = (Outcome(planned.ref, Result.CONFIGURED),)
    return run(
        APPLY.following_plan(),
        environment("prod", changes=(planned,), outcomes=done, objects=1, reviewed="3f2a91c0d4e5"),
    )


def stopped() -> Run:
    """One environment cannot be reached, another lost its record; a third is fine."""
    error = RunError(
        "the API server did not answer within 10 s",
        "check the VPN, or --context",
        "https://prod-eu:6443",
        ExitCode.CLUSTER,
    )
    unclear = change(
        omnia("claude"),
        State.CHANGED,
        Action.UPDATE,
        differences=(field("spec.model", "a", "b", Why.UNKNOWN),),
    )
    return run(
        DIFF,
        EnvironmentRun("prod", ExitCode.CLUSTER, error=error),
        environment(
            "staging",
            ExitCode.DIFFERENCES,
            record=replace(RECORD, lost=True),
            changes=(unclear, *unchanged(2)),
        ),
        environment("dev", changes=unchanged(2), objects=2),
        revision=replace(REVISION, dirty=True),
    )


HOSTILE = (
    "a\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "x\n::add-mask::y",
    "::stop-commands::z",
    "##[group]q",
    "`` ``` ```` @octocat #1 GH-1",
    "</details><img src=x onerror=alert(1)><!-- reconciler:diff:prod -->",
    "[a](https://evil.example) ![b](https://evil.example/b.png) https://evil.example www.evil.example",
    "| pipe | \\| \n|-|-|\n",
    "\n# heading\n---\n* list\n> quote\n~~~\n```\n",
)


BRIEF = "a\n::add-mask::\x1b[31m\u202e ``` @octocat #1 [a](b) <img> | ##[group]"


def hostile(text: str = BRIEF) -> Run:
    """The same data in every place that data can be."""
    place = Location(text, 3, 2, 4)
    ref = ObjectRef(text, text, text, text)
    who = Writer(text, text, text)
    odd = FieldDifference(
        (text, "x", 0), FieldValue.of(text), FieldValue.of([text]), Why.DRIFT, place, (place,), who
    )
    conflict = replace(odd, why=Why.CONFLICT)
    changes = tuple(
        Change(
            ref=replace(ref, name=f"{text}{n}"),
            endpoint=Endpoint(text, text, text, text),
            state=state,
            action=Action.UPDATE,
            differences=(odd, conflict),
            foreign=(ForeignField((text,), FieldValue.of(text), who),),
            reason=text,
            hint=text if n % 2 else "",
            where=place,
            readiness=Readiness(ReadyState.NOT_READY, text, text, text),
        )
        for n, state in enumerate(State)
    )
    reference = SecretReference(text, text, text, (text, text))
    rows = tuple(
        SecretRow(
            ref,
            reference,
            SecretReading(state, text, Fingerprint(text.replace(":", ""), "d"), (text,), text),
            where=place,
        )
        for state in SecretState
    )
    finding = Finding(text, Severity.ERROR, text, place, ref, text, text, text, (place,))
    environment_run = EnvironmentRun(
        text,
        ExitCode.CLUSTER,
        cluster=ClusterIdentity(text, text, text),
        record=RecordSummary(text, text, lost=True),
        schemas=(SchemaUsed(text, text),),
        findings=(finding, replace(finding, severity=Severity.WARNING)),
        changes=changes,
        outcomes=tuple(
            Outcome(c.ref, r, text, text, (text,)) for c, r in zip(changes, Result, strict=False)
        ),
        secrets=rows,
        consumer_secrets=tuple(
            ConsumerSecret(ref, ref, row.reference, row.reading, copy, row.reference, row.reading)
            for row, copy in zip(rows, Copy, strict=False)
        ),
        certificates=(Certificate(text, text, text, text, 1, place),),
        external_secrets=(ExternalSecret(text, text, text, text, text, text, text),),
        stamps=tuple(Stamped(ref, result, (text,), text, text) for result in StampResult),
        notes=(text,),
        unchecked=(Unchecked(text, text, text, text),),
        traced=(ref,),
        affected=tuple(
            Affected(
                each.ref,
                replace(ref, name=f"c{text}"),
                each.ref,
                text,
                restart=(text,),
                unread=text,
                on_change=said,
                on_rotation=said,
            )
            for each in changes
            for said in (Consequence(Effect.RESTARTS, text), Consequence(Effect.KEEPS_OLD, text))
        ),
        error=RunError(text, text, text, ExitCode.CLUSTER),
        exit_reasons=(text,),
        trust=Trust(Revision(text, text), ignored=(SettingChange(text, text, text),)),
    )
    return run(DRIFT, environment_run, version=text, revision=Revision(text, text, dirty=True))


def trusted() -> Run:
    """A pull request with the settings of its base: it changes two of them, and adds an environment."""
    base = Revision(RECORD.revision, "main")
    changes = (
        SettingChange("cluster.context", '"prod-eu"', '"prod-us"'),
        SettingChange("policy.allowedHosts", '["api.openai.com"]', None),
    )
    return run(
        DIFF,
        replace(empty_diff().environments[0], trust=Trust(base, ignored=changes)),
        EnvironmentRun("lab", ExitCode.OK, files=1, objects=2, trust=Trust(base, is_new=True)),
        revision=replace(REVISION, merged=False),
    )


SCENARIOS = {
    "first-diff": first_diff,
    "empty-diff": empty_diff,
    "review": review,
    "trusted": trusted,
    "drift": drift,
    "in-sync": in_sync,
    "limited": limited,
    "not-checked": not_checked,
    "extra-fields": extra_fields,
    "extra-field-in-folder": extra_field_in_folder,
    "extra-field-left": extra_field_left,
    "live-policy": live_policy,
    "adoption": adoption,
    "adoption-watch": adoption_watch,
    "partial-apply": partial_apply,
    "waiting": waiting,
    "values-layer": values_layer,
    "dry-run": dry_run,
    "impact": impact,
    "stamp": stamp,
    "resolution": resolution,
    "stamp-dry-run": stamp_dry_run,
    "invalid": invalid,
    "valid": valid,
    "moved": moved,
    "as-reviewed": as_reviewed,
    "stopped": stopped,
    "hostile": hostile,
}
