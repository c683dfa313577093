"""Turn answers and network faults into the errors of the client."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import httpx
from pydantic import ValidationError

from backend_client.contract.base import Text
from backend_client.contract.columns import BadBlockError
from backend_client.contract.problem import Problem
from backend_client.errors import BadReply, Refused, SignedOut, Unreachable, Untrusted

T = TypeVar("T")
MAX_REPLY_BYTES: Final = 32_000_000
PROBLEM: Final = "application/problem+json"
WRONG_TIME: Final = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, _HAS_EXPIRED


def not_of_contract(name: str) -> BadReply:
    """Give the error for an answer that is not the type expected."""
    return BadReply(
        Text(
            f"服务的回答不符合约定（应为 {name}）。",
            f"The service's answer is not of the contract (expected {name}).",
        ),
        Text(
            "请确认地址指向本系统的服务且版本一致。",
            "Check that the address is this system's service and of the same version.",
        ),
    )


def columns(decode: Callable[[bytes], T], body: bytes) -> T:
    """Read an answer of columns.

    Raises:
        BadReply: the bytes are something else.
    """
    try:
        return decode(body)
    except BadBlockError as error:
        raise not_of_contract("columns") from error


def read_whole(response: httpx.Response, most_bytes: int = MAX_REPLY_BYTES) -> bytes:
    """Read an answer's body.

    Raises:
        BadReply: it is longer than that, as sent or once unpacked.
    """
    announced = response.headers.get("content-length", "0")
    body = bytearray()
    if not announced.isdigit() or int(announced) <= most_bytes:
        for piece in response.iter_bytes():
            body += piece
            if len(body) > most_bytes:
                break
        else:
            return bytes(body)
    raise BadReply(
        Text(
            f"服务的回答超过 {most_bytes // 10**6} MB。",
            f"The service's answer is larger than {most_bytes // 10**6} MB.",
        ),
        Text("请缩小范围后再试。", "Narrow the request and try again."),
    )


def raise_for_status(response: httpx.Response) -> None:
    """Turn an answer that is no success into its error.

    Raises:
        Refused: it is a problem of the contract; `SignedOut` for 401.
        Unreachable: the service is not up, or something else answers.
    """
    status = response.status_code
    if status < 300:
        return
    retry_after_s = _seconds(response.headers.get("retry-after"))
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    if kind == PROBLEM:
        try:
            problem = Problem.model_validate_json(read_whole(response))
        except ValidationError as error:
            raise not_of_contract("Problem") from error
        family = SignedOut if status == 401 else Refused
        raise family(problem, retry_after_s=retry_after_s)
    if status in (429, 502, 503, 504):
        raise Unreachable(
            Text(f"服务暂不可用（{status}）。", f"The service is not available now ({status})."),
            retry_after_s=retry_after_s,
        )
    raise not_of_contract(f"Problem, HTTP {status}")


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdigit() else None


@contextlib.contextmanager
def network_faults(url: str) -> Iterator[None]:
    """Turn what the network throws inside into `Unreachable`."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unreachable(
            Text(f"服务 {url} 未在限时内回答。", f"The service at {url} did not answer in time.")
        ) from error
    except httpx.ConnectError as error:
        certificate = _certificate_fault(error)
        if certificate is not None:
            raise Untrusted(*certificate) from error
        raise Unreachable(
            Text(f"连不上服务 {url}。", f"The service at {url} cannot be reached.")
        ) from error
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise Unreachable(
            Text(f"与服务 {url} 的连接中断。", f"The connection to the service at {url} is lost.")
        ) from error


def _certificate_fault(error: BaseException) -> tuple[Text, Text] | None:
    """Say what is wrong with the certificate, if that is the cause: its time or its issuer."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return None
    if cause.verify_code in WRONG_TIME:
        return (
            Text("服务的证书不在有效期内。", "The service's certificate is out of its time."),
            Text(
                "请先核对本机时钟；时钟正确则请更换证书。",
                "Check this machine's clock first; if it is right, have the certificate renewed.",
            ),
        )
    return (
        Text("服务的证书不受信任，未连接。", "The service's certificate is not trusted."),
        Text(
            "请核对地址，或在设置中填入其 CA 文件。",
            "Check the address, or name its CA file in the settings.",
        ),
    )
