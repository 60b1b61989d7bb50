"""A vendor's office out of a mapping: what a mapping reads and writes is read backwards, over the simulator's own book.

Integrators have no sandbox of the suites that they connect. ``VendorOffice`` serves one on loopback: requests are told
apart by the mapping's steps, answers are written so that the mapping reads from them what happened. What cannot be
read backwards is told with file, line and path, and written out in ``NAME.office.yaml`` beside the mapping.
"""
