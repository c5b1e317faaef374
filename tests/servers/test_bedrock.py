"""The double of Bedrock is true to AWS: its frames and signatures, by botocore."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import ChecksumMismatch, EventStreamBuffer

from .bedrock import ACCESS_KEY, REGION, SECRET, event, exception, signature_of


def test_its_frames_are_read_by_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event("messageStart", {"role": "assistant"}))
    buffer.add_data(exception("throttlingException", "Wait."))
    first, second = list(buffer)
    assert first.headers[":event-type"] == "messageStart"
    assert json.loads(first.payload) == {"role": "assistant"}
    assert second.headers[":exception-type"] == "throttlingException"
    assert second.headers[":message-type"] == "exception"


def test_its_damaged_frames_are_refused_by_botocore() -> None:
    buffer = EventStreamBuffer()
    buffer.add_data(event("metadata", {}, damaged=True))
    with pytest.raises(ChecksumMismatch):
        list(buffer)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/model/maker.model-v1%3A0/converse-stream", b'{"messages": []}'),
        ("GET", "/inference-profiles?maxResults=1000&type=a%20b", b""),
    ],
)
@pytest.mark.parametrize("token", [None, "session"])
def test_its_signatures_are_those_of_botocore(
    method: str, path: str, body: bytes, token: str | None
) -> None:
    url = f"https://bedrock-runtime.{REGION}.amazonaws.com{path}"
    request = AWSRequest(method, url, data=body)
    credentials = Credentials(ACCESS_KEY, SECRET, token)
    SigV4Auth(credentials, "bedrock", REGION).add_auth(request)
    host = f"bedrock-runtime.{REGION}.amazonaws.com"
    heard = SimpleNamespace(
        method=method,
        uri=path,
        headers={k.lower(): v for k, v in request.headers.items()},
    )
    heard.headers["host"] = host
    heard.headers |= {k.title(): v for k, v in heard.headers.items()}
    got, wanted = signature_of(heard, body, SECRET)
    assert got == wanted
    got, wanted = signature_of(heard, body + b" ", SECRET)
    assert got != wanted
    got, wanted = signature_of(heard, body, SECRET[::-1])
    assert got != wanted
