"""Where nodes lie: no overlap, from left to right, the same every time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint.report.map.drawing import label
from mlsec_lint.report.map.layout import HEIGHT, MOST_COLUMNS, WIDTH, laid_out

links = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda k: k[0] != k[1]),
    max_size=30,
    unique=True,
)


@given(links)
@settings(deadline=None, max_examples=200)
def test_nodes_never_overlap_and_every_link_is_drawn(graph) -> None:
    found = laid_out(graph, [12])

    assert set(found.nodes) == {node for link in graph for node in link}
    assert set(found.links) == set(graph)
    places = sorted(found.nodes.values())
    for at, (x, y) in enumerate(places):
        assert 0 <= x <= found.width - WIDTH
        assert 0 <= y <= found.height - HEIGHT
        for other_x, other_y in places[at + 1 :]:
            assert abs(other_x - x) >= WIDTH or abs(other_y - y) >= HEIGHT


@given(links)
@settings(deadline=None, max_examples=50)
def test_the_same_graph_gives_the_same_layout(graph) -> None:
    assert laid_out(graph, [12]) == laid_out(list(graph), {12})


@given(links)
@settings(deadline=None, max_examples=100)
def test_links_of_a_graph_without_circles_go_right_or_down(graph) -> None:
    graph = [(a, b) for a, b in graph if a < b]
    found = laid_out(graph, [12])

    for source, target in graph:
        (x, y), (to_x, to_y) = found.nodes[source], found.nodes[target]
        assert to_x > x or (to_x == x and to_y > y)


def test_a_long_walk_is_folded_into_few_columns() -> None:
    found = laid_out([(n, n + 1) for n in range(14)], [14])

    columns = {x for x, _ in found.nodes.values()}
    assert len(columns) <= MOST_COLUMNS
    assert found.nodes[14][0] == max(columns)


def test_sinks_stand_in_the_last_column() -> None:
    found = laid_out([(0, 1), (1, 2), (2, 3), (0, 4)], [3, 4])

    assert found.nodes[3][0] == found.nodes[4][0]


def test_a_long_chain_and_a_wide_fan_take_no_time() -> None:
    chain = [(n, n + 1) for n in range(3000)]
    fan = [(0, n) for n in range(1, 400)]

    assert len(laid_out(chain, []).nodes) == 3001
    assert len(laid_out(fan, range(1, 400)).nodes) == 400


@given(st.text(max_size=120))
def test_labels_are_short_and_end_as_the_address_ends(address: str) -> None:
    lines = label(address)

    assert len(lines) <= 2
    assert all(len(line) <= 23 for line in lines)
    assert address.endswith(lines[-1].removeprefix("…"))
