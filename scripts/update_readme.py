"""Put what `gatepath demo` prints into both READMEs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
START, END = "<!-- demo:start -->", "<!-- demo:end -->"


def main() -> None:
    """Rewrite the blocks between the marks."""
    for name, language in (("README.md", "en"), ("README.ja.md", "ja")):
        command = [str(Path(sys.executable).parent / "gatepath"), "--language", language, "demo"]
        env = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
        shown = subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout.rstrip()
        path = ROOT / name
        before, rest = path.read_text(encoding="utf-8").split(START)
        after = rest.split(END)[1]
        option = "" if language == "en" else f" --language {language}"
        block = f"{START}\n```console\n$ gatepath demo{option}\n{shown}\n```\n{END}"
        path.write_text(before + block + after, encoding="utf-8")


if __name__ == "__main__":
    main()
