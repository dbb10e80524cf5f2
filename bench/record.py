"""Puts one section into bench/results.json and leaves the others as they are.

usage: record.py SECTION FILE.json
"""
import json
import os
import sys

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results.json")


def machine():
    """Processor and cores: what the figures depend on."""
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count()}


def record(section, rows):
    """Writes beside the file, then renames: a killed run leaves the old results."""
    try:
        with open(RESULTS, encoding="utf-8") as file:
            results = json.load(file)
    except FileNotFoundError:
        results = {}
    results[section] = {"machine": machine(), "rows": rows}
    with open(RESULTS + ".new", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2, sort_keys=True)
        file.write("\n")
    os.replace(RESULTS + ".new", RESULTS)


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as rows_file:
        record(sys.argv[1], json.load(rows_file))
