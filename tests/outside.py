"""What scripts that try the program from outside share: running it, and counting what was not as it should be.

Environment: DECLIC, the program.
"""
import os
import subprocess
import sys

DECLIC = os.environ["DECLIC"]
failures = 0


def check(name, good, said=""):
    global failures
    if not good:
        failures += 1
        print(f"FAILED {name} {said}")


def declic(*arguments, want=0):
    run = subprocess.run([DECLIC, *arguments], capture_output=True, text=True, timeout=250)
    check(" ".join(arguments), run.returncode == want, f"exit {run.returncode}, not {want}: {run.stderr}")
    return run.stdout, run.stderr


def finish():
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)
