"""The wire format of OpenAI, which many others speak."""
