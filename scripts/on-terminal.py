"""Runs a program on a terminal of its own: python3 scripts/on-terminal.py COLUMNS ROWS PROGRAM [ARGUMENT ...]. What comes on stdin is typed; what the program
shows goes to stdout, byte for byte. Ends with the program's exit code."""

import fcntl, os, pty, select, struct, sys, termios

columns, rows = int(sys.argv[1]), int(sys.argv[2])
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])

inputs = [terminal, 0]
while True:
    for source in select.select(inputs, [], [])[0]:
        try:
            data = os.read(source, 65536)
        except OSError:  # Linux: the program has gone
            data = b""
        if source == 0 and data:
            os.write(terminal, data)
        elif source == 0:
            inputs.remove(0)
        elif data:
            os.write(1, data)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
