"""Pictures: everything is drawn once, nothing overlaps, and cells are what derivatives say."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from derive import Definition, tanh
from derive.explain.graph import COTANGENT, FORWARD, OUTPUT, graph_picture
from derive.explain.pictures import HEAD, Curve, Head, Label, Line, Rect
from derive.explain.sparsity import FILLED, small_sizes, sparsity_drawing
from derive.explain.text import written
from derive.explain.tikz import tikz
from derive.explain.tree import Letter
from derive.gradient.jacobian import jacobian
from derive.index.evaluate import evaluate
from derive.index.terms import tensors
from derive.layer.find import load, shipped
from derive.layer.run import run
from derive.layer.sample import extents, sample
from tests.calculus.layers import LAYERS
from tests.seeds import printed_under

NAMES = [*sorted(shipped()), "attention", "gru_cell", "convolution_2d", "deep_chain"]


def twenty():
    """Return a layer of twenty nodes, each of which reads the one before and one long before."""
    d = Definition("twenty")
    size = d.sizes("N")
    found = [d.input("x", size)]
    for number in range(19):
        weight = d.param(f"W{number}", size, size)
        found.append(d.node(f"h{number}", tanh(weight @ found[-1] + found[number // 2])))
    d.output("y", found[-1] @ found[-1])
    return d.build()


def layer_of(name):
    if name == "twenty":
        return twenty()
    return load(name) if name in shipped() else LAYERS[name]()


def of(kind, drawing):
    return [shape for shape in drawing.shapes if isinstance(shape, kind)]


def boxes(drawing):
    """Return the box of each name: the one that its label stands in."""
    result = {}
    for label in of(Label, drawing):
        if label.style == "name":
            (rect,) = [r for r in of(Rect, drawing) if contains(r, label.at)]
            assert label.parts[0].name not in result
            result[label.parts[0].name] = rect
    return result


def contains(rect, point):
    return rect.x < point.x < rect.x + rect.width and rect.y < point.y < rect.y + rect.height


def on_edge(rect, point, below):
    """Tell whether a point is on the lower edge of a box, or on the upper."""
    edge = rect.y + rect.height if below else rect.y
    return rect.x <= point.x <= rect.x + rect.width and point.y == edge


def joined(drawing, style):
    """Return from which box to which each arrow leads, by where it begins and ends."""
    found = boxes(drawing)
    result = []
    for curve in of(Curve, drawing):
        if curve.style != style:
            continue
        up = style == COTANGENT
        ends = [
            [name for name, rect in found.items() if on_edge(rect, point, below)]
            for point, below in ((curve.points[0], not up), (curve.points[-1], up))
        ]
        assert all(len(end) == 1 for end in ends)
        result.append((ends[0][0], ends[1][0]))
    return sorted(result)


@pytest.mark.parametrize("name", [*NAMES, "twenty"])
def test_no_two_boxes_overlap_and_all_are_in_the_picture(name):
    drawing = graph_picture(layer_of(name))
    found = of(Rect, drawing)
    for one, two in combinations(found, 2):
        beside = one.x + one.width < two.x or two.x + two.width < one.x
        assert beside or one.y + one.height < two.y or two.y + two.height < one.y
    for rect in found:
        assert rect.x >= 0 and rect.x + rect.width <= drawing.width
        assert rect.y >= 0 and rect.y + rect.height <= drawing.height


@pytest.mark.parametrize("name", [*NAMES, "twenty"])
def test_every_tensor_and_every_use_of_one_is_drawn_once(name):
    layer = layer_of(name)
    drawing = graph_picture(layer)
    found = boxes(drawing)
    assert set(found) == set(layer.names) and len(of(Rect, drawing)) == len(found)
    for name, rect in found.items():
        role = OUTPUT if name in layer.outputs else layer.tensor(name).role.value
        assert rect.style == role
    reads = [
        (read, node.name)
        for node in layer.nodes
        for read in layer.names
        if read in tensors(node.body)
    ]
    assert joined(drawing, FORWARD) == sorted(reads)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_flow_back_where_there_are_some(name):
    layer = layer_of(name)
    wanted = layer.wrt[-1].name
    drawing = graph_picture(layer, [wanted])
    reached = {wanted}
    for node in layer.nodes:
        if reached & set(tensors(node.body)):
            reached.add(node.name)
    back = [
        (node.name, read)
        for node in layer.nodes
        for read in reached
        if node.name in reached and read in tensors(node.body)
    ]
    assert back and joined(drawing, COTANGENT) == sorted(back)


@pytest.mark.parametrize("name", [*NAMES, "twenty"])
def test_every_arrow_has_its_head_and_passes_no_box(name):
    drawing = graph_picture(layer_of(name))
    tips = {(head.tip, head.up, head.style) for head in of(Head, drawing)}
    curves = of(Curve, drawing)
    assert tips == {(c.points[-1], c.style == COTANGENT, c.style) for c in curves}
    assert len(tips) == len(of(Head, drawing)) == len(curves)
    for curve in curves:
        for one, two in pairwise(curve.points):
            low, high = sorted((one.y, two.y))
            left, right = sorted((one.x, two.x))
            for rect in of(Rect, drawing):
                level = low < rect.y + rect.height and rect.y < high
                assert not (level and left <= rect.x + rect.width and rect.x <= right)


@pytest.mark.parametrize("name", [*NAMES, "twenty"])
def test_heads_of_arrows_stand_apart(name):
    tips = [head.tip for head in of(Head, graph_picture(layer_of(name)))]
    for one, two in combinations(tips, 2):
        assert one.y != two.y or abs(one.x - two.x) >= 2 * HEAD[1]


def test_a_deep_layer_fits_the_width_of_a_page():
    drawing = graph_picture(twenty())
    assert len(of(Rect, drawing)) == 40 and drawing.width <= 700


def test_a_picture_that_is_longer_than_a_page_is_made_smaller():
    assert tikz(graph_picture(twenty())).startswith(r"\scalebox{0.5")
    assert tikz(graph_picture(load("quantizer"))).startswith(r"\begin{tikzpicture}")


def test_sizes_that_are_sums_stand_in_brackets():
    labels = of(Label, graph_picture(layer_of("convolution_2d")))
    shapes = [" × ".join(map(written, label.parts)) for label in labels if label.style == "shape"]
    assert "C × (H + K − 1) × (H + K)" in shapes


LINKS = [
    ("quantizer", "Z", "X"),
    ("quantizer", "Z", "b"),
    ("softmax_mlp_rows", "y_hat", "theta"),
    ("softmax_mlp_rows", "theta", "W2"),
    ("attention", "A", "s"),
    ("attention", "O", "V"),
    ("convolution_2d", "Y", "X"),
    ("deep_chain", "h0", "b0"),
]


@pytest.mark.parametrize(("name", "of_", "wrt"), LINKS)
def test_the_filled_cells_are_the_entries_that_are_not_zero(name, of_, wrt):
    layer = layer_of(name)
    both = layer.tensor(of_), layer.tensor(wrt)
    sizes = small_sizes(layer, both)
    given = sample(layer, sizes, np.random.default_rng(11))
    arrays = {**given, **run(layer, given, sizes)}
    heights, widths = (extents(tensor, sizes) for tensor in both)
    rows, columns = int(np.prod(heights)), int(np.prod(widths))
    moved = np.zeros((rows, columns), bool)
    # What is differentiated, from values of all that it reads, one entry pushed a little.
    (node,) = [node for node in layer.nodes if node.name == of_]
    for column in range(columns):
        results = []
        for step in (1e-4, -1e-4):
            pushed = {key: np.array(value, float) for key, value in arrays.items()}
            pushed[wrt].flat[column] += step
            results.append(value_of(node, pushed, sizes, heights))
        moved[:, column] = np.abs(results[0] - results[1]).ravel() > 1e-9
    drawing = sparsity_drawing(layer, jacobian(layer, of_, wrt))
    cells = [rect.style == FILLED for rect in of(Rect, drawing)]
    assert (np.reshape(cells, (rows, columns)) == moved).all()
    assert moved.any()


def value_of(node, arrays, sizes, extent):
    return evaluate(node.body, node.indices, arrays, sizes, extent)


def test_a_pattern_is_a_grid_with_lines_between_blocks():
    layer = layer_of("attention")
    drawing = sparsity_drawing(layer, jacobian(layer, "A", "s"))
    cells = of(Rect, drawing)
    assert len({(cell.x, cell.y) for cell in cells}) == len(cells) == 225
    assert len({(cell.width, cell.height) for cell in cells}) == 1
    assert len(of(Line, drawing)) == 8
    axes = [label.parts[0] for label in of(Label, drawing) if label.style == "axis"]
    assert [axis.name for axis in axes if isinstance(axis, Letter)] == ["A", "s"]


def test_pictures_are_the_same_bytes_whatever_the_hashes_are():
    program = (
        "from derive.explain.graph import graph_picture as g\n"
        "from derive.explain.sparsity import sparsity_drawing as s\n"
        "from derive.explain.svg import svg\n"
        "from derive.explain.tikz import tikz\n"
        "from derive.gradient.jacobian import jacobian\n"
        "from derive.layer.find import load\n"
        "layer = load('softmax_mlp')\n"
        "two = g(layer), s(layer, jacobian(layer, 'g', 't'))\n"
        "print(*(draw(d) for d in two for draw in (tikz, lambda d: svg(d, 'x'))))\n"
    )
    printed = printed_under(("1", "2"), program)
    assert len(printed) == 1 and len(printed.pop()) > 5000
