"""The suite mirrors the code: tests/<app>/test_<file>.py, tests/<app>/views/test_<page>.py."""
