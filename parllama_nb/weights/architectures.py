"""Which models an Ollama server converts from safetensors, and since which version.

From `convert/convert.go` and its history, to version 0.33. What it does not list ends
in `unsupported architecture` after all files have been uploaded.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ADAPTERS", "CONVERTED", "DRAFTS", "FP8_SINCE", "Version"]

Version = tuple[int, int, int]

CONVERTED: Final[dict[str, Version]] = {
    "BertModel": (0, 3, 7),
    "CohereForCausalLM": (0, 5, 7),
    "DeepseekOCRForCausalLM": (0, 13, 0),
    "DeepseekV3ForCausalLM": (0, 13, 2),
    "Gemma2ForCausalLM": (0, 3, 7),
    "Gemma3ForCausalLM": (0, 6, 0),
    "Gemma3ForConditionalGeneration": (0, 6, 0),
    "Gemma3TextModel": (0, 30, 0),
    "Gemma3nForConditionalGeneration": (0, 9, 3),
    "Gemma4ForCausalLM": (0, 20, 0),
    "Gemma4ForConditionalGeneration": (0, 20, 0),
    "GemmaForCausalLM": (0, 1, 32),
    "Glm4MoeLiteForCausalLM": (0, 14, 3),
    "GlmOcrForConditionalGeneration": (0, 15, 5),
    "GptOssForCausalLM": (0, 11, 1),
    "LagunaForCausalLM": (0, 22, 1),
    "Lfm2ForCausalLM": (0, 14, 3),
    "Lfm2MoeForCausalLM": (0, 17, 1),
    "Lfm2VlForConditionalGeneration": (0, 17, 1),
    "Llama4ForConditionalGeneration": (0, 6, 7),
    "LlamaForCausalLM": (0, 1, 32),
    "Ministral3ForCausalLM": (0, 13, 3),
    "Mistral3ForConditionalGeneration": (0, 6, 5),
    "MixtralForCausalLM": (0, 1, 33),
    "MllamaForConditionalGeneration": (0, 7, 0),
    "NemotronHForCausalLM": (0, 17, 1),
    "NemotronH_Nano_Omni_Reasoning_V3": (0, 22, 1),
    "NemotronH_Nano_VL_V2": (0, 22, 1),
    "NomicBertModel": (0, 13, 3),
    "NomicBertMoEModel": (0, 13, 3),
    "Olmo3ForCausalLM": (0, 13, 4),
    "Phi3ForCausalLM": (0, 3, 6),
    "Qwen2ForCausalLM": (0, 5, 6),
    "Qwen2_5_VLForConditionalGeneration": (0, 7, 0),
    "Qwen3NextForCausalLM": (0, 15, 5),
    "Qwen3VLForConditionalGeneration": (0, 12, 7),
    "Qwen3VLMoeForConditionalGeneration": (0, 12, 7),
    "Qwen3_5ForConditionalGeneration": (0, 17, 1),
    "Qwen3_5MoeForConditionalGeneration": (0, 17, 1),
}
"""The first of `architectures` in a model's config.json."""

ADAPTERS: Final = frozenset({"llama", "gemma2"})
"""The architectures of the base models whose adapters it converts."""

DRAFTS: Final = frozenset({"qwen35", "qwen35moe"})
"""The architectures of the base models whose draft models it converts."""

FP8_SINCE: Final[Version] = (0, 22, 1)
"""The version that converts numbers of eight bits (F8_E4M3)."""
