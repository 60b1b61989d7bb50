"""The web address: portals hand in here, gateways report here, monitors look here.

Takes:  HTTP requests, authenticated, limited in size and rate before they are read.
Leaves: letters admitted to the ledger, receipts recorded, and an answer only after the synced commit.
Never:  holds a file whole in memory, keeps a part of a submission that was not admitted, or logs an address.
"""
