"""Rules on the sources: YAML text, templates, environment.yaml."""

# ruff: noqa: E501 -- sentences and examples
from __future__ import annotations

from reconciler.model.codes.rule import Rule

TEXT = {
    "T001": Rule(
        "not well-formed YAML",
        "What cannot be parsed cannot be applied. The place is the one in the template that produced the text.",
        "spec: {openai: {}",
        "spec: {openai: {}}",
        final=True,
    ),
    "T002": Rule(
        "character that YAML does not allow",
        "Control characters come from a copy out of a terminal or a broken encoding; parsers disagree on what they mean.",
        final=True,
    ),
    "T003": Rule(
        "duplicate key",
        "Most YAML parsers let the last one win without a word, so a block that was pasted twice changes a value"
        " far away. The API server refuses it from clients that ask for strict validation.",
        "spec:\n  model: gpt-5\n  model: gpt-5-mini",
        "spec:\n  model: gpt-5-mini",
        final=True,
    ),
    "T004": Rule(
        "tag that is not allowed",
        "A tag asks the parser for a type of its own, up to running code; JSON, which the API server speaks, has none.",
        "model: !!python/name:os.system",
        "model: gpt-5",
        final=True,
    ),
    "T005": Rule(
        "alias that is not allowed",
        "A few lines of aliases can stand for gigabytes. A rendered manifest needs none: a template has variables.",
        "a: &a {x: 1}\nb: *a",
        "a: {x: 1}\nb: {x: 1}",
        final=True,
    ),
    "T006": Rule(
        "nested too deep, or too large",
        "The API server refuses objects of more than about 1.5 MiB, and no manifest of a provider is nested a hundred levels deep.",
        final=True,
    ),
    "T007": Rule(
        "key that is not a string",
        "JSON has only texts as keys. Parsers turn `1`, `null` or `yes` into other texts, each in its own way.",
        "labels: {1: a}",
        'labels: {"1": a}',
        final=True,
    ),
    "T008": Rule(
        "number that JSON or Kubernetes cannot keep",
        "Integers have 64 bits in Kubernetes, and JSON knows neither .nan nor .inf; a larger number changes on its way.",
        "seed: 99999999999999999999",
        "seed: 42",
        final=True,
    ),
    "T009": Rule(
        "plain word that YAML reads as a boolean",
        "`no`, `off`, `yes` and `on` are booleans in the YAML that kubectl reads, and texts in the YAML of many editors.",
        "region: no",
        'region: "no"',
    ),
    "T010": Rule(
        "invisible character",
        "A zero-width or direction character makes a text look like another one: a review cannot see the difference.",
    ),
    "T011": Rule(
        "number with a leading zero, which YAML reads as octal",
        "010 is eight in the YAML that kubectl reads.",
        "maxTokens: 0100",
        "maxTokens: 100",
    ),
    "T012": Rule(
        "space or quotes that are text for YAML",
        "A no-break space does not separate, and typographic quotes do not quote: chats and word processors write them, "
        "and they become a part of the value.",
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
        "A name that no values layer defines would otherwise become an empty text, and an empty text a manifest that"
        " means something else.",
        "model: {{ values.claud.model | tojson }}",
        "model: {{ values.claude.model | tojson }}",
        final=True,
    ),
    "J003": Rule(
        "template that is not there",
        "include, import and extends find templates of `templates/` and of the environment's own folder, nothing else.",
        '{% from "macro.j2" import metadata %}',
        '{% from "macros.j2" import metadata %}',
        final=True,
    ),
    "J004": Rule(
        "expression that the sandbox does not allow",
        "Whoever may open a pull request may write templates; the sandbox keeps them from the process that renders.",
        "{{ ''.__class__ }}",
        "{{ values.name | tojson }}",
        final=True,
    ),
    "J005": Rule(
        "time limit",
        "Rendering takes milliseconds; what takes seconds is a loop without an end.",
        final=True,
    ),
    "J006": Rule(
        "memory limit",
        "A text or a list that grows without end would take the machine with it.",
        final=True,
    ),
    "J007": Rule(
        "output limit",
        "A rendered text is a few objects; megabytes are a loop that was not meant.",
        final=True,
    ),
    "J008": Rule(
        "templates or macros that call each other without end",
        "An include that leads back to where it came from never ends.",
        '{# a.j2 #}{% include "b.j2" %}  {# b.j2 #}{% include "a.j2" %}',
        '{# a.j2 #}{% include "b.j2" %}  {# b.j2 #}spec: {}',
        final=True,
    ),
    "J009": Rule(
        "expression that failed",
        "A calculation on a value of another type than expected.",
        "{{ values.replicas + 'x' }}",
        "{{ values.replicas ~ 'x' }}",
        final=True,
    ),
    "J010": Rule(
        "value that breaks out of its field",
        "A value with a colon, a hash or a line break, written as it is, becomes structure: it could add a field.",
        "model: {{ values.model }}",
        "model: {{ values.model | tojson }}",
        final=True,
    ),
    "J011": Rule(
        "text that turns into a number, boolean or null",
        'A text of the values, such as "1.10" or "no", is read again when it stands in the manifest without quotes.',
        "version: {{ values.version }}",
        "version: {{ values.version | tojson }}",
    ),
    "J012": Rule(
        "value that cannot be written as it is",
        "A mapping or a list has no plain text; tojson and toyaml write it as YAML.",
        "headers: {{ values.headers }}",
        "headers: {{ values.headers | toyaml(2) }}",
        final=True,
    ),
    "J013": Rule(
        "renderer that stopped",
        "The process that renders ended by itself. The other templates are rendered all the same.",
        final=True,
    ),
    "J014": Rule(
        "value that no template reads",
        "A misspelt key in a nearer layer overrides nothing, and the value of the layer below stays without a word. It is"
        " told for the environment's own values.yaml; what layers hold for several environments, not every one needs.",
        "claude: {modle: claude-opus-4-1}",
        "claude: {model: claude-opus-4-1}",
    ),
}

ENVIRONMENT = {
    "E001": Rule(
        "environment file that cannot be read",
        "Without its environment.yaml an environment has no cluster and no namespaces.",
        final=True,
    ),
    "E002": Rule(
        "unknown key",
        "A misspelt key would otherwise be ignored, and its default be used.",
        "policy: {onDrfit: refuse}",
        "policy: {onDrift: refuse}",
        final=True,
    ),
    "E003": Rule(
        "wrong value",
        "The key takes other values.",
        "policy: {onDrift: report}",
        "policy: {onDrift: refuse}",
        final=True,
    ),
    "E004": Rule(
        "missing key",
        "These keys have no default that would be safe for every repository.",
        "configVersion: 1",
        "configVersion: 1\nnamespaces: [llm]",
        final=True,
    ),
    "E005": Rule(
        "values layer",
        "Values merge from folder to folder: each must be there, hold one mapping, and not lead back to itself.",
        "extends: [bsae]",
        "extends: [base]",
        final=True,
    ),
    "E006": Rule(
        "pattern that matches no template",
        "A pattern that finds nothing is a folder that was renamed: without a word its objects would count as removed.",
        "manifests: [template/*.yaml.j2]",
        "manifests: [templates/*.yaml.j2]",
        final=True,
    ),
    "E007": Rule(
        "configVersion that this release does not know",
        "A newer format may mean something else with the same words.",
        "configVersion: 2",
        "configVersion: 1",
        final=True,
    ),
    "E008": Rule(
        "CRD pin",
        "A pin is a date of a CRD in the tree, or a file of the repository; with another one CI would judge by the wrong CRD.",
        'crds: {providers.omnia.altairalabs.ai: "2026-4-19"}',
        'crds: {providers.omnia.altairalabs.ai: "2026-04-19"}',
        final=True,
    ),
    "E009": Rule(
        "file that nothing reads",
        "A manifest whose name does not end with .yaml.j2 would never be applied, and nobody would be told.",
        final=True,
    ),
}
