# SPDX-License-Identifier: MIT
"""What a plant is, and how its line is put into the file."""

from dataclasses import dataclass

KERNEL = 'kernel'
TEST = 'the test'  # no walker: it asserts what none can see


class Misfit(ValueError):
    """A plant that the product has outgrown."""


@dataclass(frozen=True)
class Plant:
    """`right` stands once in `file`; one of its lines becomes another one in `wrong`, the others say which place is
    meant. `says` is what `walker` says then, when the test `found_by` runs; of TEST, which of its parts fails."""
    name: str
    invariant: str  # of those in README.md
    about: str      # what is wrong
    file: str
    right: str
    wrong: str
    walker: str
    says: str
    found_by: str
    inside: str = ''  # what is linked anew: '' the test, a program of the host; KERNEL; or a program of the system
    check: int = 1    # KERNEL: its walkers run after each so many entries

    def put_into(self, text):
        """The text of `file` with the wrong line."""
        right, wrong = self.right.split('\n'), self.wrong.split('\n')
        if len(right) != len(wrong) or sum(a != b for a, b in zip(right, wrong)) != 1:
            raise Misfit(f'the plant {self.name} changes more or less than one line of {self.file}')
        found = text.count(self.right)
        if found != 1:
            raise Misfit(f'the plant {self.name} no longer fits: '
                         f'its place stands {found} times in {self.file}, not once')
        return text.replace(self.right, self.wrong)
