from __future__ import annotations

import statistics
import subprocess
import sys

from mj_widgets.sandbox.dice import between, chance, mix, normal


def test_the_same_key_gives_the_same_number_in_every_process() -> None:
    code = "from mj_widgets.sandbox.dice import mix; print(mix(7, 'a', 3))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(other) == mix(7, "a", 3)


def test_keys_do_not_run_into_each_other() -> None:
    assert len({mix(1, "23"), mix(12, "3"), mix(1, 23), mix(1, 2, 3), mix("1", 23)}) == 5


def test_chances_are_even() -> None:
    drawn = [chance("test", n) for n in range(4000)]
    assert all(0 <= number < 1 for number in drawn)
    assert abs(statistics.fmean(drawn) - 0.5) < 0.02
    assert all(3 <= between(3, 4, "test", n) < 4 for n in range(100))


def test_normal_numbers_are_normal() -> None:
    drawn = [normal("test", n) for n in range(4000)]
    assert abs(statistics.fmean(drawn)) < 0.06
    assert abs(statistics.stdev(drawn) - 1) < 0.05
