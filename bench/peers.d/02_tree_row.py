"""One row at a time through boosted trees, as a live forecast asks: ours against XGBoost's prediction in place.

50 trees of depth 4 over 32 features; forest, data and checks are those of row 1.
"""
import importlib.util
import os

TITLE = "boosted trees, one row a call"
TARGET = 80
TREES, DEPTH = 50, 4


def batch():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "01_trees.py")
    spec = importlib.util.spec_from_file_location("trees", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(tools):
    trees = batch()
    forest = trees.trained(tools, TREES, DEPTH)
    cases = [trees.measure_case(tools, forest, "50 of depth 4", trees.rows(4096, 2, False), 1, TARGET),
             trees.measure_case(tools, forest, "the same with holes", trees.rows(4096, 2, True), 1, TARGET)]
    tools.ours.bench_forest_close(forest)
    return cases
