# SPDX-License-Identifier: MIT
"""What an interface is: services, methods, structs, fields; their sizes and their names in C."""

MESSAGE_MAX = 65536  # as in core/include/mudskipper/rpc/wire.h; the generated code claims it
CAPS_MAX = 255

NUMBERS = {'u8': ('uint8_t', 1, 1), 'u16': ('uint16_t', 2, 2), 'u32': ('uint32_t', 4, 3), 'u64': ('uint64_t', 8, 4),
           'bool': ('bool', 1, 5)}  # C type, bytes, code in descriptions
CODES = {**{name: code for name, (_, _, code) in NUMBERS.items()}, 'string': 6, 'bytes': 7, 'cap': 8, 'cap?': 9,
         'struct': 10}
C_WORDS = set('''auto break case char const continue default do double else enum extern float for goto if inline int
    long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    asm typeof bool true false'''.split())


class Mistake(Exception):
    """In the interface file, at a line."""

    def __init__(self, line, sentence):
        super().__init__(f'{line}: {sentence}')


class Field:
    def __init__(self, line, kind, name):
        self.line, self.kind, self.name = line, kind, name
        self.struct = None   # kind 'struct'
        self.max = None      # strings, bytes, lists
        self.is_list = False
        self.constant = None  # C name of max

    @property
    def c_name(self):
        return self.name + '_' if self.name in C_WORDS else self.name

    def c_type(self):
        """Of one element."""
        if self.kind == 'struct':
            return f'struct {self.struct.c_name}'
        return NUMBERS[self.kind][0] if self.kind in NUMBERS else 'cptr_t'

    def one(self, smallest):
        """(payload bytes, capabilities) of one element, at least or at most."""
        if self.kind in NUMBERS:
            return NUMBERS[self.kind][1], 0
        if self.kind == 'struct':
            return sizes(self.struct.fields, smallest)
        if self.kind in ('cap', 'cap?'):
            return 1, 0 if smallest and self.kind == 'cap?' else 1
        return 4 + (0 if smallest else self.max) + (self.kind == 'string'), 0

    def size(self, smallest):
        size, caps = self.one(smallest)
        if not self.is_list:
            return size, caps
        times = 0 if smallest else self.max
        return 4 + size * times, caps * times


def sizes(fields, smallest=False):
    parts = [field.size(smallest) for field in fields]
    return sum(size for size, _ in parts), sum(caps for _, caps in parts)


class Struct:
    def __init__(self, line, name, doc):
        self.line, self.name, self.doc, self.fields = line, name, doc, []
        self.c_name = None

    def memory(self):
        """Roughly, in C."""
        total = 0
        for field in self.fields:
            if field.kind == 'struct':
                one = field.struct.memory()
            else:
                one = field.max + 8 if field.kind in ('string', 'bytes') else 8
            total += one * field.max if field.is_list else one
        return total


class Method:
    def __init__(self, line, name, doc, number):
        self.line, self.name, self.doc, self.number = line, name, doc, number
        self.arguments, self.results = [], []

    @property
    def c_name(self):
        return self.name + '_' if self.name in C_WORDS else self.name


class Service:
    def __init__(self, name, version, doc):
        self.name, self.version, self.doc = name, version, doc
        self.structs, self.methods = [], []

    def reachable(self, fields):
        """Structs in these fields, in the order of the file."""
        seen = set()

        def walk(fields):
            for field in fields:
                if field.struct and field.struct not in seen:
                    seen.add(field.struct)
                    walk(field.struct.fields)
        walk(fields)
        return [struct for struct in self.structs if struct in seen]
