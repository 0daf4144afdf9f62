"""Network simplex: feasible, optimal, centred."""

import random

import pytest

from dezero.inspection.graphs.simplex import minimise

np = pytest.importorskip("numpy")


def problem(seed):
    generator = random.Random(seed)
    size = generator.randint(1, 25)
    arcs = []
    for _ in range(generator.randint(0, 3 * size) if size > 1 else 0):
        tail, head = sorted(generator.sample(range(size), 2))
        arcs.append((tail, head, generator.randint(-2, 5), generator.randint(0, 5)))
    start = [0] * size
    for tail, head, least, _ in sorted(arcs):
        start[head] = max(start[head], start[tail] + least)
    return start, arcs


def cost(at, arcs):
    return sum(weight * (at[head] - at[tail]) for tail, head, _, weight in arcs)


def is_feasible(at, arcs):
    return all(at[head] - at[tail] >= least for tail, head, least, _ in arcs)


@pytest.mark.oracle
@pytest.mark.parametrize("centre", [False, True])
def test_optimum_is_that_of_linear_programming(centre):
    linprog = pytest.importorskip("scipy.optimize").linprog
    for seed in range(60):
        start, arcs = problem(seed)
        at = minimise(start, arcs, 10**6, centre)
        assert is_feasible(at, arcs)
        if arcs:
            rows = np.zeros((len(arcs), len(start)))
            for row, (tail, head, _, _) in zip(rows, arcs, strict=True):
                row[tail] += 1
                row[head] -= 1
            weights = -rows.T @ [weight for *_, weight in arcs]
            least = [-least for *_, least, _ in arcs]
            best = linprog(weights, A_ub=rows, b_ub=least, bounds=(None, None)).fun
            assert cost(at, arcs) == pytest.approx(best, abs=1e-6)


def test_what_is_known_by_hand():
    # A short and a long way from 0 to 3: all slack goes to the arc of the least weight.
    arcs = [(0, 1, 1, 1), (1, 3, 1, 2), (0, 2, 2, 1), (2, 3, 3, 1)]
    at = minimise([0, 1, 2, 5], arcs, 1000)
    assert [a - at[0] for a in at] == [0, 4, 2, 5]


def test_a_small_budget_gives_something_feasible():
    for seed in range(40):
        start, arcs = problem(seed)
        best = minimise(start, arcs, 10**6)
        for budget in (0, 1, 5):
            at = minimise(start, arcs, budget)
            assert is_feasible(at, arcs) and cost(at, arcs) >= cost(best, arcs)


def test_centred_between_two_pulls():
    # 2 is pulled by 0 and by 1, which are 10 apart: anywhere between them costs the same.
    arcs = [(0, 1, 10, 1), (0, 2, 0, 1), (2, 1, 0, 1)]
    at = minimise([0, 10, 0], arcs, 1000, centre=True)
    assert [a - at[0] for a in at] == [0, 10, 5]


def test_nothing():
    assert minimise([], [], 10) == []
    assert minimise([3, 1], [], 10) == [3, 1]
