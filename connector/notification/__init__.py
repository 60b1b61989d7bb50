"""Stage 4: notification.

Takes:  messages that are queued, whose sending was cut off, or whose outcome is uncertain; later, accepted ones.
Leaves: ACCEPTED, DELIVERED, UNDELIVERED, FAILED or UNKNOWN; or the same message, due again later.
Never:  sends a message again whose last outcome is unknown, unless the gateway itself says that it is not there.
"""
