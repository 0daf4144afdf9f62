"""Everything that maps Variables to Variables; `import dezero.functions as F`."""

from dezero.functions.arithmetic import *  # noqa: F403
