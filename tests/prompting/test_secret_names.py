from __future__ import annotations

import secrets

import pytest

from parllama_nb.prompting.secret_names import hides, looks_secret, without_secrets

SECRET = "sentinel-b7Qz-4711-kfp"


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "apiKey",
        "API_KEY",
        "apikey",
        "OPENAI_API_KEY",
        "OPENAI_KEY",
        "openai_key",
        "MY_SERVICE_KEY",
        "aws_secret_access_key",
        "private_key",
        "ssh_key",
        "token",
        "TOKEN",
        "hf_token",
        "GITHUB_TOKEN",
        "accessToken",
        "access_tokens",
        "token_2",
        "token_value",
        "password",
        "db_password",
        "passwd",
        "PGPASSWORD",
        "user_pwd",
        "passphrase",
        "secret",
        "client_secret",
        "clientSecret",
        "credentials",
        "aws-credentials",
        "github_pat",
        "Authorization",
        "set-cookie",
        "DATABASE_URL",
        "connection_string",
        "session_id",
    ],
)
def test_a_name_that_people_give_to_secrets_looks_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "key",
        "keys",
        "keyboard",
        "monkey",
        "primary_key",
        "PRIMARY_KEY",
        "foreign_key",
        "public_key",
        "sort_key",
        "customer_key",
        "tokens",
        "n_tokens",
        "max_tokens",
        "token_count",
        "tokenizer",
        "pad_token",
        "eos_token",
        "next_token",
        "secretary",
        "passenger",
        "pattern",
        "path",
        "compass",
        "author",
        "df",
        "url",
        "",
        "_",
        "123",
        "x" * 10_000,
    ],
)
def test_another_name_does_not_look_secret(name: str) -> None:
    assert not looks_secret(name)


def test_a_module_or_function_is_no_secret_whatever_its_name() -> None:
    assert not hides("secrets", secrets)
    assert not hides("token", secrets.token_hex)
    assert not hides("password", None)
    assert hides("password", "x")


@pytest.mark.parametrize(
    "text",
    [
        f'api_key = "{SECRET}"',
        f"api_key='{SECRET}'",
        f'"api_key": "{SECRET}"',
        f"api_key: str = '{SECRET}'",
        f"Client(api_key='{SECRET}', user='ada')",
        f"config['password'] = '{SECRET}'",
        f"config.password = f'{SECRET}'",
        f"PASSWORD={SECRET}",
        f"export GITHUB_TOKEN={SECRET}",
        f"%env GITHUB_TOKEN={SECRET}",
        f"password: {SECRET}",
        f'keyring.set("API_KEY", "{SECRET}")',
        f"error: key: api_key='{SECRET}'",
        f"Authorization: Bearer {SECRET}",
        f"https://ada:{SECRET}@example.com",
        f'if password == "{SECRET}":',
        f'api_key = "{SECRET}',
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}",
        f"ghp_{SECRET.replace('-', '')}0000",
        f"sk-{SECRET}",
    ],
)
def test_a_value_that_follows_a_secret_name_is_hidden_in_a_text(text: str) -> None:
    hidden = without_secrets(text)
    assert SECRET not in hidden
    assert SECRET.replace("-", "") not in hidden
    assert "[hidden]" in hidden
    assert without_secrets(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "def login(token: str, password: str) -> None:",
        "password = getpass()",
        'token = os.environ["TOKEN"]',
        "api_key = settings.api_key",
        "return token",
        'max_tokens = 300, name = "x"',
        "{'primary_key': 'id'}",
        "https://example.com/a:b",
        "the password is wrong",
        "a = b if password else c",
    ],
)
def test_code_that_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "unit",
    ['api_key="', "a:", "x=", "://a:", "-----BEGIN PRIVATE KEY-----", "eyJ.", "(["],
)
def test_a_long_text_of_beginnings_is_searched_fast(unit: str) -> None:
    import time

    text = unit * (100_000 // len(unit))
    begun = time.process_time()
    without_secrets(text)
    assert time.process_time() - begun < 5
