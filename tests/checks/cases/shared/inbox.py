"""A folder of work that gets too full."""

from tests.checks.contract import World


def fill(world: World) -> None:
    for number in range(4):
        (world.folder / "inbox" / f"{number}.job").touch()
