"""What the house says about itself: facts for the log, numbers for the monitor.

Takes:  event names, closed words, ids and counts.
Leaves: lines of JSON (or of text, for a terminal) on standard error, and the metrics page.
Never:  lets anything personal through, not in a key, not in a value, not in an exception.
"""
