"""The GPU's tests of captures at work without one, on the stream that refuses what CuPy refuses."""

import pytest

from tests.gpu import test_captures as ours
from tests.gpu.conftest import playing_streams


@pytest.fixture
def capturing(monkeypatch, seeded):
    with playing_streams(monkeypatch) as backend:
        yield backend


@pytest.mark.slow
@pytest.mark.parametrize("net", ours.NETS)
def test_networks(net, capturing):
    both = [ours.train(captured, ours.Adam, net, steps=40) for captured in (False, True)]
    assert both[0][0] == both[1][0]
