"""Adapters to other people's systems. Each sees the ports and the floors below them, and no other adapter."""
