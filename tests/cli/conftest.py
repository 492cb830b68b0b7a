"""Running the program inside the tests' process."""

import pytest

from derive.cli import main


@pytest.fixture
def derive(capsys):
    """Call the program; return its status, what it printed, and what it complained of."""

    def call(*arguments):
        status = main.entry(list(arguments))
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call
