from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from guardian.decide.arming import mode_in_force
from guardian.model import Arming, Mode

SAID = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(("configured", "said"), list(product(Mode, Mode)))
def test_the_newer_word_counts(configured: Mode, said: Mode) -> None:
    arming = Arming(said, "ann", SAID)
    for written_at, expected in ((SAID - MOMENT, said), (SAID, said), (SAID + MOMENT, configured), (None, said)):
        assert mode_in_force(configured, written_at, arming) is expected


@pytest.mark.parametrize("configured", list(Mode))
def test_without_a_word_it_is_as_configured(configured: Mode) -> None:
    assert mode_in_force(configured, SAID, None) is configured
    assert mode_in_force(configured, None, None) is configured
