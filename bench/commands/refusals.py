"""The sentence for an error that is the user's to mend, for the command line and the API alike."""

from __future__ import annotations

import errno

from gan_bench.bench.common.plugins import in_plugin
from gan_bench.bench.planning.user_errors import usage_error
from gan_bench.errors import UserError

OF_THE_USERS_FILES = frozenset(
    {errno.EACCES, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""Errors of the operating system that are about a name or the rights of a file that the user has named."""


def refusal(error: Exception) -> str:
    """Return the sentence for an error of the user or of a plug-in; empty for one of the program."""
    if isinstance(error, UserError):
        return str(usage_error(error))
    if isinstance(error, OSError) and error.errno in OF_THE_USERS_FILES and error.filename:
        return f"{error.filename}: {error.strerror}"
    return "" if isinstance(error, OSError) else in_plugin(error)
