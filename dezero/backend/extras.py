"""The optional packages: what each is good for, and which extra installs it."""

__all__ = ["OPTIONAL", "described"]

OPTIONAL = {
    "numba": ("compiled kernels on the CPU", "fast"),
    "h5py": ("Keras's .h5 and .keras files", "keras"),
    "mpi4py": ("training in several processes", "mpi"),
}


def described(name: str) -> str:
    """Return the version of an optional package and its use, or the command that installs it."""
    from importlib import metadata  # a fifth of `import dezero`, if it stood above

    use, extra = OPTIONAL[name]
    try:
        return f"{metadata.version(name)}, {use}"
    except metadata.PackageNotFoundError:
        return f"not installed ({use}): pip install 'dezero-next[{extra}]'"
