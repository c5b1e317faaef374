"""Will it fit: the answer, and the figures that it is made of."""

from __future__ import annotations

import pytest

from parllama_nb.local_models.fit import Memory, cache_per_token, will_it_fit

GB = 1 << 30


@pytest.mark.parametrize(
    ("size", "total", "available", "graphics", "verdict", "reason"),
    [
        (2, 16, 8, None, "yes", "it fits into the free memory"),
        (10, 16, 8, None, "slowly", "other programs have to make room"),
        (40, 16, 8, None, "no", "it needs more memory than there is"),
        (5, 16, 8, 8, "yes", "it fits into the graphics memory"),
        (12, 16, 8, 8, "slowly", "a part of it runs on the processor"),
        (20, 16, 8, 8, "slowly", "other programs have to make room"),
        (30, 16, 8, 8, "no", "it needs more memory than there is"),
    ],
)
def test_a_model_fits_into_the_memory_there_is(
    size: int,
    total: int,
    available: int,
    graphics: int | None,
    verdict: str,
    reason: str,
) -> None:
    room = None if graphics is None else graphics * GB
    fit = will_it_fit(size * GB, Memory(total * GB, available * GB, room))

    assert (fit.verdict, fit.reason) == (verdict, reason)
    assert fit.needed == fit.weights + fit.cache + fit.overhead
    assert fit.weights == size * GB


def test_a_larger_context_needs_more() -> None:
    memory = Memory(16 * GB, 8 * GB)
    short, long = (will_it_fit(5 * GB, memory, context=n) for n in (4096, 131_072))

    assert long.cache == 32 * short.cache
    assert (short.verdict, long.verdict) == ("yes", "no")


def test_what_running_models_free_counts_as_free_up_to_all_there_is() -> None:
    memory = Memory(16 * GB, 2 * GB)

    assert will_it_fit(5 * GB, memory).verdict == "slowly"
    assert will_it_fit(5 * GB, memory, freed=5 * GB).verdict == "yes"
    assert will_it_fit(20 * GB, memory, freed=99 * GB).verdict == "no"


def test_this_machine_has_memory() -> None:
    memory = Memory.here()

    assert 0 < memory.available <= memory.total


def _info(arch: str, **values: object) -> dict[str, object]:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return {"general.architecture": arch} | {f"{arch}.{n}": v for n, v in named.items()}


@pytest.mark.parametrize(
    ("info", "size"),
    [
        # Llama 3.2 1B: 16 layers, 8 of 32 heads keep 64 values.
        (
            _info(
                "llama",
                block_count=16,
                embedding_length=2048,
                attention__head_count=32,
                attention__head_count_kv=8,
            ),
            16 * 8 * 128 * 2,
        ),
        # Gemma 2 9B says how long a head is.
        (
            _info(
                "gemma2",
                block_count=42,
                embedding_length=3584,
                attention__head_count=16,
                attention__head_count_kv=8,
                attention__key_length=256,
                attention__value_length=256,
            ),
            42 * 8 * 512 * 2,
        ),
        (
            _info(
                "x",
                block_count=2,
                attention__key_length=4,
                attention__head_count_kv=[0, 3, 1],
            ),
            2 * 3 * 8 * 2,
        ),
        (_info("llama", block_count=16), None),
        (_info("llama", block_count="many", attention__head_count=0), None),
        ({}, None),
    ],
)
def test_the_cache_of_a_token_is_known_from_the_metadata(
    info: dict[str, object], size: int | None
) -> None:
    assert cache_per_token(info) == size


@pytest.mark.parametrize(
    ("weights", "known"),
    [
        (1_321_098_329, 16 * 8 * 128 * 2),  # Llama 3.2 1B
        (2_019_393_189, 28 * 8 * 256 * 2),  # Llama 3.2 3B
        (4_920_753_328, 32 * 8 * 256 * 2),  # Llama 3.1 8B
        (42_520_413_916, 80 * 8 * 256 * 2),  # Llama 3.3 70B
        (397_821_319, 24 * 2 * 128 * 2),  # Qwen 2.5 0.5B
    ],
)
def test_without_metadata_the_cache_is_guessed_within_a_factor_of_three(
    weights: int, known: int
) -> None:
    fit = will_it_fit(weights, Memory(GB, GB), context=1)

    assert known / 3 < fit.cache < known * 3


@pytest.mark.parametrize(
    ("context", "real"), [(2048, 160_222_411), (8192, 330_626_497)]
)
def test_a_small_model_needs_what_ollama_says_and_little_more(
    context: int, real: int
) -> None:
    # SmolLM2 135M in Q4_1, as `/api/ps` of Ollama 0.33 has it without a GPU.
    info = _info(
        "llama",
        block_count=30,
        embedding_length=576,
        attention__head_count=9,
        attention__head_count_kv=3,
    )
    fit = will_it_fit(
        98_362_432,
        Memory(GB, GB),
        context=context,
        per_token=cache_per_token(info),
    )

    assert real < fit.needed < real + (160 << 20)
