"""What a cached answer takes in memory.

    entry_bytes(np.array([300, 20_000]), "memory")      # array([ 1536, 21504])

Facts: an entry of an nginx shared dictionary has about 64 bytes beside its key and value, and takes the next power of
two from 64 bytes on, above 2,048 bytes whole pages of 4,096 (ngx_slab.c, as local/kong/lua/shdict.lua counts). Of the
dictionary's size 1.5 % are nginx's own. With each answer the gateway keeps which key its bytes have (a "memo": the
key's headers, 512 to 1,024 bytes), and proxy-cache also that it is stored, all of the model's headers, and the
request's body (plugins/proxy-cache/handler.lua). These are allowed for here as round numbers, which
tests/ops/plan/test_entry_size.py holds against the gateway.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Store = Literal["proxy-cache", "memory", "redis"]

_PAGE, _SMALLEST = 4_096, 64
_USABLE = 0.985
_OF_NODE, _KEY = 64, {"proxy-cache": 64, "memory": 57, "redis": 120}
_ENVELOPE = {"proxy-cache": 300, "memory": 110, "redis": 110}
_REQUEST_BODY = {"proxy-cache": 512, "memory": 0, "redis": 0}
_BESIDE = {"proxy-cache": 1_024 + 128, "memory": 1_024, "redis": 0}


def entry_bytes(answer_bytes: NDArray[np.int64], store: Store) -> NDArray[np.int64]:
    """What the answers of this many bytes take in the store, with what is kept beside them."""
    whole = answer_bytes + (_OF_NODE + _KEY[store] + _ENVELOPE[store] + _REQUEST_BODY[store])
    if store == "redis":
        return whole
    small = _SMALLEST << np.ceil(np.log2(np.maximum(whole, _SMALLEST) / _SMALLEST)).astype(np.int64)
    return np.where(whole > _PAGE // 2, -(-whole // _PAGE) * _PAGE, small) + _BESIDE[store]


def usable_bytes(memory_bytes: int, store: Store) -> int:
    """What a dictionary of this size has for entries; the shared Redis has all."""
    return memory_bytes if store == "redis" else int(memory_bytes * _USABLE) // _PAGE * _PAGE
