"""What a child process tells of its work: wall and CPU seconds of each phase, and the most memory it ever held.

CPU seconds count all threads and finished children, user and system. The peak comes from /proc where there is one: what getrusage
gives can be the parent's.
"""

import contextlib
import json
import resource
import time
from pathlib import Path


def cpu_s():
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(s.ru_utime + s.ru_stime for s in spent)


def peak_mb():
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Meter:
    """Collects phases; `report` prints them as the last line of the child's output."""

    def __init__(self):
        self.wall, self.cpu = {}, {}

    @contextlib.contextmanager
    def phase(self, name):
        wall, cpu = time.perf_counter(), cpu_s()
        yield
        self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall
        self.cpu[name] = self.cpu.get(name, 0.0) + cpu_s() - cpu

    def report(self, **facts):
        print(json.dumps({"wall": self.wall, "cpu": self.cpu, "peak_mb": peak_mb(), **facts}), flush=True)
