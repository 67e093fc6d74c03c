from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np

from keramos.io.slice_cache import SliceCache


def test_the_least_recently_used_slice_is_dropped():
    decoded = []

    def decode(z):
        decoded.append(z)
        return np.full((10, 10), z, np.uint8)

    cache = SliceCache(budget_bytes=200)
    for z in (0, 1, 0, 2, 0, 1):
        assert (cache.get(z, decode) == z).all()
    assert decoded == [0, 1, 2, 1]


def test_threads_decode_a_slice_once():
    decoded = []

    def decode(z):
        decoded.append(z)
        sleep(0.02)
        return np.full((4, 4), z, np.uint8)

    cache = SliceCache()
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda i: int(cache.get(i % 2, decode)[0, 0]), range(16)))
    assert got == [0, 1] * 8
    assert sorted(decoded) == [0, 1]


def test_a_pickled_cache_arrives_empty():
    cache = SliceCache()
    cache.get(0, lambda _: np.zeros((100, 100)))
    assert len(pickle.dumps(cache)) < 200
