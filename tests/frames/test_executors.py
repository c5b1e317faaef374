"""Rows answered by other processes: real workers, a real server, no key on the way."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb.frames.executors import executor_of

from ..servers.openai_sse import OpenAIDouble

KEY = "sk-worker-key-0123456789"

ROOT = Path(__file__).parents[2]


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        yield running


class Watched:
    """An executor that records its submissions, pickled as they would travel."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.sent: list[bytes] = []

    def get_executor(self) -> Any:
        return self

    def submit(self, work: Any, *args: Any) -> Any:
        self.sent.append(pickle.dumps((work, args)))
        return self._executor.submit(work, *args)


def asked_by(executor: object) -> pd.DataFrame:
    df = pd.DataFrame({"n": range(40)})
    return pl.map(df, "Say {{n}}", model="openai/synthetic:5:0", executor=executor)


def check(made: pd.DataFrame, double: OpenAIDouble) -> None:
    assert made.error.isna().all()
    assert made.n.tolist() == list(range(40))
    assert made.text.str.len().gt(0).all()
    asked = [r for r in double.requests if r.path.endswith("/chat/completions")]
    assert sorted(r.body["messages"][-1]["content"] for r in asked) == sorted(
        f"Say {n}" for n in range(40)
    )
    # From more than one process, each with its own connections and key.
    assert {r.headers["authorization"] for r in asked} == {f"Bearer {KEY}"}
    assert len({r.connection for r in asked}) > 1


@pytest.mark.slow
def test_a_process_pool_answers(double: OpenAIDouble) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        watched = Watched(pool)
        check(asked_by(watched), double)
    assert watched.sent
    assert not any(KEY.encode() in sent for sent in watched.sent)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_of_two_processes_answers(double: OpenAIDouble) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        watched = Watched(executor_of(client))
        check(asked_by(watched), double)
    assert not any(KEY.encode() in sent for sent in watched.sent)
