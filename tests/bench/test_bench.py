"""The benchmark's own parts: who takes part computes the same, and verdicts are right."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from derive.emit.generate import generated
from derive.emit.write import write_file
from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.layer.sample import sample, sample_sizes
from derive.program.suite import suite
from derive.verify.accuracy import Accuracy, Measured
from derive.verify.call import Caller, imported
from derive.verify.load import build
from tests.bench import limits
from tests.bench.accuracy import BESIDE, summary, table
from tests.bench.cases import CALL, CASES, Problem, Row, definition, rows
from tests.bench.goals import Goal, Memory, goals, slope
from tests.bench.growth import memory
from tests.bench.measure import Failed, Timing, made, measured, workers
from tests.bench.peers import FRAMEWORKS, OURS, by_hand, functional, limit, missing
from tests.bench.peers.limit import MOVES, PRODUCTS
from tests.bench.report import Figures, amount, markdown, read, text, verdicts, written
from tests.bench.speed import figures, main
from tests.bench.worker import Timer, unequal

GENERATED = Path(__file__).parents[2] / "generated"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder as the benchmark makes it; two layers are taken as they are shipped."""
    place = tmp_path_factory.mktemp("bench")
    shutil.copytree(GENERATED, place, dirs_exist_ok=True)
    for name in ("quantizer", "softmax_mlp"):
        build(place / "c" / f"{name}.c", place / "c" / "_build")
    made((), place, lambda line: None)
    return place


def timed(names, layer, sizes, folder, threads=1):
    with workers(names, threads, folder, "wall") as running:
        found, wrong = measured(running, Row(layer, sizes, "f64", threads), 0.001)
    assert wrong == []
    return found


def test_ours_agree_and_are_timed(folder):
    found = timed(OURS, "quantizer", (3, 5, 4), folder, 2)
    ours = {"C", "C, allocating", "NumPy"}
    assert ours | {"NumPy by hand", "NumPy by hand, accurate"} <= set(found)
    assert all(timing.seconds > 0 and timing.samples >= 2 for timing in found.values())
    assert {"call, out=", "call, allocating"} == set(timed(OURS[-1:], CALL.layer, (1,), folder))


def test_what_is_written_by_hand_for_the_perceptron_agrees(folder):
    module = limits.limits(folder)
    if module is None:
        pytest.skip("nothing written by hand can be compiled here")
    with workers(["limit"], 1, folder, "wall") as running:
        for sizes, name in (((1, 5, 3, 4), "C by hand"), ((6, 5, 7, 4), PRODUCTS)):
            found, _ = measured(running, Row("softmax_mlp", sizes, "f64", 1), 0.001)
            assert set(found) == (
                {name} if name != PRODUCTS or hasattr(module, "products") else set()
            )


@pytest.mark.parametrize("precision", ["f32", "f64"])
@pytest.mark.parametrize("peer", [by_hand, limit])
def test_what_is_written_by_hand_agrees_on_two_threads(folder, peer, precision):
    problem = Problem(Row("quantizer", (67, 64, 65), precision, 2), folder)
    for call in peer.prepare(problem).values():
        found = peer.results(call)
        assert unequal(found, problem.reference, problem.outputs, problem.dtype) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_agrees_on_every_layer(name, tmp_path):
    if missing(name):
        pytest.skip(f"{missing(name)} is not installed")
    made(tuple(CASES), tmp_path, lambda line: None)
    with workers([name], 1, tmp_path, "wall") as running:
        for row in rows(tuple(CASES), ("f32", "f64"), (1,)):
            if row.sizes == CASES[row.layer].sizes[0]:
                found, wrong = measured(running, row, 0.001)
                assert (set(found), wrong) == ({FRAMEWORKS[name][0]}, [])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the frameworks, on their first use
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("framework", BESIDE)
def test_a_framework_takes_the_place_of_a_generated_module(framework, name, tmp_path):
    give, needs = BESIDE[framework]
    if missing(needs):
        pytest.skip(f"{missing(needs)} is not installed")
    layer = definition(name)
    programs, generator = suite(layer), np.random.default_rng(0)
    for path, content in generated([programs], ["numpy"]).items():
        write_file(tmp_path / path, content)
    ours = Caller(imported(tmp_path / "numpy" / f"{name}.py"), programs)
    theirs = Caller(functional.module(programs, give()), programs)
    sizes = sample_sizes(layer, generator, ones=False)
    for kind, each in (("forward", layer), ("backward", reverse(layer)), ("jvp", forward(layer))):
        arrays = sample(each, sizes, generator)
        expected = ours(kind, arrays, sizes, np.float64)
        found = theirs(kind, arrays, sizes, np.float64)
        assert list(found) == list(expected)
        assert unequal(list(found.values()), list(expected.values()), [], np.float64) == ""


class Wrong:
    """A peer with one gradient of the wrong sign."""

    def prepare(self, problem):
        return {"wrong": lambda: (*problem.reference[:-1], -problem.reference[-1])}

    def results(self, call):
        return call()


def test_a_peer_that_is_wrong_is_an_error(folder):
    answer = Timer(Wrong(), folder, lambda: 0.0).prepare(Row("quantizer", (3, 5, 4), "f64", 1))
    assert answer["error"].startswith("quantizer (3, 5, 4) f64, 1 thread: wrong: gradient 4 is off")


def test_a_process_that_breaks_is_an_error_and_the_others_go_on(folder):
    names = ("no_such_peer", "generated_c")
    with workers(names, 1, folder, "wall") as running:
        found, wrong = measured(running, Row("quantizer", (3, 5, 4), "f64", 1), 0.001)
        none, missed = measured(running, Row("layer_norm", (3, 5), "f64", 1), 0.001)
    assert set(found) == {"C", "C, allocating"}
    assert [each.splitlines()[0] for each in wrong] == ["no_such_peer ended with status 1:"]
    assert none == {}
    assert "there is no generated module" in missed[1]


class Breaking:
    """A process that breaks at an order."""

    def __init__(self, at):
        self.at = at

    def tell(self, **order):
        pass

    def answer(self):
        return {"calls": [self.at]}

    def ask(self, do, **_):
        if do == self.at:
            raise Failed(f"broke at {do}")
        return {"forms": {self.at: ""}, "seconds": {self.at: 1e-3}, "times": [1e-3]}


def test_a_process_that_breaks_while_it_is_timed_has_no_times():
    running = [Breaking("probe"), Breaking("time"), Breaking("never")]
    found, wrong = measured(running, row(), 0.01)
    assert (set(found), wrong) == ({"never"}, ["broke at probe", "broke at time"])


def test_results_that_differ_are_told_apart():
    one, other = np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-13])
    assert unequal([one], [other], ["y"], np.float64) == ""
    assert unequal([one], [one + 1e-9], ["y"], np.float64).startswith("y is off by 1e-09")
    assert unequal([one * np.nan], [one], ["y"], np.float64).startswith("y is off by nan")
    assert "shape" in unequal([one[:1]], [one], ["y"], np.float64)
    assert "float32" in unequal([one.astype(np.float32)], [one], ["y"], np.float64)
    assert unequal([one], [one, one, one], ["y", "z"], np.float64) == "1 results instead of 3"


def row(layer="quantizer", threads=1, sizes=None):
    return Row(layer, sizes or CASES[layer].sizes[-1], "f32", threads)


def times(**seconds):
    return {name.replace("_", " "): Timing(value, 5) for name, value in seconds.items()}


def judged(figures, start):
    return [goal for goal in goals(figures, {}, {}) if goal.title.startswith(start)]


def test_a_goal_is_met_up_to_its_bound_and_missed_beyond():
    found = (("a", 1.25), ("b", 2.0), ("c", 1.3))
    most = Goal("", 1.25, True, found)
    assert (most.verdict, most.missed) == ("missed", (("b", 2.0), ("c", 1.3)))
    least = Goal("", 1.3, False, found)
    assert (least.verdict, least.missed) == ("missed", (("a", 1.25),))
    assert Goal("", 2.0, True, found).verdict == Goal("", 1.25, False, found).verdict == "met"
    assert Goal("", 1.0, True, ()).verdict == "not measured"


def test_what_the_limit_misses_is_told_apart():
    figures = {
        row(): times(C=2.0, C_by_hand=1.9, JAX=15.0),
        row(sizes=(64, 32, 8)): times(C=2.0, C_by_hand=1.5, JAX=15.0),
    }
    best = judged(figures, "quantizer: best")[0]
    assert [place for place, _ in best.missed] == [str(each) for each in figures]
    assert best.beyond == (str(row()),)
    assert best.reach[str(row(sizes=(64, 32, 8)))] == 10.0
    told = verdicts(Figures({}, figures, {}, {}))
    assert "in 0 of 2, worst 7.5; 1 beyond the limit" in told
    assert f"7.5  {row()} (limit 7.89)" in told
    most = Goal("", 5, True, (("a", 7.0), ("b", 6.0)), {"a": 6.5, "b": 4.0})
    assert most.beyond == ("a",)


def test_the_limit_of_elementwise_layers_is_to_move_their_results():
    at = Row("layer_norm", (4, 16), "f32", 1)
    calls = limit.prepare(SimpleNamespace(row=at, reference=(np.ones((4, 16)), np.ones(4))))
    assert list(calls) == [MOVES] and calls[MOVES]() is None
    figures = {row("layer_norm"): {**times(C=1.0, JAX=2.0), MOVES: Timing(0.9, 3)}}
    (goal,) = judged(figures, "layer_norm")
    assert goal.beyond == (str(row("layer_norm")),)


def test_ratios_are_taken_within_a_row():
    figures = {
        row(): times(C=2.0, C_by_hand=1.0, NumPy_by_hand=7.0, JAX=30.0, Numba=20.0, NumPy=7.0),
        row(sizes=(1, 8, 4)): times(C=2.0, JAX=14.0),
    }
    by_hand_, best, numpy_ = judged(figures, "quantizer: ")[:3]
    assert [value for _, value in by_hand_.found] == [2.0]
    assert [value for _, value in best.found] == [10.0, 7.0]
    assert [value for _, value in best.missed] == [7.0]
    assert [value for _, value in numpy_.found] == [3.5]
    (best_c,) = judged(figures, "quantizer, large: NumPy")
    assert [value for _, value in best_c.found] == [7.0]


def test_the_perceptron_is_judged_by_its_size():
    figures = {
        row("softmax_mlp"): {**times(C=1.2, JAX=1.0), PRODUCTS: Timing(1.0, 3)},
        row("softmax_mlp", sizes=(1, 2, 2, 2)): times(C=1.0, C_by_hand=1.0, JAX=4.0),
    }
    verdict = {goal.title: goal.verdict for goal in judged(figures, "perceptron")}
    assert list(verdict.values()) == ["missed", "missed", "met", "missed"]


def test_two_threads_are_compared_with_one():
    small = CASES["quantizer"].sizes[0]
    figures = {
        row(): times(C=1.9),
        row(threads=2): times(C=1.0),
        row(sizes=small): times(C=1.0),
        row(sizes=small, threads=2): times(C=1.2),
    }
    large, little = judged(figures, "C, ")
    assert (large.verdict, little.verdict) == ("met", "missed")
    assert large.found == ((str(row(threads=2)), 1.9),)


def test_memory_may_grow_by_a_block_and_no_more():
    block = 1 << 23
    grown = {"a": (Memory(8 * block, 0), Memory(32 * block, block))}
    grown["b"] = (Memory(8 * block, block), Memory(32 * block, 10 * block))
    (goal,) = (g for g in goals({}, {}, grown) if g.title.startswith("memory"))
    assert [name for name, _ in goal.missed] == ["b"]


def test_the_slope_is_the_power():
    assert slope([8, 16, 64], [3.0, 6.0, 24.0]) == pytest.approx(1)
    assert slope([2, 4, 16], [4.0, 16.0, 256.0]) == pytest.approx(2)


def test_figures_can_be_read_back_and_shown():
    figures = Figures(
        {"machine": "m"},
        {row(): times(C=0.002, JAX=0.03, C_by_hand=0.001)},
        {"B": 1.0},
        {"quantizer": (Memory(8, 0), Memory(32, 0))},
        ("somebody ended with status 1",),
    )
    assert read(written(figures)) == figures
    shown = text(figures)
    assert "2 ms" in shown and "15×" in shown and "0.50×" in shown
    assert "wrong: somebody ended with status 1" in shown
    assert "missed  quantizer: C ÷ C by hand ≤ 1.25: in 0 of 1, worst 2" in verdicts(figures)
    *_, last = markdown(figures).splitlines()
    assert last.startswith("| quantizer | B = 4096, N = 1024, M = 16 | 2 ms | - | - | - | 15× |")
    goal = {g["goal"]: g for g in json.loads(written(figures))["goals"]}
    assert goal["quantizer: best framework ÷ C"]["verdict"] == "met"


def test_a_row_without_c_is_not_in_the_tables():
    figures = Figures({}, {row(): times(JAX=0.03)}, {}, {}, ("C broke",))
    assert text(figures).splitlines() == ["", "wrong: C broke"]


def test_no_row_begins_when_time_is_over(folder, monkeypatch):
    monkeypatch.setattr("tests.bench.speed.memory", lambda *_: {})
    cases = [Row("quantizer", (3, 5, 4), "f32", 1)]
    found = figures(cases, [], folder, 0.001, "wall", end=0.0)
    assert found.wrong == ("quantizer (3, 5, 4) f32, 1 thread: left out, there was no time",)


def test_times_have_their_unit():
    assert [amount(t) for t in (2.5, 0.0123, 4.2e-5, 3e-7)] == [
        "2.5 s",
        "12.3 ms",
        "42 µs",
        "300 ns",
    ]


def test_accuracy_is_a_table_with_everybody_beside():
    found = (
        Measured("forward", "y", "c", "f64", 0.5, 2.0, "somewhere"),
        Measured("forward", "y", "torch", "f64", 30.0, 2.0, "somewhere", 4, "there"),
    )
    report = Accuracy("tanh", found, 1.0)
    assert table([report]).splitlines()[1].split() == [
        *("tanh", "forward", "y", "-", "-", "0.5", "30", "(4!)", "2.0"),
    ]
    assert summary([report]) == "c f64: 1 of 1 met\ntorch f64: 0 of 1 met"


def test_memory_of_a_call_is_told_or_why_not(folder, monkeypatch):
    case = CASES["quantizer"]
    small = type(case)(case.layer, case.axes, ((1, 2, 2), (8, 5, 4)), elementwise=True)
    monkeypatch.setitem(CASES, "quantizer", small)
    told = []
    found = memory(["quantizer"], 1, folder, told.append)
    assert bool(found) != bool(told)


def test_an_unknown_layer_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--only", "quantiser"])
    assert ended.value.code == 2
    assert "'quantiser' is not among quantizer, softmax_mlp" in capsys.readouterr().err
