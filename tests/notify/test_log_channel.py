"""Alerts in the log."""

import logging
from datetime import timedelta

import pytest

from guardian.model import Severity
from guardian.notify.log_channel import LogChannel
from guardian.notify.texts import notification
from guardian.ports import Channel
from tests.notify.incidents import AT, STORY, incident


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.INFO, logging.INFO),
        (Severity.WARNING, logging.WARNING),
        (Severity.HIGH, logging.ERROR),
        (Severity.CRITICAL, logging.CRITICAL),
    ],
)
def test_a_notification_is_one_record_at_the_level_of_its_severity(
    severity: Severity, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "guardian.alerts")
    channel: Channel = LogChannel()
    told = notification(incident(severity=severity, message="100 % full %s"), STORY, "alert", AT)
    channel.send(told, timedelta(seconds=1))
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("guardian.alerts", level)
    assert "100 % full %s" in record.getMessage()
    assert "incident 01JDXYZ" in record.getMessage()
