"""The models of an account at Bedrock, which litellm does not list."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["bedrock_models"]


async def bedrock_models(arguments: dict[str, str]) -> list[str]:
    """Return the models of an account, and its profiles of several regions."""
    return await asyncio.to_thread(_list_bedrock, arguments)


def _list_bedrock(arguments: dict[str, str]) -> list[str]:
    # By hand, since botocore takes a bearer token from the environment alone.
    import boto3  # noqa: PLC0415 - only for this
    import httpx  # noqa: PLC0415

    session = boto3.Session(
        aws_access_key_id=arguments.get("aws_access_key_id"),
        aws_secret_access_key=arguments.get("aws_secret_access_key"),
        aws_session_token=arguments.get("aws_session_token"),
        region_name=arguments.get("aws_region_name"),
        profile_name=arguments.get("aws_profile_name"),
    )
    region = session.region_name or "us-west-2"  # as litellm has it
    base = arguments.get("endpoint") or f"https://bedrock.{region}.amazonaws.com"
    with httpx.Client(timeout=10) as client:

        def get(path: str) -> Any:  # noqa: ANN401 - JSON
            url = f"{base.rstrip('/')}/{path}"
            response = client.get(url, headers=_signed(session, arguments, url, region))
            return response.raise_for_status().json()

        found = get("foundation-models?byOutputModality=TEXT")["modelSummaries"]
        names = [
            each["modelId"]
            for each in found
            if "ON_DEMAND" in each.get("inferenceTypesSupported", ())
        ]
        page = get("inference-profiles?maxResults=1000")
        profiles = page["inferenceProfileSummaries"]
        return names + [each["inferenceProfileId"] for each in profiles]


def _signed(
    session: Any,  # noqa: ANN401 - boto3 has no types
    arguments: dict[str, str],
    url: str,
    region: str,
) -> dict[str, str]:
    if arguments.get("api_key"):
        return {"Authorization": f"Bearer {arguments['api_key']}"}
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, "bedrock", region).add_auth(request)
    return dict(request.headers.items())
