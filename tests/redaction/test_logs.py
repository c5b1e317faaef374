"""No log record of any logger holds a known secret, whichever handler gets it."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parllama_nb.redaction.logs import leave_logs, redact_logs
from parllama_nb.secret import Redactor, Secret

from ..sentinels import found

KEY = 'sk-sentinel/9d+3"f7=c1'


@pytest.fixture(autouse=True)
def redact() -> Iterator[Redactor]:
    before = logging.getLogRecordFactory()
    leave_logs()
    redactor = Redactor()
    redactor.add(Secret("A_KEY", KEY))
    redact_logs()
    yield redactor
    leave_logs()
    logging.setLogRecordFactory(before)


@pytest.fixture
def logged() -> Iterator[Callable[..., str]]:
    """Logs something to a logger that nobody knew before; gives what is written."""
    logger = logging.getLogger("somebody.elses")
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def log(message: object, *args: object, **keys: Any) -> str:
        logger.info(message, *args, **keys)
        return output.getvalue()

    yield log
    logger.removeHandler(handler)


def fail(text: str) -> None:
    raise ValueError(text)


class Odd:
    """An object that holds a secret, and shows it."""

    def __repr__(self) -> str:
        return f"Odd({KEY!r})"


@pytest.mark.parametrize(
    "args",
    [
        (f"the key is {KEY}",),
        ("the key is %s", KEY),
        ("the key is %(key)r", {"key": KEY}),
        ("headers: %s", [(b"x-echo", KEY.encode())]),
        ("%s of %d", Odd(), 3),
        (Odd(),),
    ],
)
def test_a_message_names_the_secret_instead(
    logged: Callable[..., str], args: tuple[object, ...]
) -> None:
    text = logged(*args)
    assert "<Secret A_KEY>" in text
    assert found(text.encode(), [KEY]) == []


def test_a_traceback_names_the_secret_instead(logged: Callable[..., str]) -> None:
    try:
        fail(KEY)
    except ValueError:
        text = logged("it failed", exc_info=True)
    assert "ValueError: <Secret A_KEY>" in text
    assert found(text.encode(), [KEY]) == []


def test_a_handler_that_formats_the_exception_itself_has_none() -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("somebody.elses")
    logger.addHandler(handler)
    try:
        fail(KEY)
    except ValueError:
        logger.exception("it failed")
    finally:
        logger.removeHandler(handler)
    (record,) = records
    assert record.exc_info is None
    assert record.exc_text is not None
    assert "<Secret A_KEY>" in record.exc_text


def test_the_report_of_a_message_that_cannot_be_formatted_has_no_secret(
    logged: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = logged("%d is no number", KEY)
    text += "".join(capsys.readouterr())
    assert "<Secret A_KEY>" in text
    assert found(text.encode(), [KEY]) == []


def test_a_record_without_a_secret_keeps_its_arguments(
    caplog: pytest.LogCaptureFixture,
) -> None:
    argument = object()
    try:
        fail("nothing")
    except ValueError as error:
        logging.getLogger("x").warning("%s happened", argument, exc_info=True)
        raised = error
    (record,) = caplog.records
    assert record.msg == "%s happened"
    assert record.args == (argument,)
    assert record.exc_info is not None
    assert record.exc_info[1] is raised
    assert "".join(traceback.format_exception(raised)).strip() in caplog.text


def test_the_factory_of_somebody_else_still_makes_the_records(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Record(logging.LogRecord):
        pass

    leave_logs()
    logging.setLogRecordFactory(Record)
    redact_logs()
    logging.getLogger("x").warning(KEY)
    leave_logs()
    logging.getLogger("x").warning(KEY)
    first, second = caplog.records
    assert isinstance(first, Record)
    assert first.getMessage() == "<Secret A_KEY>"
    assert logging.getLogRecordFactory() is Record
    assert second.getMessage() == KEY


def test_the_factory_of_somebody_else_around_ours_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ours = logging.getLogRecordFactory()
    calls = []

    def around(*args: Any, **keys: Any) -> logging.LogRecord:
        calls.append(args)
        return ours(*args, **keys)

    logging.setLogRecordFactory(around)
    leave_logs()
    logging.getLogger("x").warning(KEY)
    redact_logs()
    redact_logs()
    logging.getLogger("x").warning(KEY)
    leave_logs()
    assert logging.getLogRecordFactory() is around
    assert [each.getMessage() for each in caplog.records] == [KEY, "<Secret A_KEY>"]
    assert len(calls) == 2


def test_logs_are_redacted_again_after_somebody_else_has_set_a_factory(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.setLogRecordFactory(logging.LogRecord)
    redact_logs()
    logging.getLogger("x").warning(KEY)
    assert [each.getMessage() for each in caplog.records] == ["<Secret A_KEY>"]


def test_a_secret_is_forgotten_with_its_redactor(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = Redactor()
    other.add(Secret("B_KEY", "another-sentinel"))
    logging.getLogger("x").warning("another-sentinel")
    del other
    logging.getLogger("x").warning("another-sentinel")
    shown = [each.getMessage() for each in caplog.records]
    assert shown == ["<Secret B_KEY>", "another-sentinel"]
