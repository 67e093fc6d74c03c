"""Squares that are held out: about a sixth, of every phase enough left, and for ever."""

from __future__ import annotations

import numpy as np

from keramos.core import NOT_ANNOTATED
from keramos.project.assist.squares import Squares


def draw(shape: tuple[int, int], seed: int, strokes: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    codes = np.full(shape, NOT_ANNOTATED, np.uint8)
    for number in range(strokes):
        y, x = rng.integers(0, shape[0] - 5), rng.integers(0, shape[1] - 20)
        codes[y : y + 5, x : x + 20] = number % 2
    return codes


def test_a_sixth_is_held_out_and_never_learnt_whatever_is_drawn_later() -> None:
    shape, labels, squares = (200, 240), {}, Squares((200, 240))
    ever_learned = np.zeros(shape, bool)
    for z in range(6):
        labels[z] = draw(shape, z, 12)
        squares = squares.assign(labels)
        for codes in squares.keep_learned(labels).values():
            ever_learned |= codes != NOT_ANNOTATED
    held = squares.keep_held_out(labels)
    total = sum(int((codes != NOT_ANNOTATED).sum()) for codes in labels.values())
    share = sum(int((codes != NOT_ANNOTATED).sum()) for codes in held.values()) / total
    assert 0.08 < share < 0.3
    assert not any((ever_learned & (codes != NOT_ANNOTATED)).any() for codes in held.values())
    assert {int(c) for codes in held.values() for c in np.unique(codes)} == {0, 1, NOT_ANNOTATED}


def test_voxels_beside_a_held_out_square_are_neither_learnt_nor_checked() -> None:
    labels = {0: np.zeros((160, 160), np.uint8)}
    labels[0][:, ::2] = 1
    squares = Squares((160, 160)).assign(labels)
    learned = squares.keep_learned(labels)[0] != NOT_ANNOTATED
    held = squares.keep_held_out(labels)[0] != NOT_ANNOTATED
    rows, columns = np.nonzero(held)
    for y, x in zip(rows[::50], columns[::50], strict=True):
        assert not learned[max(0, y - 8) : y + 9, max(0, x - 8) : x + 9].any()


def test_a_sixth_of_what_is_drawn_by_hand_is_held_out_whatever_is_accepted_elsewhere() -> None:
    shape = (200, 240)
    accepted = np.full(shape, NOT_ANNOTATED, np.uint8)
    accepted[:, :180:2], accepted[:, 1:180:2] = 0, 1
    first = Squares(shape).assign({0: accepted}, {})
    kept = first.count({0: accepted})[sorted(first.held)].sum() / (accepted != NOT_ANNOTATED).sum()
    assert 0.08 < kept < 0.3  # for what is drawn there later
    by_hand = {1: draw(shape, 1, 60)}
    by_hand[1][:, :180] = NOT_ANNOTATED
    later = first.assign({0: accepted, **by_hand}, by_hand)
    held = later.keep_held_out(by_hand)
    share = (held[1] != NOT_ANNOTATED).sum() / (by_hand[1] != NOT_ANNOTATED).sum()
    assert 0.08 < share < 0.3
    assert first.held <= later.held
    assert first.learned <= later.learned


def test_of_a_phase_in_one_place_only_nothing_is_held_out() -> None:
    labels = {3: np.full((128, 128), NOT_ANNOTATED, np.uint8)}
    labels[3][::16, :] = 0
    labels[3][4:12, 4:12] = 2
    squares = Squares((128, 128)).assign(labels)
    assert squares.held
    assert (squares.keep_learned(labels)[3] == 2).any()
    assert squares == Squares.from_json(squares.to_json())
