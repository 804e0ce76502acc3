"""What all host tests share: a home folder of their own, and their screen."""

import pytest

import screen as screen_module


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No test reads or writes a person's profile."""
    for variable, folder in {
        "HOME": "",
        "XDG_DATA_HOME": "data",
        "XDG_CONFIG_HOME": "config",
        "XDG_CACHE_HOME": "cache",
        "XDG_STATE_HOME": "state",
    }.items():
        monkeypatch.setenv(variable, str(tmp_path / "home" / folder))


@pytest.fixture(scope="session")
def screen():
    """A virtual screen with a window manager."""
    missing = screen_module.missing()
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    with screen_module.Screen() as running:
        yield running
