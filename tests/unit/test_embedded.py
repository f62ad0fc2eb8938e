"""The services of an embedded installation run the code of whoever started them."""

import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_ASKS = """
import subprocess
from pathlib import Path
from jiujinan.embedded import service_program
program = service_program("intake", {"INTAKE_URL": "postgresql://nowhere"}, Path("data").absolute(), 8000)
flags = program.argv[: program.argv.index("-m")]
asked = (*flags, "-c", "import services.chassis as found; print(found.__file__)")
print(subprocess.check_output(asked, cwd=program.directory, env=program.environment, text=True), end="")
"""


def test_a_service_runs_the_code_of_the_tree_that_started_it_and_nothing_from_its_data(tmp_path: Path) -> None:
    for package in ("events", "services", "jiujinan"):
        shutil.copytree(_ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "schemas"))
    for package in ("services", "services/chassis"):
        (tmp_path / "data" / package).mkdir(parents=True)
        (tmp_path / "data" / package / "__init__.py").touch()
    command = (sys.executable, "-c", _ASKS)
    found = subprocess.check_output(command, cwd=tmp_path, env={"PYTHONDONTWRITEBYTECODE": "1"}, text=True)
    assert Path(found.strip()).parent == tmp_path / "services" / "chassis"
