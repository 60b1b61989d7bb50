"""Stage 3: tracking.

Takes:  letters that the office has: SUBMITTED, REGISTERED, REFERRED, ANSWERED.
Leaves: every fact that the office tells, once, in an order that the lifecycle allows; or the next
question's time. Never:  makes up a fact: what the office does not say, or says in a word that we do not
know, changes nothing.
"""
