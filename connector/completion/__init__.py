"""Side steps after the number: attachments handed in later, a workflow started.

Takes:  side steps that are queued, and those whose process died in the middle of their call.
Leaves: each of them done, queued for later, or waiting for a person who says whether it is done.
Never:  touches the letter's number, its status or its messages; repeats what does harm when done twice.
"""
