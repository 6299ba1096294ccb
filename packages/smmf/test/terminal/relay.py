"""Runs a command in a pseudo-terminal and relays it over pipes: relay.py COLUMNS ROWS COMMAND [ARGUMENT ...]

What comes on standard input is typed; what the command shows goes to standard output. The end of standard input hangs up.
Ends with the command's exit code, or 128 and the number of the signal that ended it.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

columns, rows, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))
    os.execvp(command[0], command)

sources = [terminal, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:  # Linux says so where others give an empty read: nobody has the terminal open any more.
            shown = b""
        if not shown:
            break
        while shown:
            shown = shown[os.write(1, shown) :]
    if 0 in ready:
        typed = os.read(0, 65536)
        if not typed:
            break
        while typed:
            typed = typed[os.write(terminal, typed) :]

os.close(terminal)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(128 - code if code < 0 else code)
