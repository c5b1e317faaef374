"""The process in which the engine runs. Started by `engine`; imports none of ours.

It reads one line of JSON from stdin, the settings with the key among them; prints one
line of JSON, the address or why there is none; and ends when stdin does, which is
when the kernel is gone, however it went.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any


def _follow_parent(parent: int) -> None:
    """Have Linux end this process with its parent.

    Loading holds the GIL, so that no Python code would notice the end meanwhile.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - Linux alone needs it

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call above
        os._exit(1)


def _serve(settings: dict[str, Any]) -> str:
    """Load the model and start the server; returns its URL. The server never ends."""
    # Where the kernel found it, which may be a path only the kernel knows; last, so
    # that it shadows nothing.
    sys.path.append(settings["package_path"])
    import xllamacpp  # noqa: PLC0415 - 100 MB of native code, found only now

    params = xllamacpp.CommonParams()
    params.model.path = settings["model_path"]
    params.model_alias = {settings["alias"]}  # else the server shows the path
    params.port = 0
    params.api_keys = [settings["key"]]
    # The context is divided among the slots.
    params.n_ctx = settings["context"] * settings["slots"]
    params.n_parallel = settings["slots"]
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.n_threads_http = 16  # one per open stream; they sleep
    if settings["pooling"] is not None:
        _embed(params, settings, xllamacpp.llama_pooling_type)
    # Settings that not every release has; the defaults would do.
    for name, value in {
        "hostname": "127.0.0.1",
        "hostnames": ["127.0.0.1"],
        "ui": False,
        "endpoint_slots": False,  # it would show the prompts of others
        "kv_unified": False,
        "cache_ram_mib": 0,  # the default keeps up to 8 GB of old prompts
    }.items():
        if hasattr(params, name):
            setattr(params, name, value)
    return _keep(xllamacpp.Server(params))


def _embed(params: Any, settings: dict[str, Any], types: Any) -> None:  # noqa: ANN401
    """Have the server make embeddings: a text has to fit into one physical batch."""
    params.embedding = True
    params.n_batch = params.n_ubatch = settings["context"]
    if settings["pooling"]:  # else as the file says
        kind = f"LLAMA_POOLING_TYPE_{settings['pooling'].upper()}"
        params.pooling_type = getattr(types, kind)


_servers: list[Any] = []


def _keep(server: Any) -> str:  # noqa: ANN401 - the package has no types
    _servers.append(server)  # freed, it would stop
    return str(server.listening_address)


def main() -> None:
    """Run until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # stdout is ours alone; whatever native code prints goes to the log.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    _follow_parent(settings["parent"])
    try:
        reply = {"url": _serve(settings)}
    except Exception as error:  # noqa: BLE001 - sent to the kernel, whatever it is
        reply = {"error": f"{type(error).__name__}: {error}"}
    answer.write(json.dumps(reply) + "\n")
    answer.flush()
    if "url" in reply:
        sys.stdin.buffer.read()
    # No clean-up: the engine's own would wait for answers in progress.
    os._exit(0 if "url" in reply else 1)


if __name__ == "__main__":
    # A script's folder comes first on the path, and ours has modules of other names.
    del sys.path[0]
    main()
