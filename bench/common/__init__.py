"""Files, keys, errors, devices and plug-ins: used by every room."""
