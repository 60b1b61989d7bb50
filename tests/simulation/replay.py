"""A history that was written down, played again."""

from tests.simulation.ground import the_ground
from tests.simulation.steps import History
from tests.simulation.world import World

__all__ = ["replay"]


def replay(history: History) -> World:
    """Play it, with every promise looked at after each step, to its end. Raise PromiseBroken as the machine does."""
    world = World(the_ground(), history.setting)
    for step in history.steps:
        world.take(step)
    world.finish()
    return world
