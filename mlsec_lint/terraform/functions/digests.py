"""Hashes and what Terraform itself cannot tell before apply: md5, sha*, uuidv5, uuid.

Facts from Terraform 1.11 (lang/funcs/crypto.go). bcrypt, uuid and timestamp are
unknown during a plan; rsadecrypt needs a private key, which has no place in a
repository: we check nothing and say that we do not know.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import values
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
)
from mlsec_lint.terraform.types import NUMBER, STRING
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_STRING = Parameter("str", STRING)
_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}
_HEX = r"[0-9a-fA-F]"
_UUID = regex(
    rf"(?:urn:uuid:|\{{)?({_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}})\}}?\Z"
    rf"|({_HEX}{{32}})\Z",
    re.IGNORECASE,
)


def hex_digest(algorithm: str) -> Callable[[bytes], str]:
    """A function from bytes to the hexadecimal digest."""
    return lambda content: hashlib.new(
        algorithm, content, usedforsecurity=False
    ).hexdigest()


def base64_digest(algorithm: str) -> Callable[[bytes], str]:
    """A function from bytes to the digest in base64."""
    return lambda content: base64.b64encode(
        hashlib.new(algorithm, content, usedforsecurity=False).digest()
    ).decode()


def _hashing(name: str, digest: Callable[[bytes], str]) -> Function:
    def run(args: Args, _call: Call) -> Value:
        return values.string(digest(args[0].data.encode()))

    return Function(name, (_STRING,), STRING, run)


def _uuid_v5(args: Args, _call: Call) -> Value:
    name: str = args[0].data
    namespace = _NAMESPACES.get(name)
    if namespace is None:
        found = _UUID.match(name)
        if found is None or len(name) not in (32, 36, 38, 45):
            message = f"uuidv5() doesn't support namespace {name} (invalid UUID format)"
            raise CallError(message)
        namespace = uuid.UUID(found[1] or found[2])
    return values.string(str(uuid.uuid5(namespace, args[1].data)))


def _unpredictable(name: str, why: str) -> Callable[[Args, Call], Value]:
    def run(args: Args, call: Call) -> Value:
        reason = Unknown("function", f"{name}() is known only {why}", span=call.span)
        made = values.unknown(STRING, reason)
        return values.mark(made, sensitive=any(map(values.any_sensitive, args)))

    return run


def _rsa_decrypt(args: Args, call: Call) -> Value:
    try:
        base64.b64decode(
            args[0].data.replace("\n", "").replace("\r", ""), validate=True
        )
    except ValueError:
        shown = values.quote(args[0].data)
        message = f"failed to decode input {shown}: cipher text must be base64-encoded"
        raise CallError(message, 0) from None
    if "PRIVATE KEY-----" not in args[1].data:
        raise CallError("invalid private key: ssh: no key found", 1)
    why = "decrypting with a private key is not evaluated"
    return values.unknown(
        STRING, Unknown("unsupported", f"rsadecrypt(): {why}", span=call.span)
    )


FUNCTIONS = (
    _hashing("md5", hex_digest("md5")),
    _hashing("sha1", hex_digest("sha1")),
    _hashing("sha256", hex_digest("sha256")),
    _hashing("sha512", hex_digest("sha512")),
    _hashing("base64sha256", base64_digest("sha256")),
    _hashing("base64sha512", base64_digest("sha512")),
    Function(
        "uuidv5",
        (Parameter("namespace", STRING), Parameter("name", STRING)),
        STRING,
        _uuid_v5,
    ),
    Function(
        "rsadecrypt",
        (Parameter("ciphertext", STRING), Parameter("privatekey", STRING)),
        STRING,
        _rsa_decrypt,
    ),
    Function(
        "bcrypt",
        (_STRING,),
        STRING,
        _unpredictable("bcrypt", "after apply: its salt is random"),
        Parameter("cost", NUMBER),
    ),
    Function("uuid", (), STRING, _unpredictable("uuid", "after apply")),
    Function("timestamp", (), STRING, _unpredictable("timestamp", "at apply")),
    Function("plantimestamp", (), STRING, _unpredictable("plantimestamp", "at plan")),
)
