"""What a process gives up before it runs anything of the program's or the test's. Every step must succeed.

The namespaces that the sandbox's backend made hold what can be seen and reached. This adds limits (`setrlimit`),
another user where there is one, no capabilities, no way to new privileges, and a filter of system calls: none that
make namespaces, trace, or leave memory behind that belongs to no process, and no sockets but local ones.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS, _SET_SECCOMP, _CAP_AMBIENT = 1, 4, 38, 22, 47
_CAPSET = {"x86_64": 126, "aarch64": 91}
_MACHINE = platform.machine()

# Numbers of system calls: on x86_64, on aarch64.
_FORBIDDEN = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
}
_ARCH = {"x86_64": (0xC000003E, 56, 41, 53), "aarch64": (0xC00000B7, 220, 198, 199)}
_CLONE3, _NEW_NAMESPACES, _AF_UNIX, _EPERM, _ENOSYS, _EACCES = 435, 0x7E020080, 1, 1, 38, 13


def confine(limits: dict[str, int], user: int | None, hide: bool) -> None:
    """Give everything up, in this process and all that it starts; `hide` it from others of its user. Raises OSError."""
    _call(_LIBC.prctl(_SET_PDEATHSIG, 9, 0, 0, 0))
    os.umask(0)
    for name, value in (
        ("NPROC", limits["processes"] + (2 if user is None else 0)),  # The server and the tester count too.
        ("AS", limits["memory"]),
        ("FSIZE", limits["disk"]),
        ("NOFILE", limits["files"]),
        ("CORE", 0),
        ("MEMLOCK", 0),
        ("MSGQUEUE", 0),
        ("SIGPENDING", 256),
    ):
        which = getattr(resource, f"RLIMIT_{name}")
        most = resource.getrlimit(which)[1]
        bound = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(which, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 1))
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _drop_capabilities()
    if hide:  # After the change of user, which sets it anew.
        _call(_LIBC.prctl(_SET_DUMPABLE, 0, 0, 0, 0))
    _call(_LIBC.prctl(_SET_PDEATHSIG, 9, 0, 0, 0))


def _drop_capabilities() -> None:
    _call(_LIBC.prctl(_CAP_AMBIENT, 4, 0, 0, 0))
    header = struct.pack("=Ii", 0x20080522, 0)
    if _MACHINE in _CAPSET:
        _call(_LIBC.syscall(_CAPSET[_MACHINE], header, bytes(24)))


def filter_calls() -> None:
    """Deny, to this process and all that it starts, the calls that no program needs. Raises OSError.

    A seccomp filter, in the kernel's own BPF: load a word, jump or return. It costs a millisecond, so the server has it
    and every other process inherits it. Mounting, which the server does, is left to whoever has the capability.
    """
    _call(_LIBC.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if _MACHINE not in _ARCH:
        return
    arch, clone, socket, socketpair = _ARCH[_MACHINE]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, deny, kill = 0x7FFF0000, 0x00050000, 0x80000000
    column = list(_ARCH).index(_MACHINE)
    steps = [(load, 0, 0, 4), (equal, 1, 0, arch), (answer, 0, 0, kill), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, kill)]  # The x32 calls, which have numbers of their own.
    for numbers in _FORBIDDEN.values():
        steps += [(equal, 0, 1, numbers[column]), (answer, 0, 0, deny | _EPERM)]
    steps += [(equal, 0, 1, _CLONE3), (answer, 0, 0, deny | _ENOSYS)]  # Its flags cannot be seen; libc falls back.
    steps += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, _NEW_NAMESPACES), (answer, 0, 0, deny | _EPERM)]
    steps += [(load, 0, 0, 0), (equal, 1, 0, socket), (equal, 0, 3, socketpair)]
    steps += [(load, 0, 0, 16), (equal, 1, 0, _AF_UNIX), (answer, 0, 0, deny | _EACCES), (answer, 0, 0, allow)]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    kept = ctypes.create_string_buffer(program, len(program))
    _call(_LIBC.prctl(_SET_SECCOMP, 2, struct.pack("@HP", len(steps), ctypes.addressof(kept)), 0, 0))


def empty_folder(folder: str, disk: int) -> None:
    """A new file system in memory in place of `folder`, of `disk` bytes. Raises OSError."""
    _call(_LIBC.umount2(folder.encode(), 2))
    options = f"size={disk},nr_inodes=4096,mode=1777".encode()
    _call(_LIBC.mount(b"tmpfs", folder.encode(), b"tmpfs", 2 | 4, options))


def close_all_but(kept: set[int]) -> None:
    """Close every file descriptor that is not in `kept`."""
    low = 0
    for each in sorted(kept):
        if each > low:  # An empty range from 0 closes everything.
            os.closerange(low, each)
        low = each + 1
    os.closerange(low, 1 << 16)


def _call(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
