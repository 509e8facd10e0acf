"""A task store that is read tells clients how full it is."""

from collections.abc import Sequence
from datetime import timedelta

from guardian.engine.readings import NotedStore
from guardian.errors import StoreError
from guardian.ports import DamagedTask, PipelineTask, TaskChange, TaskReading, TaskState
from guardian.store.starts import Starts
from tests.engine.drive import Drive

WITHIN = timedelta(days=1)


class Tasks:
    """guardian.ports.TaskStore that says what it was told to."""

    name = "tasks"

    def __init__(self, *states: TaskState, error: str | None = None) -> None:
        tasks = [PipelineTask(str(number), state, "v") for number, state in enumerate(states)]
        self.reading = TaskReading("tasks", tasks, [DamagedTask("x", "y")], cap=2, error=error)
        self.asked: list[Sequence[object]] = []

    def read(self, within: timedelta) -> TaskReading:
        self.asked.append(("read", within))
        return self.reading

    def find(self, task: str) -> PipelineTask | None:
        self.asked.append(("find", task))
        return None

    def change(self, seen: PipelineTask, change: TaskChange) -> bool:
        self.asked.append(("change", seen, change))
        return True

    def set_aside(self, damaged: str) -> str:
        self.asked.append(("set_aside", damaged))
        return "there"


def test_it_is_the_store_itself_and_clients_know_how_full_it_is(drive: Drive) -> None:
    tasks = Tasks(TaskState.DOING, TaskState.ASSIGNED, TaskState.DOING, TaskState.DONE)
    noted = NotedStore(tasks, drive.store.starts)
    assert (noted.name, noted.read(WITHIN)) == ("tasks", tasks.reading)
    answer = drive.store.starts.ask("a", kind=None, subject=None)
    assert (answer.answer, answer.doing, answer.cap) == ("cap", 2, 2)
    seen, change = tasks.reading.tasks[0], TaskChange(TaskState.ASSIGNED, None, 1, 1)
    assert (noted.find("7"), noted.change(seen, change), noted.set_aside("x")) == (None, True, "there")
    assert tasks.asked == [("read", WITHIN), ("find", "7"), ("change", seen, change), ("set_aside", "x")]


def test_what_could_not_be_read_says_nothing(drive: Drive) -> None:
    NotedStore(Tasks(error="away"), drive.store.starts).read(WITHIN)
    assert not drive.store.starts.ask("a", kind=None, subject=None).known


class Away(Starts):
    def __init__(self) -> None:
        pass

    def pipeline_read(self, pipeline: str, doing: int, cap: int | None) -> None:
        raise StoreError("away")


def test_a_store_of_guardians_that_is_away_does_not_keep_a_check_from_looking() -> None:
    assert NotedStore(Tasks(TaskState.DOING), Away()).read(WITHIN).tasks
