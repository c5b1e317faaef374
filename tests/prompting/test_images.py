"""Images in all the forms that a notebook has them."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.prompting import images as pictures
from parllama_nb.prompting.images import image_part, named
from parllama_nb.providers.messages import ImagePart

Image = pytest.importorskip("PIL.Image")

RED = (255, 0, 0)


def picture(mode: str = "RGB") -> Any:
    return Image.new("RGB", (4, 3), RED).convert(mode)


def saved(form: str) -> bytes:
    file = io.BytesIO()
    picture().save(file, format=form)
    return file.getvalue()


def opened(part: ImagePart) -> Any:
    """Return the image of a part, after checking its declared type."""
    kind, _, data = part.url.partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert kind == f"data:image/{image.format.lower()}"
    return image


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_image_in_a_common_format_is_sent_unchanged(
    form: str, tmp_path: Path
) -> None:
    data = saved(form)
    path = tmp_path / "named.txt"  # by its bytes, not by its name
    path.write_bytes(data)
    for given in (data, bytearray(data), path, str(path)):
        part = image_part(given)
        assert opened(part).format == form
        assert base64.b64decode(part.url.partition(",")[2]) == data
    assert image_part(image_part(data)) == image_part(data)
    assert image_part(image_part(data).url) == image_part(data)


@pytest.mark.parametrize("form", ["BMP", "TIFF"])
def test_an_image_in_another_format_becomes_png(form: str) -> None:
    image = opened(image_part(saved(form)))
    assert image.format == "PNG"
    assert image.convert("RGB").getpixel((1, 1)) == RED


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK", "F", "HSV"])
def test_a_pil_image_of_any_mode_is_accepted(mode: str) -> None:
    assert opened(image_part(picture(mode))).size == (4, 3)


def test_a_matplotlib_figure_and_its_axes_are_accepted() -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = figure_module.Figure(figsize=(1, 1), dpi=20)
    axes = figure.subplots()
    axes.plot([1, 2])
    for given in (figure, axes):
        assert opened(image_part(given)).size == (20, 20)


def test_an_object_that_a_notebook_shows_as_an_image_is_accepted() -> None:
    from IPython.display import Image as Shown

    png = saved("PNG")
    for given in (
        Shown(data=png),
        SimpleNamespace(_repr_png_=lambda: png),
        SimpleNamespace(_repr_png_=lambda: (png, {"width": 4})),
        SimpleNamespace(_repr_jpeg_=lambda: saved("JPEG")),
    ):
        assert opened(image_part(given)).size == (4, 3)


class Broken:
    mode = "RGB"

    def save(self, *args: object, **kwargs: object) -> None:
        message = "secret of the object"
        raise RuntimeError(message)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("no-such-file.png", "no file 'no-such-file.png'"),
        (7, "Not an image: a value of the type int"),
        (b"", "not an image that can be read"),
        (b"%PDF-1.7", "not an image that can be read"),
        ("data:image/png;base64,%%%", "data: URL is damaged"),
        (Broken(), r"cannot be read \(RuntimeError\)"),
    ],
    ids=["missing", "number", "empty", "other", "damaged", "broken"],
)
def test_the_error_for_an_unreadable_image_is_one_line(
    given: object, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        image_part(given)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert "secret of the object" not in str(caught.value)


def test_an_image_that_is_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pictures, "LARGEST", 1_000_000)
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(UsageError, match=r"large\.png is 2.0 MB; the limit is 1.0 MB"):
        image_part(path)
    with pytest.raises(UsageError, match=r"the limit is 1\.0 MB"):
        image_part(bytes(2_000_000))


def test_an_image_name_is_a_variable_before_it_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "chart.png"
    path.write_bytes(saved("PNG"))
    assert named("chart", {"chart": b"x"}) == b"x"
    assert named(str(path), {}) == str(path)
    with pytest.raises(UsageError, match="no variable and no file 'chart'"):
        named("chart", {})
