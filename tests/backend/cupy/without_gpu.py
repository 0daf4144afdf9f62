"""With CuPy but no driver: what detection says, and the doctor's exit status.

    python tests/backend/cupy/without_gpu.py

Ends with 1 if either is wrong. Where there is a driver, there is nothing to see: it says so.
"""

import subprocess
import sys

from dezero import cuda


def main() -> int:
    """Ask both; return the exit status."""
    if "libcuda.so.1" in cuda.info().get("driver library", ""):
        print("There is an NVIDIA driver here: what happens without one is not to be seen.")
        return 0
    doctor = subprocess.run([sys.executable, "-m", "dezero.doctor"], capture_output=True, text=True)
    why = cuda.why_unavailable()
    wrong = {
        f"available() is {cuda.available()}, expected False": cuda.available(),
        f"why_unavailable() is {why!r}, expected the missing driver": "no NVIDIA driver" not in why,
        "the doctor does not show CuPy's version": "CuPy: cupy-" not in doctor.stdout,
        "the doctor does not show where nvrtc is": "libnvrtc.so" not in doctor.stdout,
        "the doctor does not show what cuRAND takes": "[ctk]'" not in doctor.stdout,
        "cupy was imported, though there is no driver": "cupy" in sys.modules,
        f"the doctor ended with {doctor.returncode}, expected 1": doctor.returncode != 1,
        "the doctor does not name the driver": "no NVIDIA driver" not in doctor.stdout,
    }
    print(doctor.stdout)
    found = [text for text, is_wrong in wrong.items() if is_wrong]
    print("\n".join(found) or f"As it should be without a GPU: {why}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
