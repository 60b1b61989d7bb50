"""What a citizen may say to the house by SMS, and what is answered. Stands beside the stages, a stranger to them.

Takes:  messages that gateways bring, from an inbox that is asked or by a call to our address.
Leaves: the message on disk, then its command obeyed and its reply queued, which the notification stage sends.
Never:  answers before the question is on disk, tells anything of a letter to another number than the letter's own, or
        answers a number without end.
"""
