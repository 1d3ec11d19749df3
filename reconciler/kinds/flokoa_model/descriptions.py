"""A sentence for each field of a Model whose name does not say enough, in both dialects."""

_PENALTY = '(-2.0 to 2.0), such as "0.5".'

DESCRIPTIONS = {
    "spec.model": "The vendor's name of the model.",
    "spec.providerRef": "The ModelProvider to use.",
    "spec.providerRef.namespace": "The namespace of the ModelProvider, if it is not that of the model.",
    "spec.settings.extra": "Settings of pydantic-ai that have no field here.",
    "spec.settings.topP": 'Share of the likeliest tokens to choose from (0.0 to 1.0), such as "0.95".',
    "spec.parameters.topP": 'Share of the likeliest tokens to choose from (0.0 to 1.0), such as "0.9".',
    **{
        f"spec.{dialect}.{field}": text
        for dialect in ("settings", "parameters")
        for field, text in (
            ("temperature", 'Randomness of the answers (0.0 to 2.0), such as "0.7".'),
            ("frequencyPenalty", f"How much to avoid frequent tokens {_PENALTY}"),
            ("presencePenalty", f"How much to avoid tokens that occurred before {_PENALTY}"),
            (
                "extraHeaders",
                "HTTP headers for every request. They are plain text: do not write keys here.",
            ),
        )
    },
}
