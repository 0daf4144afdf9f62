"""The order of files, and links that lead out of the folder."""

import os

import pytest

from dezero.preprocessing.listing import ENDINGS, class_folders, picture_files


def test_folders_and_files_in_keras_order(folder):
    assert class_folders("x", str(folder)) == ["cat", "dog", "empty"]
    files = picture_files(str(folder), ["dog", "cat", "empty"], ENDINGS, False)
    assert files == [["dog/10.png", "dog/2.png"], ["cat/A.JPG", "cat/b.png", "cat/deep/c.png"], []]
    every = picture_files(str(folder), [""], ENDINGS, False)
    assert every == [[*files[1], *files[0]]]
    with pytest.raises(ValueError, match="x: expected directory to be a folder"):
        class_folders("x", str(folder / "readme.txt"))


def test_links_out_are_followed_when_asked_for_alone(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("secret.png", "more.png"):
        (outside / name).write_bytes((folder / "cat/b.png").read_bytes())
    os.symlink(outside / "secret.png", folder / "dog/secret.png")
    os.symlink(outside, folder / "cat/linked")
    os.symlink(folder / "cat/b.png", folder / "dog/inside.png")
    with pytest.warns(UserWarning, match="2 links in .* were passed over"):
        cat, dog = picture_files(str(folder), ["cat", "dog"], ENDINGS, False)
    assert dog == ["dog/10.png", "dog/2.png", "dog/inside.png"] and len(cat) == 3
    cat, dog = picture_files(str(folder), ["cat", "dog"], ENDINGS, True)
    assert cat[-2:] == ["cat/linked/more.png", "cat/linked/secret.png"]
    assert dog[-1] == "dog/secret.png"


def test_a_link_to_the_folder_itself_and_a_circle(folder, tmp_path):
    os.symlink(folder, tmp_path / "alias")
    assert len(picture_files(str(tmp_path / "alias"), [""], ENDINGS, False)[0]) == 5
    os.symlink(folder / "cat", folder / "cat/again")
    assert len(picture_files(str(folder), ["cat"], ENDINGS, True)[0]) == 3
    os.symlink(folder / "nowhere.png", folder / "cat/broken.png")
    assert len(picture_files(str(folder), ["cat"], ENDINGS, True)[0]) == 3
