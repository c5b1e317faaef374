"""`/api/embed`: a word is a token, a vector says where the words begin."""

from __future__ import annotations

from .api import Api

__all__ = ["Embed"]


class Embed(Api):
    def post(self) -> None:
        model = self.double.library.find(self.name)
        if model is None:
            self.refuse(404, f"model '{self.name}' not found")
            return
        if "embedding" not in model.capabilities and self.double.version >= (0, 30, 0):
            # llama.cpp's server, handed on.
            told = "This server does not support embeddings. Start it with"
            self.refuse(501, f"{told} `--embeddings`")
            return
        given = self.asked.get("input") or []
        texts = [given] if isinstance(given, str) else given
        if not self.asked.get("truncate", True) and any(
            len(text.split()) > model.window for text in texts
        ):
            self.refuse(400, "the input length exceeds the context length")
            return
        vectors = [_vector(text.split()[: model.window]) for text in texts]
        self.answer({"model": self.name, "embeddings": vectors})


def _vector(words: list[str]) -> list[float]:
    vector = [0.0] * 8
    for word in words:
        vector[ord(word[0]) % 8] += 1.0
    length = sum(number * number for number in vector) ** 0.5
    return [number / length for number in vector]
