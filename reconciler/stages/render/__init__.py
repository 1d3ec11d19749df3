"""Render: an environment's templates into manifests, each field with its origin.

candidates   the parts of a rendered text that may be objects
objects      candidates to manifests
naming       names and namespaces that an environment allows
containment  a value ends inside the node in which it begins
injection    a value adds no key
unread       values that no template reads
sourcemap    from rendered text to templates and values
findings     findings on rendered texts
plain        files without templates
patches      files that a kustomization uses as patches
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kind import Kind
from reconciler.model.environment import Environment
from reconciler.model.finding import Finding, Severity, in_order
from reconciler.model.identity import GroupKind
from reconciler.model.location import Location, Origin
from reconciler.model.manifest import Manifest
from reconciler.model.rendering import Rendered
from reconciler.ports import Renderer
from reconciler.stages.render.candidates import candidates
from reconciler.stages.render.findings import RenderFindings
from reconciler.stages.render.injection import check_injection
from reconciler.stages.render.objects import ObjectReader, SourceMode
from reconciler.stages.render.sourcemap import SourceMap
from reconciler.stages.render.unread import check_unread
from reconciler.text.yaml import load_documents

__all__ = ["render"]


def render(
    environment: Environment, renderer: Renderer, kinds: Mapping[GroupKind, Kind]
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """All manifests of an environment, in the order of their templates, and the findings on them.

    The manifests include those that cannot be applied, for their name or because there are two of them: later stages
    validate these too, and their errors end the run before it reaches a cluster.
    """
    rendering = renderer.render(environment)
    findings = RenderFindings(environment)
    objects = ObjectReader(environment, kinds, findings, SourceMode.of(environment))
    for rendered in rendering.files:
        _read(rendered, environment, objects, findings)
    check_unread(rendering, environment, findings)
    ordered = in_order([*environment.template_findings, *rendering.findings, *findings.collected])
    return tuple(objects.manifests), ordered


def _read(
    rendered: Rendered, environment: Environment, objects: ObjectReader, findings: RenderFindings
) -> None:
    stream = load_documents(rendered.text)
    sources = SourceMap(rendered, environment)
    for finding in stream.findings:
        rendered_at = f"line {finding.position.line} of the rendered text"
        findings.add_yaml_finding(finding, sources, f"{finding.message} ({rendered_at})")
    check_injection(stream, sources, findings)
    for document in stream.documents:
        for candidate in candidates(document, sources):
            objects.read(candidate)
    if not stream.documents and not stream.errors:
        where = Origin(Location(rendered.template, 1))
        message = "this template renders no object"
        findings.add("M001", message, where, severity=Severity.NOTICE)
