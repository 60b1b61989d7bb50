"""Settings: one TOML file, the environment over it, secrets only by reference.

Takes:  a path, the environment, the catalogue of installed adapters.
Leaves: one frozen Settings, every problem of a wrong file named by file, line, path and next step.
Never:  holds, prints or echoes a secret, and never starts with a placeholder left in.
"""
