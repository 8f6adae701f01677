"""What `/metrics` tells of requests: as many as there were, each in its bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from prometheus_client import CollectorRegistry, generate_latest

from ringfence.http.measures import Measures


def lines(measures: Measures) -> list[str]:
    """The samples, without the comments."""
    registry = CollectorRegistry()
    registry.register(measures)
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_requests_are_counted_by_kind_and_durations_by_surface() -> None:
    """Three requests of two kinds on one surface."""
    measures = Measures()
    for kind, seconds in ((("graph", "GET", "200"), 0.001), (("graph", "GET", "200"), 0.3), (("graph", "GET", "404"), 60.0)):
        measures.note(kind, seconds)
    told = lines(measures)
    for wanted in (
        'ringfence_http_requests_total{method="GET",status="200",surface="graph"} 2.0',
        'ringfence_http_requests_total{method="GET",status="404",surface="graph"} 1.0',
        'ringfence_http_request_seconds_bucket{le="0.001",surface="graph"} 1.0',
        'ringfence_http_request_seconds_bucket{le="0.25",surface="graph"} 1.0',
        'ringfence_http_request_seconds_bucket{le="0.5",surface="graph"} 2.0',
        'ringfence_http_request_seconds_bucket{le="+Inf",surface="graph"} 3.0',
        'ringfence_http_request_seconds_count{surface="graph"} 3.0',
        'ringfence_http_request_seconds_sum{surface="graph"} 60.301',
    ):
        assert wanted in told, told


def test_none_is_lost_among_threads() -> None:
    """Many at once."""
    measures = Measures()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: measures.note(("oauth", "POST", "400"), 0.02), range(4000)))
    assert 'ringfence_http_requests_total{method="POST",status="400",surface="oauth"} 4000.0' in lines(measures)
