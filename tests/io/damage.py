"""Bytes of a file changed at random places, for readers that must survive them."""

from hypothesis import strategies as st


def survives(data, path, load):
    """Damage the file at `path` as hypothesis draws it: `load` reads it or says its own name."""
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(min_size=0, max_size=8))
        content[place : place + data.draw(st.integers(0, 8))] = piece
        if not content:
            break
    path.write_bytes(bytes(content))
    try:
        load(path)
    except ValueError as error:
        assert str(error).startswith(f"{load.__name__}: ")
