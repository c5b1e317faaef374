"""Calls of the double, as its tests make and read them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from .server import OllamaDouble

__all__ = ["JSON", "LINES", "STREAMED", "call", "without_times"]

JSON = "application/json; charset=utf-8"
STREAMED = "application/json"
"""Of an answer that would have been lines."""

LINES = "application/x-ndjson"


def call(
    double: OllamaDouble, path: str, body: Any = None, method: str = ""
) -> tuple[int, str, list[Any]]:
    """The status, the kind of content, and each line of an answer."""
    data = body if isinstance(body, bytes) else body and json.dumps(body).encode()
    method = method or ("GET" if body is None else "POST")
    request = urllib.request.Request(f"{double.root}{path}", data, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
    lines = [line for line in text.split("\n") if line]
    read = [json.loads(line) for line in lines] if "json" in kind else lines
    return answer.status, kind, read


def without_times(line: dict[str, Any]) -> dict[str, Any]:
    clock = ("created_at", "expires_at", "modified_at")
    return {k: v for k, v in line.items() if k not in clock and "duration" not in k}
