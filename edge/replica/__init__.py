"""The branch's copy of catalogue, prices, customers, cards, rights: disposable, versioned, quick to ask."""

from edge.replica.delta import Delta
from edge.replica.pins import BRANCH_FREE_TRIES, FREE_TRIES, LockOut, hash_pin, is_pin
from edge.replica.records import Customer, Found, Operator, Product
from edge.replica.replica import Replica, ReplicaNotWritable, ReplicaUnreadable, StaleDelta
from edge.replica.sync import ReplicaSync, SyncTimings

__all__ = [
    "BRANCH_FREE_TRIES",
    "FREE_TRIES",
    "Customer",
    "Delta",
    "Found",
    "LockOut",
    "Operator",
    "Product",
    "Replica",
    "ReplicaNotWritable",
    "ReplicaSync",
    "ReplicaUnreadable",
    "StaleDelta",
    "SyncTimings",
    "hash_pin",
    "is_pin",
]
