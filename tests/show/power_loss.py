# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of power loss: what a program did to files, recorded by recorder.cpp, and what of it a disk may have afterwards.

At a moment everything is there that was synced before. Of later writes each is there, or is not, or half of it, at random:
where one is missing, zeros lie. Names that were made, changed or removed since their folder was synced are there up to a random
one of them, as journals of file systems keep their order. Source: the POSIX words on fsync(), and T. S. Pillai et al., "All file
systems are not created equal", OSDI 2014, for what they allow.
"""
import pathlib
import struct

HEAD = struct.Struct("<III4xQq")
WRITE, TRUNCATE, SYNC, RENAME, REMOVE, PRINT = range(1, 7)


def read_log(path):
    """The deeds: (deed, path, bytes, inode, offset)."""
    data, at, deeds = pathlib.Path(path).read_bytes(), 0, []
    while at + HEAD.size <= len(data):
        deed, name, size, inode, offset = HEAD.unpack_from(data, at)
        at += HEAD.size
        deeds.append((deed, data[at:at + name].decode(), data[at + name:at + name + size], inode, offset))
        at += name + size
    return deeds


class Disk:
    """What was done up to a moment, sorted into what is safe and what is not yet."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.inodes = {}        # number of the content that an inode has now
        self.safe = []          # bytearray by number of the content
        self.open = []          # what came to it since its last sync
        self.names = {}         # now: path → content
        self.safe_names = {}
        self.open_names = []    # since the folder was synced: (path, content or None)
        self.printed = b""

    def content(self, path, inode):
        number = self.inodes.get(inode)
        if number is None:
            number = self.inodes[inode] = len(self.safe)
            self.safe.append(bytearray())
            self.open.append([])
        if self.names.get(path) != number and not path.endswith(" (deleted)"):
            self.name(path, number)
        return number

    def name(self, path, number):
        gone = self.names.get(path)
        if number is None:
            self.names.pop(path, None)
        else:
            self.names[path] = number
        self.open_names.append((path, number))
        if gone is not None and gone not in self.names.values():
            self.inodes = {inode: there for inode, there in self.inodes.items() if there != gone}

    def do(self, deed, path, data, inode, offset):
        if deed == PRINT:
            self.printed += data
        elif deed == RENAME:
            number, to = self.names.get(path), data.decode()
            self.open_names.append((path, None))  # both or none, as one step of the journal
            self.names.pop(path, None)
            self.name(to, number)
            self.open_names[-2:] = [((path, None), (to, number))]
        elif deed == REMOVE:
            self.name(path, None)
        elif deed == SYNC and path == self.folder:
            self.safe_names = dict(self.names)
            self.open_names = []
        elif deed == SYNC:
            number = self.content(path, inode)
            for step in self.open[number]:
                put(self.safe[number], step)
            self.open[number] = []
        else:
            self.open[self.content(path, inode)].append((deed, data, offset))

    def after_loss(self, to, random):
        """Writes into the folder to what a disk may have."""
        names = dict(self.safe_names)
        for step in self.open_names[:random.randint(0, len(self.open_names))]:
            for path, number in step if isinstance(step[0], tuple) else (step,):
                if number is None:
                    names.pop(path, None)
                else:
                    names[path] = number
        for path, number in names.items():
            content = bytearray(self.safe[number])
            for deed, data, offset in self.open[number]:
                chance = random.random()
                if chance < 0.4:
                    put(content, (deed, data, offset))
                elif chance < 0.6 and deed == WRITE:
                    half = random.randint(0, len(data))
                    put(content, (deed, data[half:], offset + half) if random.random() < 0.5 else (deed, data[:half], offset))
            (pathlib.Path(to) / pathlib.Path(path).name).write_bytes(content)


def put(content, step):
    deed, data, offset = step
    if deed == TRUNCATE:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset:offset + len(data)] = data
