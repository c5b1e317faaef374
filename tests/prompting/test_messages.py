"""Messages in the format of other libraries."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting.messages import messages_of
from parllama_nb.providers.messages import ImagePart, Message, TextPart

PNG = "data:image/png;base64,iVBORw0KGgo="


def test_openais_dicts_become_messages() -> None:
    given = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi."}, "There."]},
        {"role": "assistant", "content": "Hello."},
        Message.of("user", "Ours."),
    ]
    assert messages_of(given) == (
        Message.of("system", "Be brief."),
        Message("user", (TextPart("Hi."), TextPart("There."))),
        Message.of("assistant", "Hello."),
        Message.of("user", "Ours."),
    )


def test_an_image_in_a_message_is_read() -> None:
    part = {"type": "image_url", "image_url": {"url": PNG}}
    ((image,),) = [each.parts for each in messages_of([_user([part])])]
    assert isinstance(image, ImagePart)
    assert image.url.startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("Hi.", "takes a list"),
        (_ := {"role": "user", "content": "Hi."}, "takes a list"),
        (["Hi."], r"messages\[0\] is a str"),
        ([{"role": "robot", "content": ""}], "role: 'robot'"),
        ([{"content": "Hi."}], "role: None"),
        ([{"role": "user"}], "NoneType as its content"),
        ([{"role": "user", "content": [{"type": "audio"}]}], "'audio'"),
        ([{"role": "user", "content": [7]}], "'int'"),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": "https://x.test"}}
                    ],
                }
            ],
            "by its address",
        ),
    ],
)
def test_the_error_for_an_invalid_message_is_one_line_with_its_index(
    given: Any, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        messages_of(given)
    assert caught.value.hint


def _user(content: object) -> dict[str, Any]:
    return {"role": "user", "content": content}
