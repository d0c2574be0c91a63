# SPDX-License-Identifier: MIT
"""Who waits for each other for ever."""


def find(waits_for):
    """Processes that wait in a circle, the first again at the end; of several circles one; empty: there is none.
    `waits_for`: process -> those it waits for. Whoever waits for somebody who gets on gets on, too."""
    left = dict(waits_for)
    while free := [process for process in left if not any(whom in left for whom in left[process])]:
        for process in free:
            del left[process]
    path = [min(left)] if left else []
    while path and path[-1] not in path[:-1]:
        path.append(next(whom for whom in left[path[-1]] if whom in left))
    return path[path.index(path[-1]):] if path else []
