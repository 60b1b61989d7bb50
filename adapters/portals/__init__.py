"""Portals: one file for each way that a portal and Chapar talk."""
