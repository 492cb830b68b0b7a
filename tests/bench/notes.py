"""How well wrong gradients in notes are found and repaired, and right ones left alone.

Run by ``make bench-notes``; it prints a table and, with ``--json FILE``, writes the figures and
every miss. From each right claim of our notes, and of the notes under ``tests/bench/claims``, wrong
ones are made by single and double slips; rewritings of the right claims must not be called wrong.
Claims of strangers, right and wrong, are judged as they are. Times are of the processor, so that
it does not matter what else the machine does.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.edited import applied
from derive.notes.parse import parse
from derive.notes.verdicts import AGREES, LAYOUT, NOT_A_CLAIM, PROVED
from tests.bench.mutants import Bench, doubles, same_product, same_text, singles
from tests.bench.rewritings import by_hand, systematic
from tests.notes_reader.test_corpus import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.mutants import Claim, Mutant

__all__ = ["Score", "measure"]

CLAIMS = Path(__file__).with_name("claims")
NOTES = Path(__file__).parents[1] / "notes"
STRANGERS = NOTES / "strangers"
#: Variants that are checked before a note's world is built anew.
_BEFORE_FRESH = 100
#: Of the notes, every so manieth is in the small sample.
_EVERY = 6
#: Seconds for one claim that are too many.
_SLOW = 5.0
_ACCEPTED = (PROVED, AGREES, LAYOUT)


@dataclass(slots=True)
class Score:
    """Counts, times in seconds, and the misses.

    Parameters
    ----------
    counts : Counter
        ``single``, ``single detected``, ``single repaired``, ``single placed``, the same for
        ``double``; ``rewriting``, ``rewriting accepted``, ``rewriting proved``; ``right``,
        ``right accepted``, ``wrong``, ``wrong found``, ``wrong repaired`` of strangers; ``line``,
        ``line read``.
    times : list of float
        For each wrong claim, of the processor.
    misses : list of tuple
        What went wrong, the note, the text, and what was proposed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    misses: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the figures of another score."""
        self.counts.update(other.counts)
        self.times += other.times
        self.misses += other.misses

    def share(self, what: str, of: str) -> float:
        """Return a share, 1 of nothing."""
        return self.counts[what] / self.counts[of] if self.counts[of] else 1.0


def _judged(bench: Bench, mutant: Mutant, name: str, score: Score) -> None:
    """Check one wrong claim."""
    start = time.process_time()
    verdicts = bench.verdicts(mutant.latex)
    score.times.append(time.process_time() - start)
    if score.times[-1] >= _SLOW:
        score.misses.append((f"slow: {score.times[-1]:.1f} s", bench.name, mutant.latex, ""))
    score.counts[name] += 1
    bad = [v for v in verdicts if v.verdict not in (PROVED, AGREES, NOT_A_CLAIM)]
    kinds = "+".join(mutant.kinds)
    if not bad:
        score.misses.append((f"{name} undetected: {kinds}", bench.name, mutant.latex, ""))
        return
    score.counts[f"{name} detected"] += 1
    first = bad[-1]
    if not first.repairs:
        score.misses.append((f"{name} unrepaired: {kinds}", bench.name, mutant.latex, first.note))
        return
    edits = first.repairs[0].edits
    repaired = applied(mutant.latex, edits)
    sides = bench.sides(repaired)
    if sides is None or not (
        bench.equal(mutant.claim, sides[-1]) or _holds(bench, mutant, repaired)
    ):
        score.misses.append((f"{name} unequal: {kinds}", bench.name, mutant.latex, repaired))
        return
    score.counts[f"{name} repaired"] += 1
    if same_text(sides[-1], mutant.claim.side) or all(
        any(
            _near(mutant.latex, (e.start, e.end), place)
            or same_product(mutant.side, (e.start, e.end), place)
            for place in mutant.places
        )
        for e in edits
    ):
        score.counts[f"{name} placed"] += 1
    else:
        score.misses.append((f"{name} misplaced: {kinds}", bench.name, mutant.latex, repaired))


def _holds(bench: Bench, mutant: Mutant, repaired: str) -> bool:
    """Tell whether a repair makes a claim of the same left side right, perhaps as a row."""
    kept = mutant.latex[: mutant.side.start]
    right = (PROVED, AGREES, NOT_A_CLAIM)
    return repaired.startswith(kept) and all(v.verdict in right for v in bench.verdicts(repaired))


def _near(text: str, one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Tell whether two places touch, but for blanks between them."""
    first, second = sorted((one, two))
    return first[1] >= second[0] or not text[first[1] : second[0]].strip()


def _spoiled(bench: Bench, claims: Sequence[Claim], step: int, score: Score) -> None:
    """Check every ``step``-th single slip of all claims."""
    done = 0
    for claim in claims:
        for mutant in singles(bench, claim, step):
            _judged(bench, mutant, "single", score)
            done += 1
            if done % _BEFORE_FRESH == 0:
                bench.fresh()


def _spoiled_twice(bench: Bench, claims: Sequence[Claim], count: int, score: Score) -> None:
    for n in range(count):
        chance = random.Random(f"{bench.name} {n}")
        claim = chance.choice(list(claims))
        _judged(bench, next(doubles(bench, claim, chance)), "double", score)


def _rewritten(bench: Bench, texts: Iterable[str], score: Score) -> None:
    """Check texts that say the same as right claims."""
    for latex in texts:
        verdicts = [v for v in bench.verdicts(latex) if v.verdict != NOT_A_CLAIM]
        accepted = bool(verdicts) and all(v.verdict in _ACCEPTED for v in verdicts)
        proved = accepted and all(v.verdict != AGREES for v in verdicts)
        score.counts["rewriting"] += 1
        score.counts["rewriting accepted"] += accepted
        score.counts["rewriting proved"] += proved
        if not proved:
            word = "unproved" if accepted else "refused"
            said = "; ".join(f"{v.verdict} {[p.message for p in v.problems]}" for v in verdicts)
            score.misses.append((f"rewriting {word}", bench.name, latex, said))


def _note(path: Path, step: int, twice: int, effort: float, parts: str) -> Score:
    """Return the score of one note."""
    score = Score()
    bench = Bench(path, effort)
    claims = list(bench.claims())
    score.counts["claim"] += len(claims)
    if "s" in parts:
        _spoiled(bench, claims, step, score)
    if "d" in parts:
        _spoiled_twice(bench, claims, twice, score)
    if "r" in parts:
        bench.fresh()
        texts = dict.fromkeys((*systematic(bench, claims), *by_hand(bench.name)))
        _rewritten(bench, list(texts)[:: max(1, step // 4)], score)
    return score


def _strangers(effort: float) -> Score:
    """Return the score of claims from public notes, of which it is known whether they are right."""
    score = Score()
    truth = yaml.safe_load((STRANGERS / "truth.yaml").read_text(encoding="utf-8"))
    for name, entry in truth.items():
        text = (STRANGERS / f"{name}.md").read_text(encoding="utf-8")
        verdicts = check(read(text, f"{name}.md"), effort).verdicts
        bad = [v for v in verdicts if v.verdict not in (PROVED, AGREES, NOT_A_CLAIM)]
        if entry["truth"] == "correct":
            score.counts.update(("right", *(["right accepted"] if not bad else [])))
            if bad:
                score.misses.append(("right refused", name, bad[0].latex, bad[0].verdict))
            continue
        score.counts.update(("wrong", *(["wrong found"] if bad else [])))
        repairs = [v.repairs[0].latex.strip() for v in bad if v.repairs]
        last = list(re.finditer(r"\$\$\n(.*?)\n\$\$", text, re.DOTALL))[-1].span(1)
        changed = text[: last[0]] + repairs[0] + text[last[1] :] if repairs else text
        if repairs and all(v.fine for v in check(read(changed, f"{name}.md"), 0.0).verdicts):
            score.counts["wrong repaired"] += 1
        else:
            proposed = repairs[0] if repairs else ""
            score.misses.append(("wrong unrepaired", name, entry["corrected"], proposed))
    return score


def _coverage() -> Score:
    """Return how many lines of the reader's corpus are read."""
    score = Score()
    for declared, latex in lines():
        score.counts["line"] += 1
        try:
            parse(latex, declared)
            score.counts["line read"] += 1
        except DeriveError as error:
            score.misses.append(("line unread", "corpus", latex, error.message))
    return score


def measure(
    *,
    quick: bool = False,
    effort: float = 2.0,
    jobs: int = 1,
    parts: str = "sdrt",
    only: str = "",
    step: int = 0,
    twice: int = 2000,
) -> Score:
    """Return the score of all notes.

    Parameters
    ----------
    quick : bool
        Take a fixed small sample.
    effort : float
        Seconds that the search for a repair may take, for one claim.
    jobs : int
        How many processes to use.
    parts : str
        Which parts: ``s`` for single slips, ``d`` for double ones, ``r`` for rewritings, ``t`` for
        the claims of strangers.
    only : str
        Notes whose name contains this.
    step : int
        Take every so manieth single slip; by the kind of run if 0.
    twice : int
        How many double slips there are in all, in a full run.
    """
    made, ours = sorted(CLAIMS.glob("*.md")), sorted(NOTES.glob("*.md"))
    # The longest first.
    every = made[::_EVERY] if quick else [*ours, *made]
    paths = [path for path in every if only in path.stem]
    step = step or (23 if quick else 1)
    each = 1 if quick else -(-twice // len(paths))
    work = partial(_note, step=step, twice=each, effort=effort, parts=parts)
    score = _coverage()
    with contextlib.ExitStack() as stack:
        run = stack.enter_context(ProcessPoolExecutor(jobs)).map if jobs > 1 else map
        for done, (path, found) in enumerate(zip(paths, run(work, paths), strict=True), 1):
            score.add(found)
            print(f"{done} of {len(paths)}: {path.stem}", file=sys.stderr, flush=True)
    if "t" in parts:
        score.add(_strangers(effort))
    return score


#: What is shown: text, the share's parts, the goal.
_ROWS = (
    ("single slips detected", "single detected", "single", 1.0),
    ("single slips repaired first", "single repaired", "single", 0.99),
    ("single slips placed", "single placed", "single", 0.99),
    ("double slips detected", "double detected", "double", 1.0),
    ("double slips repaired first", "double repaired", "double", 0.9),
    ("rewritings accepted", "rewriting accepted", "rewriting", 1.0),
    ("rewritings proved", "rewriting proved", "rewriting", 0.95),
    ("strangers' right accepted", "right accepted", "right", 1.0),
    ("strangers' wrong found", "wrong found", "wrong", 1.0),
    ("strangers' wrong repaired", "wrong repaired", "wrong", 20 / 22),
    ("corpus lines read", "line read", "line", 1.0),
)


def table(score: Score) -> str:
    """Return the figures for a terminal."""
    lines_ = [f"{score.counts['claim']} right claims"]
    for text, what, of, goal in _ROWS:
        if score.counts[of]:
            share = score.share(what, of)
            met = "met" if share >= goal else "MISSED"
            count = f"{score.counts[what]} of {score.counts[of]}"
            lines_.append(f"{text:30}{count:>18}{share:>9.2%}   goal {goal:.0%} {met}")
    if score.times:
        middle, worst = statistics.median(score.times), max(score.times)
        for text, seconds, goal in (("median", middle, 0.2), ("worst", worst, _SLOW)):
            met = "met" if seconds < goal else "MISSED"
            name = f"processor time, {text}"
            lines_.append(f"{name:30}{'':>18}{seconds:>7.2f} s   goal {goal:g} s {met}")
    return "\n".join(lines_)


def _data(score: Score) -> dict[str, Any]:
    times = score.times or [0.0]
    return {
        "counts": dict(score.counts),
        "seconds": {"median": statistics.median(times), "worst": max(times), "sum": sum(times)},
        "misses": score.misses,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures and all misses here")
    parser.add_argument("--quick", action="store_true", help="a fixed small sample")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--effort", type=float, default=2.0, help="seconds for a repair")
    parser.add_argument(
        "--parts", default="sdrt", help="s: single, d: double, r: rewritings, t: strangers"
    )
    parser.add_argument("--only", default="", help="notes with this in their name")
    parser.add_argument("--step", type=int, default=0, help="take every STEPth single slip")
    parser.add_argument("--twice", type=int, default=2000, help="double slips in all")
    given = vars(parser.parse_args())
    target = given.pop("json")
    score = measure(**given)
    print(table(score))
    for miss in score.misses:
        if miss[0] == "line unread":
            print(*miss, sep=" | ")
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(_data(score), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
