"""The table of foreign exceptions is complete, and bodies of many makers are read."""

from __future__ import annotations

import ast
import functools
import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parllama_nb.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContextLengthError,
    InvalidResponseError,
    ModelNotFoundError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitError,
    ServerError,
)
from parllama_nb.providers.anthropic.errors import ANTHROPIC_FAILURES
from parllama_nb.providers.http.endpoint import Endpoint, FailedCall
from parllama_nb.providers.http.failures import Failures
from parllama_nb.providers.http.stream_errors import RefusedError, ReportedError
from parllama_nb.providers.openai.errors import OPENAI_FAILURES
from parllama_nb.secret import Redactor, Secret

from ..conftest import KEY

ENDPOINT = Endpoint("Maker", "https://maker.example/v1", Redactor())


def mapped(
    error: BaseException,
    endpoint: Endpoint = ENDPOINT,
    failures: Failures = OPENAI_FAILURES,
) -> ProviderError:
    return failures.mapped(error, FailedCall(endpoint, "m-1"))


def subclasses_in(package: str, root: str) -> set[str]:
    """The names of all classes below `root` in the sources of an installed package."""
    bases, found = bases_in(package), {root}
    while True:
        more = {name for name, of in bases.items() if of & found} - found
        if not more:
            return found
        found |= more


@functools.cache
def bases_in(package: str) -> dict[str, set[str]]:
    """The bases of all classes in the sources of an installed package.

    Sources, for classes in modules that nobody has imported yet count too.
    """
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.origin
    bases: dict[str, set[str]] = {}
    for path in Path(spec.origin).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.bases:
                named = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                bases.setdefault(node.name, set()).update(named)
    return bases


@pytest.mark.parametrize(
    ("failures", "package", "root", "at_least"),
    [
        (OPENAI_FAILURES, "openai", "OpenAIError", 20),
        (OPENAI_FAILURES, "httpx2", "HTTPError", 20),
        (ANTHROPIC_FAILURES, "anthropic", "AnthropicError", 60),
    ],
    ids=["openai", "httpx2", "anthropic"],
)
def test_every_exception_of_the_library_is_in_the_table(
    failures: Failures, package: str, root: str, at_least: int
) -> None:
    pytest.importorskip(package)
    found = subclasses_in(package, root)
    assert len(found) > at_least, "the sources were not read"
    # Whatever comes with a status is told apart by its body, so a new one is no news.
    with_status = subclasses_in(package, "APIStatusError")
    missing = found - set(failures.table) - with_status
    assert not missing, f"say in the table of {package} what becomes of {missing}"


def test_exceptions_outside_of_the_tree_of_httpx_are_in_the_table() -> None:
    httpx2 = pytest.importorskip("httpx2")
    exceptions = {
        name
        for name in httpx2.__all__
        if isinstance(vars(httpx2).get(name), type)
        and issubclass(vars(httpx2)[name], Exception)
        and not issubclass(vars(httpx2)[name], Warning)
        and "WebSocket" not in name
    }
    assert len(exceptions) > 20
    assert exceptions - set(OPENAI_FAILURES.table) == set()


def refuse(
    status: int, body: object, content_type: str = "application/json", **headers: str
) -> ProviderError:
    """The error for an answer, as `openai` would raise it."""
    import openai

    everything = {"content-type": content_type, **headers}
    response = SimpleNamespace(
        status_code=status, headers=everything, request=SimpleNamespace()
    )
    error = openai.APIStatusError("no", response=response, body=body)  # type: ignore[arg-type]
    return mapped(error)


# As the makers' servers send them.
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"message": "model 'm-1' not found", "type": "api_error"}, 1),  # Ollama
        (400, {"message": "m-1 is not a valid model ID", "code": 400}, 1),  # OpenRouter
        (400, {"message": "Model Not Exist"}, 1),  # DeepSeek
        (400, {"message": "Invalid model: m-1", "type": "invalid_model"}, 1),  # Mistral
        (400, {"message": "Invalid model name passed in model=m-1."}, 1),  # LiteLLM
        (403, {"message": "No access to model.", "code": "model_not_found"}, 1),
        (404, {"message": "The model `m-1` does not exist or ..."}, 1),  # Groq
        (404, "404 page not found", InvalidResponseError),  # Ollama, wrong path
        (
            404,
            {"message": "File Not Found", "type": "not_found_error"},
            InvalidResponseError,
        ),
        (405, {"detail": "Method Not Allowed"}, InvalidResponseError),
        (404, {"detail": "Not Found"}, InvalidResponseError),  # FastAPI
        (401, {"message": "Invalid API Key", "code": 401}, AuthenticationError),
        (403, {"message": "Country not supported"}, AuthenticationError),
        (403, {"message": "Your input was flagged"}, BadRequestError),
        (402, {"message": "Insufficient Balance"}, RateLimitError),
        (413, {"message": "Too large on TPM", "code": "rate_limit_exceeded"}, 2),
        (413, "<html>413</html>", InvalidResponseError),
        (
            422,
            {"detail": [{"loc": ["body", "n"], "msg": "must be 1"}]},
            BadRequestError,
        ),
        (408, {"message": "Timeout"}, ProviderTimeoutError),
        (400, {"message": "prompt is too long: 9 tokens > 8"}, ContextLengthError),
        (500, {"message": "Context size has been exceeded."}, ContextLengthError),
        (529, {"message": "Overloaded"}, ServerError),
        (502, "<html>Bad Gateway</html>", ServerError),
        (400, {"message": "Incorrect API key provided: x"}, AuthenticationError),  # xAI
        (400, [{"error": {"message": "API key not valid. Pass"}}], AuthenticationError),
        (404, [{"error": {"message": "models/m-1 is not found for API"}}], 1),  # Gemini
        (418, None, BadRequestError),
        (500, None, ServerError),
    ],
)
def test_refusals_of_many_makers_are_told_apart(
    status: int, body: object, kind: Any
) -> None:
    error = refuse(status, body)
    kind = {1: ModelNotFoundError, 2: RateLimitError}.get(kind, kind)
    assert type(error) is kind
    assert error.status == status
    assert "<" not in error.message


def test_validation_errors_are_read_from_their_list() -> None:
    body = {"detail": [{"loc": ["body", "n"], "msg": "must be 1"}, {"msg": "no"}]}
    assert refuse(422, body).message == "Maker: body.n: must be 1; no."


def test_a_rate_limit_that_speaks_of_billing_is_no_spent_quota() -> None:
    said = "Limit 3/min. Add a payment method to your account at .../billing."
    body = {"message": said, "code": "rate_limit_exceeded"}
    assert refuse(429, body).retriable
    assert not refuse(429, {"message": "Exceeded your current quota"}).retriable


def test_a_request_that_is_over_the_limit_alone_is_not_tried_again() -> None:
    body = {"message": "Request too large", "code": "rate_limit_exceeded"}
    assert not refuse(413, body).retriable


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"code": 429, "message": "slow"}}, RateLimitError),
        ({"error": {"code": "503", "message": "busy"}}, ServerError),
        ({"error": "no more"}, ServerError),
        ({"error": {"type": "invalid_request_error", "message": "x"}}, BadRequestError),
        ({"error": {"type": "insufficient_quota"}}, RateLimitError),
        ({"object": "error", "message": "x", "code": 400}, BadRequestError),
        ({"choices": [{"finish_reason": "error"}]}, ServerError),
    ],
)
def test_errors_in_the_stream_are_told_apart(
    body: dict[str, Any], kind: type[ProviderError]
) -> None:
    assert type(mapped(ReportedError(body), ENDPOINT)) is kind


def test_a_long_answer_is_cut_to_one_line() -> None:
    error = refuse(400, {"message": "many\n\n lines " * 100})
    assert len(error.message) == 300
    assert error.message.startswith("Maker: many lines many")
    assert error.message.endswith("…")


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key provided: {KEY}.",
        f"Key {KEY[:14]}**** is wrong",
        f"{KEY[:12]}...{KEY[:9]}",
        "Incorrect: sk-proj-abc***wxyz",
        "got 'Bearer abcdefg'",
    ],
)
def test_a_key_a_server_quotes_in_whole_or_in_part_is_taken_out(said: str) -> None:
    redact = Redactor()
    key = redact.add(Secret("MAKER_API_KEY", KEY))
    endpoint = Endpoint("Maker", "https://maker.example/v1", redact, (key,))
    import openai

    response = SimpleNamespace(status_code=401, headers={}, request=SimpleNamespace())
    body = {"message": said}
    error = mapped(
        openai.APIStatusError("no", response=response, body=body),  # type: ignore[arg-type]
        endpoint,
    )
    for part in (KEY, KEY[:8], "sk-proj", "wxyz", "abcdefg"):
        assert part not in error.message
    assert "key" in error.message.lower()


def test_what_nobody_expected_is_told_by_its_kind_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = mapped(RuntimeError(f"with {KEY}"), ENDPOINT)
    assert type(error) is ProviderError
    assert "RuntimeError" in error.message
    assert KEY not in f"{error}{caplog.text}"
    assert caplog.records


def test_an_error_of_ours_is_mapped_to_itself() -> None:
    ours = AuthenticationError("Maker: there is no key.")
    assert mapped(ours, ENDPOINT) is ours


def test_a_subclass_that_is_not_in_the_table_is_treated_like_its_base() -> None:
    import openai

    class TeapotError(openai.RateLimitError):
        pass

    TeapotError.__module__ = "openai.new"
    response = SimpleNamespace(status_code=429, headers={}, request=SimpleNamespace())
    error = mapped(TeapotError("no", response=response, body=None), ENDPOINT)  # type: ignore[arg-type]
    assert type(error) is RateLimitError


def test_the_hint_of_the_provider_comes_first() -> None:
    endpoint = Endpoint(
        "Maker", "http://h/v1", Redactor(), hints={"unreachable": "Start it."}
    )
    error = mapped(ConnectionRefusedError(), endpoint)
    assert type(error) is ConnectionFailedError
    assert error.hint == "Start it."


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (
            {
                "message": "Unsupported value: 'temperature' does not support 0.2 with "
                "this model. Only the default (1) value is supported.",
                "param": "temperature",
                "code": "unsupported_value",
            },
            "temperature",
        ),
        ({"message": "Not allowed.", "param": "max_completion_tokens"}, "max_tokens"),
        ({"message": "reasoning_effort: 'none' is no choice"}, "reasoning"),
        (
            {"message": "Bad.", "param": "response_format.json_schema"},
            "response_schema",
        ),
        ({"message": "`temperature` is deprecated for this model."}, "temperature"),
        ({"message": "messages: too few"}, None),
        ({"message": "temperatures are rising"}, None),
    ],
)
def test_an_option_that_is_refused_is_named_as_the_user_knows_it(
    body: dict[str, Any], named: str | None
) -> None:
    import openai

    response = SimpleNamespace(status_code=400, headers={}, request=SimpleNamespace())
    options = {
        "temperature": "temperature",
        "max_completion_tokens": "max_tokens",
        "reasoning_effort": "reasoning",
        "response_format": "response_schema",
    }
    refused = openai.BadRequestError("no", response=response, body=body)  # type: ignore[arg-type]
    error = OPENAI_FAILURES.mapped(
        refused, FailedCall(ENDPOINT, "m-1", options=options)
    )
    assert type(error) is BadRequestError
    if named is None:
        assert error.hint is None
    else:
        assert named in error.message
        assert error.hint == (
            f"Leave {named} out for this model, or give it another value."
        )


def test_a_proxy_without_a_database_means_the_key() -> None:
    error = refuse(400, {"message": "No connected db.", "type": "no_db_connection"})
    assert type(error) is AuthenticationError
    assert error.message == "Maker: the key is not accepted (400)."


def test_a_redirect_names_its_target_without_a_password() -> None:
    to = {"location": "https://me:hunter22@other.example/v1?key=x"}
    error = mapped(RefusedError(307, to, b""))
    assert type(error) is InvalidResponseError
    assert error.message == (
        "Maker: https://maker.example redirects (307), to https://other.example/v1."
    )


def test_the_tokens_of_a_prompt_that_is_too_long_are_counted() -> None:
    words = "request (6010 tokens) exceeds the available context size"
    for body in ({"message": words}, {"message": words, "n_prompt_tokens": 6010}):
        error = refuse(400, body)
        assert isinstance(error, ContextLengthError)
        assert error.tokens == 6010


def test_a_model_that_does_not_fit_into_memory_is_not_tried_again() -> None:
    error = refuse(500, {"message": "CUDA error: out of memory"})
    assert type(error) is ServerError
    assert not error.retriable
    assert "smaller model" in (error.hint or "")


def test_access_that_is_denied_without_a_key_is_no_matter_of_a_key() -> None:
    assert refuse(401, None).message == "Maker: access was denied (401)."
    key = Secret("MAKER_API_KEY", KEY)
    endpoint = Endpoint("Maker", "https://maker.example", Redactor(), (key,))
    error = mapped(RefusedError(401, {}, b""), endpoint)
    assert error.message == "Maker: the key is not accepted (401)."


def test_an_error_wrapped_in_the_text_of_another_is_read() -> None:
    inner = json.dumps({"error": {"code": 429, "message": "slow down"}})
    error = mapped(ReportedError({"error": inner}))
    assert type(error) is RateLimitError
    assert error.message == "Maker: slow down."
