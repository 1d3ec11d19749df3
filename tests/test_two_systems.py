"""Two systems with a kind `Provider` each, and objects of the same name and namespace: nothing mixes them up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from reconciler.cli.definitions.rendered import write_files
from reconciler.cli.reference.schema import SchemaRequest, print_schemas
from reconciler.dependencies import Options
from reconciler.errors import ExitCode, RefusalReason, Refused, UsageError
from reconciler.kinds import KINDS
from reconciler.model.applyset import GROUP_KINDS
from reconciler.model.change import Result, State
from reconciler.model.document import Document
from reconciler.model.environment import SourceFile
from reconciler.model.identity import CONFIG_MAP, Endpoint, GroupKind, Names
from reconciler.model.record.config_map import from_config_map
from reconciler.model.run import Run
from reconciler.model.verbs import APPLY, DIFF, DRIFT, VALIDATE
from reconciler.pipeline import run, run_plain, validated
from reconciler.reconciliation import Reconciliation
from reconciler.report import Style
from reconciler.reports import FORMATS
from reconciler.steps.sources import load_plain
from tests.fakes import FaultyCluster
from tests.folder_world import FolderWorld
from tests.systems import ACME, BOTH, CRD, OMNIA, OURS, THEIRS, manifest, two_systems

SHORT, LONG = "provider/omnia/main", "provider.acme.example/omnia/main"


@pytest.fixture
def systems(tmp_path: Path) -> FolderWorld:
    world = two_systems(tmp_path / "config")
    world.write(ours=manifest(OMNIA), theirs=manifest(ACME))
    world.secret("first")
    return world


@pytest.fixture
def applied(systems: FolderWorld) -> FolderWorld:
    environment = systems.run_environment(APPLY)
    assert [(o.ref, o.result) for o in environment.outcomes] == [
        (OURS, Result.CREATED),
        (THEIRS, Result.CREATED),
    ]
    return systems


def texts(report: Run) -> list[str]:
    return [FORMATS[name].render(report, Style(verbose=True)) for name in ("text", "markdown")]


def _state(systems: FolderWorld) -> Reconciliation:
    """What git describes, validated without a cluster."""
    state = validated(systems.dependencies(), Options(VALIDATE), "prod")
    assert isinstance(state, Reconciliation)
    return state


class TestNames:
    """Short while that is clear."""

    def test_a_group_is_named_where_another_one_has_the_kind(self) -> None:
        names = Names.among(BOTH)
        assert names.kind(ACME.group_kind) == "Provider.acme.example"
        assert names.object(THEIRS) == "Provider.acme.example omnia/main"
        assert names.address(THEIRS) == LONG == THEIRS.address

    def test_names_are_short_among_the_kinds_of_this_program(self) -> None:
        names = Names.among(KINDS)
        assert names.object(OURS) == "Provider omnia/main" == str(OURS)
        assert names.address(OURS) == SHORT == OURS.short_address

    def test_one_kind_named_twice_is_one_kind(self) -> None:
        assert Names.among([OMNIA.group_kind, OMNIA.group_kind]).address(OURS) == SHORT

    def test_kinds_that_differ_in_case_have_one_address(self) -> None:
        names = Names.among([OMNIA.group_kind, GroupKind("acme.example", "PROVIDER")])
        assert names.address(OURS) == OURS.address


class TestOnly:
    """`--only` takes a short address while it names one object."""

    def test_a_short_address_of_two_objects_is_a_usage_error_that_lists_the_long_ones(
        self, systems: FolderWorld
    ) -> None:
        environment = systems.run_environment(APPLY, only=frozenset({SHORT}))
        assert environment.exit_code is ExitCode.USAGE
        assert environment.error is not None
        assert environment.error.message == f"--only {SHORT}: git has 2 such objects"
        assert environment.error.hint == (
            f"name the group as well: {LONG} or provider.omnia.altairalabs.ai/omnia/main"
        )
        assert environment.outcomes == ()

    def test_a_long_address_names_one(self, systems: FolderWorld) -> None:
        environment = systems.run_environment(APPLY, only=frozenset({LONG}))
        assert [(o.ref, o.result) for o in environment.outcomes] == [(THEIRS, Result.CREATED)]
        cluster = systems.cluster()
        assert cluster.get(ACME, "omnia", "main")
        assert cluster.get(OMNIA, "omnia", "main") is None

    def test_a_short_one_stays_good_where_only_one_system_has_the_object(
        self, systems: FolderWorld
    ) -> None:
        systems.write(other=manifest(ACME, "other"))
        environment = systems.run_environment(APPLY, only=frozenset({"provider/omnia/other"}))
        assert [o.ref.name for o in environment.outcomes] == ["other"]

    def test_an_address_of_no_object_is_told_with_addresses_that_name_one(
        self, systems: FolderWorld
    ) -> None:
        environment = systems.run_environment(APPLY, only=frozenset({"provider/omnia/nope"}))
        assert environment.error is not None
        assert environment.error.hint == (
            f"it has {LONG}, provider.omnia.altairalabs.ai/omnia/main"
        )


class TestRecordAndReports:
    """What is kept and what is told."""

    def test_the_record_knows_both_and_every_reference_of_the_secret(
        self, applied: FolderWorld
    ) -> None:
        config_map = applied.cluster().get(CONFIG_MAP, "llm-system", "provider-reconciler-prod")
        assert config_map is not None
        body = config_map.body()
        record = from_config_map(body, "prod")
        assert record is not None
        assert set(record.objects) == {OURS, THEIRS}
        ((key, secret),) = record.secrets.items()
        assert (key.namespace, key.name, key.key) == ("omnia", "claude", "ANTHROPIC_API_KEY")
        assert [reference.owner for reference in secret.references] == [THEIRS, OURS]
        assert body["metadata"]["annotations"][GROUP_KINDS] == (
            "Provider.acme.example,Provider.omnia.altairalabs.ai"
        )

    def test_the_next_run_finds_nothing_to_do(self, applied: FolderWorld) -> None:
        environment = applied.run_environment(DIFF)
        assert {change.state for change in environment.changes} == {State.UNCHANGED}

    def test_what_drifted_is_told_and_undone_by_names_that_are_clear(
        self, applied: FolderWorld
    ) -> None:
        applied.cluster().merge_patch(
            ACME, "omnia", "main", {"spec": {"model": "two"}}, manager="kubectl-edit"
        )
        report = applied.run(DRIFT)
        states = {change.ref: change.state for change in report.environments[0].changes}
        assert states == {OURS: State.UNCHANGED, THEIRS: State.DRIFTED}
        for text in texts(report):
            plain = text.replace("`", "")
            assert f"reconciler apply prod --only {LONG}" in plain
            assert "Provider.acme.example omnia/main" in plain
            assert "Provider omnia/main" not in plain

    def test_the_json_report_names_the_group_of_every_object(self, applied: FolderWorld) -> None:
        report = json.loads(FORMATS["json"].render(applied.run(DRIFT), Style()))
        (environment,) = report["environments"]
        refs = [change["ref"] for change in environment["changes"]]
        refs += [row["owner"] for row in environment["secrets"]]
        assert sorted(ref["group"] for ref in refs) == [ACME.group] * 2 + [OMNIA.group] * 2

    def test_a_rotation_names_both_that_need_the_secret(self, applied: FolderWorld) -> None:
        applied.secret("second")
        for text in texts(applied.run(DRIFT)):
            plain = text.replace("`", "")
            assert "Provider.acme.example omnia/main (spec.credential.secretRef)" in plain
            assert "Provider.omnia.altairalabs.ai omnia/main (spec.credential.secretRef)" in plain

    def test_a_finding_on_both_names_their_systems(self, systems: FolderWorld) -> None:
        both = (f"{manifest(endpoint)}status: {{}}\n" for endpoint in (OMNIA, ACME))
        systems.write(both="---\n".join(both))
        for name in ("ours", "theirs"):
            (systems.root / f"environments/prod/{name}.yaml.j2").unlink()
        for text in texts(systems.run(DIFF)):
            assert "Provider.omnia.altairalabs.ai omnia/main, status" in text
            assert "Provider.acme.example omnia/main, status" in text

    def test_a_failed_list_names_the_system(self, applied: FolderWorld) -> None:
        (applied.root / "environments/prod/theirs.yaml.j2").unlink()
        deps = replace(applied.dependencies(), connect=lambda _: _Refusing(applied.cluster()))
        (environment,) = run(("prod",), deps, Options(DIFF)).environments
        assert "Provider.acme.example in omnia" in [each.name for each in environment.unchecked]


class _Refusing(FaultyCluster):
    """A cluster that lists nothing of Acme."""

    def list(self, endpoint: Endpoint, namespace: str) -> tuple[Document, ...]:
        if endpoint == ACME:
            raise Refused(RefusalReason.FORBIDDEN, "you may not")
        return super().list(endpoint, namespace)


class TestDefinitions:
    """What git describes."""

    def test_each_object_is_rendered_into_a_file_of_its_own(self, systems: FolderWorld) -> None:
        folder = systems.root / "out"
        write_files(folder, _state(systems).manifests, systems.root, complete=True)
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.yaml"))
        assert files == [
            "omnia/provider.acme.example/main.yaml",
            "omnia/provider.omnia.altairalabs.ai/main.yaml",
        ]

    def test_an_api_version_of_neither_is_told_with_both(self, systems: FolderWorld) -> None:
        systems.write(ours=manifest(OMNIA).replace(OMNIA.group, "elsewhere.example"))
        (finding,) = (f for f in _state(systems).findings if f.code == "M009")
        assert finding.hint == (
            "did you mean apiVersion acme.example/v1 or omnia.altairalabs.ai/v1alpha1?"
        )

    def test_a_second_object_is_one_of_the_same_system(self, systems: FolderWorld) -> None:
        assert not [f for f in _state(systems).findings if f.code == "M010"]
        systems.write(again=manifest(ACME))
        (finding,) = (f for f in _state(systems).findings if f.code == "M010")
        assert finding.message.startswith("Provider.acme.example omnia/main is defined a second")

    def test_a_reference_leads_to_one_system(self, systems: FolderWorld) -> None:
        assert not [f for f in _state(systems).findings if f.code == "REF001"]
        (systems.root / "environments/prod/ours.yaml.j2").unlink()
        (finding,) = (f for f in _state(systems).findings if f.code == "REF001")
        assert finding.message == (
            "Provider.omnia.altairalabs.ai omnia/main is not part of this environment"
        )

    def test_plain_files_are_counted_by_kind_and_group(self, systems: FolderWorld) -> None:
        foreign = replace(ACME, group="pkg.crossplane.io")
        files = (
            SourceFile("a.yaml", manifest(ACME)),
            SourceFile("b.yaml", f"{manifest(ACME)}---\n{manifest(foreign, 'x')}"),
        )
        deps = systems.dependencies()
        report = run_plain(load_plain(deps, files), deps, Options(VALIDATE))
        assert report.environments[0].notes == (
            "1 object of another kind (Provider.pkg.crossplane.io)",
            "whether 1 object is in several files on purpose (Provider.acme.example omnia/main)",
        )


class TestSchemas:
    """`reconciler schema`."""

    @pytest.fixture
    def crd(self, tmp_path: Path) -> str:
        path = tmp_path / "crd.yaml"
        path.write_text(yaml.safe_dump(CRD))
        return str(path)

    def test_a_name_of_two_kinds_is_a_usage_error_that_lists_both(self) -> None:
        with pytest.raises(UsageError) as caught:
            print_schemas(SchemaRequest("Provider"), BOTH)
        assert caught.value.message == "there are 2 kinds `Provider`"
        assert caught.value.hint == (
            "name the group as well: provider.acme.example or provider.omnia.altairalabs.ai"
        )

    def test_a_name_with_its_group_is_one(
        self, crd: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        print_schemas(SchemaRequest("provider.acme.example", crds=(crd,)), BOTH)
        assert json.loads(capsys.readouterr().out)["title"] == "Provider (acme.example/v1)"
        print_schemas(SchemaRequest("Provider.omnia.altairalabs.ai"), BOTH)
        title = json.loads(capsys.readouterr().out)["title"]
        assert title == "Provider (omnia.altairalabs.ai/v1alpha1)"

    def test_an_unknown_name_is_told_with_names_that_are_clear(self) -> None:
        with pytest.raises(UsageError) as caught:
            print_schemas(SchemaRequest("xyz"), BOTH)
        assert caught.value.hint == (
            "there are environment, provider.omnia.altairalabs.ai, provider.acme.example"
        )

    def test_each_kind_has_a_file_of_its_own(self, tmp_path: Path, crd: str) -> None:
        print_schemas(SchemaRequest("", crds=(crd,), out=str(tmp_path / "out")), BOTH)
        files = sorted(str(p.relative_to(tmp_path / "out")) for p in tmp_path.rglob("*.json"))
        assert files == [
            "acme.example/provider_v1.json",
            "environment.json",
            "omnia.altairalabs.ai/provider_v1alpha1.json",
        ]
