"""One table of specs per file of `dezero/functions`, under the same name."""
