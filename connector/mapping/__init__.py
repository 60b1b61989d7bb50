"""Mappings: vendors described as data. Two languages and no third: JMESPath to pick, Jinja2 to write.

Takes:  YAML files, a letter as plain values, a reply as plain values.
Leaves: checked and compiled mappings; the request to send; the verdict on a reply.
Never:  calls anybody, and never writes state.
"""
