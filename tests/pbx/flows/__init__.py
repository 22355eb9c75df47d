"""The flows of the plain dialplan: those that every PBX sees daily, and the rarer ones that break call logs."""

from tests.pbx.flows.direct import DIRECT
from tests.pbx.flows.features import FEATURES
from tests.pbx.flows.outward import OUTWARD
from tests.pbx.flows.pickup import PICKUP
from tests.pbx.flows.queues import QUEUES
from tests.pbx.flows.transfers import TRANSFERS
from tests.pbx.moves import Flow

FLOWS: tuple[Flow, ...] = (*QUEUES, *DIRECT, *OUTWARD, *TRANSFERS, *PICKUP, *FEATURES)
