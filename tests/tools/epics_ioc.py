# SPDX-License-Identifier: GPL-3.0-or-later
"""An IOC for tests: each line of stdin is a statement, answered by a line that begins with +; its end is the IOC's."""
import os
import sys

from softioc import asyncio_dispatcher, builder, softioc

say = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what the IOC prints is for people

builder.SetDeviceName("T")
temperature = builder.aIn("temperature", EGU="K", PREC=3, initial_value=300.0, PINI="YES")
current = builder.aIn("current", EGU="mA", initial_value=200.0, PINI="YES")
wave = builder.WaveformIn("wave", [1.0, 2.0, 3.0])
text = builder.stringIn("text", initial_value="what \x1b[2J it says")
states = builder.mbbIn("states", "Open", "Closed", initial_value=0)
follow = True


def told(value):
    if follow:
        is_mode.set(value)


first = int(sys.argv[1])
is_mode = builder.longIn("mode:is", initial_value=first)
mode = builder.longOut("mode", initial_value=first, DRVL=0, DRVH=2, EGU="", always_update=True, on_update=told)
locked = builder.longOut("locked", initial_value=0, DISP=1)
builder.LoadDatabase()
softioc.iocInit(asyncio_dispatcher.AsyncioDispatcher())
print("+ up", file=say)
for line in sys.stdin:
    try:
        exec(line)  # whoever started this wrote it
        print("+", mode.get(), is_mode.get(), file=say)
    except Exception as error:  # pylint: disable=broad-except
        print("+ failed:", error, file=say)
