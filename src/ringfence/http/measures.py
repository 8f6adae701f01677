"""Counts and durations of requests, for `/metrics`: by surface, method and status; of this worker.

The library's own counters and histograms take a lock and several calls each; a request is noted in one step here, and what
Prometheus reads is put together when it asks.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""
_LE: Final = (*map(str, _BOUNDS), "+Inf")

Kind = tuple[str, str, str]


class _Series:
    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * len(_LE)
        self.seconds = 0.0


class Measures(Collector):
    """Every request since the worker began. Safe for threads."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._lock = threading.Lock()
        self._series: dict[Kind, _Series] = {}

    def note(self, kind: Kind, seconds: float) -> None:
        """One more request: its surface, method and status, and how long it took."""
        with self._lock:
            series = self._series.get(kind)
            if series is None:
                series = self._series[kind] = _Series()
            series.buckets[bisect_left(_BOUNDS, seconds)] += 1
            series.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """Both series as they are now."""
        with self._lock:
            now = [(kind, list(series.buckets), series.seconds) for kind, series in self._series.items()]
        requests = CounterMetricFamily("ringfence_http_requests", "Requests answered.", labels=("surface", "method", "status"))
        durations = HistogramMetricFamily("ringfence_http_request_seconds", "How long an answer took.", labels=("surface",))
        for kind, buckets, _ in now:
            requests.add_metric(kind, sum(buckets))
        for surface in sorted({kind[0] for kind, _, _ in now}):
            mine = [(buckets, seconds) for kind, buckets, seconds in now if kind[0] == surface]
            totals = accumulate(map(sum, zip(*(buckets for buckets, _ in mine), strict=True)))
            durations.add_metric([surface], list(zip(_LE, totals, strict=True)), sum(seconds for _, seconds in mine))
        yield requests
        yield durations
