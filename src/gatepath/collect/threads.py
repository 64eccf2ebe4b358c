"""A pool of daemon threads: an interrupted recording doesn't wait for calls that are under way."""

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class DaemonPool(Generic[Job, Result]):
    """Runs `work(job)`, which yields results, on up to `size` threads."""

    def __init__(self, work: Callable[[Job], Iterator[Result]], size: int) -> None:
        self._work = work
        self._size = size
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._results: SimpleQueue[Result | _Done] = SimpleQueue()
        self._threads = 0

    def results(self, jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield the results of all jobs as they come; re-raises what a job raises."""
        for job in jobs:
            self._jobs.put(job)
        while self._threads < min(self._size, len(jobs)):
            self._threads += 1
            Thread(target=self._run, daemon=True, name=f"gatepath-collect-{self._threads}").start()
        left = len(jobs)
        while left:
            result = self._results.get()
            if isinstance(result, _Done):
                left -= 1
                if result.error is not None:
                    raise result.error
            else:
                yield result

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            error: BaseException | None = None
            try:
                for result in self._work(job):
                    self._results.put(result)
            except BaseException as raised:  # noqa: BLE001 - handed to the thread that waits
                error = raised
            self._results.put(_Done(error))


class _Done:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error
