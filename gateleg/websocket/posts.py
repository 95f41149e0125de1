"""How many connections took what was sent to them, as metrics that CloudWatch reads from the log.

One line of JSON a broadcast, and only where `Monitoring` watches the API: the log and each metric are billed. Follows
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING

from gateleg.description.names import POSTS_METRICS, POSTS_NAMESPACE, POSTS_VARIABLE

if TYPE_CHECKING:
    from gateleg.websocket.broadcast import BroadcastResult

_DIMENSION = "Api"


def count_posts(result: BroadcastResult) -> None:
    """Say what became of a message, where it is counted.

    Args:
        result: Of posts to connections; one that was sent to nobody says nothing.
    """
    api, posted = os.environ.get(POSTS_VARIABLE), result.sent + result.gone + result.failed
    if not api or not posted:
        return
    values = dict(zip(POSTS_METRICS, (posted, result.gone, result.failed), strict=True))
    about = {"Namespace": POSTS_NAMESPACE, "Dimensions": [[_DIMENSION]], "Metrics": [{"Name": name, "Unit": "Count"} for name in values]}
    line = {"_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [about]}, _DIMENSION: api, **values}
    # In one piece, as threads of the handler may write, too.
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()
