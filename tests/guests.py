"""A guest for a kernel that is none: what a test of ./env/test --kernels starts or reads."""

from pathlib import Path

from kernels.machine import Guest


def a_guest(tmp_path: Path, emulator: str = "qemu", accelerator: str = "tcg") -> Guest:
    """A kernel with one module, and a folder with a space and a comma in its name."""
    kernel = tmp_path / "5.10"
    modules = kernel / "lib/modules/5.10.0-46-amd64"
    modules.mkdir(parents=True, exist_ok=True)
    (modules / "modules.dep").write_text("kernel/9p.ko:\n")
    (modules / "kernel").mkdir(exist_ok=True)
    (modules / "kernel/9p.ko").write_bytes(b"module")
    (kernel / "release").write_text("5.10.0-46-amd64\n")
    return Guest(kernel, tmp_path / "a b,c", emulator, accelerator)
