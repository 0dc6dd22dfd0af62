from pathlib import Path

import pytest
import report_sample

from mlsec_lint import __version__

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def result():
    return report_sample.result()


@pytest.fixture
def golden(request):
    """Compare with a file under golden/, or write it under `pytest --accept`."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        text = text.replace(f'"{__version__}"', '"0.0.0"').replace(
            f"mlsec-lint {__version__}", "mlsec-lint 0.0.0"
        )
        if request.config.getoption("--accept"):
            path.write_text(text, encoding="utf-8", newline="")
        assert path.read_bytes() == text.encode(), f"{name} differs; see --accept"

    return check
