"""The process in which litellm runs; `litellm_process` starts it. Imports none of ours.

It reads JSON from stdin, one value a line: the settings first, then requests. It prints
lists of a request's number, a kind and a value. It ends when stdin does, which is when
the kernel is gone, however it went. What anybody else prints goes to stderr.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

_LITELLM = "litellm"

_ALIASES = {
    "aws_profile_name": ("AWS_PROFILE",),
    "aws_region_name": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "aws_bedrock_runtime_endpoint": (
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "AWS_BEDROCK_RUNTIME_ENDPOINT",
    ),
    "bedrock api_key": ("AWS_BEARER_TOKEN_BEDROCK",),
    "huggingface api_key": ("HF_TOKEN",),
    "vertex_credentials": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "vertex_location": ("VERTEXAI_LOCATION",),
    "vertex_project": ("VERTEXAI_PROJECT",),
    "watsonx api_base": ("WATSONX_URL",),
}
"""Environment names that cannot be told from the name of litellm's argument."""


class Child:
    """Answers the requests of the kernel, each in a task of its own."""

    def __init__(self, package_path: str, answer: TextIO) -> None:
        self._package_path = package_path
        self._answer = answer
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._litellm: Any = None

    def say(self, number: int, kind: str, value: object = None) -> None:
        """Tell the kernel something about one request."""
        self._answer.write(json.dumps([number, kind, value]) + "\n")
        self._answer.flush()

    async def serve(self) -> None:
        """Load litellm, then answer until stdin ends."""
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            os._exit(0)  # nothing here is worth tidying up

        # Before the import, so that the end of the kernel ends it too.
        threading.Thread(target=read, daemon=True).start()
        try:
            self._litellm = _load(self._package_path)
        except Exception as error:  # noqa: BLE001 - told to the kernel, whatever it is
            self.say(0, "failed", f"{type(error).__name__}: {error}")
            return
        self.say(0, "ready")
        while True:
            self._take(json.loads(await lines.get()))

    def _take(self, request: dict[str, Any]) -> None:
        number = request["number"]
        if request["do"] == "cancel":
            task = self._tasks.get(number)
            if task is not None:
                task.cancel()
            return
        task = asyncio.ensure_future(self._run(number, request))
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def _run(self, number: int, request: dict[str, Any]) -> None:
        try:
            if request["do"] == "fields":
                self.say(number, "result", _fields(self._litellm, request["model"]))
            elif request["do"] == "bedrock models":
                self.say(number, "result", await _bedrock_models(request["arguments"]))
            else:
                await self._chat(number, request)
        except Exception as error:  # noqa: BLE001 - told to the kernel, whatever it is
            self.say(number, "failure", _failure(error))

    async def _chat(self, number: int, request: dict[str, Any]) -> None:
        stream = await self._opened(request)
        reason, usage = None, None
        try:
            async for chunk in stream:
                usage = getattr(chunk, "usage", None) or usage
                for choice in chunk.choices[:1]:
                    delta = choice.delta
                    thought = getattr(delta, "reasoning_content", None)
                    if thought:
                        self.say(number, "thinking", thought)
                    if getattr(delta, "content", None):
                        self.say(number, "text", delta.content)
                    reason = choice.finish_reason or reason
        finally:
            # Else a stream that is given up would be read to its end.
            with contextlib.suppress(Exception):
                await stream.aclose()
        # Without a word of the provider litellm ends every stream as if it were whole.
        reason = getattr(stream, "received_finish_reason", reason)
        self.say(number, "end", {"reason": reason, "usage": _usage(usage, stream)})

    async def _opened(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 - litellm's
        import httpx  # noqa: PLC0415 - litellm has loaded it

        arguments = {
            **request["arguments"],
            "stream": True,
            "num_retries": 0,
            "max_retries": 0,
            "timeout": httpx.Timeout(request["limit"], connect=request["connect"]),
        }
        counting = {"stream_options": {"include_usage": True}}
        try:
            return await self._litellm.acompletion(**arguments, **counting)
        except Exception as error:
            refused = getattr(error, "status_code", None) in (400, 422)
            if not (refused and "stream_options" in str(error)):
                raise
        # Refused before any work was done, so asking again costs nothing.
        return await self._litellm.acompletion(**arguments)


def _load(package_path: str) -> Any:  # noqa: ANN401 - a module
    # Where the kernel found it, which may be a path only the kernel knows; last, so
    # that it shadows nothing.
    sys.path.append(package_path)
    import litellm  # noqa: PLC0415 - seconds, and only here

    # At DEBUG it logs requests, keys included.
    logging.disable(logging.CRITICAL)
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.drop_params = False
    litellm.modify_params = False
    litellm.num_retries = 0
    for name in ("callbacks", "input_callback", "success_callback", "failure_callback"):
        setattr(litellm, name, [])
    return litellm


def _fields(litellm: Any, model: str) -> dict[str, Any]:  # noqa: ANN401 - a module
    """What a model's provider takes to be asked, and what its names are outside.

    Out of litellm's own data; by its convention where that says nothing.
    """
    provider = litellm.get_llm_provider(model=model)[1]
    missing: list[str] = litellm.validate_environment(model=model)["missing_keys"]
    known = _json("proxy/public_endpoints/provider_create_fields.json") or []
    entry: dict[str, Any] = next(
        (e for e in known if e.get("litellm_provider") == provider), {}
    )
    plain = (_json("llms/openai_like/providers.json") or {}).get(provider) or {}
    fields = {"api_key": True, "api_base": False} | {
        field["key"]: field.get("field_type") == "password"
        for field in entry.get("credential_fields") or ()
    }
    named = {
        argument: _names(provider, argument, missing, plain.get(f"{argument}_env"))
        for argument in fields
    }
    return {
        "provider": provider,
        "fields": [
            {
                "argument": argument,
                "names": names,
                "secret": fields[argument],
                "required": not set(missing).isdisjoint(names),
            }
            for argument, names in named.items()
        ],
    }


def _names(
    provider: str, argument: str, missing: list[str], given: str | None
) -> list[str]:
    maker = provider.removeprefix("text-completion-").removesuffix("_chat")
    prefix = maker.upper().replace("-", "_")
    names = [each for each in missing if _is_of(argument, each)]
    names += [given] if given else []
    names += _ALIASES.get(f"{provider} {argument}", ()) or _ALIASES.get(argument, ())
    names += [f"{prefix}_{argument.upper()}"]
    names += [f"{prefix.removesuffix('_AI')}_{argument.upper()}"]
    # aws_region_name says whose it is; client_secret does not.
    if argument.split("_", maxsplit=1)[0] in (
        "aws",
        "oci",
        "vertex",
        "azure",
        "gigachat",
    ):
        names.append(argument.upper())
    return list(dict.fromkeys(names))


def _is_of(argument: str, name: str) -> bool:
    """Whether an environment name is that of an argument."""
    if argument == "api_key":
        return name.endswith(("_API_KEY", "_API_TOKEN"))
    return name.endswith(argument.upper())


def _json(path: str) -> Any:  # noqa: ANN401 - whatever it holds
    folder = Path(sys.modules[_LITELLM].__file__ or "").parent
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / path).read_bytes())
    return None


def _usage(usage: Any, stream: Any) -> dict[str, int | None]:  # noqa: ANN401 - litellm's
    """What the provider counted.

    Where it did not, litellm counts for itself, with any tokenizer: the whole answer if
    no chunk had a usage, and the thoughts if no usage told of them.
    """
    said = [each.usage for each in stream.chunks if getattr(each, "usage", None)]
    if not said or usage is None:
        return {}
    read = getattr(usage, "prompt_tokens_details", None)
    made = [getattr(each, "completion_tokens_details", None) for each in said]
    thought = [getattr(each, "reasoning_tokens", None) or 0 for each in made]
    wrote = getattr(usage, "cache_creation_input_tokens", None)
    return {
        "input_tokens": getattr(usage, "prompt_tokens", None),
        "output_tokens": getattr(usage, "completion_tokens", None),
        "cached_tokens": getattr(read, "cached_tokens", None),
        "cache_write_tokens": wrote or getattr(read, "cache_creation_tokens", None),
        "reasoning_tokens": max(thought),
    }


def _failure(error: BaseException) -> dict[str, Any]:
    """An exception as plain values: litellm's own hold the request and its key."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    response = getattr(error, "response", None)
    status = getattr(error, "status_code", getattr(response, "status_code", None))
    text = getattr(error, "message", None) or error
    if type(error).__name__ == "HTTPStatusError":
        text = getattr(response, "text", "")
    return {
        "classes": [cls.__name__ for cls in type(error).__mro__],
        "causes": [type(each).__name__ for each in chain],
        "status": status if isinstance(status, int) else None,
        "text": str(text),
        "headers": _headers(chain),
    }


def _headers(chain: list[BaseException]) -> dict[str, str]:
    """When to try again, from whichever exception still has the server's headers."""
    for error in chain:
        response = getattr(error, "response", None)
        for headers in (
            getattr(error, "litellm_response_headers", None),
            getattr(error, "headers", None),
            getattr(response, "headers", None),
        ):
            found = {
                name: str(headers[name])
                for name in ("retry-after", "retry-after-ms")
                if headers and name in headers
            }
            if found:
                return found
    return {}


async def _bedrock_models(arguments: dict[str, str]) -> list[str]:
    """The models an account may ask, and its profiles of several regions."""
    return await asyncio.to_thread(_list_bedrock, arguments)


def _list_bedrock(arguments: dict[str, str]) -> list[str]:
    # By hand, since botocore takes a bearer token from the environment alone.
    import boto3  # noqa: PLC0415 - only for this
    import httpx  # noqa: PLC0415

    session = boto3.Session(
        aws_access_key_id=arguments.get("aws_access_key_id"),
        aws_secret_access_key=arguments.get("aws_secret_access_key"),
        aws_session_token=arguments.get("aws_session_token"),
        region_name=arguments.get("aws_region_name"),
        profile_name=arguments.get("aws_profile_name"),
    )
    region = session.region_name or "us-west-2"  # as litellm has it
    base = arguments.get("endpoint") or f"https://bedrock.{region}.amazonaws.com"
    with httpx.Client(timeout=10) as client:

        def get(path: str) -> Any:  # noqa: ANN401 - JSON
            url = f"{base.rstrip('/')}/{path}"
            response = client.get(url, headers=_signed(session, arguments, url, region))
            return response.raise_for_status().json()

        found = get("foundation-models?byOutputModality=TEXT")["modelSummaries"]
        names = [
            each["modelId"]
            for each in found
            if "ON_DEMAND" in each.get("inferenceTypesSupported", ())
        ]
        page = get("inference-profiles?maxResults=1000")
        profiles = page["inferenceProfileSummaries"]
        return names + [each["inferenceProfileId"] for each in profiles]


def _signed(
    session: Any,  # noqa: ANN401 - boto3 has no types
    arguments: dict[str, str],
    url: str,
    region: str,
) -> dict[str, str]:
    if arguments.get("api_key"):
        return {"Authorization": f"Bearer {arguments['api_key']}"}
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, "bedrock", region).add_auth(request)
    return dict(request.headers.items())


def main() -> None:
    """Run until stdin ends."""
    # stdout is ours alone; what others print, banners for one, is not for the kernel.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.readline())
    asyncio.run(Child(settings["package_path"], answer).serve())


if __name__ == "__main__":
    # A script's folder comes first on the path, and ours has modules of other names.
    del sys.path[0]
    main()
