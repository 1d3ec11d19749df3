"""Rules on the sources: YAML text, templates, environment.yaml."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes.rule import Rule

TEXT = {
    "T001": Rule(
        "not well-formed YAML",
        "A text that cannot be parsed cannot be applied. The location is in the template that produced the text.",
        "spec: {openai: {}",
        "spec: {openai: {}}",
        final=True,
    ),
    "T002": Rule(
        "character that YAML does not allow",
        "Control characters come from text copied out of a terminal, or from a broken encoding; parsers disagree on their meaning.",
        final=True,
    ),
    "T003": Rule(
        "duplicate key",
        "Most YAML parsers silently use the last one, so a block that was pasted twice changes a value far away. The API server"
        " refuses duplicate keys from clients that request strict validation.",
        "spec:\n  model: gpt-5\n  model: gpt-5-mini",
        "spec:\n  model: gpt-5-mini",
        final=True,
    ),
    "T004": Rule(
        "tag that is not allowed",
        "A tag makes the parser create another type, or even run code. JSON, which the API server uses, has no tags.",
        "model: !!python/name:os.system",
        "model: gpt-5",
        final=True,
    ),
    "T005": Rule(
        "alias that is not allowed",
        "A few lines of aliases can expand to gigabytes. A manifest does not need them: a template has variables.",
        "a: &a {x: 1}\nb: *a",
        "a: {x: 1}\nb: {x: 1}",
        final=True,
    ),
    "T006": Rule(
        "too deeply nested, or too large",
        "The API server refuses objects of more than about 1.5 MiB, and no manifest of a provider has a hundred levels.",
        final=True,
    ),
    "T007": Rule(
        "key that is not a string",
        "JSON allows only strings as keys. Parsers convert `1`, `null` or `yes` to strings in different ways.",
        "labels: {1: a}",
        'labels: {"1": a}',
        final=True,
    ),
    "T008": Rule(
        "number that JSON or Kubernetes cannot keep",
        "Integers have 64 bits in Kubernetes, so a larger number changes on its way there. JSON has neither .nan nor .inf.",
        "seed: 99999999999999999999",
        "seed: 42",
        final=True,
    ),
    "T009": Rule(
        "plain word that YAML reads as a boolean",
        "`no`, `off`, `yes` and `on` are booleans in the YAML that kubectl reads, but strings in the YAML of many editors.",
        "region: no",
        'region: "no"',
    ),
    "T010": Rule(
        "invisible character",
        "Zero-width and direction characters make a text look like another one, and a reviewer cannot see the difference.",
    ),
    "T011": Rule(
        "number with a leading zero, which YAML reads as octal",
        "In the YAML that kubectl reads, 010 is eight.",
        "maxTokens: 0100",
        "maxTokens: 100",
    ),
    "T012": Rule(
        "spaces or quotes that YAML takes as text",
        "In YAML a no-break space does not separate, and typographic quotes do not quote. Chats and word processors insert "
        "them, and they become part of the value.",
        "model: “gpt-5”",
        'model: "gpt-5"',
    ),
}

TEMPLATE = {
    "J001": Rule(
        "template syntax",
        "Jinja cannot read the template.",
        "{{ values.name",
        "{{ values.name }}",
        final=True,
    ),
    "J002": Rule(
        "undefined value",
        "Otherwise a name that no values layer defines would become an empty string, and the manifest would have another"
        " meaning.",
        "model: {{ values.claud.model | tojson }}",
        "model: {{ values.claude.model | tojson }}",
        final=True,
    ),
    "J003": Rule(
        "missing template",
        "include, import and extends find only templates in `templates/` and in the environment's own folder.",
        '{% from "macro.j2" import metadata %}',
        '{% from "macros.j2" import metadata %}',
        final=True,
    ),
    "J004": Rule(
        "expression that the sandbox does not allow",
        "Whoever may open a pull request may write templates; the sandbox protects the process that renders them.",
        "{{ ''.__class__ }}",
        "{{ values.name | tojson }}",
        final=True,
    ),
    "J005": Rule(
        "time limit",
        "Rendering takes milliseconds; a template that takes seconds is most likely in an endless loop.",
        final=True,
    ),
    "J006": Rule(
        "memory limit",
        "A string or a list that grows without end would exhaust the memory of the machine.",
        final=True,
    ),
    "J007": Rule(
        "output limit",
        "A rendered text contains a few objects; megabytes of it are most likely an unintended loop.",
        final=True,
    ),
    "J008": Rule(
        "templates or macros that call each other endlessly",
        "A template that includes itself, directly or through others, never ends.",
        '{# a.j2 #}{% include "b.j2" %}  {# b.j2 #}{% include "a.j2" %}',
        '{# a.j2 #}{% include "b.j2" %}  {# b.j2 #}spec: {}',
        final=True,
    ),
    "J009": Rule(
        "expression that failed",
        "Most often a calculation on a value of an unexpected type.",
        "{{ values.replicas + 'x' }}",
        "{{ values.replicas ~ 'x' }}",
        final=True,
    ),
    "J010": Rule(
        "value that breaks out of its field",
        "Without quotes, a value with a colon, a hash or a line break becomes YAML structure: it could add a field.",
        "model: {{ values.model }}",
        "model: {{ values.model | tojson }}",
        final=True,
    ),
    "J011": Rule(
        "string that becomes a number, a boolean or null",
        'A string value such as "1.10" or "no" is parsed again if it is in the manifest without quotes.',
        "version: {{ values.version }}",
        "version: {{ values.version | tojson }}",
    ),
    "J012": Rule(
        "mapping or list without a filter",
        "A mapping or a list has no plain text form; the filters tojson and toyaml write it as YAML.",
        "headers: {{ values.headers }}",
        "headers: {{ values.headers | toyaml(2) }}",
        final=True,
    ),
    "J013": Rule(
        "renderer that stopped",
        "The process that renders this template ended unexpectedly. The other templates are rendered nevertheless.",
        final=True,
    ),
    "J014": Rule(
        "value that no template reads",
        "A misspelt key in a nearer layer overrides nothing, so the value of the layer below silently remains. Only the"
        " environment's own values.yaml is checked: not every environment needs all values of a shared layer.",
        "claude: {modle: claude-opus-4-1}",
        "claude: {model: claude-opus-4-1}",
    ),
}

ENVIRONMENT = {
    "E001": Rule(
        "environment file that cannot be read",
        "An environment needs an environment.yaml, which defines its cluster and its namespaces.",
        final=True,
    ),
    "E002": Rule(
        "unknown key",
        "Otherwise a misspelt key would be ignored, and its default used.",
        "policy: {onDrfit: refuse}",
        "policy: {onDrift: refuse}",
        final=True,
    ),
    "E003": Rule(
        "wrong value",
        "The key allows only certain values.",
        "policy: {onDrift: report}",
        "policy: {onDrift: refuse}",
        final=True,
    ),
    "E004": Rule(
        "missing key",
        "This key has no default that would be safe for every repository.",
        "configVersion: 1",
        "configVersion: 1\nnamespaces: [llm]",
        final=True,
    ),
    "E005": Rule(
        "unusable values layer",
        "Each layer must exist, contain one mapping, and not extend itself, directly or through others.",
        "extends: [bsae]",
        "extends: [base]",
        final=True,
    ),
    "E006": Rule(
        "pattern that matches no template",
        "Most often a folder was renamed. Without this error its objects would silently count as removed from git.",
        "manifests: [template/*.yaml.j2]",
        "manifests: [templates/*.yaml.j2]",
        final=True,
    ),
    "E007": Rule(
        "configVersion that this release does not know",
        "A newer format may give the same keys another meaning.",
        "configVersion: 2",
        "configVersion: 1",
        final=True,
    ),
    "E008": Rule(
        "unusable CRD pin",
        "A pin must be the date of a CRD that comes with the reconciler, or a file in the repository. Otherwise CI would validate with the wrong CRD.",
        'crds: {providers.omnia.altairalabs.ai: "2026-4-19"}',
        'crds: {providers.omnia.altairalabs.ai: "2026-04-19"}',
        final=True,
    ),
    "E009": Rule(
        "file that nothing reads",
        "A manifest whose name does not end with .yaml.j2 would silently never be applied, nor would an environment whose file is not environment.yaml in a folder directly below environments/.",
        final=True,
    ),
    "E010": Rule(
        "environments of different clusters in one pod",
        "In a pod without a kubeconfig, the run uses the account of the pod, so environments that name different contexts would all be written to the cluster of the pod. Name the environments of this cluster on the command line, or set cluster.uid: another cluster is then an error.",
        "cluster: {type: kubernetes, context: prod-eu}",
        "cluster: {type: kubernetes, context: prod-eu, uid: 6f0b2c3e-5a7d-4f7e-9a51-1d2c3b4a5e6f}",
        final=True,
    ),
    "E011": Rule(
        "order of environments that cannot be kept",
        "Each environment of `after` must exist, and none may come after itself, directly or through others.",
        "after: [stagign]",
        "after: [staging]",
        final=True,
    ),
    "E012": Rule(
        "template that no environment renders",
        "Most often `manifests` names another folder, or the name lacks .j2. `validate` over all environments looks for such files in templates/; one that a template includes, or whose name begins with _, is none.",
        "manifests: [templates/omnia/*.yaml.j2]",
        "manifests: [templates/omnia/*.yaml.j2, templates/flokoa/*.yaml.j2]",
    ),
}
