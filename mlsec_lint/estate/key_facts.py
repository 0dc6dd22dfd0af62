"""Facts about encryption keys."""

from __future__ import annotations

from mlsec_lint.estate.fact_kinds import EVERY, LASTING, PLACED, FactKind

KEY: dict[str, FactKind] = {
    **EVERY,
    **PLACED,
    **LASTING,
    "managed_by": FactKind(
        "text", "who controls it", values=("provider", "customer", "hsm")
    ),
    "public.principal": FactKind("bool", "its policy names everyone"),
    "multi_region": FactKind(
        "bool",
        "its material can be used in several regions: a multi-region key, a replica, a "
        "key of a global or multi-region key ring",
    ),
    "replica.countries": FactKind(
        "texts", "ISO codes of the places of its replicas, declared or automatic"
    ),
    "hsm.protected": FactKind(
        "bool", "its material is made and used in a hardware security module"
    ),
    "material.imported": FactKind(
        "bool", "its material was made elsewhere and brought in"
    ),
    "decrypt.broad": FactKind(
        "bool",
        "a policy or grant lets a whole account, project or vault decrypt with it, or "
        "lets an identity decrypt with every key",
    ),
    "seals.other_data": FactKind(
        "bool", "it also seals a store that is known to hold no weights"
    ),
    "confidential": FactKind(
        "bool", "a policy asks for an attested enclave or confidential VM to use it"
    ),
}
