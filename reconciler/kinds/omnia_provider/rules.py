"""What the CEL rules of Omnia's Provider CRDs mean: CRDs attach them to `spec`, and a finding needs the field.

Keys are the rules exactly as the CRDs have them; a test compares this table with every CRD in the tree.
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

_CREDENTIALS_SECRET = ("spec", "auth", "credentialsSecretRef")

_CREDENTIALS = {
    "!(has(self.secretRef) && has(self.credential))": RuleMeaning(
        "OM010",
        ("spec", "secretRef"),
        "secretRef and credential exclude each other",
        "keep credential.secretRef",
    ),
    "(has(self.secretRef) ? 1 : 0) + (has(self.envVar) ? 1 : 0) + (has(self.filePath) ? 1 : 0) <= 1": (
        RuleMeaning(
            "OM009",
            ("spec", "credential"),
            "secretRef, envVar and filePath exclude each other",
            "keep one of them",
        )
    ),
    "self.type == 'mock' || (has(self.model) && size(self.model) > 0)": RuleMeaning(
        "OM004",
        ("spec", "model"),
        "every provider except those of type mock needs a model",
        "set the model",
    ),
}
_PLATFORMS = {
    f"{_NO_PLATFORM}(self.type in ['claude', 'openai', 'gemini'])": RuleMeaning(
        "OM019",
        ("spec", "platform"),
        "platforms host only the types claude, openai and gemini",
        "remove platform and auth",
    ),
    "has(self.platform) == has(self.auth)": RuleMeaning(
        "OM020",
        ("spec", "platform"),
        "platform and auth need each other",
        "set both, or neither",
    ),
    f"!{_OLD_TYPES} || has(self.platform)": RuleMeaning(
        "OM020",
        ("spec", "platform"),
        "the types bedrock, vertex and azure-ai need a platform",
        "add platform: {type: aws}, or gcp or azure, and auth",
    ),
    f"!has(self.auth) || {_OLD_TYPES}": RuleMeaning(
        "OM020",
        ("spec", "auth"),
        "only the types bedrock, vertex and azure-ai can have auth",
        "remove auth, or write type bedrock, vertex or azure-ai",
    ),
    "self.type != 'vertex' || size(self.project) > 0": RuleMeaning(
        "OM021",
        ("spec", "platform", "project"),
        "platform vertex needs a project",
        "add the Google Cloud project",
    ),
    "self.type != 'azure' || size(self.endpoint) > 0": RuleMeaning(
        "OM021",
        ("spec", "platform", "endpoint"),
        "platform azure needs an endpoint",
        "write the URL of the Azure OpenAI resource",
    ),
    REFUSES_OPENAI_ON_VERTEX: RuleMeaning(
        "OM017", _PLATFORM_TYPE, "vertex hosts no OpenAI model", HOSTED_ELSEWHERE["openai"]
    ),
    **{
        f"{_NO_PLATFORM}self.platform.type != '{platform}' || self.type != 'gemini'": RuleMeaning(
            "OM017", _PLATFORM_TYPE, f"{platform} hosts no Gemini model", HOSTED_ELSEWHERE["gemini"]
        )
        for platform in ("bedrock", "azure")
    },
    **{
        f"{_NO_PLATFORM}self.platform.type != '{platform}' || self.type == '{only}'": RuleMeaning(
            "OM017",
            _PLATFORM_TYPE,
            f"this CRD accepts platform {platform} only with type {only}",
            f"write type: {only}, or another platform",
        )
        for platform, only in (("bedrock", "claude"), ("vertex", "gemini"), ("azure", "openai"))
    },
}
_AUTH = {
    **{
        f"{_NO_PLATFORM}self.platform.type != '{platform}' || "
        f"self.auth.type in ['workloadIdentity', '{static}']": RuleMeaning(
            "OM023",
            _AUTH_TYPE,
            f"platform {platform} accepts only its own types of auth",
            f"write workloadIdentity or {static}",
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
            _CREDENTIALS_SECRET,
            "every type of auth but workloadIdentity needs a Secret",
            "add the name of the Secret with the credentials",
        )
    ),
    "self.type != 'workloadIdentity' || !has(self.credentialsSecretRef)": RuleMeaning(
        "OM024",
        _CREDENTIALS_SECRET,
        "auth of type workloadIdentity must not have a Secret",
        "remove it: the pod has the identity",
    ),
}
_NO_PLATFORM_HINT = "remove platform and auth, and add a credential"
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
            "OM043",
            ("spec", "role"),
            f"only some types support role {role}",
            f"types with role {role}: {', '.join(types)}",
        )
        for role, types in _TYPES_OF_ROLE.items()
    },
    **{
        f"self.type != '{type_}' || self.role == '{role}'": RuleMeaning(
            "OM043",
            ("spec", "role"),
            f"type {type_} supports only role {role}",
            f"write role: {role}",
        )
        for type_, role in _ROLE_OF_TYPE.items()
    },
    **{
        f"!has(self.{role}) || self.role == '{role}'": RuleMeaning(
            "OM044",
            ("spec", role),
            f"spec.{role} is only for role {role}",
            f"write role: {role}, or remove spec.{role}",
        )
        for role in ("tts", "stt", "embedding")
    },
    "(has(self.tts) ? 1 : 0) + (has(self.stt) ? 1 : 0) + (has(self.embedding) ? 1 : 0) <= 1": (
        RuleMeaning(
            "OM044",
            ("spec",),
            "tts, stt and embedding exclude each other",
            "keep only the block of your role",
        )
    ),
    f"{_NO_PLATFORM}self.role == 'llm'": RuleMeaning(
        "OM044", ("spec", "platform"), "a platform is only for role llm", _NO_PLATFORM_HINT
    ),
    f"{_NO_PLATFORM}self.role in ['llm', 'embedding']": RuleMeaning(
        "OM044",
        ("spec", "platform"),
        "a platform is only for the roles llm and embedding",
        _NO_PLATFORM_HINT,
    ),
}

RULES = _CREDENTIALS | _PLATFORMS | _AUTH | _ROLES
