"""The double pushes, pulls and takes blobs as a real server of 0.33.0-rc2 did."""

from __future__ import annotations

import hashlib
import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.calls import JSON, STREAMED, call
from tests.servers.ollama.names import MODELS_PATH
from tests.servers.ollama.recorded import (
    CONFIG,
    PARAMS,
    SMOL,
    TEMPLATE,
    TLS,
    WEIGHTS,
    WRITTEN,
    of,
    status,
)

MIB = 1024 * 1024


def pull(
    server: OllamaDouble, name: str, until: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """The lines of a pull up to one, at which the client hangs up."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/api/pull", json.dumps({"model": name}))
    answer = connection.getresponse()
    lines = [json.loads(answer.readline())]
    while not until(lines[-1]):
        lines.append(json.loads(answer.readline()))
    answer.close()
    connection.close()
    server.asked("/api/pull")[-1].wait()
    return lines


def counts(lines: list[dict[str, Any]]) -> list[int]:
    return [line["completed"] for line in lines if "completed" in line]


# push


def test_a_push_tells_every_layer_to_its_end(server: OllamaDouble) -> None:
    call(server, "/api/copy", {"source": "smol:q4_1", "destination": "me/smol:q4_1"})
    _, _, lines = call(server, "/api/push", {"model": "me/smol:q4_1"})
    small = (TEMPLATE, PARAMS, CONFIG)
    end = [*(of("pushing", layer) for layer in small), status("pushing manifest")]
    assert lines[0] == status("retrieving manifest")
    assert lines[1]["completed"] < lines[1]["total"]
    assert lines[-6:] == [of("pushing", WEIGHTS), *end, status("success")]
    _, _, again = call(server, "/api/push", {"model": "me/smol:q4_1"})
    there = [of("pushing", WEIGHTS), *end, status("success")]
    assert again == [status("retrieving manifest"), *there]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smol:q4_1", "unauthorized: access denied"),
        ("me/fault-denied", '401: {"error":"unauthorized"}'),
        ("me/fault-forbidden", "unauthorized: access denied"),
        ("me/fault-403", "403: "),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_push_that_is_not_authorised_is_refused(
    server: OllamaDouble, name: str, said: str, stream: bool
) -> None:
    call(server, "/api/copy", {"source": "smol:q4_1", "destination": name})
    code, _, lines = call(server, "/api/push", {"model": name, "stream": stream})
    assert code == (200 if stream else 500)
    assert lines[-1] == {"error": said}
    assert lines[:-1] == ([status("retrieving manifest")] if stream else [])


def test_a_registry_of_plain_http_wants_to_be_called_insecure(
    server: OllamaDouble,
) -> None:
    name = "127.0.0.1:21435/me/smol:q4_1"
    call(server, "/api/copy", {"source": "smol:q4_1", "destination": name})
    _, _, lines = call(server, "/api/push", {"model": name})
    address = f"https://127.0.0.1:21435/v2/me/smol/blobs/{SMOL.weights}"
    refusal = {"error": f'Head "{address}": {TLS}'}
    assert lines == [status("retrieving manifest"), refusal]
    _, _, lines = call(server, "/api/push", {"model": name, "insecure": True})
    assert lines[-1] == status("success")


# pull


def test_a_pull_tells_large_layers_and_none_to_its_end(server: OllamaDouble) -> None:
    server.library.registry["smol:q4_1"] = replace(SMOL, pulled=True)
    for name in ("smol:q4_1", "smol:f16"):
        server.library.remove(name)
    end = [status("verifying sha256 digest"), *WRITTEN]
    _, _, lines = call(server, "/api/pull", {"model": "smol:q4_1"})
    assert lines[0] == status("pulling manifest")
    assert lines[-3:] == end
    for line in lines[1:-3]:
        assert line == of("pulling", WEIGHTS, line["completed"])
        assert 0 < line["completed"] < line["total"]
    _, _, again = call(server, "/api/pull", {"model": "smol:q4_1"})
    layers = (WEIGHTS, TEMPLATE, PARAMS, CONFIG)
    there = [of("pulling", layer) for layer in layers]
    assert again == [status("pulling manifest"), *there, *end]
    whole = {"model": "smol:q4_1", "stream": False}
    assert call(server, "/api/pull", whole) == (200, STREAMED, [status("success")])


def test_a_pull_over_another_model_of_the_name_removes_what_is_unused(
    server: OllamaDouble,
) -> None:
    server.library.registry["brief:latest"] = replace(SMOL, name="brief", pulled=True)
    asked = {"model": "brief", "from": "smol:f16", "system": "Be brief."}
    call(server, "/api/create", asked)
    _, _, lines = call(server, "/api/pull", {"model": "brief"})
    removed = status("removing unused layers")
    assert lines[-3:] == [WRITTEN[0], removed, WRITTEN[1]]


def test_a_remote_model_is_pulled_without_a_layer(server: OllamaDouble) -> None:
    _, _, lines = call(server, "/api/pull", {"model": "far:cloud"})
    assert lines == [
        status("pulling manifest"),
        status("verifying sha256 digest"),
        *WRITTEN,
    ]


def test_a_pull_comes_in_as_many_lines_as_its_name_says(server: OllamaDouble) -> None:
    _, _, lines = call(server, "/api/pull", {"model": "sized-64-100"})
    assert len([line for line in lines if line.get("total") == 64 * MIB]) == 99


def test_a_pull_that_was_hung_up_goes_on_where_it_was(server: OllamaDouble) -> None:
    name = "sized-64-100"
    stopped = pull(server, name, lambda line: line.get("completed", 0) > 10 * MIB)
    _, _, lines = call(server, "/api/pull", {"model": name})
    assert counts(lines)[0] > counts(stopped)[-1]
    assert lines[-1] == status("success")


def test_two_pulls_of_a_model_share_one_download(server: OllamaDouble) -> None:
    name = "sized-64-100"
    server.step = 0.005
    answers: list[list[dict[str, Any]]] = []

    def pull_it() -> None:
        answers.append(call(server, "/api/pull", {"model": name})[2])

    threads = [threading.Thread(target=pull_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.step = 0.001
    assert [answer[-1] for answer in answers] == [status("success")] * 2
    # If each moved it on, each would see half of it.
    assert max(len(set(counts(answer))) for answer in answers) >= 90


def test_one_of_two_pulls_goes_on_when_the_other_hangs_up(
    server: OllamaDouble,
) -> None:
    name = "sized-64-100"
    server.step = 0.005
    answers: list[list[dict[str, Any]]] = []
    first = threading.Thread(
        target=lambda: pull(server, name, lambda line: line.get("completed", 0) > MIB)
    )
    first.start()
    answers.append(call(server, "/api/pull", {"model": name})[2])
    first.join()
    server.step = 0.001
    assert answers[0][-1] == status("success")


def test_a_server_that_is_gone_in_mid_pull_goes_on_when_it_is_back(
    server: OllamaDouble,
) -> None:
    asked = json.dumps({"model": "fault-cut"}).encode()
    with pytest.raises(http.client.IncompleteRead) as gone:
        call(server, "/api/pull", asked)
    before = [json.loads(line) for line in gone.value.partial.splitlines()]
    assert len(counts(before)) == 3
    _, _, lines = call(server, "/api/pull", asked)
    assert counts(lines)[0] > counts(before)[-1]
    assert lines[-1] == status("success")


def test_a_pull_that_stands_still_says_the_same_until_it_is_hung_up(
    server: OllamaDouble,
) -> None:
    seen: list[int] = []

    def stood(line: dict[str, Any]) -> bool:
        seen.append(line.get("completed", 0))
        return len(seen) > 20

    pull(server, "fault-stands", stood)
    assert len(set(seen[-15:])) == 1


def test_wrong_bytes_are_found_at_the_end(server: OllamaDouble) -> None:
    _, _, lines = call(server, "/api/pull", {"model": "fault-spoilt"})
    assert lines[-2] == status("verifying sha256 digest")
    begin = "digest mismatch, file must be downloaded again: want sha256:"
    assert lines[-1]["error"].startswith(begin)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fault-denied", 'pull model manifest: 401: {"error":"unauthorized"}'),
        ("fault-retries", "max retries exceeded: "),
    ],
)
def test_a_pull_that_fails_says_why(server: OllamaDouble, name: str, said: str) -> None:
    _, _, lines = call(server, "/api/pull", {"model": name})
    assert lines[-1]["error"].startswith(said)


def test_offline_nothing_is_pulled_or_pushed(server: OllamaDouble) -> None:
    server.library.offline = True
    refused = "proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused"
    base = "https://registry.ollama.ai/v2/library"
    _, _, lines = call(server, "/api/pull", {"model": "nosuch"})
    address = f"{base}/nosuch/manifests/latest"
    assert lines[-1] == {"error": f'pull model manifest: Get "{address}": {refused}'}
    _, _, lines = call(server, "/api/push", {"model": "smol:q4_1"})
    address = f"{base}/smol/blobs/{SMOL.weights}"
    assert lines[-1] == {"error": f'Head "{address}": {refused}'}
    answer = call(server, "/api/me", {})
    assert answer == (503, JSON, [{"error": "account unavailable"}])


# the disk is full


def test_a_pull_ends_when_the_disk_is_full(server: OllamaDouble) -> None:
    server.library.room = 20 * MIB
    _, _, lines = call(server, "/api/pull", {"model": "llama3.2:1b"})
    error = lines[-1]["error"]
    assert error.startswith(f"write {MODELS_PATH}/blobs/sha256-")
    assert error.endswith("-partial: no space left on device")
    asked = {"model": "llama3.2:1b", "stream": False}
    code, _, (line,) = call(server, "/api/pull", asked)
    assert (code, line["error"]) == (500, error)


def test_create_and_copy_want_room_too(server: OllamaDouble) -> None:
    server.library.room = 0
    asked = {"model": "x", "from": "qwen3:cloud"}
    code, _, (line,) = call(server, "/api/create", asked)
    assert code == 500
    assert line["error"].endswith("no space left on device")
    asked = {"source": "far", "destination": "far3"}
    code, kind, (line,) = call(server, "/api/copy", asked)
    assert (code, kind) == (500, JSON)
    assert line["error"].endswith("no space left on device")
    assert call(server, "/api/delete", {"model": "far"}, "DELETE")[0] == 200


# blobs


def post_blob(server: OllamaDouble, digest: str, said: int, sent: bytes) -> bytes:
    """The answer to a request that says it has `said` bytes and has sent some."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        head = f"POST /api/blobs/{digest} HTTP/1.1\r\nHost: x\r\nContent-Length: {said}"
        client.sendall(f"{head}\r\n\r\n".encode() + sent)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer


def test_a_blob_that_is_there_is_not_read(server: OllamaDouble) -> None:
    answer = post_blob(server, SMOL.weights, 98_362_432, b"x" * 1000)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Length: 0" in answer


def test_a_blob_for_which_there_is_no_room_is_refused_while_it_comes(
    server: OllamaDouble,
) -> None:
    server.library.room = 1000
    digest = f"sha256:{'1' * 64}"
    answer = post_blob(server, digest, 1 << 33, b"x" * 2000)
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error")
    assert b"no space left on device" in answer


def test_a_large_blob_is_taken_piece_by_piece(server: OllamaDouble) -> None:
    data = bytes(96 * MIB)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert call(server, f"/api/blobs/{digest}", data)[0] == 201
    blob = server.library.blobs[digest]
    assert blob.size == len(data)
    assert len(blob.head) <= 16 * MIB


def test_a_blob_of_a_wrong_digest_is_kept_under_its_own(server: OllamaDouble) -> None:
    own = f"sha256:{hashlib.sha256(b'abc').hexdigest()}"
    wrong = f"sha256:{'0' * 64}"
    code, kind, (line,) = call(server, f"/api/blobs/{wrong}", b"abc")
    assert (code, kind) == (400, JSON)
    told = f'digest mismatch, expected "{wrong}", got "{own}"'
    assert line["error"] == told
    assert call(server, f"/api/blobs/{own}", b"abc")[0] == 200
    large = own.upper().replace("SHA256", "sha256")
    assert call(server, f"/api/blobs/{large}", b"abc")[0] == 400


def test_no_bytes_are_a_blob_too(server: OllamaDouble) -> None:
    empty = f"sha256:{hashlib.sha256(b'').hexdigest()}"
    assert call(server, f"/api/blobs/{empty}", b"", "POST")[0] == 201


def test_a_client_that_goes_away_leaves_no_blob(server: OllamaDouble) -> None:
    digest = f"sha256:{'2' * 64}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        head = f"POST /api/blobs/{digest} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000"
        client.sendall(f"{head}\r\n\r\nabc".encode())
        assert server.arrived.wait(10)
    assert server.requests[-1].wait() == "disconnected"
    assert digest not in server.library.blobs
