"""The process that runs litellm: what it may see, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from parllama_nb.errors import ProviderError
from parllama_nb.providers.child_process import ChildProcess
from parllama_nb.providers.litellm import process as litellm_process
from parllama_nb.providers.litellm.process import (
    LiteLLMProcess,
    child_environment,
    require_litellm,
)
from parllama_nb.runtime import Runtime
from parllama_nb.secret import Redactor


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "DB_PASSWORD",
        "GITHUB_TOKEN",
        "OPENAI_API_BASE",
        "ANTHROPIC_BASE_URL",
        "LITELLM_LOG",
        "LITELLM_DROP_PARAMS",
    ],
)
def test_no_secret_address_or_setting_reaches_litellm(name: str) -> None:
    assert child_environment({name: "x"}).get(name) != "x"


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ],
)
def test_paths_and_proxies_of_this_machine_reach_litellm(name: str) -> None:
    assert child_environment({name: "x"})[name] == "x"


def test_this_machine_is_not_reached_through_a_proxy() -> None:
    assert child_environment({})["NO_PROXY"] == "localhost,127.0.0.1,::1"
    given = child_environment({"no_proxy": "intranet"})
    assert given["no_proxy"] == given["NO_PROXY"] == "intranet,localhost,127.0.0.1,::1"


def test_a_missing_litellm_is_an_error_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ProviderError, match="not installed") as caught:
        require_litellm()
    assert "`%pip install -U litellm`" in (caught.value.hint or "")


@pytest.mark.parametrize("version", ["1.82.7", "1.82.8"])
def test_a_release_that_was_tampered_with_is_not_run(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: version)
    with pytest.raises(ProviderError, match="tampered"):
        require_litellm()


@pytest.mark.slow
async def test_litellm_runs_outside_this_process_and_ends_when_closed() -> None:
    before = {name for name in sys.modules if name.startswith("litellm")}
    process = await LiteLLMProcess.start(Redactor())
    child = psutil.Process(process.child.pid)
    kind, value = await process.result("fields", model="together_ai/x")
    await process.aclose()
    await process.aclose()
    assert kind == "result"
    assert value["provider"] == "together_ai"
    assert not child.is_running()
    assert not process.alive
    assert {name for name in sys.modules if name.startswith("litellm")} == before


@pytest.mark.slow
async def test_a_cancel_while_litellm_loads_ends_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pids: list[int] = []
    real = ChildProcess.send

    async def sent(self: ChildProcess, request: object) -> None:
        pids.append(self.pid)
        await real(self, request)
        asyncio.get_running_loop().call_soon(task.cancel)

    monkeypatch.setattr(ChildProcess, "send", sent)
    task = asyncio.ensure_future(LiteLLMProcess.start(Redactor()))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


async def test_a_package_that_cannot_be_imported_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "litellm"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('no wheel for this')")
    monkeypatch.setattr(litellm_process, "require_litellm", lambda: str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ProviderError, match="ImportError: no wheel for this") as caught:
        await LiteLLMProcess.start(Redactor())
    assert caught.value.__cause__ is None


async def test_nothing_of_ours_is_imported_or_on_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = Path(litellm_process.__file__).parent
    package = tmp_path / "litellm"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import sys\n"
        "ours = [name for name in sys.modules if name.startswith('parllama_nb')]\n"
        f"ours += [path for path in sys.path if path.startswith({str(folder)!r})]\n"
        "raise ImportError(ours)"
    )
    monkeypatch.setattr(litellm_process, "require_litellm", lambda: str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ProviderError, match=r"ImportError: \[\]\."):
        await LiteLLMProcess.start(Redactor())


_KERNEL = """
import asyncio, os
from parllama_nb.providers.litellm.process import LiteLLMProcess
from parllama_nb.secret import Redactor

async def main():
    process = await LiteLLMProcess.start(Redactor())
    print(process.child.pid, flush=True)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_litellm_ends_with_its_kernel_however_that_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KERNEL], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(10)


_WATCHED = """
import json, os, sys
before = dict(os.environ)
seen = []
sys.addaudithook(
    lambda event, arguments: seen.append(event)
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto") else None
)
sys.path.insert(0, sys.argv[1])
from child import child
del sys.path[0]
litellm = child._load(sys.argv[2])
litellm.acompletion
changed = {k for k in {**before, **os.environ} if before.get(k) != os.environ.get(k)}
print(json.dumps([seen, sorted(changed), litellm.success_callback]))
"""


@pytest.mark.slow
def test_loading_contacts_nobody_and_reads_no_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TOGETHERAI_API_KEY=from-a-file-nearby\n")
    folder = str(Path(litellm_process.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, folder, require_litellm()],
        cwd=tmp_path,
        env=child_environment({"HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [[], [], []]
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "argument", "name", "required"),
    [
        ("together_ai/x", "api_key", "TOGETHERAI_API_KEY", True),
        ("together_ai/x", "api_key", "TOGETHER_API_KEY", True),
        ("veniceai/x", "api_key", "VENICE_AI_API_KEY", False),
        ("scaleway/x", "api_key", "SCW_SECRET_KEY", False),
        ("gemini/x", "api_key", "GEMINI_API_KEY", True),
        ("cohere_chat/x", "api_key", "COHERE_API_KEY", False),
        ("hosted_vllm/x", "api_base", "HOSTED_VLLM_API_BASE", False),
        ("azure/x", "api_base", "AZURE_API_BASE", True),
        ("azure/x", "api_version", "AZURE_API_VERSION", True),
        ("vertex_ai/x", "vertex_project", "VERTEXAI_PROJECT", True),
        ("bedrock/x", "aws_region_name", "AWS_REGION", False),
        ("bedrock/x", "aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", True),
        ("bedrock/x", "api_key", "AWS_BEARER_TOKEN_BEDROCK", False),
        ("watsonx/x", "project_id", "WATSONX_PROJECT_ID", False),
    ],
)
def test_names_outside_are_those_litellm_has(
    runtime: Runtime,
    lend_litellm: Callable[[], LiteLLMProcess],
    model: str,
    argument: str,
    name: str,
    required: bool,
) -> None:
    _, value = runtime.run(lend_litellm().result("fields", model=model))
    field = next(each for each in value["fields"] if each["argument"] == argument)
    assert name in field["names"]
    assert field["required"] == required
