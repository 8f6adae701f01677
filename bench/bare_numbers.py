"""Plan and copy as somebody would write them by hand for one tenant, one moment in the window, and the default switches."""

from __future__ import annotations

from collections import Counter
from typing import Final

from bench.engines import Hand, Row

_PLAN: Final = """
SELECT row, follows, dropped, count(*) FROM (
    SELECT CASE WHEN u.sync_state <> 1 THEN 'G1'
                WHEN u.methods & CASE p.pair WHEN 1 THEN 33 ELSE 4 END = 0 THEN 'G5'
                WHEN p.authentication_sealed IS NULL THEN
                    CASE WHEN p.public_state = 0 THEN 'G6A'
                         WHEN p.public_state = 1 OR p.public_source NOT IN (1, 2) THEN 'G6B' ELSE 'G6C' END
                WHEN p.authentication_sealed = p.public_sealed THEN CASE WHEN p.origin IN (4, 5) THEN 'G7A' ELSE 'G7B' END
                WHEN p.public_state = 0 THEN 'G8A'
                WHEN p.public_state = 1 THEN 'G8B'
                ELSE 'G8C' END AS row,
           CASE WHEN u.sync_state = 1 AND u.methods & CASE p.pair WHEN 1 THEN 33 ELSE 4 END <> 0
                     AND (p.authentication_sealed IS NULL OR p.authentication_sealed = p.baseline_sealed)
                THEN 1 ELSE 0 END AS follows,
           CASE WHEN p.public_state = 3 THEN 1 ELSE 0 END AS dropped
    FROM pairs p JOIN users u ON u.tenant_id = p.tenant_id AND u.user_id = p.user_id
    WHERE p.tenant_id = 1 AND p.pair IN (1, 2) AND u.deleted_at IS NULL) AS told
GROUP BY row, follows, dropped
"""
"""In the window, what would be left behind at its end is what a copy would write now: no second question is needed."""

_UPDATE: Final = """
UPDATE pairs SET authentication_sealed = public_sealed, origin = 4, written_at = ?, written_by = 'Ringfence copy task',
                 run_id = ?, version = version + 1
WHERE tenant_id = 1 AND pair IN (1, 2) AND authentication_sealed IS NULL AND public_state > 1 AND public_source IN (1, 2)
  AND EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = pairs.tenant_id AND u.user_id = pairs.user_id AND u.deleted_at IS NULL
                                      AND u.sync_state = 1 AND u.methods & CASE pairs.pair WHEN 1 THEN 33 ELSE 4 END <> 0)
"""

_RECORD: Final = """
INSERT INTO audit_records (tenant_id, user_id, correlation_id, part, recorded_at, activity, actor_kind, actor, reason, pair, rule,
                           run_id, mobile_sealed, office_sealed, alternate_sealed, email)
SELECT 1, p.user_id, p.run_id, p.pair * 2 + k.part, p.written_at, CASE k.part WHEN 0 THEN 1 ELSE 4 END, 1, p.written_by,
       CASE k.part WHEN 0 THEN 'Admin registered phone method for user' ELSE '' END, p.pair, 'C6', p.run_id,
       m.authentication_sealed,
       CASE WHEN p.pair = 1 AND o.run_id = p.run_id THEN NULL ELSE o.authentication_sealed END,
       a.authentication_sealed, u.email
FROM pairs p
JOIN users u ON u.tenant_id = p.tenant_id AND u.user_id = p.user_id
JOIN pairs m ON m.tenant_id = p.tenant_id AND m.user_id = p.user_id AND m.pair = 1
JOIN pairs o ON o.tenant_id = p.tenant_id AND o.user_id = p.user_id AND o.pair = 2
LEFT JOIN pairs a ON a.tenant_id = p.tenant_id AND a.user_id = p.user_id AND a.pair = 3
CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) k
WHERE p.tenant_id = 1 AND p.run_id = ?
"""

_STATE: Final = (
    "SELECT pair, origin, count(*), count(authentication_sealed) FROM pairs GROUP BY pair, origin",
    "SELECT activity, part, pair, count(*), count(mobile_sealed), count(office_sealed) FROM audit_records GROUP BY 1, 2, 3",
)

PlanCounts = Counter[tuple[str, bool, bool]]


def plan(hand: Hand) -> PlanCounts:
    """Pairs by row of the status table, whether they follow, and whether an extension was dropped."""
    return Counter(
        {(str(row), bool(follows), bool(dropped)): int(str(pairs)) for row, follows, dropped, pairs in hand.run(_PLAN)}
    )


def copy(hand: Hand, at: int, run_id: bytes) -> None:
    """Copy with both audit records, in one transaction."""
    hand.run("BEGIN")
    hand.run(_UPDATE, at, run_id)
    hand.run(_RECORD, run_id)
    hand.run("COMMIT")


def state(hand: Hand) -> list[set[Row]]:
    """What a copy leaves behind, in counts."""
    return [set(hand.run(text)) for text in _STATE]
