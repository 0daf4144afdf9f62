"""Optional packages in words."""

from dezero.backend import extras


def test_described(monkeypatch):
    monkeypatch.setattr(extras, "OPTIONAL", {"numpy": ("arrays", "a"), "no-such": ("none", "fast")})
    assert extras.described("numpy").endswith(", arrays")
    assert extras.described("no-such") == ("not installed (none): pip install 'dezero-next[fast]'")
