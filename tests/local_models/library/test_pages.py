"""The library's pages: every shape they had is read, and what is not read is said."""

from __future__ import annotations

import contextlib
import random
import re
import sys
from collections.abc import Callable, Sequence

import pytest

from parllama_nb.errors import InvalidResponseError
from parllama_nb.local_models.library.entries import LibraryModel, LibraryTag
from parllama_nb.local_models.library.pages import read_models, read_tags
from parllama_nb.providers.ollama.names import ModelName
from tests.servers.library_pages import (
    CAPTIVE,
    LISTS,
    MODELS,
    TAG_PAGES,
    TAGS,
    Model,
    Tag,
    page,
)

LLAMA = ModelName.parse("llama9")

PULLS = {"1.2M": 1_200_000, "386.8K": 386_800, "5,123": 5123, "9.9K": 9900}
SIZES = {"2.0GB": 2 * 10**9, "1.3GB": 13 * 10**8, "808MB": 808 * 10**6}
SIZES |= {"1.2TB": 12 * 10**11}
WINDOWS = {"128K": 131072, "32K": 32768, "512": 512, "1M": 1 << 20, "256K": 262144}


def expected_model(model: Model) -> LibraryModel:
    return LibraryModel(
        "library",
        model.name,
        model.description,
        model.capabilities,
        model.sizes,
        PULLS[model.pulls],
        int(model.tags),
        model.updated,
        f"https://ollama.com{model.path}",
    )


def expected_tag(tag: Tag) -> LibraryTag:
    return LibraryTag(
        tag.name,
        tag.digest,
        SIZES.get(tag.size),
        WINDOWS[tag.context],
        tuple(tag.inputs.lower().split(", ")),
        tag.updated,
        tag.digest == TAGS[0].digest,
    )


@pytest.mark.parametrize("shape", LISTS)
def test_a_list_of_models_is_read_whatever_its_shape(shape: str) -> None:
    reading = read_models(page(LISTS[shape](MODELS)))

    assert list(reading.entries) == [expected_model(model) for model in MODELS]
    assert reading.unread == ()
    assert reading.next_page is None


@pytest.mark.parametrize("shape", LISTS)
def test_a_list_of_one_model_is_read(shape: str) -> None:
    (model,) = read_models(page(LISTS[shape](MODELS[:1]))).entries

    assert model == expected_model(MODELS[0])


@pytest.mark.parametrize("shape", TAG_PAGES)
def test_the_tags_of_a_model_are_read_whatever_their_shape(shape: str) -> None:
    reading = read_tags(page(TAG_PAGES[shape](TAGS)), LLAMA)

    assert list(reading.entries) == [expected_tag(tag) for tag in TAGS]
    assert reading.unread == ()


@pytest.mark.parametrize("shape", TAG_PAGES)
def test_the_only_tag_of_a_model_is_read(shape: str) -> None:
    (tag,) = read_tags(page(TAG_PAGES[shape](TAGS[:1])), LLAMA).entries

    assert tag == expected_tag(TAGS[0])


def test_models_of_users_are_told_from_other_pages() -> None:
    models = [*MODELS[:2], Model("some-user/their.model", sizes=("7b",))]
    more = '<div><a href="/some-user/an-article">Read how we made it</a></div>'

    reading = read_models(page(LISTS["2026"](models) + more))

    assert [model.name for model in reading.entries] == [
        "llama9",
        "seer",
        "some-user/their.model",
    ]


def test_a_search_without_results_is_an_empty_list() -> None:
    assert read_models(page("<ul><p>No models found.</p></ul>")).entries == ()
    assert read_models(page("<p>No models</p>")).entries == ()

    hidden = '<model x="1">llama</model><p class="hidden">No models found.</p>'
    with pytest.raises(InvalidResponseError):
        read_models(page(hidden))


@pytest.mark.parametrize(
    "link",
    [
        '<li hx-get="/search?page=2&o=newest" hx-trigger="revealed"></li>',
        '<a rel="next" href="/library?q=&amp;page=2">More</a>',
        '<button data-next="/library?page=2">More</button>',
    ],
)
def test_a_link_to_the_next_page_is_found(link: str) -> None:
    source = page(LISTS["2026"](MODELS) + link)

    assert read_models(source).next_page == 2
    assert read_models(source, page=2).next_page is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (CAPTIVE, "a page that is not Ollama's, titled 'Wi-Fi login'"),
        ("", "a page that is not Ollama's"),
        ('{"error": "blocked"}', "a page that is not Ollama's"),
        (page("<p>Something new.</p>"), "without models that can be read"),
    ],
)
def test_a_page_without_models_is_an_error_that_says_so(
    source: str, message: str
) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        read_models(source)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_page_without_the_models_tags_is_an_error() -> None:
    with pytest.raises(InvalidResponseError, match="without tags of other that can be"):
        read_tags(page(TAG_PAGES["2026"](TAGS)), ModelName.parse("other"))


def test_what_is_not_on_the_page_is_counted() -> None:
    source = page(LISTS["2024"](MODELS))
    source = source.replace("1.2M", "many").replace("3 months ago", "lately", 2)

    reading = read_models(source)

    assert [model.name for model in reading.entries] == [m.name for m in MODELS]
    assert reading.unread == (
        "numbers of pulls (3 of 6)",
        "times of updates (2 of 6)",
    )
    assert [model.pulls for model in reading.entries] == [
        PULLS.get(model.pulls) if model.pulls != "1.2M" else None for model in MODELS
    ]


def test_tags_that_the_page_announces_and_does_not_name_are_counted() -> None:
    for shape, old, new in (
        ("2025", "6 models", "9 models"),
        ("2024", "6 Tags", "9 Tags"),
    ):
        source = page(TAG_PAGES[shape](TAGS)).replace(old, new)

        assert read_tags(source, LLAMA).unread == ("3 more tags",)


def test_sizes_that_cannot_be_read_are_counted_but_for_cloud_models() -> None:
    source = page(TAG_PAGES["2026"](TAGS)).replace("2.0GB", "small")

    assert read_tags(source, LLAMA).unread == ("sizes (2 of 5)",)


def test_characters_that_nobody_sees_are_left_out() -> None:
    model = Model("m", "Turned \u202e and \x1b[1m coloured &#x200b;text")

    (found,) = read_models(page(LISTS["2026"]([model]))).entries

    assert found.description == "Turned and [1m coloured &#x200b;text"


def test_a_page_that_is_cut_off_is_read_as_far_as_it_came() -> None:
    source = page(LISTS["2025"](MODELS))

    reading = read_models(source[: source.index("embed-it")])

    assert list(reading.entries[:2]) == [expected_model(model) for model in MODELS[:2]]
    assert reading.unread[-1] == "what comes after its end, for it is cut off"


Mutation = Callable[[str, random.Random], str]


def _without(pattern: str) -> Mutation:
    def mutate(source: str, chance: random.Random) -> str:
        share = chance.random()
        return re.sub(
            pattern, lambda m: "" if chance.random() < share else m[0], source
        )

    return mutate


def _renamed(source: str, chance: random.Random) -> str:
    """Other elements for those that have no meaning of their own."""
    for name in ("div", "span", "h2", "section"):
        new = chance.choice([name, f"x-{name}", name.upper()])
        source = re.sub(rf"(</?){name}\b", rf"\1{new}", source)
    return source


def _nested(source: str, chance: random.Random) -> str:
    depth = chance.randrange(1, 60)
    return source.replace("<a ", "<div>" * depth + "<a ").replace(
        "</a>", "</a>" + "</div>" * depth
    )


def _escaped(source: str, chance: random.Random) -> str:
    """Letters of texts as character references."""
    letter = chance.choice("aeiklt")
    written = chance.choice([f"&#{ord(letter)};", f"&#x{ord(letter):x};"])
    return re.sub(
        r">([^<>{}&]+)<", lambda m: f">{m[1].replace(letter, written)}<", source
    )


def _noisy(source: str, chance: random.Random) -> str:
    """Things between elements that show nothing, and stray end tags."""
    noise = (
        "<!-- a <b> -->",
        "<script>if (a<b) {}</script>",
        "</span>",
        "</b>",
        "<br>",
    )
    return re.sub(
        r"(?<=</span>)|(?<=</p>)",
        lambda _: chance.choice(noise) if chance.random() < 0.3 else "",
        source,
    )


def _spaced(source: str, chance: random.Random) -> str:
    space = chance.choice(["\n\t  ", "&nbsp;", " \r\n"])
    return re.sub(r">(?=[^<\s])", lambda m: m[0] + space, source)


def _quoted(source: str, _: random.Random) -> str:
    source = re.sub(r'href="([^" ]*)"', r"href=\1/", source)
    return re.sub(r'class="([^"\']*)"', r"CLASS = '\1'", source)


HARMLESS: Sequence[Mutation] = (
    _without(r' class="[^"]*"'),
    _without(r" x-test-[a-z-]+(?=[ >])"),
    _without(r"<svg.*?</svg>"),
    _without(r' title="[^"]*"'),
    _renamed,
    _nested,
    _escaped,
    _noisy,
    _spaced,
    _quoted,
)


@pytest.mark.parametrize("seed", range(60))
def test_changes_that_a_reader_does_not_see_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    shape = chance.choice(["2024", "2025", "2026"])
    models, tags = page(LISTS[shape](MODELS)), page(TAG_PAGES[shape](TAGS))
    for mutate in chance.sample(HARMLESS, 3):
        models, tags = mutate(models, chance), mutate(tags, chance)

    found = read_models(models)
    assert list(found.entries) == [expected_model(model) for model in MODELS]
    assert found.unread == ()
    assert list(read_tags(tags, LLAMA).entries) == [expected_tag(tag) for tag in TAGS]


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_page_gives_what_is_true_or_an_error(seed: int) -> None:
    chance = random.Random(seed)
    shape = chance.choice(list(LISTS))
    source = list(page(LISTS[shape](MODELS)))
    for _ in range(chance.randrange(1, 80)):
        place = chance.randrange(len(source))
        what = chance.choice(["", "<", ">", '"', "&", "</div>", "<a>", "\0", "\ufffd"])
        source[place : place + chance.randrange(1, 6)] = [what]
    try:
        reading = read_models("".join(source))
    except InvalidResponseError:
        return
    for model in reading.entries:
        assert re.fullmatch(r"(\w[\w-]*/)?\w[\w.-]*", model.name)
        assert model.pulls is None or 0 <= model.pulls < 10**15
        assert "<a " not in model.description
    short = [model for model in reading.entries if not model.description]
    assert bool(short) == any("descriptions" in each for each in reading.unread)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a",
        "<!--",
        "<b>",
        "</b>",
        "<p><span></p></span>",
        "<li><a href=/library/x>",
        '<a href="',
        "<a b='c",
        "<title>",
        "<svg>",
        "<script>",
        "&#" + "9" * 5000,
        "&amp",
        "a &lt; ",
        "<a href=/library/x:y>1.3GB • 128K</a>",
        "<div><a href=/library/x>x</a>",
    ],
    ids=lambda piece: piece[:20],
)
def test_a_hostile_page_takes_work_linear_in_its_length(piece: str) -> None:
    def work(length: int) -> int:
        """How many functions are called to read a page."""
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        source = piece * (length // len(piece))
        sys.setprofile(count)
        try:
            with contextlib.suppress(InvalidResponseError):
                read_models(source)
            with contextlib.suppress(InvalidResponseError):
                read_tags(source, ModelName.parse("x"))
        finally:
            sys.setprofile(None)
        return calls

    assert work(50_000) <= 11 * work(5_000) + 1000


def test_a_page_of_ten_megabytes_is_read() -> None:
    item = LISTS["2026"](MODELS[:1])
    many = "".join(item.replace("llama9", f"m{number}") for number in range(9500))
    source = page(many)
    assert len(source) > 8_000_000

    reading = read_models(source)

    assert len(reading.entries) > 5000
    assert reading.unread[-1:] == ("what comes after its end, for it is cut off",)
