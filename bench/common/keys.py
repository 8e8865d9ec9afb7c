"""Keys: the identity of a trained model, and of one way of measuring it, as hashes of canonical JSON."""

from __future__ import annotations

import functools
import hashlib
import json
import marshal
import math
from collections.abc import Mapping
from typing import Any

KEY_LENGTH = 20
"""Hex digits kept: 80 bits, so a store of a million trials has a collision chance below 1e-12."""


_AS_IS = frozenset({str, int, bool, type(None)})
"""Types whose values JSON writes in one way."""


def canonical(value: Any) -> bytes:
    """Return JSON of `value` that is the same for equal values: sorted keys, 1.0 written as 1, UTF-8.

    Raises ValueError for NaN and infinity, TypeError for what JSON cannot hold.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    ).encode()


def digest(value: Any) -> str:
    """Return the first 20 hex digits of the SHA-256 of `canonical(value)`."""
    return _digest(canonical(value))


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:KEY_LENGTH]


def is_key(text: str) -> bool:
    """Return whether `text` has the form of a key."""
    return len(text) == KEY_LENGTH and set(text) <= set("0123456789abcdef")


def training_key(identity: Mapping[str, Any]) -> str:
    """Return the key of a trained model; `identity` is everything that its weights depend on."""
    return digest({"key": "training", **identity})


def evaluation_key(training: str, protocol: Mapping[str, Any]) -> str:
    """Return the key of a trained model measured under `protocol`: metric versions, counts, extractors."""
    return _digest(
        b'{"key":"evaluation","protocol":%b,"training":%b}' % (_protocol(protocol), canonical(training))
    )


def protocol_key(protocol: Mapping[str, Any]) -> str:
    """Return the digest of a protocol."""
    return _digest(_protocol(protocol))


def _protocol(protocol: Mapping[str, Any]) -> bytes:
    """Return the canonical JSON of a protocol, which many evaluations share."""
    content: Any = protocol
    try:
        return _repeated(marshal.dumps(content, 2))
    except ValueError:  # it has values of other types than files hold
        return canonical(protocol)


@functools.lru_cache(maxsize=64)
def _repeated(content: bytes) -> bytes:
    return canonical(marshal.loads(content))


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is float:
        # A learning rate written 1 and one written 1.0 are the same.
        return int(value) if math.isfinite(value) and value.is_integer() else value
    # Most values are as they are, without a call: a million trials have some 10^9 of them.
    if kind is dict or isinstance(value, Mapping):
        return {str(key): item if type(item) in _AS_IS else _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _AS_IS else _plain(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value
