"""Every use of a rule of stability is equal by the calculus itself, and no rule is missing."""

from __future__ import annotations

import pytest

from derive.index.equality import Proved, Sampled
from derive.index.functions import sigmoid
from derive.verify.stability import rewritten, stages, verdict
from tests.calculus.layers import LAYERS

#: The rules that each layer needs.
USED = {
    "quantizer": {"1 - tanh²"},
    "binary_mlp": {"log of a sigmoid", "1 - σ"},
    "softmax_mlp": {
        *("log of a softmax", "log-softmax", "probability minus label", "max shift", "1 - σ"),
        "centred average",
    },
    "gru_cell": {"1 - σ", "1 - tanh²"},
    "attention": {"max shift", "centred average"},
    "causal_attention": {"softmax by parts", "max shift", "centred average"},
    "attention_nested": {"max shift", "centred average"},
    "log_sum_exp": {"log-sum-exp", "max shift"},
    "cross_entropy_by_class": {
        *("log-softmax", "probability minus label", "max shift", "centred average"),
    },
    "unit_vector": {"norm", "projection", "powers of a length below"},
    "cosine_similarity": {"norm", "scaled sum", "sum of squares below"},
    "kronecker": {"1 - tanh", "1 - tanh²"},
    "max_of_sums": {"maximum of an increasing function", "1 - tanh²"},
    "layer_norm": set(),
    "rbf": set(),
}


@pytest.mark.parametrize("name", USED)
def test_every_use_of_a_rule_changes_no_value(name):
    used = set()
    for stage in stages(LAYERS[name]()):
        for node, each in stage.log:
            used.add(each.rule.name)
            found = verdict(node, each, stage.old)
            equal = isinstance(found, Proved) or (isinstance(found, Sampled) and found.points > 3)
            assert equal, (node.name, each)
    assert used == USED[name]


def test_a_wrong_rule_is_refuted():
    stage = next(iter(stages(LAYERS["binary_mlp"]())))
    node, each = stage.log[0]
    wrong = type(each)(each.rule, each.before, each.after * sigmoid(each.after), each.bound)
    assert "Refuted" in type(verdict(node, wrong, stage.old)).__name__


def test_errors_before_and_after_are_told():
    found = {each.application.rule.name: each for each in rewritten(LAYERS["binary_mlp"]())}
    for each in found.values():
        assert each.equal == "proved"
        assert each.after < 1e-14
        assert each.before > 1e-14
