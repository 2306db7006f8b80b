"""Runs a CloudFront function's own JavaScript."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import quickjs

from local.edge.fields import ConfigurationError, Fields

LOG = logging.getLogger("local.edge.function")
_RUNTIME = (Path(__file__).parent / "runtime.js").read_text(encoding="utf-8")
_LIBRARY = (Path(__file__).parent / "library.js").read_text(encoding="utf-8")
_IMPORT = re.compile(r"""^[ \t]*import[ \t]+([\w$]+|\{[^}]*\})[ \t]+from[ \t]+(["'])([\w:-]+)\2[ \t]*;?""", re.M)
_MODULES = ("crypto", "buffer")
# Quotas: 10 KB of code, 2 MB of memory; the CPU limit is not published as a time, so this only ends what runs away.
_CODE_BYTES = 10_240
_MEMORY_BYTES = 2 * 1024 * 1024
_STACK_BYTES = 256 * 1024
_CPU_SECONDS = 0.05


class FunctionFailed(Exception):
    """The function threw, did not end within its limits or returned nothing usable."""


class JavaScript:
    """aws:cloudfront/function:Function with runtime cloudfront-js-2.0, ready to be run.

    Usage:
        function = JavaScript(code)
        function.run(event, raw_query=None)     # what its handler returned, as Python values

    Each run has a context of its own (0.2 ms): no global, prototype or module variable outlives a request, as
    CloudFront has it. Use it from one thread. A run that throws, returns no JSON value or goes
    over its CPU time or memory raises FunctionFailed. QuickJS knows more of the language than CloudFront's own engine:
    that code runs here does not prove that CloudFront takes it. Only `crypto` and `buffer` can be imported.
    Source: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions".
    """

    def __init__(self, code: str) -> None:
        if len(code.encode()) > _CODE_BYTES:
            raise ConfigurationError(f"code has {len(code.encode())} bytes; the quota is {_CODE_BYTES}")
        self._source = f'"use strict";{_without_imports(code)}\n'
        try:
            found = self._context().eval("typeof handler")
        except (quickjs.JSException, quickjs.StackOverflow) as error:
            raise ConfigurationError(f"code does not load: {_reason(str(error))}") from None
        if found != "function":
            raise ConfigurationError("code has no function called handler")

    @classmethod
    def read(cls, fields: Fields) -> JavaScript:
        fields.without_effect("name", "comment", "tags")
        fields.text("runtime", None, ("cloudfront-js-2.0",))
        code = fields.text("code")
        if not fields.boolean("publish", True):
            raise fields.error("is not published; the local edge runs published functions only")
        fields.end()
        try:
            return cls(code)
        except ConfigurationError as error:
            raise fields.error(f"{error}") from None

    def run(self, event: dict[str, Any], raw_query: str | None) -> Any:
        context = self._context()
        given = json.dumps({"event": event, "rawQueryString": raw_query})
        try:
            context.set_time_limit(_CPU_SECONDS)
            context.get("__start")(given)
            while context.execute_pending_job():
                pass
            result = context.get("__result")()
        except (quickjs.JSException, quickjs.StackOverflow) as error:
            raise FunctionFailed(_reason(str(error))) from None
        if not isinstance(result, str):
            raise FunctionFailed("the promise of the handler was never settled")
        answer = json.loads(result)
        for line in answer["logs"]:
            LOG.info("%s", line)
        if "error" in answer:
            raise FunctionFailed(_reason(answer["error"]))
        return answer.get("value")

    def _context(self) -> Any:
        context = quickjs.Context()
        context.set_max_stack_size(_STACK_BYTES)
        context.set("__library", _LIBRARY)
        context.eval(_RUNTIME)
        context.set_memory_limit(_MEMORY_BYTES)
        context.set_time_limit(_CPU_SECONDS)
        context.eval(self._source)
        context.eval("globalThis.__start = (event) => { __run(handler, event); };")
        return context


def _reason(text: str) -> str:
    return text.strip() if text.strip() not in ("", "null") else "out of memory"  # an error object needs memory too


def _without_imports(code: str) -> str:
    """The code as a script: the runtime's modules are given by require."""

    def required(found: re.Match[str]) -> str:
        if found[3] not in _MODULES:
            raise ConfigurationError(f"code imports '{found[3]}'; the local edge has {' and '.join(_MODULES)}")
        return f"const {found[1].replace(' as ', ': ')} = require('{found[3]}');"

    return _IMPORT.sub(required, code)
