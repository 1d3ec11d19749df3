"""What the rules of Omnia's Provider CRDs are about: they stand at `spec`, and a reader needs the field.

Keys are the rules as the CRDs write them; a test holds this table to every CRD in the tree.
"""

from __future__ import annotations

from reconciler.kind import RuleMeaning
from reconciler.kinds.omnia_provider.spec import HOSTED_ELSEWHERE

_PLATFORM_TYPE = ("spec", "platform", "type")
_AUTH_TYPE = ("spec", "auth", "type")
_NO_PLATFORM = "!has(self.platform) || "
REFUSES_OPENAI_ON_VERTEX = (  # since 2026-04-20
    f"{_NO_PLATFORM}self.platform.type != 'vertex' || self.type != 'openai'"
)
_OLD_TYPES = "(self.type in ['bedrock', 'vertex', 'azure-ai'])"

_CREDENTIALS = {
    "!(has(self.secretRef) && has(self.credential))": RuleMeaning(
        "OM010", ("spec", "secretRef"), "keep credential.secretRef"
    ),
    "(has(self.secretRef) ? 1 : 0) + (has(self.envVar) ? 1 : 0) + (has(self.filePath) ? 1 : 0) <= 1": (
        RuleMeaning("OM009", ("spec", "credential"), "keep one of them")
    ),
    "self.type == 'mock' || (has(self.model) && size(self.model) > 0)": RuleMeaning(
        "OM004", ("spec", "model"), "name the model"
    ),
}
_PLATFORMS = {
    f"{_NO_PLATFORM}(self.type in ['claude', 'openai', 'gemini'])": RuleMeaning(
        "OM019", ("spec", "platform"), "remove platform and auth"
    ),
    "has(self.platform) == has(self.auth)": RuleMeaning(
        "OM020", ("spec", "platform"), "set both, or neither"
    ),
    f"!{_OLD_TYPES} || has(self.platform)": RuleMeaning(
        "OM020", ("spec", "platform"), "add platform: {type: aws}, or gcp or azure, and auth"
    ),
    f"!has(self.auth) || {_OLD_TYPES}": RuleMeaning(
        "OM020", ("spec", "auth"), "remove auth, or write type bedrock, vertex or azure-ai"
    ),
    "self.type != 'vertex' || size(self.project) > 0": RuleMeaning(
        "OM021", ("spec", "platform", "project"), "name the Google Cloud project"
    ),
    "self.type != 'azure' || size(self.endpoint) > 0": RuleMeaning(
        "OM021", ("spec", "platform", "endpoint"), "write the URL of the Azure OpenAI resource"
    ),
    REFUSES_OPENAI_ON_VERTEX: RuleMeaning("OM017", _PLATFORM_TYPE, HOSTED_ELSEWHERE["openai"]),
    f"{_NO_PLATFORM}self.platform.type != 'bedrock' || self.type != 'gemini'": RuleMeaning(
        "OM017", _PLATFORM_TYPE, HOSTED_ELSEWHERE["gemini"]
    ),
    f"{_NO_PLATFORM}self.platform.type != 'azure' || self.type != 'gemini'": RuleMeaning(
        "OM017", _PLATFORM_TYPE, HOSTED_ELSEWHERE["gemini"]
    ),
    **{
        f"{_NO_PLATFORM}self.platform.type != '{platform}' || self.type == '{only}'": RuleMeaning(
            "OM017", _PLATFORM_TYPE, f"write type: {only}, or another platform"
        )
        for platform, only in (("bedrock", "claude"), ("vertex", "gemini"), ("azure", "openai"))
    },
}
_AUTH = {
    **{
        f"{_NO_PLATFORM}self.platform.type != '{platform}' || "
        f"self.auth.type in ['workloadIdentity', '{static}']": RuleMeaning(
            "OM023", _AUTH_TYPE, f"write workloadIdentity or {static}"
        )
        for platform, static in (
            ("bedrock", "accessKey"),
            ("vertex", "serviceAccount"),
            ("azure", "servicePrincipal"),
        )
    },
    "!(has(self.auth) && self.auth.type != 'workloadIdentity') || has(self.auth.credentialsSecretRef)": (
        RuleMeaning(
            "OM024",
            ("spec", "auth", "credentialsSecretRef"),
            "name the Secret with the credentials",
        )
    ),
    "self.type != 'workloadIdentity' || !has(self.credentialsSecretRef)": RuleMeaning(
        "OM024",
        ("spec", "auth", "credentialsSecretRef"),
        "remove it: the identity is that of the pod",
    ),
}
_NO_PLACE = "remove platform and auth, and name a credential"
_TYPES_OF_ROLE = {
    "llm": ("claude", "openai", "gemini", "ollama", "mock", "vllm"),
    "embedding": ("openai", "voyageai", "gemini", "ollama"),
    "tts": ("openai", "cartesia", "elevenlabs"),
    "stt": ("openai",),
    "image": ("imagen",),
    "inference": ("huggingface",),
}
_ROLE_OF_TYPE = {
    "voyageai": "embedding",
    "cartesia": "tts",
    "elevenlabs": "tts",
    "imagen": "image",
    "huggingface": "inference",
}
_ROLES = {
    **{
        f"self.role != '{role}' || self.type in {list(types)}": RuleMeaning(
            "OM043", ("spec", "role"), f"types with role {role}: {', '.join(types)}"
        )
        for role, types in _TYPES_OF_ROLE.items()
    },
    **{
        f"self.type != '{type_}' || self.role == '{role}'": RuleMeaning(
            "OM043", ("spec", "role"), f"write role: {role}"
        )
        for type_, role in _ROLE_OF_TYPE.items()
    },
    **{
        f"!has(self.{role}) || self.role == '{role}'": RuleMeaning(
            "OM044", ("spec", role), f"write role: {role}, or remove spec.{role}"
        )
        for role in ("tts", "stt", "embedding")
    },
    "(has(self.tts) ? 1 : 0) + (has(self.stt) ? 1 : 0) + (has(self.embedding) ? 1 : 0) <= 1": (
        RuleMeaning("OM044", ("spec",), "keep the one of your role")
    ),
    f"{_NO_PLATFORM}self.role == 'llm'": RuleMeaning("OM044", ("spec", "platform"), _NO_PLACE),
    f"{_NO_PLATFORM}self.role in ['llm', 'embedding']": RuleMeaning(
        "OM044", ("spec", "platform"), _NO_PLACE
    ),
}

RULES = _CREDENTIALS | _PLATFORMS | _AUTH | _ROLES
