"""Kills a build of the index, again and again, at any moment of it. After each kill the index that is there, if any, is
whole and answers as SQL does, and the next build finishes.

    index.py BINARY DATA FOLDER [ROUNDS]
"""

import pathlib
import random
import signal
import subprocess
import sys
import time

REQUEST = "서울 사는 여성 연령대별로"


class Beds:
    """Runs the binary over the data, with the index in a folder."""

    def __init__(self, binary, data, folder):
        self.command, self.flags = binary, ["--data", data, "--index", str(folder)]

    def run(self, *args):
        return subprocess.run([self.command, *args, *self.flags], capture_output=True, text=True, check=False)

    def answer(self, engine):
        done = self.run("ask", REQUEST, "--min-group", "0", "--engine", engine)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def built(self):
        """How long a build takes."""
        start = time.monotonic()
        done = self.run("index", "build", "--anew")
        assert done.returncode == 0, done.stderr
        return time.monotonic() - start

    def killed(self, after):
        """A build that is killed after so many seconds; whether it was still going on."""
        process = subprocess.Popen(
            [self.command, "index", "build", "--anew", *self.flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def main(binary, data, folder, rounds=20):
    folder = pathlib.Path(folder)
    beds = Beds(binary, data, folder)
    expected = beds.answer("sql")
    took = beds.built()
    assert beds.answer("auto") == expected
    kills = 0
    for number in range(int(rounds)):
        # Every other time with no whole index beside what the build leaves.
        if number % 2:
            for file in folder.glob("segments.index"):
                file.unlink()
        kills += beds.killed(random.uniform(0, took * 1.1))
        assert beds.answer("auto") == expected, f"round {number}: another answer"
        if (folder / "segments.index").exists():
            done = beds.run("index", "verify", "--questions", "20", "--seed", str(number))
            assert done.returncode == 0, done.stdout + done.stderr
    beds.built()
    assert not list(folder.glob("*.part"))
    assert beds.answer("auto") == expected
    print(f"{rounds} builds, {kills} killed in the middle: no wrong answer; a build takes {took:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
